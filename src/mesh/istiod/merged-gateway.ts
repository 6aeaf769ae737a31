// The servers of all Gateways that select a proxy, by port (istiod 1.29's model/gateway.go): plain HTTP servers
// share a port, TLS servers are kept apart by their hosts, what does not fit is left out.

import { compareText } from '../../collections/compare-text.js';
import { memo } from '../../collections/memo.js';
import type { Gateway, Server } from '../../envoy/generated/types/networking/v1/gateway.js';
import { covers } from './labels.js';
import type { Config, Mesh } from './model.js';
import { isHttp, type Protocol, parseProtocol } from './protocol.js';
import type { IstioProxy, ServiceTarget } from './proxy.js';

/** A port that servers open. */
interface ServerPort {
  readonly number: number;
  readonly protocol: string;
  readonly bind: string;
}

/** A server of a Gateway, on one port of the workload. */
export interface GatewayServer {
  readonly server: Server;
  /** Its Gateway as `namespace/name`. */
  readonly gateway: string;
  readonly config: Config<Gateway>;
  /** Hosts without namespaces, sorted; undefined without TLS. */
  readonly sniHosts: readonly string[] | undefined;
  /** '' for none. */
  readonly routeName: string;
}

/** A port with its servers. */
export interface MergedServers {
  readonly port: ServerPort;
  readonly servers: readonly GatewayServer[];
  /** Of plain HTTP servers. */
  readonly routeName: string;
}

/** The Gateways of a proxy. */
export interface MergedGateway {
  /** In the order in which they were first opened. */
  readonly ports: readonly MergedServers[];
  readonly serversByRoute: ReadonlyMap<string, readonly GatewayServer[]>;
  /** The ports that servers say, by the port of their route. */
  readonly portMap: ReadonlyMap<number, ReadonlySet<number>>;
  /** All Gateways that select the proxy, as `namespace/name`. */
  readonly gateways: ReadonlySet<string>;
  readonly hasAutoPassthrough: boolean;
  /** Servers that were left out, with the reason. */
  readonly rejected: readonly RejectedServer[];
}

/** A server that was left out. */
interface RejectedServer {
  readonly config: Config<Gateway>;
  readonly server: Server;
  readonly reason: string;
}

const NO_TRANSLATION_LABEL = 'experimental.istio.io/disable-gateway-port-translation';

/** Merges the Gateways that select a proxy; undefined where none does. */
export function mergedGateway(
  mesh: Mesh,
  proxy: IstioProxy,
  ownNamespaceOnly: boolean,
): MergedGateway | undefined {
  const selecting = mesh.configs.Gateway.filter(
    ({ namespace, spec }) =>
      (!ownNamespaceOnly || namespace === proxy.namespace) && covers(proxy.labels, spec.selector),
  );
  if (selecting.length === 0) return undefined;
  const merging = new Merging(proxy.targets);
  for (const config of selecting) merging.add(config);
  return merging.merged(new Set(selecting.map(({ namespace, name }) => `${namespace}/${name}`)));
}

interface Slot {
  readonly port: ServerPort;
  readonly servers: GatewayServer[];
  readonly routeName: string;
}

class Merging {
  private readonly slots = new Map<string, Slot>();
  private readonly seen = new Set<number>();
  private readonly plain = new Map<number, ServerPort>();
  private readonly binds = new Map<number, Set<string>>();
  private readonly byRoute = new Map<string, GatewayServer[]>();
  private readonly tlsHosts = new Map<number, Map<string, string>>();
  private readonly rejected: RejectedServer[] = [];
  private hasAutoPassthrough = false;

  constructor(private readonly targets: readonly ServiceTarget[]) {}

  add(config: Config<Gateway>): void {
    for (const said of config.spec.servers ?? []) {
      if (said.port === undefined) continue;
      const server = withResolvedHosts(said, config.namespace);
      this.addServer(config, server, this.targetPort(said.port.number ?? 0));
    }
  }

  /** The port of the workload that a service's port leads to. */
  private targetPort(number: number): number {
    const target = this.targets.find(
      ({ service, port }) => service.labels[NO_TRANSLATION_LABEL] === undefined && port.port === number,
    );
    return target?.targetPort ?? number;
  }

  private addServer(config: Config<Gateway>, server: Server, number: number): void {
    const reject = (reason: string): void => void this.rejected.push({ config, server, reason });
    const { port: said, tls, bind = '' } = server;
    const routeName = routeNameOf(server, number, config);
    if (tls !== undefined) {
      const known = memo(this.tlsHosts, number, () => new Map<string, string>());
      const twice = duplicateHosts(server.hosts ?? [], bind, known);
      if (twice.length > 0) {
        reject(`another server of port ${number} has the hosts ${twice.join(', ')}`);
        return;
      }
      if (tls.mode === 'AUTO_PASSTHROUGH') this.hasAutoPassthrough = true;
    }
    const added: GatewayServer = {
      server,
      config,
      gateway: `${config.namespace}/${config.name}`,
      sniHosts: tls && sniHostsOf(server),
      routeName,
    };
    const port: ServerPort = { number, protocol: said?.protocol ?? '', bind };
    const reason = this.place(added, port);
    if (reason !== undefined) reject(reason);
  }

  /** Puts a server where it belongs; says why it belongs nowhere. */
  private place(added: GatewayServer, port: ServerPort): string | undefined {
    const { server, routeName } = added;
    const { number } = port;
    const isPlain = !isTlsServer(server);
    if (!this.seen.has(number)) {
      this.seen.add(number);
      this.open(added, port);
      return undefined;
    }
    const current = this.plain.get(number);
    if (current !== undefined) return this.share(added, port, current);
    if (isPlain) {
      this.open(added, port);
      return undefined;
    }
    if (isHttpServer(server)) {
      if (routeName === '') return `port ${number} has no routes`;
      if (this.byRoute.has(routeName)) return `another server has the route ${routeName}`;
      this.byRoute.set(routeName, [added]);
    }
    const binds = memo(this.binds, number, () => new Set<string>());
    const isNewBind = !binds.has(port.bind);
    binds.add(port.bind);
    if (server.tls === undefined && !isNewBind) return `another server has port ${number}`;
    this.slot(port, '').servers.push(added);
    return undefined;
  }

  /** Adds a server to a port that a plain server has. */
  private share(added: GatewayServer, port: ServerPort, current: ServerPort): string | undefined {
    const { routeName } = added;
    const isSameBind = current.bind === port.bind;
    if (isSameBind && !canMerge(parseProtocol(port.protocol), parseProtocol(current.protocol)))
      return `port ${port.number} has the protocol ${current.protocol} already`;
    if (isSameBind && routeName === '') return `port ${port.number} has no routes`;
    if (isSameBind) this.slot(current, '').servers.push(added);
    else if (!this.slots.has(slotKey(port))) {
      this.open(added, port);
      return undefined;
    } else this.slot(port, routeName).servers.push(added);
    memo(this.byRoute, routeName, () => []).push(added);
    return undefined;
  }

  private open(added: GatewayServer, port: ServerPort): void {
    if (!isTlsServer(added.server)) this.plain.set(port.number, port);
    if (isHttpServer(added.server)) this.byRoute.set(added.routeName, [added]);
    this.slots.set(slotKey(port), { port, servers: [added], routeName: added.routeName });
  }

  private slot(port: ServerPort, routeName: string): Slot {
    return memo(this.slots, slotKey(port), () => ({ port, servers: [], routeName }));
  }

  merged(gateways: ReadonlySet<string>): MergedGateway {
    const portMap = new Map<number, Set<number>>();
    for (const [route, servers] of this.byRoute) {
      const ports = memo(portMap, routePort(route), () => new Set<number>());
      for (const { server } of servers) ports.add(server.port?.number ?? 0);
    }
    return {
      ports: [...this.slots.values()],
      serversByRoute: this.byRoute,
      portMap,
      gateways,
      hasAutoPassthrough: this.hasAutoPassthrough,
      rejected: this.rejected,
    };
  }
}

function slotKey({ number, protocol, bind }: ServerPort): string {
  return `${number} ${protocol} ${bind}`;
}

/** The port in the name of a route. */
function routePort(name: string): number {
  const [kind, port = '', ...rest] = name.split('.');
  const isKnown = kind === 'http' ? rest.length === 0 : kind === 'https' && rest.length === 3;
  return isKnown && /^\d+$/.test(port) ? Number(port) : 0;
}

function canMerge(protocol: Protocol, other: Protocol): boolean {
  return (isHttp(protocol) || protocol === other) && isHttp(other);
}

/** Whether a server ends TLS, or passes it on. */
function isTlsServer({ tls, port }: Server): boolean {
  return tls !== undefined && !isHttp(parseProtocol(port?.protocol ?? ''));
}

/** Whether a server passes TLS on. */
export function isPassthroughServer({ tls }: Server): boolean {
  return tls?.mode === 'PASSTHROUGH' || tls?.mode === 'AUTO_PASSTHROUGH';
}

/** Whether a server takes HTTP, also inside TLS that it ends. */
function isHttpServer(server: Server): boolean {
  const protocol = parseProtocol(server.port?.protocol ?? '');
  return isHttp(protocol) || (protocol === 'HTTPS' && !isPassthroughServer(server));
}

/** Whether a server ends TLS with HTTP in it. */
export function isHttpsTermination(server: Server): boolean {
  return (
    parseProtocol(server.port?.protocol ?? '') === 'HTTPS' &&
    server.tls !== undefined &&
    !isPassthroughServer(server)
  );
}

/** Whether a server takes something else than HTTP, also inside TLS that it ends. */
export function isTcpTermination(server: Server): boolean {
  const protocol = parseProtocol(server.port?.protocol ?? '');
  return !isPassthroughServer(server) && !isHttp(protocol) && protocol !== 'HTTPS';
}

/** The route of a server; '' for none. */
function routeNameOf(server: Server, number: number, { name, namespace }: Config<Gateway>): string {
  const protocol = parseProtocol(server.port?.protocol ?? '');
  const bind = server.bind ? `.${server.bind}` : '';
  if (isHttp(protocol)) return `http.${number}${bind}`;
  if (protocol === 'HTTPS' && !isPassthroughServer(server))
    return `https.${server.port?.number ?? 0}.${server.port?.name ?? ''}.${name}.${namespace}${bind}`;
  return '';
}

/** A server whose hosts name namespaces: its own for `.`, none for all. */
function withResolvedHosts(server: Server, own: string): Server {
  const hosts = server.hosts ?? [];
  if (!hosts.some((host) => host.includes('/'))) return server;
  if (hosts.some((host) => host === '*/*')) return { ...server, hosts: ['*'] };
  return {
    ...server,
    hosts: hosts.map((host) => {
      const [namespace, name = ''] = host.split('/');
      if (!host.includes('/')) return host;
      return namespace === '.' ? `${own}/${name}` : namespace === '*' ? name : host;
    }),
  };
}

/** Hosts without their namespaces, sorted. */
function sniHostsOf({ hosts = [] }: Server): readonly string[] {
  return [...new Set(hosts.map((host) => host.split('/')[1] ?? host))].sort(compareText);
}

/** Those of some hosts that are known with a bind already; where there are none all become known. */
export function duplicateHosts(
  hosts: readonly string[],
  bind: string,
  known: Map<string, string>,
): readonly string[] {
  const twice = hosts.filter((host) => known.get(host) === bind);
  if (twice.length === 0) for (const host of hosts) known.set(host, bind);
  return twice;
}
