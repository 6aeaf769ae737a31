// The servers of all Gateways that select a proxy, put together by port (Pilot 1.1's MergeGateways and
// IstioConfigStore.Gateways).

import { memo } from '../../../collections/memo.js';
import type { Gateway, Server } from '../../../envoy/generated/types/networking/v1alpha3/gateway.js';
import { hostsMatch } from '../../../mesh/host.js';
import type { Config, Port } from '../../../mesh/model.js';
import { isHttp, parseProtocol } from '../../../mesh/protocol.js';
import { anyHasLabels } from '../../../mesh/sidecar-scope.js';
import { perContext } from '../context/per-context.js';

/** A server of a Gateway. */
export interface GatewayServer {
  readonly server: Server;
  /** The Gateway, and its place among the servers there. */
  readonly config: Config<Gateway>;
  readonly index: number;
  /** The Gateway, `namespace/name`. */
  readonly gateway: string;
  readonly port: Port;
  /** `host`, or `namespace/host` where only VirtualServices of that namespace may have it. */
  readonly hosts: readonly string[];
  /** The name of its HTTP routes; undefined where it does not read HTTP. */
  readonly routeName: string | undefined;
}

/** What a gateway proxy serves. */
export interface MergedGateway {
  /** By port. All servers of a port are plain text, or all have TLS. */
  readonly servers: ReadonlyMap<number, readonly GatewayServer[]>;
  /** By route name: several of plain HTTP on one port share it. */
  readonly serversByRoute: ReadonlyMap<string, readonly GatewayServer[]>;
}

/** The Gateways of a proxy, merged. */
export const mergedGateway = perContext(
  ({ mesh, proxy }): MergedGateway =>
    merge(
      mesh.configs.Gateway.filter(
        ({ spec }) => spec.selector === undefined || anyHasLabels(proxy.labels, spec.selector),
      ),
    ),
);

/**
 * On one port, plain HTTP is joined with plain HTTP, and TLS with TLS, which server names distinguish. Of what
 * cannot be joined the oldest stays, and of servers with a host in common too: Envoy refuses a listener in
 * which two filter chains match alike.
 */
function merge(gateways: readonly Config<Gateway>[]): MergedGateway {
  const servers = new Map<number, GatewayServer[]>();
  const serversByRoute = new Map<string, GatewayServer[]>();
  const taken = new Map<number, Set<string>>();
  for (const server of gateways.flatMap(serversOf)) {
    const { port, routeName } = server;
    if (server.server.tls !== undefined) {
      const names = memo(taken, port.port, () => new Set());
      if (server.hosts.some((host) => names.has(host))) continue;
      for (const host of server.hosts) names.add(host);
    }
    const others = servers.get(port.port);
    const [first] = others ?? [];
    if (others === undefined || first === undefined) {
      servers.set(port.port, [server]);
      if (routeName !== undefined) serversByRoute.set(routeName, [server]);
    } else if (!hasTls(first)) {
      if (first.port.protocol !== port.protocol || routeName === undefined || !isHttp(port.protocol))
        continue;
      // The listener is the first server's; the routes are of all.
      serversByRoute.get(routeName)?.push(server);
    } else {
      if (routeName !== undefined) {
        if (serversByRoute.has(routeName)) continue;
        serversByRoute.set(routeName, [server]);
      }
      if (server.server.tls !== undefined) others.push(server);
    }
  }
  return { servers, serversByRoute };
}

function serversOf(gateway: Config<Gateway>): GatewayServer[] {
  return (gateway.spec.servers ?? []).map((server, index) => {
    const port: Port = {
      name: server.port?.name ?? '',
      port: server.port?.number ?? 0,
      protocol: parseProtocol(server.port?.protocol ?? ''),
    };
    return {
      server,
      config: gateway,
      index,
      gateway: `${gateway.namespace}/${gateway.name}`,
      port,
      hosts: hostsOf(server.hosts ?? [], gateway.namespace),
      routeName: routeName(server, port, gateway),
    };
  });
}

/** Hosts with `.` as the Gateway's namespace, and without `*`, which is no limit. */
function hostsOf(hosts: readonly string[], namespace: string): string[] {
  if (hosts.includes('*/*')) return ['*'];
  return hosts.map((entry) => {
    const [from, host] = entry.split('/');
    if (host === undefined) return entry;
    if (from === '.') return `${namespace}/${host}`;
    return from === '*' ? host : entry;
  });
}

function routeName(server: Server, port: Port, gateway: Config<Gateway>): string | undefined {
  if (isHttp(port.protocol)) return `http.${port.port}`;
  if (port.protocol !== 'HTTPS' || server.tls === undefined || isPassthrough(server)) return undefined;
  return `https.${port.port}.${port.name}.${gateway.name}.${gateway.namespace}`;
}

/** Whether a server ends TLS, or passes it through: what it does with `tls` on a port for plain HTTP is to redirect. */
export function hasTls({ server, port }: GatewayServer): boolean {
  return server.tls !== undefined && !isHttp(port.protocol);
}

/** Whether a server leaves TLS to those behind it; a mode that is not given is PASSTHROUGH. */
export function isPassthrough({ tls }: Server): boolean {
  return (
    tls !== undefined &&
    (tls.mode === undefined || tls.mode === 'PASSTHROUGH' || tls.mode === 'AUTO_PASSTHROUGH')
  );
}

/** A server's hosts, in any namespace. */
export function hostNames({ hosts }: GatewayServer): string[] {
  return hosts.map((host) => host.slice(host.indexOf('/') + 1));
}

/** A server's hosts as VirtualServices of a namespace see them. */
export function hostsFor({ hosts }: GatewayServer, namespace: string): string[] {
  return hosts.flatMap((entry) => {
    const [from, host] = entry.split('/');
    if (host === undefined) return entry;
    return from === namespace || from === '*' ? host : [];
  });
}

/** Whether a server serves one of a VirtualService's hosts. */
export function servesAny(
  server: GatewayServer,
  { namespace, spec }: Config<{ readonly hosts?: readonly string[] | undefined }>,
): boolean {
  const hosts = hostsFor(server, namespace);
  return (spec.hosts ?? []).some((wanted) => hosts.some((host) => hostsMatch(host, wanted)));
}
