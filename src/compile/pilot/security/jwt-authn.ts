// The JWT filter of an upstream Envoy, instead of Istio's two: `jwt-auth`, which reads tokens, and
// `istio_authn`, which says which of them a request must have. What each token says is left in the filter's
// metadata under its issuer, where RBAC finds it.

import type {
  Jwt,
  Policy,
  StringMatch,
} from '../../../envoy/generated/types/authentication/v1alpha1/policy.js';
import type { HeaderMatcher } from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type {
  JwtAuthentication,
  JwtProvider,
  JwtRequirement,
  RequirementRule,
} from '../../../envoy/generated/types/envoy/config/filter/http/jwt_authn/v2alpha/config.js';
import { keySource } from '../clusters/jwks.js';
import { jwts } from '../context/authn-policy.js';
import type { Context } from '../context/context.js';
import { extension, type NamedConfig } from '../context/extension.js';
import { escapedPattern } from './rbac-matchers.js';
import { JWT_FILTER } from './rbac-tokens.js';

const FETCH_TIMEOUT = '5s';

/** The filter for a policy's tokens; none where it takes none. */
export function jwtAuthnFilters(context: Context, policy: Policy): NamedConfig[] {
  const tokens = jwts(policy);
  if (tokens.length === 0) return [];
  const names = providerNames(tokens);
  const config: JwtAuthentication = {
    providers: Object.fromEntries(tokens.map((jwt) => [names.get(jwt), provider(context, jwt)])),
    rules: rules(policy, names),
  };
  return [
    extension(context, JWT_FILTER, 'envoy.config.filter.http.jwt_authn.v2alpha.JwtAuthentication', config),
  ];
}

/** Providers are named after their issuers; where one issuer is there twice, with a number. */
function providerNames(tokens: readonly Jwt[]): ReadonlyMap<Jwt, string> {
  const seen = new Map<string, number>();
  return new Map(
    tokens.map((jwt) => {
      const issuer = jwt.issuer ?? '';
      const count = (seen.get(issuer) ?? 0) + 1;
      seen.set(issuer, count);
      return [jwt, count === 1 ? issuer : `${issuer} ${count}`];
    }),
  );
}

function provider(context: Context, jwt: Jwt): JwtProvider {
  const { issuer = '', audiences = [], jwt_headers = [], jwt_params = [] } = jwt;
  const source = keySource(context, jwt);
  return {
    issuer,
    ...(audiences.length > 0 && { audiences }),
    ...(source === undefined
      ? // Without keys no token is good.
        { local_jwks: { inline_string: '{"keys":[]}' } }
      : { remote_jwks: { http_uri: { uri: source.uri, cluster: source.cluster, timeout: FETCH_TIMEOUT } } }),
    forward: true,
    ...(jwt_headers.length > 0 && { from_headers: jwt_headers.map((name) => ({ name })) }),
    ...(jwt_params.length > 0 && { from_params: jwt_params }),
    payload_in_metadata: issuer,
  };
}

/** What requests must have, by their paths: the first rule that fits counts, and where none fits, nothing. */
function rules(policy: Policy, names: ReadonlyMap<Jwt, string>): RequirementRule[] {
  const peers = peerRequirement(policy, names);
  const origins = (policy.origins ?? []).map(({ jwt }) => jwt ?? {});
  const rules: RequirementRule[] = [];
  for (const chosen of subsets(origins)) {
    const requires = allOf([
      peers,
      anyOf(
        chosen.map((jwt) => names.get(jwt) as string),
        policy.origin_is_optional === true,
      ),
    ]);
    for (const headers of conditions(chosen)) {
      if (requires !== undefined)
        rules.push({ match: { prefix: '/', ...(headers.length > 0 && { headers }) }, requires });
      // What fits every request ends the list.
      if (headers.length === 0) return rules;
    }
  }
  return rules;
}

/** Peers that show a token; where they may show a certificate, that is seen to by the listener's TLS. */
function peerRequirement(policy: Policy, names: ReadonlyMap<Jwt, string>): JwtRequirement | undefined {
  const peers = policy.peers ?? [];
  if (peers.some(({ mtls }) => mtls !== undefined)) return undefined;
  const tokens = peers.flatMap(({ jwt }) => (jwt === undefined ? [] : (names.get(jwt) as string)));
  return anyOf(tokens, policy.peer_is_optional === true);
}

function anyOf(providers: readonly string[], optional: boolean): JwtRequirement | undefined {
  const requirements: JwtRequirement[] = providers.map((provider_name) => ({ provider_name }));
  if (requirements.length === 0) return undefined;
  // A good token is still read, for those who ask what it says.
  if (optional) requirements.push({ allow_missing_or_failed: {} });
  return requirements.length === 1 ? requirements[0] : { requires_any: { requirements } };
}

function allOf(given: readonly (JwtRequirement | undefined)[]): JwtRequirement | undefined {
  const requirements = given.filter((requirement) => requirement !== undefined);
  return requirements.length > 1 ? { requires_all: { requirements } } : requirements[0];
}

/** All subsets of a list, the larger first, the empty one last. */
function subsets<T>(items: readonly T[]): T[][] {
  let sets: T[][] = [[]];
  for (const item of items) sets = sets.flatMap((set) => [set, [...set, item]]);
  return sets.sort((a, b) => b.length - a.length);
}

/** When a request is asked for all of some tokens: one of some lists of conditions must hold. */
function conditions(tokens: readonly Jwt[]): HeaderMatcher[][] {
  return tokens.reduce<HeaderMatcher[][]>(
    (lists, { trigger_rules = [] }) =>
      lists.flatMap((list) => triggers(trigger_rules).map((own) => [...list, ...own])),
    [[]],
  );
}

/** When a token is asked for: always, or where a rule has the path among its own and not among those left out. */
function triggers(rules: NonNullable<Jwt['trigger_rules']>): HeaderMatcher[][] {
  if (rules.length === 0) return [[]];
  return rules.flatMap(({ excluded_paths = [], included_paths = [] }) => {
    const excluded = excluded_paths.map((path) => ({ ...pathMatcher(path), invert_match: true }));
    return included_paths.length === 0
      ? [excluded]
      : included_paths.map((path) => [...excluded, pathMatcher(path)]);
  });
}

/** A path, whatever its query. */
function pathMatcher({ exact, prefix, suffix, regex }: StringMatch): HeaderMatcher {
  if (prefix !== undefined) return { name: ':path', prefix_match: prefix };
  const own = exact === undefined ? `.*${escapedPattern(suffix ?? '')}` : escapedPattern(exact);
  return { name: ':path', regex_match: `${regex === undefined ? own : `(${regex})`}([?#].*)?` };
}
