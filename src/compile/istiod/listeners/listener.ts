// Outbound listeners from their chains, and the one for all connections that are captured (istiod 1.29's
// buildListenerFromEntry and buildVirtualOutboundListener).

import type { Listener } from '../../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type { FilterChain } from '../../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import type { Port } from '../../../mesh/istiod/model.js';
import type { Context } from '../context/context.js';
import { addressOf, tlsSocket } from '../context/extensions.js';
import { wildcards } from '../context/local-addresses.js';
import { accessLogs } from '../telemetry/access-logs.js';
import { type Chain, chainMatch, isMatchAll, TLS_TIMEOUT } from './chains.js';
import { acceptedAtOnce } from './inbound.js';
import { HTTP_INSPECTOR, TLS_INSPECTOR } from './listener-filters.js';
import { blackHoleFilters, catchAllFilters } from './network-filters.js';

/** Where a listener is: its addresses, and whether its port is opened. */
export interface Binding {
  readonly binds: readonly string[];
  readonly isBound: boolean;
}

/** What a listener is made of. */
export interface ListenerParts {
  readonly port: Port;
  readonly binding: Binding;
  readonly chains: readonly Chain[];
}

/** An outbound listener. */
export function outboundListener(context: Context, { port, binding, chains }: ListenerParts): Listener {
  const { mesh, proxy, features } = context;
  const [primary = '', ...extra] = binding.binds;
  const name = `${primary}_${port.port}`;
  const hasTls = chains.some(
    ({ sniHosts = [], tls }) =>
      sniHosts.length > 0 || (tls?.common_tls_context?.alpn_protocols ?? []).length > 0,
  );
  const hasHttp = chains.some(({ applicationProtocols = [] }) => applicationProtocols.length > 0);
  const filters = [...(hasTls ? [TLS_INSPECTOR] : []), ...(hasHttp ? [HTTP_INSPECTOR] : [])];
  const additional = extra.filter((address) => address !== '');
  return {
    name,
    address: addressOf(primary, port.port),
    ...(additional.length > 0 && {
      additional_addresses: additional.map((address) => ({ address: addressOf(address, port.port) })),
    }),
    traffic_direction: 'OUTBOUND',
    continue_on_listener_filters_timeout: true,
    ...(proxy.metadata.outboundListenerExactBalance && {
      connection_balance_config: { exact_balance: {} },
    }),
    ...(binding.isBound ? acceptedAtOnce(features.maxConnectionsToAccept) : { bind_to_port: false }),
    ...(filters.length > 0 && { listener_filters: filters }),
    listener_filters_timeout: hasHttp ? mesh.settings.protocol_detection_timeout : '0s',
    ...chainsOf(context, name, chains),
  };
}

/** The chains of a listener, of which one may be for all connections. */
function chainsOf(
  context: Context,
  name: string,
  chains: readonly Chain[],
): Pick<Listener, 'filter_chains' | 'default_filter_chain'> {
  const specific: FilterChain[] = [];
  let general: FilterChain | undefined;
  for (const chain of chains) {
    const match = chainMatch(chain);
    const finished: FilterChain = {
      ...(match !== undefined && { filter_chain_match: match }),
      ...(chain.metadata !== undefined && { metadata: chain.metadata }),
      ...(chain.tls !== undefined && { transport_socket: tlsSocket('Downstream', chain.tls) }),
      transport_socket_connect_timeout: TLS_TIMEOUT,
      filters: chain.filters(name),
    };
    if (isMatchAll(chain)) general = finished;
    else specific.push(finished);
  }
  if (general !== undefined && specific.length === 0) return { filter_chains: [general] };
  return {
    filter_chains: specific,
    default_filter_chain: general ?? {
      name: 'PassthroughFilterChain',
      filter_chain_match: {},
      filters: catchAllFilters(context),
    },
  };
}

/** The listener that all captured connections come to first. */
export function virtualOutbound(context: Context): Listener {
  const { mesh, proxy, features } = context;
  const [wildcard = ''] = wildcards(proxy);
  const port = mesh.settings.proxy_listen_port;
  const logs = accessLogs(context, 'outbound', 'unmatched');
  return {
    name: 'virtualOutbound',
    address: addressOf(wildcard, port),
    ...(proxy.metadata.interceptionMode === 'TPROXY' && { transparent: true }),
    use_original_dst: true,
    filter_chains: [
      {
        name: 'virtualOutbound-blackhole',
        filter_chain_match: { destination_port: port },
        filters: blackHoleFilters(context, 'outbound'),
      },
      { name: 'virtualOutbound-catchall-tcp', filters: catchAllFilters(context) },
    ],
    traffic_direction: 'OUTBOUND',
    ...acceptedAtOnce(features.maxConnectionsToAccept),
    ...(logs.length > 0 && { access_log: [...logs] }),
  };
}
