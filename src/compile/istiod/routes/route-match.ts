// Which requests a route is for (istiod 1.29's TranslateRouteMatch).

import { compareText } from '../../../collections/compare-text.js';
import type {
  HeaderMatcher,
  Route,
  RouteMatch,
} from '../../../envoy/generated/types/envoy/config/route/v3/route_components.js';
import type {
  HTTPMatchRequest,
  StringMatch,
} from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { claimMatcher, stringMatcher } from '../context/matchers.js';

/** The condition of a route. */
export function routeMatch(said: HTTPMatchRequest | undefined): RouteMatch {
  if (said === undefined) return { prefix: '/' };
  const headers: HeaderMatcher[] = [];
  const metadata: object[] = [];
  for (const [name, match] of Object.entries(said.headers ?? {})) {
    const claims = claimsOf(name);
    if (claims === undefined) headers.push(valueMatcher(name, match));
    else metadata.push(claimMatcher(claims, claimValue(match)));
  }
  for (const [name, match] of Object.entries(said.without_headers ?? {})) {
    const claims = claimsOf(name);
    if (claims === undefined)
      headers.push({
        ...valueMatcher(name, match),
        invert_match: true,
        ...(!isPresence(match) && { treat_missing_header_as_empty: true }),
      });
    else metadata.push({ ...claimMatcher(claims, claimValue(match)), invert: true });
  }
  headers.sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
  if (said.method !== undefined) headers.push(valueMatcher(':method', said.method));
  if (said.authority !== undefined) headers.push(valueMatcher(':authority', said.authority));
  if (said.scheme !== undefined) headers.push(valueMatcher(':scheme', said.scheme));
  const parameters = Object.entries(said.query_params ?? {}).map(([name, match]) =>
    valueMatcher(name, match),
  );
  return {
    ...pathOf(said.uri),
    case_sensitive: said.ignore_uri_case !== true,
    ...(headers.length > 0 && { headers }),
    ...(parameters.length > 0 && { query_parameters: parameters }),
    ...(metadata.length > 0 && { dynamic_metadata: metadata }),
  };
}

function pathOf({ exact, prefix, regex }: StringMatch = {}): RouteMatch {
  if (exact !== undefined) return { path: exact };
  if (prefix !== undefined) return { prefix };
  return regex === undefined ? { prefix: '/' } : { safe_regex: { regex } };
}

/** Whether a match only asks that something is there. */
function isPresence(match: StringMatch | undefined): boolean {
  return match === undefined || stringMatcher(match) === undefined || match.regex === '*';
}

function valueMatcher(
  name: string,
  match: StringMatch,
): {
  readonly name: string;
  readonly present_match?: boolean;
  readonly string_match?: ReturnType<typeof stringMatcher>;
} {
  return isPresence(match) ? { name, present_match: true } : { name, string_match: stringMatcher(match) };
}

const CLAIM = '@request.auth.claims';

/** The claims that a header's name stands for; undefined where it is a header. */
function claimsOf(name: string): readonly string[] | undefined {
  if (!name.toLowerCase().startsWith(CLAIM)) return undefined;
  const rest = name.slice(CLAIM.length);
  if (rest.startsWith('.') && rest.length > 1) return rest.slice(1).split('.');
  if (rest.startsWith('[') && rest.endsWith(']') && rest.length > 2) return rest.slice(1, -1).split('][');
  return undefined;
}

function claimValue(match: StringMatch) {
  return { string_match: stringMatcher(match) };
}

/** Whether a route is for all requests. */
export function isCatchAll({ match }: Route): boolean {
  const { prefix, safe_regex, headers, query_parameters, dynamic_metadata } = match ?? {};
  const takesAll = prefix === '/' || safe_regex?.regex === '.*';
  return (
    takesAll && headers === undefined && query_parameters === undefined && dynamic_metadata === undefined
  );
}
