// What Envoy asks of the filters that call others: external authorization and processing, and OAuth.

import { SDS_CONFIG } from '../../../tls/fields.js';
import { isGeneric } from '../../../tls/secret-uses.js';
import { fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { isOn } from '../values.js';

const EXT_AUTHZ = 'envoy.extensions.filters.http.ext_authz.v3';
const EXT_PROC = 'envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor';
const OAUTH = 'envoy.extensions.filters.http.oauth2.v3.OAuth2Config';

export const authorizationPath: StartupCheck = {
  code: 'ext-authz-path',
  on: [`${EXT_AUTHZ}.HttpService`],
  finds: 'the path of an authorization service does not begin with a slash, or is set twice',
  refusal: 'path_prefix should start with "/".',
  remedy: 'write a path that begins with /, in one of path_prefix and path_override',
  check(service, report) {
    // Those of routes it takes as they are.
    if (service.around?.type.name !== `${EXT_AUTHZ}.ExtAuthz`) return;
    const set = ['path_prefix', 'path_override'].filter((field) => (service.text(field) ?? '') !== '');
    for (const field of set)
      if (!service.text(field)?.startsWith('/'))
        report(fieldAt(service, field), { message: `${field} must begin with a slash`, expected: 'a path' });
    if (set.length === 2)
      report(fieldAt(service, 'path_override'), {
        message: 'path_prefix is set as well, and a service has one of the two',
      });
  },
};

export const authorizationTwice: StartupCheck = {
  code: 'ext-authz-twice',
  on: [`${EXT_AUTHZ}.ExtAuthz`, `${EXT_AUTHZ}.CheckSettings`],
  finds: 'external authorization has two settings that exclude each other',
  refusal: 'Invalid duplicate configuration for allowed_headers.',
  remedy: 'keep one of the two',
  check(at, report) {
    const request =
      at.type.field('http_service') && at.message('http_service')?.message('authorization_request');
    if (request?.has('allowed_headers') && at.has('allowed_headers'))
      report(fieldAt(request, 'allowed_headers'), {
        message: 'allowed_headers of the filter is set as well',
        expected: 'one list of allowed headers',
      });
    if (at.type.field('disable_request_body_buffering') === undefined) return;
    if (isOn(at, 'disable_request_body_buffering') && at.has('with_request_body'))
      report(fieldAt(at, 'disable_request_body_buffering'), {
        message: 'with_request_body is set as well, and needs the body in a buffer',
      });
  },
};

export const processorService: StartupCheck = {
  code: 'ext-proc-service',
  on: [EXT_PROC],
  finds: 'an external processor has no service, or two',
  refusal: 'One and only one of grpc_service or http_service must be configured',
  remedy: 'set one of grpc_service and http_service',
  check(filter, report) {
    const [hasGrpc, hasHttp] = [filter.has('grpc_service'), filter.has('http_service')];
    if (hasGrpc !== hasHttp) return;
    report(fieldAt(filter, hasHttp ? 'http_service' : undefined), {
      message: hasHttp ? 'grpc_service is set as well' : 'this external processor has no service to call',
      expected: 'one of grpc_service and http_service',
    });
  },
};

export const processingMode: StartupCheck = {
  code: 'ext-proc-mode',
  on: [EXT_PROC],
  finds: 'an external processor has a processing mode that its service cannot do',
  refusal:
    'the request_body_mode set to FULL_DUPLEX_STREAMED, then the request_trailer_mode has to be set to SEND',
  remedy: 'with FULL_DUPLEX_STREAMED send the trailers too; over HTTP send neither bodies nor trailers',
  check(filter, report) {
    const mode = filter.message('processing_mode');
    if (mode === undefined) return;
    const isHttp = filter.has('http_service');
    for (const side of ['request', 'response']) {
      const body = mode.enumName(`${side}_body_mode`) ?? 'NONE';
      const trailers = mode.enumName(`${side}_trailer_mode`) ?? 'DEFAULT';
      if (isHttp && (body !== 'NONE' || trailers === 'SEND'))
        report(fieldAt(mode, body !== 'NONE' ? `${side}_body_mode` : `${side}_trailer_mode`), {
          message: 'an HTTP service is sent neither bodies nor trailers',
          expected: body !== 'NONE' ? 'NONE' : 'SKIP',
        });
      else if (body === 'FULL_DUPLEX_STREAMED' && trailers !== 'SEND')
        report(fieldAt(mode, `${side}_body_mode`), {
          message: `FULL_DUPLEX_STREAMED needs ${side}_trailer_mode: SEND`,
        });
    }
  },
};

export const routeCacheAction: StartupCheck = {
  code: 'ext-proc-route-cache',
  on: [EXT_PROC],
  finds: 'an external processor says twice what becomes of the route cache',
  refusal:
    'disable_clear_route_cache and route_cache_action can not be set to none-default at the same time.',
  remedy: 'remove disable_clear_route_cache',
  check(filter, report) {
    const action = filter.enumName('route_cache_action') ?? 'DEFAULT';
    if (isOn(filter, 'disable_clear_route_cache') && action !== 'DEFAULT')
      report(fieldAt(filter, 'disable_clear_route_cache'), { message: 'route_cache_action is set as well' });
  },
};

export const oauthEndpoint: StartupCheck = {
  code: 'oauth2-endpoint',
  on: [OAUTH],
  finds: 'an endpoint of the OAuth filter is not an absolute URL, or of use for OpenID Connect alone',
  refusal: "OAuth2 filter: invalid authorization endpoint URL '…' in config.",
  remedy: 'write the whole URL; end_session_endpoint needs the scope openid',
  check(config, report) {
    const url = config.text('authorization_endpoint') ?? '';
    const port = Number(/^[^/]*\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(url)?.[1] ?? 0);
    const isUrl = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#\s]\S*$/.test(url) && port <= 65535;
    if (url !== '' && !isUrl)
      report(fieldAt(config, 'authorization_endpoint'), {
        message: 'authorization_endpoint is not an absolute URL',
        expected: 'a URL such as https://id.example.com/authorize',
      });
    const scopes = config.texts('auth_scopes');
    if ((config.text('end_session_endpoint') ?? '') !== '' && !scopes.includes('openid'))
      report(fieldAt(config, 'end_session_endpoint'), {
        message: 'end_session_endpoint is for OpenID Connect, and auth_scopes has no openid',
      });
  },
};

export const oauthForward: StartupCheck = {
  code: 'oauth2-authorization-header',
  on: [OAUTH],
  finds: 'the OAuth filter is to put a token into a header that it is to leave alone',
  refusal:
    'at most one of forward_bearer_token, preserve_authorization_header, or forward_id_token … may be set',
  remedy: 'keep one of forward_bearer_token and preserve_authorization_header',
  check(config, report) {
    if (isOn(config, 'forward_bearer_token') && isOn(config, 'preserve_authorization_header'))
      report(fieldAt(config, 'preserve_authorization_header'), {
        message: 'forward_bearer_token is set as well, and writes the same header',
      });
  },
};

/** The static secrets that filters ask for by name. */
export const staticCredential: StartupCheck = {
  code: 'static-credential',
  on: [
    'envoy.extensions.filters.http.oauth2.v3.OAuth2Credentials',
    'envoy.extensions.http.injected_credentials.generic.v3.Generic',
    'envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2.ClientCredentials',
  ],
  finds: 'a credential names a static secret that is not there, or holds something else',
  refusal: 'invalid token secret configuration; in the credential injector a crash',
  remedy: 'add a generic secret of that name, or say where it comes from',
  check(at, report, { instance }) {
    if (instance.bootstrap === undefined || at.reader !== instance.bootstrap.reader) return;
    const secrets = instance.bootstrap.message('static_resources')?.messages('secrets') ?? [];
    for (const field of ['token_secret', 'hmac_secret', 'credential', 'client_secret']) {
      const asked = at.type.field(field) === undefined ? undefined : at.message(field);
      if (asked === undefined || asked.has(SDS_CONFIG) || !asked.has('name')) continue;
      const named = secrets.filter((secret) => secret.text('name') === asked.text('name'));
      if (named.some(isGeneric)) continue;
      report(fieldAt(asked, 'name'), {
        message:
          named.length === 0
            ? 'the bootstrap has no secret of this name'
            : 'the secret of this name is not a generic secret',
        expected: 'a generic secret',
      });
    }
  },
};
