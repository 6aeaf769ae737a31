// What a route does to headers (Pilot 1.1's translateRoute and translateAppendHeaders): the operations of
// `headers`, and after them those of the earlier fields that it replaces.

import { compareText } from '../../../collections/compare-text.js';
import type { HeaderValueOption } from '../../../envoy/generated/types/envoy/api/v2/core/base.js';
import type {
  Headers,
  HTTPRoute,
  HTTPRouteDestination,
} from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';

/** The fields of a route, or of a weighted cluster, that change headers. */
export interface HeaderOperations {
  readonly request_headers_to_add?: HeaderValueOption[];
  readonly response_headers_to_add?: HeaderValueOption[];
  readonly response_headers_to_remove?: string[];
  readonly request_headers_to_remove?: string[];
}

type Texts = { readonly [name: string]: string } | undefined;

/** The operations of a whole route; of its earlier fields `append_headers` is one more for requests. */
export function routeHeaders(route: HTTPRoute): HeaderOperations {
  return operations(route.headers, route, added(route.append_headers, true));
}

/** The operations of one destination. */
export function destinationHeaders(destination: HTTPRouteDestination): HeaderOperations {
  return operations(destination.headers, destination, []);
}

/** The operations of a route followed by those of its only destination. */
export function joined(first: HeaderOperations, second: HeaderOperations): HeaderOperations {
  return present(
    [...(first.request_headers_to_add ?? []), ...(second.request_headers_to_add ?? [])],
    [...(first.response_headers_to_add ?? []), ...(second.response_headers_to_add ?? [])],
    [...(first.response_headers_to_remove ?? []), ...(second.response_headers_to_remove ?? [])],
    [...(first.request_headers_to_remove ?? []), ...(second.request_headers_to_remove ?? [])],
  );
}

function operations(
  headers: Headers | undefined,
  earlier: Pick<
    HTTPRouteDestination,
    | 'append_request_headers'
    | 'append_response_headers'
    | 'remove_request_headers'
    | 'remove_response_headers'
  >,
  moreForRequests: readonly HeaderValueOption[],
): HeaderOperations {
  const { request, response } = headers ?? {};
  return present(
    [
      ...added(request?.set, false),
      ...added(request?.add, true),
      ...added(earlier.append_request_headers, true),
      ...moreForRequests,
    ],
    [
      ...added(response?.set, false),
      ...added(response?.add, true),
      ...added(earlier.append_response_headers, true),
    ],
    [...(response?.remove ?? []), ...(earlier.remove_response_headers ?? [])],
    [...(request?.remove ?? []), ...(earlier.remove_request_headers ?? [])],
  );
}

function added(headers: Texts, append: boolean): HeaderValueOption[] {
  return Object.entries(headers ?? {})
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => ({ header: { key, ...(value !== '' && { value }) }, append }));
}

/** Those lists that hold something, in the order of Envoy's field numbers. */
function present(
  requestAdd: HeaderValueOption[],
  responseAdd: HeaderValueOption[],
  responseRemove: string[],
  requestRemove: string[],
): HeaderOperations {
  return {
    ...(requestAdd.length > 0 && { request_headers_to_add: requestAdd }),
    ...(responseAdd.length > 0 && { response_headers_to_add: responseAdd }),
    ...(responseRemove.length > 0 && { response_headers_to_remove: responseRemove }),
    ...(requestRemove.length > 0 && { request_headers_to_remove: requestRemove }),
  };
}
