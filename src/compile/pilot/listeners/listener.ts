// A listener put together from its filter chains (Pilot 1.1's buildListener).

import { isIP } from 'node:net';
import { compareText } from '../../../collections/compare-text.js';
import type {
  FilterChain,
  FilterChainMatch,
} from '../../../envoy/generated/types/envoy/api/v2/listener/listener_components.js';
import type { Listener } from '../../../envoy/generated/types/envoy/api/v2/listener.js';
import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import { offersAlpn } from '../../../tls/write.js';
import type { Chain } from '../context/chain.js';
import type { Context } from '../context/context.js';
import { address } from '../context/names.js';

const TLS_INSPECTOR = 'envoy.listener.tls_inspector';

/** A listener before it is built. */
export interface ListenerParts {
  readonly bind: string;
  readonly port: number;
  /** Whether the socket is opened; otherwise traffic is handed over by the listener that the kernel redirects to. */
  readonly bindToPort: boolean;
  readonly chains: readonly Chain[];
}

/** A listener's name. */
export function listenerName(bind: string, port: number): string {
  return `${bind}_${port}`;
}

/** Builds a listener; its TLS inspector is there where a chain looks at server names or protocols. */
export function listenerOf(
  { compat }: Pick<Context, 'compat'>,
  { bind, port, bindToPort, chains }: ListenerParts,
): Listener {
  const inspects = chains.some(({ sniHosts = [], tls }) => sniHosts.length > 0 || offersAlpn(tls));
  return {
    name: listenerName(bind, port),
    address: address(bind, port, compat),
    filter_chains: chains.map(filterChain),
    ...(!bindToPort && { deprecated_v1: { bind_to_port: false } }),
    ...(inspects && { listener_filters: [{ name: TLS_INSPECTOR }] }),
  };
}

/** Builds a filter chain. */
export function filterChain(chain: Chain): FilterChain {
  const match = matchOf(chain);
  return {
    ...(match !== undefined && { filter_chain_match: match }),
    ...(chain.tls !== undefined && { tls_context: chain.tls as FilterChain['tls_context'] }),
    ...(chain.filters.length > 0 && { filters: [...chain.filters] as FilterChain['filters'] }),
    ...(chain.metadata !== undefined && { metadata: chain.metadata }),
  };
}

function matchOf({ match, sniHosts = [], destinationRanges = [] }: Chain): FilterChainMatch | undefined {
  const ranges = [...destinationRanges].sort(compareText).flatMap(cidrRange);
  // A name that fits everything is the same as none.
  const names = sniHosts.includes('*') ? [] : [...sniHosts].sort(compareText);
  const built: FilterChainMatch = {
    ...match,
    ...(ranges.length > 0 && { prefix_ranges: ranges }),
    ...(names.length > 0 && { server_names: names }),
  };
  return match === undefined && Object.keys(built).length === 0 ? undefined : built;
}

/** An address or range in Envoy's form; the unspecified address is no range. */
function cidrRange(text: string): { address_prefix: string; prefix_len: number }[] {
  const [ip = '', length] = text.split('/');
  if (isIP(ip) === 0 || ip === UNSPECIFIED_ADDRESS) return [];
  return [
    { address_prefix: ip, prefix_len: length === undefined ? (isIP(ip) === 4 ? 32 : 128) : Number(length) },
  ];
}
