// The listeners of a gateway (istiod 1.29's core/gateway.go).

import { memo } from '../../../collections/memo.js';
import type { Listener } from '../../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type {
  Filter,
  FilterChain,
} from '../../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import type { HttpConnectionManager } from '../../../envoy/generated/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.js';
import type { VirtualService } from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { isSubset, overlap } from '../../../mesh/istiod/hosts.js';
import {
  duplicateHosts,
  type GatewayServer,
  isHttpsTermination,
  isPassthroughServer,
  isTcpTermination,
  type MergedServers,
} from '../../../mesh/istiod/merged-gateway.js';
import type { Config, Port } from '../../../mesh/istiod/model.js';
import { isHttp, type Protocol, parseProtocol } from '../../../mesh/istiod/protocol.js';
import { destinationRule } from '../../../mesh/istiod/scope.js';
import { virtualServicesOf } from '../../../mesh/istiod/virtual-services.js';
import type { Context } from '../context/context.js';
import { addressOf, tlsSocket } from '../context/extensions.js';
import { wildcards } from '../context/local-addresses.js';
import { sniName, statisticsName, statisticsPattern } from '../context/names.js';
import { proxyHeaders } from '../context/proxy-headers.js';
import { type Chain, chainMatch, TLS_TIMEOUT } from '../listeners/chains.js';
import { http10, httpFilter, managerHeaders } from '../listeners/http-connection-manager.js';
import { acceptedAtOnce, PEER_PROTOCOLS } from '../listeners/inbound.js';
import { PROXY_PROTOCOL, TLS_INSPECTOR } from '../listeners/listener-filters.js';
import { routeFilters, singleFilters } from '../listeners/network-filters.js';
import { serverTls, withKnownCiphers } from '../security/downstream-tls.js';
import { accessLogs } from '../telemetry/access-logs.js';

/** Hosts of TLS routes by port, with the bind that has them. */
type TlsHosts = Map<number, Map<string, string>>;

interface Draft {
  readonly bind: string;
  readonly port: number;
  readonly chains: Chain[];
}

/** The listeners of a gateway: none of those that nothing is routed by. */
export function gatewayListeners(context: Context): readonly Listener[] {
  const { proxy, gateway } = context;
  const drafts = new Map<string, Draft>();
  const tlsHosts: TlsHosts = new Map();
  for (const merged of gateway?.ports ?? []) {
    const { number, bind: said } = merged.port;
    if (proxy.metadata.unprivilegedPod && number < 1024) continue;
    const bind = said || (wildcards(proxy)[0] as string);
    const draft = memo(drafts, `${bind}_${number}`, () => ({ bind, port: number, chains: [] }));
    draft.chains.push(...chainsOf(context, merged, tlsHosts));
  }
  return [...drafts].flatMap(([name, draft]) =>
    draft.chains.length > 0 ? [listenerOf(context, name, draft)] : [],
  );
}

function listenerOf(context: Context, name: string, { bind, port, chains }: Draft): Listener {
  const { proxy, features } = context;
  const hasTls = chains.some(({ sniHosts = [], tls }) => sniHosts.length > 0 || tls !== undefined);
  const filters = [
    ...(proxy.config.gateway_topology?.proxy_protocol === undefined ? [] : [PROXY_PROTOCOL]),
    ...(hasTls ? [TLS_INSPECTOR] : []),
  ];
  const logs = accessLogs(context, 'gateway', 'unmatched');
  return {
    name,
    address: addressOf(bind, port),
    traffic_direction: 'OUTBOUND',
    ...(filters.length > 0 && { listener_filters: filters }),
    filter_chains: chains.map((chain) => finished(chain, name)),
    ...acceptedAtOnce(features.maxConnectionsToAccept),
    ...(proxy.metadata.outboundListenerExactBalance && {
      connection_balance_config: { exact_balance: {} },
    }),
    ...(logs.length > 0 && { access_log: [...logs] }),
  };
}

function finished(chain: Chain, name: string): FilterChain {
  const match = chainMatch(chain);
  return {
    ...(match !== undefined && { filter_chain_match: match }),
    ...(chain.tls !== undefined && { transport_socket: tlsSocket('Downstream', chain.tls) }),
    transport_socket_connect_timeout: TLS_TIMEOUT,
    filters: chain.filters(name),
  };
}

function chainsOf(context: Context, merged: MergedServers, tlsHosts: TlsHosts): readonly Chain[] {
  const { port, servers, routeName } = merged;
  const protocol = parseProtocol(port.protocol);
  if (isHttp(protocol)) return [httpChain(context, { protocol, routeName })];
  return servers.flatMap((server) =>
    isHttpsTermination(server.server)
      ? [
          {
            ...tlsOf(context, server),
            ...httpChain(context, {
              protocol: parseProtocol(server.server.port?.protocol ?? ''),
              routeName: server.routeName,
              statPrefix: server.server.name,
            }),
          },
        ]
      : tcpChains(context, server, port.number, tlsHosts),
  );
}

/** The TLS that a server ends. */
function tlsOf(context: Context, { server, sniHosts }: GatewayServer): Pick<Chain, 'sniHosts' | 'tls'> {
  const { tls } = server;
  if (tls === undefined || isPassthroughServer(server)) return {};
  const transport = { isQuic: false, isTcp: isTcpTermination(server) };
  return { sniHosts: sniHosts ?? [], tls: serverTls(context, withKnownCiphers(tls), transport) };
}

interface HttpServer {
  readonly protocol: Protocol;
  readonly routeName: string;
  readonly statPrefix?: string | undefined;
}

function httpChain(context: Context, { protocol, routeName, statPrefix = '' }: HttpServer): Chain {
  return {
    filters: (name): Filter[] => [
      httpFilter(context, {
        kind: 'gateway',
        statPrefix: statPrefix || statisticsName(`outbound_${name}`),
        routes: routeName,
        protocol,
        usesRemoteAddress: true,
        manager: managerOf(context),
      }),
    ],
  };
}

function managerOf(context: Context): HttpConnectionManager {
  const { num_trusted_proxies = 0, forward_client_cert_details: said = 'UNDEFINED' } =
    context.proxy.config.gateway_topology ?? {};
  const forward = said === 'UNDEFINED' ? 'SANITIZE_SET' : said;
  const details = { subject: true, cert: true, dns: true, uri: true };
  return {
    http_protocol_options: {},
    ...(num_trusted_proxies !== 0 && { xff_num_trusted_hops: num_trusted_proxies }),
    forward_client_cert_details: forward,
    ...((forward === 'APPEND_FORWARD' || forward === 'SANITIZE_SET') && {
      set_current_client_cert_details: details,
    }),
    ...managerHeaders(proxyHeaders(context, 'gateway')),
    ...http10(context),
  };
}

function portOf({ server }: GatewayServer): Port {
  const { name = '', number = 0, protocol = '' } = server.port ?? {};
  return { name, port: number, protocol: parseProtocol(protocol) };
}

/** The VirtualServices of a server's Gateway that have some of its hosts. */
function boundTo(
  { mesh, proxy }: Context,
  { server, gateway }: GatewayServer,
): readonly Config<VirtualService>[] {
  return virtualServicesOf(mesh.virtualServices, proxy.namespace, gateway).filter(({ spec, namespace }) =>
    (spec.hosts ?? []).some((host) =>
      (server.hosts ?? []).some((said) => {
        const [scope = '', name] = said.split('/');
        return name === undefined ? overlap(said, host) : scope === namespace && overlap(name, host);
      }),
    ),
  );
}

/** Whether a match is for a server. */
function isForServer(
  {
    port = 0,
    gateways = [],
  }: { readonly port?: number | undefined; readonly gateways?: string[] | undefined },
  { server, gateway }: GatewayServer,
): boolean {
  return (
    (port === 0 || port === server.port?.number) && (gateways.length === 0 || gateways.includes(gateway))
  );
}

/** The chains of a server that does not have HTTP in it. */
function tcpChains(
  context: Context,
  server: GatewayServer,
  listenerPort: number,
  tlsHosts: TlsHosts,
): readonly Chain[] {
  if (isPassthroughServer(server.server)) return passthroughChains(context, server, listenerPort, tlsHosts);
  const exchangesMetadata = server.server.tls?.mode === 'ISTIO_MUTUAL';
  const place = { kind: 'gateway', isChecked: true, exchangesMetadata } as const;
  for (const config of boundTo(context, server)) {
    for (const { match = [], route = [] } of config.spec.tcp ?? []) {
      if (match.length > 0 && !match.some((one) => isForServer(one, server))) continue;
      const filters = (): Filter[] => routeFilters(context, place, route, portOf(server), config);
      return [{ ...tlsOf(context, server), filters }];
    }
  }
  return [];
}

/** The chains of a server that passes TLS on: by what SNI says. */
function passthroughChains(
  context: Context,
  server: GatewayServer,
  listenerPort: number,
  tlsHosts: TlsHosts,
): readonly Chain[] {
  if (server.server.tls?.mode === 'AUTO_PASSTHROUGH') return automaticChains(context, server.sniHosts ?? []);
  const place = { kind: 'gateway', isChecked: true, exchangesMetadata: false } as const;
  const known = memo(tlsHosts, listenerPort, () => new Map<string, string>());
  return boundTo(context, server).flatMap((config) =>
    (config.spec.tls ?? []).flatMap(({ match = [], route = [] }) =>
      match.flatMap((one): Chain[] => {
        const { sni_hosts = [] } = one;
        if (!isForServer(one, server)) return [];
        if (duplicateHosts(sni_hosts, server.server.bind ?? '', known).length > 0) return [];
        const filters = (): Filter[] => routeFilters(context, place, route, portOf(server), config);
        return [{ sniHosts: sni_hosts, filters }];
      }),
    ),
  );
}

/** The chains by which TLS of peers is passed on to the services that SNI names. */
function automaticChains(context: Context, hosts: readonly string[]): readonly Chain[] {
  const { mesh, proxy } = context;
  const place = { kind: 'gateway', isChecked: false, exchangesMetadata: false } as const;
  const pattern = mesh.settings.outbound_cluster_stat_name ?? '';
  return proxy.scope.services.flatMap((service) => {
    if (service.meshExternal || !hosts.some((host) => isSubset(service.hostname, host))) return [];
    const rule = destinationRule(proxy.scope, service.hostname, proxy.labels)?.spec;
    const subsets = ['', ...(rule?.subsets ?? []).map(({ name = '' }) => name)];
    return service.ports.flatMap((port) =>
      port.protocol === 'UDP'
        ? []
        : subsets.map((subset): Chain => {
            const cluster = sniName(service.hostname, port.port, subset);
            const statPrefix =
              pattern === '' ? cluster : statisticsPattern(pattern, { service, port, subset, targetPort: 0 });
            const destination = { cluster, statPrefix, subset, rule };
            return {
              sniHosts: [cluster],
              applicationProtocols: PEER_PROTOCOLS,
              filters: () => singleFilters(context, place, port, destination, false),
            };
          }),
    );
  });
}
