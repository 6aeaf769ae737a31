// Filter chains of outbound listeners before they are put together (istiod 1.29's filterChainOpts).

import { compareText } from '../../../collections/compare-text.js';
import type {
  Filter,
  FilterChain,
  FilterChainMatch,
} from '../../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import type { DownstreamTlsContext } from '../../../envoy/generated/types/envoy/extensions/transport_sockets/tls/v3/tls.js';
import { cidrRange } from '../../../mesh/istiod/addresses.js';
import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';

/** What a filter chain is for, and its filters. */
export interface Chain {
  readonly sniHosts?: readonly string[];
  readonly cidrs?: readonly string[];
  readonly applicationProtocols?: readonly string[];
  readonly transportProtocol?: string;
  readonly metadata?: FilterChain['metadata'];
  readonly tls?: DownstreamTlsContext;
  /** The filters, made for a listener's name. */
  readonly filters: (listenerName: string) => Filter[];
}

/** How long TLS may take to begin. */
export const TLS_TIMEOUT = '15s';

/** Whether a chain is for all connections. */
export function isMatchAll({
  sniHosts = [],
  cidrs = [],
  applicationProtocols = [],
  transportProtocol = '',
}: Chain): boolean {
  return (
    (sniHosts.length === 0 || sniHosts.includes('*')) &&
    cidrs.length === 0 &&
    applicationProtocols.length === 0 &&
    transportProtocol === ''
  );
}

/** What a chain is for; undefined for all connections. */
export function chainMatch(chain: Chain): FilterChainMatch | undefined {
  if (isMatchAll(chain)) return undefined;
  const { sniHosts = [], cidrs = [], applicationProtocols = [], transportProtocol = '' } = chain;
  const ranges = [...cidrs].sort(compareText).flatMap((text) => {
    const range = cidrRange(text);
    return range === undefined || range.address_prefix === UNSPECIFIED_ADDRESS ? [] : [range];
  });
  return {
    ...(applicationProtocols.length > 0 && { application_protocols: [...applicationProtocols] }),
    ...(transportProtocol !== '' && { transport_protocol: transportProtocol }),
    ...(sniHosts.length > 0 && !sniHosts.includes('*') && { server_names: [...sniHosts].sort(compareText) }),
    ...(ranges.length > 0 && { prefix_ranges: ranges }),
  };
}

/** Whether two chains are for the same connections. */
export function isConflict(a: Chain, b: Chain): boolean {
  return conflictKey(a) === conflictKey(b);
}

function conflictKey(chain: Chain): string {
  const { sniHosts = [], cidrs = [], applicationProtocols = [], transportProtocol = '' } = chain;
  const ranges = cidrs.flatMap((text) => {
    const range = cidrRange(text);
    return range === undefined || range.address_prefix === UNSPECIFIED_ADDRESS
      ? []
      : [`${range.address_prefix}/${range.prefix_len}`];
  });
  const set = (items: readonly string[]): readonly string[] => [...new Set(items)].sort(compareText);
  return JSON.stringify([
    transportProtocol,
    applicationProtocols,
    set(sniHosts.filter((host) => host !== '*')),
    set(ranges),
  ]);
}
