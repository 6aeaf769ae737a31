// Listener filters: what looks at connections before a chain is chosen for them (istiod 1.29's
// populateListenerFilters).

import { memo } from '../../../collections/memo.js';
import type {
  FilterChain,
  ListenerFilter,
  ListenerFilterChainMatchPredicate as Predicate,
} from '../../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import { typed } from '../context/extensions.js';

function listenerFilter(name: string, type: string, config: object = {}): ListenerFilter {
  return {
    name: `envoy.filters.listener.${name}`,
    typed_config: typed(`envoy.extensions.filters.listener.${name}.v3.${type}`, config),
  };
}

export const TLS_INSPECTOR = listenerFilter('tls_inspector', 'TlsInspector', {
  initial_read_buffer_size: 512,
});
export const HTTP_INSPECTOR = listenerFilter('http_inspector', 'HttpInspector');
export const PROXY_PROTOCOL = listenerFilter('proxy_protocol', 'ProxyProtocol');
const ORIGINAL_DESTINATION = listenerFilter('original_dst', 'OriginalDst');
const ORIGINAL_SOURCE = listenerFilter('original_src', 'OriginalSrc', { mark: 1337 });

interface Needs {
  tls: boolean;
  http: boolean;
}

/** The listener filters of inbound listeners. */
export function inboundListenerFilters(
  chains: readonly FilterChain[],
  { isBound, isTransparent }: { readonly isBound: boolean; readonly isTransparent: boolean },
): ListenerFilter[] {
  const byPort = new Map<number, Needs>();
  for (const { filter_chain_match: match = {} } of chains) {
    const needs = memo(byPort, match.destination_port ?? 0, () => ({ tls: false, http: false }));
    if (match.transport_protocol === 'tls') needs.tls = true;
    if (match.application_protocols?.some((name) => name === 'http/1.1' || name === 'h2c')) needs.http = true;
  }
  const ports = [...byPort].sort(([a], [b]) => a - b);
  const without = (need: keyof Needs): number[] =>
    ports.filter(([, needs]) => !needs[need]).map(([port]) => port);
  const having = (need: keyof Needs): number[] =>
    ports.filter(([, needs]) => needs[need]).map(([port]) => port);
  return [
    ...(isBound ? [] : [ORIGINAL_DESTINATION]),
    ...(!isBound && isTransparent ? [ORIGINAL_SOURCE] : []),
    ...(having('tls').length > 0
      ? [tlsInspector(byPort.get(0)?.tls === true, without('tls'), having('tls'))]
      : []),
    ...(having('http').length > 0 ? [disabledFor(HTTP_INSPECTOR, without('http'))] : []),
  ];
}

/** Off for some ports where it is on for others that are not known; else on for some ports alone. */
function tlsInspector(
  isOnByDefault: boolean,
  without: readonly number[],
  having: readonly number[],
): ListenerFilter {
  if (isOnByDefault)
    return disabledFor(
      TLS_INSPECTOR,
      without.filter((port) => port !== 0),
    );
  const not_match = predicate(having.filter((port) => port !== 0));
  return not_match === undefined ? TLS_INSPECTOR : { ...TLS_INSPECTOR, filter_disabled: { not_match } };
}

function disabledFor(filter: ListenerFilter, ports: readonly number[]): ListenerFilter {
  const disabled = predicate(ports);
  return disabled === undefined ? filter : { ...filter, filter_disabled: disabled };
}

function predicate(ports: readonly number[]): Predicate | undefined {
  const ranges = ports.map((port): Predicate => ({ destination_port_range: { start: port, end: port + 1 } }));
  return ranges.length > 1 ? { or_match: { rules: ranges } } : ranges[0];
}
