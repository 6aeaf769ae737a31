// Host names of istiod 1.29: which covers which, and which is the more specific (its host and model packages).

import { compareText } from '../../collections/compare-text.js';
import { ipFamily } from './addresses.js';

/** The domain of Kubernetes services. */
export const DOMAIN_SUFFIX = 'cluster.local';

/** The gateway that stands for all sidecars. */
export const MESH = 'mesh';

/** Whether a host name is a wildcard. */
export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether two host names have a name in common. */
export function overlap(a: string, b: string): boolean {
  if (isWildcard(a)) {
    if (!isWildcard(b)) return b.endsWith(a.slice(1));
    return a.length < b.length ? b.slice(1).endsWith(a.slice(1)) : a.slice(1).endsWith(b.slice(1));
  }
  return isWildcard(b) ? a.endsWith(b.slice(1)) : a === b;
}

/** Whether all names of a host are names of another. */
export function isSubset(host: string, of: string): boolean {
  if (isWildcard(host))
    return isWildcard(of) && host.length >= of.length && host.slice(1).endsWith(of.slice(1));
  return isWildcard(of) ? host.endsWith(of.slice(1)) : host === of;
}

/** Orders host names, the most specific first. */
export function bySpecificity(a: string, b: string): number {
  if (isWildcard(a) !== isWildcard(b)) return isWildcard(a) ? 1 : -1;
  return b.length - a.length || compareText(a, b);
}

/** The entry of the most specific host that covers a host. */
export function mostSpecific<T>(
  host: string,
  exact: ReadonlyMap<string, T>,
  wildcard: ReadonlyMap<string, T>,
): T | undefined {
  const isWild = isWildcard(host);
  const same = (isWild ? wildcard : exact).get(host);
  if (same !== undefined || wildcard.size === 0) return same;
  const name = isWild ? host.slice(1) : host;
  // The longest that fits is found by cutting: a wildcard may begin anywhere in a name.
  for (let from = 0; from <= name.length; from++) {
    const found = wildcard.get(`*${name.slice(from)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A host name as a resource of a namespace means it. */
export function fullHost(host: string, namespace: string): string {
  if (host === '' || host === '*' || host.includes('.') || ipFamily(host) !== 0) return host;
  return `${host}.${namespace}.svc.${DOMAIN_SUFFIX}`;
}

/** A gateway's name as `namespace/name`; names with dots are `name.namespace…`. The mesh stays as it is. */
export function fullGateway(name: string, namespace: string): string {
  if (name === MESH) return name;
  const slash = name.indexOf('/');
  if (slash >= 0) return name.slice(0, slash) === '.' ? `${namespace}/${name.slice(slash + 1)}` : name;
  const [first = '', second] = name.split('.');
  return second === undefined ? `${namespace}/${name}` : `${second}/${first}`;
}
