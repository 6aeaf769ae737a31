import { compareText } from '../collections/compare-text.js';

// Host names: short and full ones, wildcards, and which is the more specific (Istio 1.1's model.Hostname).

/** Whether two host names, either of which may be a wildcard, have a name in common as Pilot sees it. */
export function hostsMatch(a: string, b: string): boolean {
  if (a === b) return true;
  if (a === '' || b === '') return a === '*' || b === '*';
  const aWild = a.startsWith('*');
  const bWild = b.startsWith('*');
  if (aWild && bWild) {
    return a.length < b.length ? b.slice(1).endsWith(a.slice(1)) : a.slice(1).endsWith(b.slice(1));
  }
  if (aWild) return b.endsWith(a.slice(1));
  return bWild && a.endsWith(b.slice(1));
}

/** Orders host names: exact ones before wildcards, then longer ones, then by spelling. */
export function bySpecificity(a: string, b: string): number {
  const aWild = a.startsWith('*');
  if (aWild !== b.startsWith('*')) return aWild ? 1 : -1;
  if (a.length !== b.length) return b.length - a.length;
  return compareText(a, b);
}

/** A service's host name as a resource of a namespace means it: a name without dots is one of its own namespace. */
export function fullHost(host: string, namespace: string, domainSuffix: string): string {
  if (host === '*' || host.includes('.')) return host;
  return `${host}.${namespace}.svc.${domainSuffix}`;
}

/** The gateway name that means all sidecars. */
export const MESH_GATEWAY = 'mesh';

/** A gateway's name as `namespace/name`; the gateway `mesh` stays. Names with dots are `name.namespace…`. */
export function fullGatewayName(name: string, namespace: string): string {
  const slash = name.indexOf('/');
  if (slash >= 0) return name.slice(0, slash) === '.' ? `${namespace}/${name.slice(slash + 1)}` : name;
  const [first = '', second] = name.split('.');
  return second === undefined ? `${namespace}/${name}` : `${second}/${first}`;
}
