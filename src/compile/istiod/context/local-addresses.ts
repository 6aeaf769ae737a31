// Addresses of a proxy's own machine, in the families of IP that it has.

import type { IstioProxy } from '../../../mesh/istiod/proxy.js';

/** Addresses of one family. */
export interface LocalAddresses {
  readonly wildcard: string;
  readonly local: string;
  /** From which it calls its own workload, so that these calls are not captured. */
  readonly source: string;
}

/** The addresses that a proxy uses for what stays on its machine. */
export function localAddresses({ supports }: IstioProxy): LocalAddresses {
  return supports.v4 || !supports.v6
    ? { wildcard: '0.0.0.0', local: '127.0.0.1', source: '127.0.0.6' }
    : { wildcard: '::', local: '::1', source: '::6' };
}

/** Where a proxy listens for all addresses: in each family. */
export function wildcards(proxy: IstioProxy): readonly string[] {
  const { v4, v6 } = proxy.supports;
  return v4 && v6 ? ['0.0.0.0', '::'] : [localAddresses(proxy).wildcard];
}

/** Where it listens for its own machine alone. */
export function localHosts(proxy: IstioProxy): readonly string[] {
  const { v4, v6 } = proxy.supports;
  return v4 && v6 ? ['127.0.0.1', '::1'] : [localAddresses(proxy).local];
}
