// The listeners of a sidecar's own workload (istiod 1.29's core/listener_inbound.go).

import type { Listener } from '../../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type {
  Filter,
  FilterChain,
} from '../../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import type { DownstreamTlsContext } from '../../../envoy/generated/types/envoy/extensions/transport_sockets/tls/v3/tls.js';
import type { ServerTLSSettings } from '../../../envoy/generated/types/networking/v1/gateway.js';
import type { MutualTlsMode, Port } from '../../../mesh/istiod/model.js';
import { peerPolicy } from '../../../mesh/istiod/peer-authentication.js';
import {
  afterTermination,
  isHttp,
  isHttp2,
  isSniffed,
  parseProtocol,
} from '../../../mesh/istiod/protocol.js';
import type { Context } from '../context/context.js';
import { addressOf, METADATA_EXCHANGE, tlsSocket } from '../context/extensions.js';
import { wildcards } from '../context/local-addresses.js';
import {
  configMetadata,
  INBOUND_PASSTHROUGH,
  inboundName,
  type StatisticsOf,
  statisticsName,
  statisticsPattern,
} from '../context/names.js';
import { proxyHeaders } from '../context/proxy-headers.js';
import { inboundRoute } from '../routes/default-routes.js';
import { type Carried, inboundTls, serverTls, withKnownCiphers } from '../security/downstream-tls.js';
import { accessLogs } from '../telemetry/access-logs.js';
import { goDuration } from './durations.js';
import { http10, httpFilter, managerHeaders } from './http-connection-manager.js';
import { inboundListenerFilters } from './listener-filters.js';
import { blackHoleFilters, loggedProxy, tcpFilters } from './network-filters.js';
import { canBind, globalUnicast } from './ports.js';

/** The listener of all ports that are captured. */
const VIRTUAL_INBOUND = 'virtualInbound';

/** A port of the workload, or all those that nobody has said. */
interface InboundChain {
  readonly cluster: string;
  readonly port: Port;
  /** 0 for all ports. */
  readonly targetPort: number;
  readonly bind: string;
  readonly isBound: boolean;
  readonly isPassthrough: boolean;
  /** What statistics call the service. */
  readonly service: StatisticsOf['service'];
  readonly tls: ServerTLSSettings | undefined;
  readonly metadata: FilterChain['metadata'];
}

/** The inbound listeners. */
export function inboundListeners(context: Context): readonly Listener[] {
  const { proxy, mesh, features } = context;
  const captured: FilterChain[] = [];
  const bound: Listener[] = [];
  for (const said of inboundChains(context)) {
    const mode = modeOfPort(context, said.targetPort);
    const isServer = said.tls !== undefined && mode === 'DISABLE';
    const chain = isServer
      ? { ...said, port: { ...said.port, protocol: afterTermination(said.port.protocol) } }
      : said;
    const own =
      isServer && said.tls !== undefined
        ? serverTls(context, said.tls, { isQuic: false, isTcp: false })
        : undefined;
    const matches = isServer ? [serverMatch(chain.port)] : chainMatches(mode, chain.port, features.http10);
    const chains = matches.map((match) => filterChain(context, chain, mode, match, own));
    if (chain.isBound) bound.push(boundListener(context, chain, chains));
    else captured.push(...chains);
  }
  if (proxy.metadata.interceptionMode === 'NONE') return bound;
  const chains = [...passthroughChains(context), ...captured];
  const [wildcard = ''] = wildcards(proxy);
  const port = mesh.settings.proxy_inbound_listen_port;
  return [
    inboundListener(context, { name: VIRTUAL_INBOUND, bind: wildcard, port, isBound: false }, chains),
    ...bound,
  ];
}

function modeOfPort({ mesh, proxy }: Context, port: number): MutualTlsMode {
  const { mode, ports } = peerPolicy(mesh, proxy.namespace, proxy.labels);
  return ports.get(port) ?? mode;
}

/** The ports that are said: by services, or by a Sidecar. */
function inboundChains(context: Context): readonly InboundChain[] {
  const { proxy } = context;
  const ingress = proxy.scope.sidecar?.spec.ingress ?? [];
  const chains = new Map<number, InboundChain>();
  const add = (chain: InboundChain): void => {
    if (!chains.has(chain.targetPort)) chains.set(chain.targetPort, chain);
  };
  if (ingress.length > 0) for (const chain of ingressChains(context)) add(chain);
  else if (proxy.metadata.interceptionMode !== 'NONE') for (const chain of serviceChains(context)) add(chain);
  return [...chains.values()].sort((a, b) => a.targetPort - b.targetPort);
}

function serviceChains(context: Context): readonly InboundChain[] {
  const { proxy } = context;
  const [bind = ''] = wildcards(proxy);
  return proxy.targets.flatMap(({ service, port, targetPort }) => {
    const isFree = canBind(context, { isBound: false, bind, port: targetPort, protocol: port.protocol });
    if (!isFree) return [];
    return [
      {
        cluster: inboundName(targetPort),
        port,
        targetPort,
        bind,
        isBound: false,
        isPassthrough: false,
        service,
        tls: undefined,
        metadata: undefined,
      },
    ];
  });
}

function ingressChains(context: Context): readonly InboundChain[] {
  const { proxy, features } = context;
  const { scope } = proxy;
  const { sidecar } = scope;
  return (sidecar?.spec.ingress ?? []).flatMap((listener) => {
    const { number = 0, name = '', protocol: text = '' } = listener.port ?? {};
    const protocol = parseProtocol(text);
    const mode = listener.capture_mode ?? 'DEFAULT';
    const isBound = mode === 'DEFAULT' ? proxy.metadata.interceptionMode === 'NONE' : mode === 'NONE';
    const { bind = '' } = listener;
    const isFree = canBind(context, { isBound, bind, port: number, protocol, ignoresVirtual: true });
    if (!isFree) return [];
    const tls = features.tlsOnSidecarIngress && listener.tls ? withKnownCiphers(listener.tls) : undefined;
    const hostname = `${scope.name}.${scope.namespace}`;
    return [
      {
        cluster: inboundName(number),
        port: { name, port: number, protocol: tls === undefined ? protocol : afterTermination(protocol) },
        targetPort: number,
        bind: bind || globalUnicast(proxy),
        isBound,
        isPassthrough: false,
        service: { hostname, name: hostname, namespace: '', registry: 'External' as const },
        tls,
        metadata: configMetadata({ kind: 'Sidecar', name: scope.name, namespace: scope.namespace }),
      },
    ];
  });
}

/** For which connections a chain is, and what it takes them for. */
interface Match {
  readonly carried: Carried;
  readonly hasTls: boolean;
  readonly transport: 'tls' | 'raw_buffer';
  readonly alpn?: readonly string[];
}

const PLAIN_HTTP = ['http/1.1', 'h2c'];
const MUTUAL_HTTP = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
/** How mutual TLS of the mesh is recognized. */
export const PEER_PROTOCOLS: readonly string[] = ['istio', 'istio-peer-exchange', ...MUTUAL_HTTP];
const MUTUAL_TCP = ['istio-peer-exchange', 'istio'];

/** How plain HTTP is recognized. */
export function plainHttp(takesHttp10: boolean): readonly string[] {
  return takesHttp10 ? ['http/1.0', ...PLAIN_HTTP] : PLAIN_HTTP;
}

function serverMatch({ protocol }: Port): Match {
  return { carried: isHttp(protocol) ? 'HTTP' : 'TCP', hasTls: true, transport: 'tls' };
}

/** The chains of a port: with TLS, without it, or both; where the protocol is not known for HTTP and the rest. */
function chainMatches(mode: MutualTlsMode, { protocol }: Port, takesHttp10: boolean): readonly Match[] {
  const plain = plainHttp(takesHttp10);
  if (isSniffed(protocol)) {
    const http: Match = { carried: 'HTTP', hasTls: true, transport: 'tls', alpn: MUTUAL_HTTP };
    const plainHttpMatch: Match = { carried: 'HTTP', hasTls: false, transport: 'raw_buffer', alpn: plain };
    const plainMatch: Match = { carried: 'TCP', hasTls: false, transport: 'raw_buffer' };
    if (mode === 'STRICT') return [http, { carried: 'TCP', hasTls: true, transport: 'tls' }];
    if (mode === 'DISABLE') return [plainHttpMatch, plainMatch];
    return [
      http,
      plainHttpMatch,
      { carried: 'TCP', hasTls: true, transport: 'tls', alpn: MUTUAL_TCP },
      plainMatch,
      { carried: 'TCP', hasTls: false, transport: 'tls' },
    ];
  }
  const carried = isHttp(protocol) ? 'HTTP' : 'TCP';
  const plainMatch: Match = { carried, hasTls: false, transport: 'raw_buffer' };
  if (mode === 'STRICT') return [{ carried, hasTls: true, transport: 'tls' }];
  if (mode === 'DISABLE') return [plainMatch];
  const mutual: Match = { carried, hasTls: true, transport: 'tls', alpn: PEER_PROTOCOLS };
  if (carried === 'HTTP') return [mutual, plainMatch];
  return [mutual, { carried, hasTls: false, transport: 'tls' }, plainMatch];
}

function chainName({ isPassthrough, bind, targetPort }: InboundChain, carried: Carried): string {
  if (!isPassthrough) return `${bind}_${targetPort}`;
  return carried === 'HTTP' ? `${VIRTUAL_INBOUND}-catchall-http` : VIRTUAL_INBOUND;
}

function filterChain(
  context: Context,
  chain: InboundChain,
  mode: MutualTlsMode,
  { carried, hasTls, transport, alpn }: Match,
  own: DownstreamTlsContext | undefined,
): FilterChain {
  const tls = hasTls ? (own ?? inboundTls(context, mode, carried)) : undefined;
  return {
    name: chainName(chain, carried),
    filter_chain_match: {
      ...(alpn !== undefined && { application_protocols: [...alpn] }),
      transport_protocol: transport,
      ...(chain.targetPort > 0 && { destination_port: chain.targetPort }),
    },
    filters: carried === 'HTTP' ? httpFilters(context, chain) : otherFilters(context, chain),
    ...(tls !== undefined && { transport_socket: tlsSocket('Downstream', tls) }),
    ...(chain.metadata !== undefined && { metadata: chain.metadata }),
  };
}

function httpFilters(context: Context, chain: InboundChain): Filter[] {
  const { cluster, port, service, isPassthrough } = chain;
  const headers = proxyHeaders(context, 'inbound');
  const details = headers.clientCertDetails;
  const name = isPassthrough ? cluster : `inbound_${chainName(chain, 'HTTP')}`;
  return [
    METADATA_EXCHANGE,
    httpFilter(context, {
      kind: 'inbound',
      statPrefix: statisticsName(name),
      routes: {
        name: cluster,
        validate_clusters: false,
        virtual_hosts: [
          {
            name: `inbound|http|${port.port}`,
            domains: ['*'],
            routes: [inboundRoute(cluster, service.hostname, port.port, port.protocol)],
          },
        ],
      },
      protocol: port.protocol,
      usesRemoteAddress: false,
      manager: {
        forward_client_cert_details: headers.forwardClientCert as 'APPEND_FORWARD',
        set_current_client_cert_details: {
          subject: details?.subject ?? true,
          uri: details?.uri ?? true,
          dns: details?.dns ?? true,
          ...(details?.cert === true && { cert: true }),
          ...(details?.chain === true && { chain: true }),
        },
        ...managerHeaders(headers),
        ...http10(context),
        ...(isHttp2(port.protocol) && { http2_protocol_options: {} }),
      },
    }),
  ];
}

function otherFilters(context: Context, chain: InboundChain): Filter[] {
  const { cluster, port, service } = chain;
  const { mesh, proxy } = context;
  const pattern = mesh.settings.inbound_cluster_stat_name ?? '';
  const statPrefix = pattern === '' ? cluster : statisticsPattern(pattern, { service, port });
  const idle = goDuration(proxy.metadata.idleTimeout);
  const filter = loggedProxy(context, 'inbound', {
    stat_prefix: statPrefix,
    cluster,
    ...(idle !== undefined && { idle_timeout: idle }),
  });
  const place = { kind: 'inbound', isChecked: true, exchangesMetadata: true } as const;
  return tcpFilters(context, place, port.protocol, { statPrefix, cluster, filter });
}

interface Bound {
  readonly name: string;
  readonly bind: string;
  readonly port: number;
  readonly isBound: boolean;
}

function boundListener(
  context: Context,
  { bind, targetPort }: InboundChain,
  chains: FilterChain[],
): Listener {
  const name = `${bind}_${targetPort}`;
  return inboundListener(context, { name, bind, port: targetPort, isBound: true }, chains);
}

function inboundListener(
  context: Context,
  { name, bind, port, isBound }: Bound,
  chains: FilterChain[],
): Listener {
  const { mesh, proxy, features } = context;
  const isTransparent = proxy.metadata.interceptionMode === 'TPROXY';
  const logs = accessLogs(context, 'inbound', 'unmatched');
  return {
    name,
    address: addressOf(bind, port),
    traffic_direction: 'INBOUND',
    continue_on_listener_filters_timeout: true,
    ...acceptedAtOnce(features.maxConnectionsToAccept),
    ...(proxy.metadata.inboundListenerExactBalance && {
      connection_balance_config: { exact_balance: {} },
    }),
    ...(!isBound && isTransparent && { transparent: true }),
    ...(logs.length > 0 && { access_log: [...logs] }),
    filter_chains: chains,
    listener_filters: inboundListenerFilters(chains, { isBound, isTransparent }),
    listener_filters_timeout: mesh.settings.protocol_detection_timeout,
  };
}

/** How many connections a listener accepts at once. */
export function acceptedAtOnce(count: number): Pick<Listener, 'max_connections_to_accept_per_socket_event'> {
  return count > 0 ? { max_connections_to_accept_per_socket_event: count } : {};
}

/** The chains of ports that nobody has said: the proxy's own port first, which leads nowhere. */
function passthroughChains(context: Context): readonly FilterChain[] {
  const { mesh, proxy, features } = context;
  const { mode, ports } = peerPolicy(mesh, proxy.namespace, proxy.labels);
  const known = knownPorts(context);
  const extra = [...ports].filter(([port]) => !known.has(port)).sort(([a], [b]) => a - b);
  const port: Port = { name: VIRTUAL_INBOUND, port: 0, protocol: 'Unsupported' };
  const blackHole: FilterChain = {
    name: `${VIRTUAL_INBOUND}-blackhole`,
    filter_chain_match: { destination_port: mesh.settings.proxy_inbound_listen_port },
    filters: [METADATA_EXCHANGE, ...blackHoleFilters(context, 'inbound')],
  };
  return [
    blackHole,
    ...([[0, mode], ...extra] as const).flatMap(([targetPort, own]) => {
      const chain: InboundChain = {
        cluster: INBOUND_PASSTHROUGH,
        port,
        targetPort,
        bind: '',
        isBound: false,
        isPassthrough: true,
        service: { hostname: '', name: '', namespace: '', registry: 'External' },
        tls: undefined,
        metadata: undefined,
      };
      return chainMatches(own, port, features.http10).map((match) =>
        filterChain(context, chain, own, match, undefined),
      );
    }),
  ];
}

function knownPorts({ proxy }: Context): ReadonlySet<number> {
  const ingress = proxy.scope.sidecar?.spec.ingress ?? [];
  return new Set(
    ingress.length > 0
      ? ingress.map(({ port }) => port?.number ?? 0)
      : proxy.targets.map(({ targetPort }) => targetPort),
  );
}
