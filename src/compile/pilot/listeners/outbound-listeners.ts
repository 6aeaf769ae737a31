// Listeners for what a sidecar's application calls: one for each port of HTTP services together, one for
// each address of the others (Pilot 1.1's buildSidecarOutboundListeners).

import type { FilterChain } from '../../../envoy/generated/types/envoy/api/v2/listener/listener_components.js';
import type { Listener } from '../../../envoy/generated/types/envoy/api/v2/listener.js';
import type { VirtualService } from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { type Config, type Port, type Service, UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import { isTcp, listenerKind, parseProtocol } from '../../../mesh/protocol.js';
import { hasScope } from '../../../mesh/proxy.js';
import type { EgressListener } from '../../../mesh/sidecar-scope.js';
import type { Chain } from '../context/chain.js';
import type { Context } from '../context/context.js';
import { BLACK_HOLE, HTTP_PROXY_ROUTE, PASSTHROUGH } from '../context/names.js';
import { http10Options, httpConnectionManager } from './http-connection-manager.js';
import { filterChain, listenerName, listenerOf } from './listener.js';
import { silentTcpProxy, tcpProxy } from './network-filters.js';
import { tcpChains } from './tcp-routes.js';

const LOCALHOST = '127.0.0.1';
/** The port of the HTTP proxy where applications are not intercepted and the mesh names none. */
const DEFAULT_HTTP_PROXY_PORT = 15002;

/** A listener while services are added to it. */
interface Entry {
  readonly protocol: Port['protocol'];
  readonly listener: Listener;
  chains: FilterChain[];
  /** Whether later egress listeners may not add to it. */
  locked: boolean;
}

/** What is added to the listeners: a service's port, and where it is listened for. */
interface Request {
  readonly service: Service;
  readonly port: Port;
  /** '' for the service's own address. */
  readonly bind: string;
  readonly bindToPort: boolean;
  readonly virtualServices: readonly Config<VirtualService>[];
}

/** The listeners of all services that the proxy sees. */
export function outboundListeners(context: Context): Listener[] {
  const { proxy } = context;
  const entries = new Map<string, Entry>();
  for (const egress of proxy.scope.egressListeners) {
    for (const request of requests(context, egress, entries)) add(context, entries, request);
  }
  return [...entries.values()].map(({ listener, chains }) => ({ ...listener, filter_chains: chains }));
}

/** What an egress listener asks for: its own port for each service, or all ports of all services. */
function* requests(
  { proxy }: Context,
  { listener, services, virtualServices }: EgressListener,
  entries: ReadonlyMap<string, Entry>,
): Generator<Request> {
  const scoped = hasScope(proxy);
  const bindToPort = scoped && (proxy.interceptionMode === 'NONE' || listener?.capture_mode === 'NONE');
  const bind = listener?.bind || (bindToPort ? LOCALHOST : '');
  if (listener?.port !== undefined) {
    const port: Port = {
      name: listener.port.name ?? '',
      port: listener.port.number ?? 0,
      protocol: parseProtocol(listener.port.protocol ?? ''),
    };
    for (const service of services) yield { service, port, bind, bindToPort, virtualServices };
    return;
  }
  // Listeners with a port of their own have all the services that they are meant to have.
  if (scoped) for (const entry of entries.values()) entry.locked = true;
  for (const service of services) {
    for (const port of service.ports) {
      if (bindToPort && !mayBind(proxy.metadata, port.port)) continue;
      yield { service, port, bind, bindToPort, virtualServices };
    }
  }
}

/** Low ports are root's; a sidecar usually is not root. */
function mayBind(metadata: { readonly [name: string]: string }, port: number): boolean {
  return port > 1024 || metadata.SIDECAR_UID === '0';
}

function add(context: Context, entries: Map<string, Entry>, request: Request): void {
  switch (listenerKind(request.port.protocol)) {
    case 'HTTP':
      addHttp(context, entries, request);
      break;
    case 'TCP':
      addTcp(context, entries, request);
      break;
    case undefined:
      break;
  }
}

/** All HTTP services of a port share a listener; its route distinguishes them. */
function addHttp(context: Context, entries: Map<string, Entry>, request: Request): void {
  const { port, bindToPort } = request;
  const bind = request.bind || UNSPECIFIED_ADDRESS;
  const key = listenerName(bind, port.port);
  if (entries.has(key)) return;
  const filter = httpConnectionManager(context, {
    statPrefix: key,
    route: port.port === 0 ? bind : String(port.port),
    direction: 'EGRESS',
    useRemoteAddress: false,
    filters: [],
    grpcWeb: false,
    fields: http10Options(context),
  });
  addEntry(context, entries, key, port, bind, bindToPort, [{ filters: [filter] }]);
}

/** Other services have their own addresses; without one they share a listener as far as matches distinguish them. */
function addTcp(context: Context, entries: Map<string, Entry>, request: Request): void {
  const { service, port, bindToPort, virtualServices } = request;
  const isRange = request.bind === '' && service.address.includes('/');
  const bind = request.bind || (isRange ? UNSPECIFIED_ADDRESS : service.address);
  const key = listenerName(bind, port.port);
  const entry = entries.get(key);
  if (entry !== undefined && (entry.locked || !isTcp(entry.protocol))) return;
  const chains = withFallthrough(
    context,
    tcpChains(context, virtualServices, service, port, isRange ? service.address : ''),
  );
  if (entry === undefined) addEntry(context, entries, key, port, bind, bindToPort, chains);
  else merge(entry, chains.map(filterChain));
}

function addEntry(
  context: Context,
  entries: Map<string, Entry>,
  key: string,
  port: Port,
  bind: string,
  bindToPort: boolean,
  chains: readonly Chain[],
): void {
  const listener = listenerOf(context, { bind, port: port.port, bindToPort, chains });
  entries.set(key, {
    protocol: port.protocol,
    listener,
    chains: listener.filter_chains ?? [],
    locked: false,
  });
}

/** Adds the chains whose matches are new. The listener keeps the listener filters of its first service. */
function merge(entry: Entry, added: readonly FilterChain[]): void {
  const existing = new Set(entry.chains.map(matchKey));
  entry.chains = [...entry.chains, ...added.filter((chain) => !existing.has(matchKey(chain)))];
}

/** A chain without a match is another thing than one with an empty match. */
function matchKey({ filter_chain_match }: FilterChain): string {
  return filter_chain_match === undefined ? '' : JSON.stringify(filter_chain_match);
}

/** Where unknown destinations are allowed, what no chain matches goes where it was going. */
function withFallthrough(context: Context, chains: Chain[]): Chain[] {
  const { environment, mesh } = context;
  if (!environment.enableFallthroughRoute || mesh.settings.outbound_traffic_policy?.mode !== 'ALLOW_ANY')
    return chains;
  if (chains.map(filterChain).some(({ filter_chain_match }) => filter_chain_match === undefined))
    return chains;
  return [...chains, { match: {}, filters: [silentTcpProxy(context, PASSTHROUGH)] }];
}

/** The listener that the kernel redirects to; it hands connections to the listener of their destination. */
export function virtualListener(context: Context): Listener {
  const { mesh, proxy } = context;
  const allowed = mesh.settings.outbound_traffic_policy?.mode === 'ALLOW_ANY';
  // What is let through is logged, what is dropped is not.
  const filter = allowed
    ? tcpProxy(context, PASSTHROUGH, { cluster: PASSTHROUGH })
    : silentTcpProxy(context, BLACK_HOLE);
  return {
    name: 'virtual',
    address: {
      socket_address: { address: UNSPECIFIED_ADDRESS, port_value: mesh.settings.proxy_listen_port },
    },
    filter_chains: [{ filters: [filter] as FilterChain['filters'] }],
    use_original_dst: true,
    ...(proxy.interceptionMode === 'TPROXY' && { transparent: true }),
  };
}

/** The HTTP proxy that applications can be configured to use; without interception they need one. */
export function httpProxyListener(context: Context): Listener[] {
  const { mesh, proxy } = context;
  const given = mesh.settings.proxy_http_port ?? 0;
  const port = given === 0 && proxy.interceptionMode === 'NONE' ? DEFAULT_HTTP_PROXY_PORT : given;
  if (port <= 0) return [];
  const filter = httpConnectionManager(context, {
    statPrefix: listenerName(LOCALHOST, port),
    route: HTTP_PROXY_ROUTE,
    direction: 'EGRESS',
    useRemoteAddress: false,
    filters: [],
    grpcWeb: false,
    fields: {
      http_protocol_options: {
        allow_absolute_url: true,
        ...http10Options(context).http_protocol_options,
      },
    },
  });
  return [listenerOf(context, { bind: LOCALHOST, port, bindToPort: true, chains: [{ filters: [filter] }] })];
}
