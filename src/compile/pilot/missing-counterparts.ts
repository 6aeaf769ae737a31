// What resources ask of Istio's own proxy that an upstream Envoy has no counterpart for, and what is done in
// its place. Each is reported once, however many proxies are compiled.

import type { Jwt, Policy } from '../../envoy/generated/types/authentication/v1alpha1/policy.js';
import type { Finding } from '../../finding/finding.js';
import type { Config, Mesh } from '../../mesh/model.js';
import { quoted } from '../../secrecy/quoted.js';
import { saysNames } from './clusters/upstream-tls.js';
import { jwts } from './context/authn-policy.js';
import { type Compat, hasQuirk } from './context/compat.js';

/** Warnings for `--dataplane envoy`. */
export function missingCounterparts({ configs }: Mesh, compat: Compat): Finding[] {
  return [...policyCounterparts(configs), ...unvouchedNames(configs, compat)];
}

/** Names of servers without a trusted CA. */
function unvouchedNames({ DestinationRule: rules }: Mesh['configs'], compat: Compat): Finding[] {
  return rules.flatMap((rule) => {
    const { subsets = [], traffic_policy } = rule.spec;
    const policies = [traffic_policy, ...subsets.map((subset) => subset.traffic_policy)];
    const settings = policies.flatMap((policy) => [policy, ...(policy?.port_level_settings ?? [])]);
    const unvouched = settings.some(
      ({ tls } = {}) =>
        tls !== undefined &&
        (tls.mode === 'MUTUAL' ||
          (tls.mode === 'SIMPLE' && hasQuirk(compat, 'simple-without-ca-unverified'))) &&
        saysNames(tls) &&
        !tls.ca_certificates,
    );
    if (!unvouched) return [];
    return [
      warn(
        rule,
        'subjectAltNames without caCertificates are not checked: upstream Envoy rejects such a check, because anyone can create a certificate with any name',
        'add caCertificates',
      ),
    ];
  });
}

function policyCounterparts(configs: Mesh['configs']): Finding[] {
  return [...configs.MeshPolicy, ...configs.Policy].flatMap((config) => {
    const { spec } = config;
    const tokens = jwts(spec);
    return [
      ...(spec.principal_binding === 'USE_ORIGIN' && tokens.length > 0
        ? [
            warn(
              config,
              'principalBinding USE_ORIGIN has no counterpart in upstream Envoy',
              'bindings apply as written: request.auth.* to the token, source.* to the certificate',
            ),
          ]
        : []),
      ...(hasTokenPeer(spec)
        ? [
            warn(
              config,
              "a peer's token does not set source.principal",
              'use source.principal for peers with certificates',
            ),
          ]
        : []),
      ...tokens.flatMap((jwt) => keysProblem(config, jwt)),
    ];
  });
}

function hasTokenPeer({ peers = [] }: Policy): boolean {
  return peers.some(({ jwt }) => jwt !== undefined);
}

/** Istio's Pilot fetches keys, from where the issuer says if its policy does not say it. */
function keysProblem(config: Config<Policy>, { issuer = '', jwks_uri = '' }: Jwt): Finding[] {
  if (/^https?:\/\/./.test(jwks_uri)) return [];
  const what =
    jwks_uri === ''
      ? 'has no jwksUri'
      : `has the jwksUri ${quoted(jwks_uri ?? '')}, which is not an HTTP URL`;
  return [
    warn(
      config,
      `the issuer ${issuer} ${what}, so all its tokens are rejected`,
      "set jwksUri to the address in the issuer's /.well-known/openid-configuration",
    ),
  ];
}

function warn({ document, node, kind, name }: Config<unknown>, what: string, remedy: string): Finding {
  const start = document.tape.start(node);
  return {
    code: 'no-counterpart',
    level: 'warning',
    message: `${kind} ${name}: ${what}`,
    remedy,
    region: document.source.region(start, start),
  };
}
