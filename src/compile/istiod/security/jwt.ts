// The filter that checks tokens, for RequestAuthentications (istiod 1.29's authn.convertToEnvoyJwtConfig).

import { compareText } from '../../../collections/compare-text.js';
import type { JWTRule } from '../../../envoy/generated/types/security/v1/request_authentication.js';
import { type Context, perContext } from '../context/context.js';
import { typed } from '../context/extensions.js';
import { lookupCluster } from '../context/lookup.js';
import { JWT_FILTER, JWT_PAYLOAD } from '../context/matchers.js';
import { outboundName } from '../context/names.js';
import { isForWorkload } from '../context/policies.js';
import type { NamedFilter } from './authorization.js';

/** Keys whose private half nobody has: what istiod uses where it cannot fetch keys. */
const UNKNOWN_KEYS = `{
  "keys": [
    {
      "kty": "RSA",
      "e": "AQAB",
      "n": "0xObjM0UvS_oaazjpEYlAbwctEJ4L8pH3OuTb7qth7gUwqet-EzQB4dgFdvSdMgrLnSncQGRjpEYz3F3viIbH-3EN3TxSlPNviHxeOdyiBVfumN8dMxbLvVJUpfNOnvmMxJcl-8NNjAwcOjk4otSALaYgYYyOPyvKtgVdrQr-FoubWX4yrjxW-MJ2-7OBeepUUNOsVwGV23YX03sVkkyvY3otRflkBcY3_HKpBxJl9wk2GyOShN4_PNUF9-vwfnvOXMbCDX-w4PTef4geeb_GiT40YCKHTKMSPVanGRn5GExIWmki-mmqh94-mPTJyBR74ShspL3BxPZitDL574T1w"
    }
  ]
}`;

/** The filters that check tokens: one, or none where no policy has rules. */
export const jwtFilters: (context: Context) => readonly NamedFilter[] = perContext((context) => {
  const rules = rulesOf(context);
  if (rules.length === 0) return [];
  const name = (index: number): string => `origins-${index}`;
  const providers = Object.fromEntries(
    rules.map((rule, index) => [name(index), providerOf(context, rule)] as const),
  );
  const optional = rules.map((_, index) => ({
    requires_any: { requirements: [{ provider_name: name(index) }, { allow_missing: {} }] },
  }));
  const requires =
    optional.length === 1
      ? optional[0]
      : {
          requires_any: {
            requirements: [
              ...rules.map((_, index) => ({ provider_name: name(index) })),
              { requires_all: { requirements: optional } },
            ],
          },
        };
  return [
    {
      name: JWT_FILTER,
      typed_config: typed('envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
        providers,
        rules: [{ match: { prefix: '/' }, requires }],
        bypass_cors_preflight: true,
      }),
    },
  ];
});

/** The rules of all policies for the workload, by issuer. */
function rulesOf(context: Context): readonly JWTRule[] {
  const { mesh, proxy } = context;
  const namespaces = new Set([proxy.namespace, mesh.settings.root_namespace]);
  return [...namespaces]
    .flatMap((namespace) =>
      mesh.configs.RequestAuthentication.filter(
        (config) => config.namespace === namespace && isForWorkload(context, config),
      ),
    )
    .flatMap(({ spec }) => spec.jwt_rules ?? [])
    .sort((a, b) => compareText(a.issuer ?? '', b.issuer ?? ''));
}

const SPACED_CLAIMS = ['permission', 'scope'];

function providerOf(context: Context, rule: JWTRule): object {
  const { audiences = [], output_claim_to_headers: claims = [], from_headers: headers = [] } = rule;
  const { from_params: params = [], from_cookies: cookies = [], space_delimited_claims: spaced = [] } = rule;
  return {
    ...(rule.issuer && { issuer: rule.issuer }),
    ...(audiences.length > 0 && { audiences }),
    ...(rule.forward_original_token === true && { forward: true }),
    ...(rule.output_payload_to_header && { forward_payload_header: rule.output_payload_to_header }),
    payload_in_metadata: JWT_PAYLOAD,
    normalize_payload_in_metadata: {
      space_delimited_claims: [...new Set([...SPACED_CLAIMS, ...spaced])].sort(compareText),
    },
    ...(context.proxy.type === 'router' && { clear_route_cache: true }),
    ...(claims.length > 0 && {
      claim_to_headers: claims.map(({ header, claim }) => ({
        ...(header && { header_name: header }),
        ...(claim && { claim_name: claim }),
      })),
    }),
    ...(headers.length > 0 && {
      from_headers: headers.map(({ name, prefix }) => ({ name, ...(prefix && { value_prefix: prefix }) })),
    }),
    ...(params.length > 0 && { from_params: params }),
    ...(cookies.length > 0 && { from_cookies: cookies }),
    ...keysOf(context, rule),
  };
}

function keysOf({ mesh, features }: Context, { jwks, jwks_uri = '', timeout }: JWTRule): object {
  if (features.jwksFetch === 'istiod' || jwks_uri === '')
    return { local_jwks: { inline_string: jwks || UNKNOWN_KEYS } };
  const { host, port } = hostOf(jwks_uri);
  const cluster = lookupCluster(mesh, host, port)?.cluster;
  if (cluster === undefined && features.jwksFetch === 'hybrid')
    return { local_jwks: { inline_string: UNKNOWN_KEYS } };
  return {
    remote_jwks: {
      http_uri: {
        uri: jwks_uri,
        cluster: cluster ?? outboundName(host, port),
        timeout: timeout ?? '5s',
      },
      cache_duration: '300s',
    },
  };
}

function hostOf(uri: string): { readonly host: string; readonly port: number } {
  try {
    const { hostname, port, protocol } = new URL(uri);
    return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
  } catch {
    return { host: '', port: 0 };
  }
}
