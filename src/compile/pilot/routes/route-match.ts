// Which requests a route is for (Pilot 1.1's translateRouteMatch).

import { compareText } from '../../../collections/compare-text.js';
import type {
  HeaderMatcher,
  Route,
  RouteMatch,
} from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type {
  HTTPMatchRequest,
  StringMatch,
} from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';

/** Envoy's condition for one of a route's matches; without one every request is meant. */
export function routeMatch(match: HTTPMatchRequest | undefined): RouteMatch {
  const headers = Object.entries(match?.headers ?? {})
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => headerMatcher(name, value));
  const { method, authority, scheme } = match ?? {};
  if (method !== undefined) headers.push(headerMatcher(':method', method));
  if (authority !== undefined) headers.push(headerMatcher(':authority', authority));
  if (scheme !== undefined) headers.push(headerMatcher(':scheme', scheme));
  return { ...path(match?.uri), ...(headers.length > 0 && { headers }) };
}

function path(uri: StringMatch | undefined): Pick<RouteMatch, 'prefix' | 'path' | 'regex'> {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex !== undefined) return { regex: uri.regex };
  return { prefix: uri?.prefix ?? '/' };
}

/** Without a value, the header only has to be present. */
function headerMatcher(name: string, { exact, prefix, regex }: StringMatch): HeaderMatcher {
  if (exact !== undefined) return { name, exact_match: exact };
  if (regex !== undefined) return { name, regex_match: regex };
  return prefix === undefined ? { name } : { name, prefix_match: prefix };
}

/** Whether a route is for every request, so that none behind it is ever asked. */
export function isCatchAll({ match }: Route): boolean {
  return (match?.prefix === '/' || match?.regex === '*') && match.headers === undefined;
}

/** A route's paths, as the name of its traces shows them. */
export function matchedPath({ prefix, path, regex }: RouteMatch): string {
  return path ?? regex ?? `${prefix}*`;
}
