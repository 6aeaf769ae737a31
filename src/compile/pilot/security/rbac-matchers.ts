// Matchers of Envoy's RBAC filters for the texts of roles and bindings, which may have a star at either end
// (Pilot 1.1's plugin/authz/util.go).

import { isIP } from 'node:net';

/** A message of Envoy's RBAC API. */
export type Matcher = { readonly [field: string]: unknown };

/** The name in `prefix[name]`. */
export function nameInBrackets(key: string, prefix: string): string | undefined {
  return /^\[(.*)\]$/s.exec(key.slice(prefix.length))?.[1];
}

export function header(name: string, value: string): Matcher {
  if (value === '*') return { name, present_match: true };
  if (value.startsWith('*')) return { name, suffix_match: value.slice(1) };
  if (value.endsWith('*')) return { name, prefix_match: value.slice(0, -1) };
  return { name, exact_match: value };
}

/** A text with a star at either end; Envoy has no empty prefix, so a star alone is a regular expression. */
export function stringMatcher(value: string, prefix = ''): Matcher {
  if (value === '*') return { regex: '.*' };
  if (value.startsWith('*')) return { suffix: value.slice(1) };
  if (value.endsWith('*')) return { prefix: prefix + value.slice(0, -1) };
  return { exact: prefix + value };
}

/** Any account of a namespace, as a part of a SPIFFE id. */
export function namespaceMatcher(namespace: string): Matcher {
  return { regex: `*/ns/${namespace}/*`.replaceAll('*', '.*') };
}

/** A range of addresses, or a single one; undefined for what is neither. */
export function cidr(value: string): Matcher | undefined {
  const [ip = '', length, ...rest] = value.split('/');
  const address = addressText(ip);
  if (address === undefined || rest.length > 0) return undefined;
  const all = isIP(ip) === 4 ? 32 : 128;
  if (length === undefined) return { address_prefix: address, prefix_len: all };
  return /^\d+$/.test(length) && Number(length) <= all
    ? { address_prefix: address, prefix_len: Number(length) }
    : undefined;
}

/** An address in its one spelling, as Go prints it: that of IPv6 in lower case, the zeros left out. */
function addressText(ip: string): string | undefined {
  const version = isIP(ip);
  if (version !== 6) return version === 4 ? ip : undefined;
  // The zone is no part of an address.
  return ip.includes('%') ? undefined : new URL(`http://[${ip}]`).hostname.slice(1, -1);
}

export function textMetadata(filter: string, key: string, matcher: Matcher): Matcher {
  return { filter, path: [{ key }], value: { string_match: matcher } };
}

export function listMetadata(filter: string, keys: readonly string[], value: string): Matcher {
  return {
    filter,
    path: keys.map((key) => ({ key })),
    value: { list_match: { one_of: { string_match: stringMatcher(value) } } },
  };
}

/** A text as a regular expression that fits it alone. */
export function escapedPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
