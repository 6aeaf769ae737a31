// Headers that a route adds, sets and removes.

import { compareText } from '../../../collections/compare-text.js';
import type { HeaderValueOption } from '../../../envoy/generated/types/envoy/config/core/v3/base.js';
import type { Headers } from '../../../envoy/generated/types/networking/v1/virtual_service.js';

/** What is done to headers; the authority is set in another place. */
export interface HeaderOperations {
  readonly request_headers_to_add?: HeaderValueOption[];
  readonly request_headers_to_remove?: string[];
  readonly response_headers_to_add?: HeaderValueOption[];
  readonly response_headers_to_remove?: string[];
}

/** What is done to headers; fields only where something is. */
export function headerOperations({ request = {}, response = {} }: Headers): HeaderOperations {
  return {
    ...some('request_headers_to_add', [...added(request.set, false), ...added(request.add, true)]),
    ...some('request_headers_to_remove', (request.remove ?? []).filter(isOrdinary)),
    ...some('response_headers_to_add', [...added(response.set, false), ...added(response.add, true)]),
    ...some('response_headers_to_remove', (response.remove ?? []).filter(isOrdinary)),
  };
}

/** The authority that headers set; '' for none. */
export function authorityOf({ request = {} }: Headers): string {
  return authorityIn(request.set) || authorityIn(request.add);
}

function some(field: keyof HeaderOperations, items: readonly unknown[]): object {
  return items.length > 0 ? { [field]: items } : {};
}

function added(
  headers: { readonly [name: string]: string } | undefined,
  appends: boolean,
): HeaderValueOption[] {
  return Object.entries(headers ?? {})
    .filter(([name]) => isOrdinary(name))
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => ({
      header: { key, value },
      append_action: appends ? 'APPEND_IF_EXISTS_OR_ADD' : 'OVERWRITE_IF_EXISTS_OR_ADD',
    }));
}

function authorityIn(headers: { readonly [name: string]: string } | undefined): string {
  return Object.entries(headers ?? {}).find(([name]) => isAuthority(name))?.[1] ?? '';
}

function isAuthority(name: string): boolean {
  return name.toLowerCase() === ':authority' || name.toLowerCase() === 'host';
}

function isOrdinary(name: string): boolean {
  return !name.startsWith(':') && name.toLowerCase() !== 'host';
}
