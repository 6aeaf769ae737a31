// What an authentication policy makes of an inbound listener: filter chains with or without TLS, the JWT
// filter and Istio's authentication filter (Pilot 1.1's plugin/authn).

import { createHash } from 'node:crypto';
import type { Jwt, Policy } from '../../../envoy/generated/types/authentication/v1alpha1/policy.js';
import { WORKLOAD_CHAIN, WORKLOAD_KEY, WORKLOAD_ROOT } from '../../../istio/workload-files.js';
import { type WrittenTlsContext, writeTlsContext } from '../../../tls/write.js';
import { fileCertificate, fileValidation } from '../clusters/upstream-tls.js';
import { jwts, mutualTls } from '../context/authn-policy.js';
import type { Chain } from '../context/chain.js';
import type { Context } from '../context/context.js';
import { extension, type NamedConfig } from '../context/extension.js';
import { perContext } from '../context/per-context.js';
import { withoutDefaults } from '../context/without-defaults.js';
import { jwtAuthnFilters } from './jwt-authn.js';

/** The chains that a policy asks for, without their filters; one without TLS where it asks for none. */
export function inboundChains(context: Context, policy: Policy | undefined): Omit<Chain, 'filters'>[] {
  const mtls = mutualTls(policy);
  if (mtls === undefined) return [{}];
  const tls = serverTls(context);
  if (mtls.mode !== 'PERMISSIVE') return [{ tls }];
  // Clients with a sidecar are recognized by the ALPN protocol that they offer.
  return [{ match: { application_protocols: ['istio'] }, tls }, { match: {} }];
}

/** The workload's own identity as a server; every client must show its certificate. */
const serverTls = perContext(({ proxy, workloadSource }): WrittenTlsContext => {
  const { metadata } = proxy;
  const base = metadata.BASE ?? '';
  return writeTlsContext({
    side: 'downstream',
    ...(workloadSource === undefined
      ? {
          certificates: [
            fileCertificate(
              metadata.TLS_SERVER_CERT_CHAIN || base + WORKLOAD_CHAIN,
              metadata.TLS_SERVER_KEY || base + WORKLOAD_KEY,
            ),
          ],
          validation: fileValidation(metadata.TLS_SERVER_ROOT_CERT || base + WORKLOAD_ROOT, []),
        }
      : {
          certificates: workloadSource.presented,
          validation: { root: workloadSource.trusted, rest: {} },
        }),
    alpn: ['h2', 'http/1.1'],
    sni: undefined,
    requireClientCertificate: true,
    parameters: undefined,
    rest: {},
  });
});

/** The HTTP filters of a policy: that of its tokens, then the one that combines peers and origins. */
export function authnFilters(context: Context, policy: Policy | undefined): NamedConfig[] {
  if (policy === undefined) return [];
  if (context.dataplane === 'envoy') return jwtAuthnFilters(context, policy);
  const tokens = jwts(policy);
  return [
    ...(tokens.length > 0 ? [jwtFilter(context, tokens)] : []),
    ...authnFilter(context, policy, tokens),
  ];
}

function jwtFilter(context: Context, tokens: readonly Jwt[]): NamedConfig {
  return extension(
    context,
    'jwt-auth',
    'istio.envoy.config.filter.http.jwt_auth.v2alpha1.JwtAuthentication',
    { rules: tokens.map(jwtRule), allow_missing_or_failed: true },
  );
}

/** Keys are not fetched when configuration is compiled: Pilot's own text for unreachable keys is empty. */
function jwtRule(jwt: Jwt) {
  const { issuer = '', audiences = [], jwt_headers = [], jwt_params = [] } = jwt;
  return {
    ...(issuer !== '' && { issuer }),
    ...(audiences.length > 0 && { audiences }),
    local_jwks: { inline_string: '' },
    forward: true,
    ...(jwt_headers.length > 0 && { from_headers: jwt_headers.map((name) => ({ name })) }),
    ...(jwt_params.length > 0 && { from_params: jwt_params }),
    forward_payload_header: payloadHeader(issuer),
  };
}

/** Where the JWT filter leaves a token's payload for the authentication filter. */
function payloadHeader(issuer: string): string {
  return `istio-sec-${createHash('sha1').update(issuer).digest('hex')}`;
}

function authnFilter(context: Context, policy: Policy, tokens: readonly Jwt[]): NamedConfig[] {
  // Gateways end TLS by their own rules, not by peers'.
  const peers = (policy.peers ?? []).filter(({ mtls, jwt }) =>
    mtls !== undefined ? context.proxy.type === 'sidecar' : jwt !== undefined,
  );
  const { peers: _, targets: __, ...rest } = policy;
  if (peers.length === 0 && (policy.origins ?? []).length === 0) return [];
  return [
    extension(context, 'istio_authn', 'istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig', {
      policy: withoutDefaults('istio.authentication.v1alpha1.Policy', {
        ...(peers.length > 0 && { peers }),
        ...rest,
      }),
      ...(tokens.length > 0 && {
        jwt_output_payload_locations: Object.fromEntries(
          tokens.map(({ issuer = '' }) => [issuer, payloadHeader(issuer)]),
        ),
      }),
    }),
  ];
}
