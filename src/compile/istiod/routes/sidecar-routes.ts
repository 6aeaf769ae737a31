// The routes of a sidecar's outbound listeners (istiod 1.29's core/httproute.go).

import { compareText } from '../../../collections/compare-text.js';
import { memo } from '../../../collections/memo.js';
import type { RouteConfiguration } from '../../../envoy/generated/types/envoy/config/route/v3/route.js';
import type {
  Route,
  VirtualHost,
} from '../../../envoy/generated/types/envoy/config/route/v3/route_components.js';
import type { VirtualService } from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { hasUnixScheme } from '../../../istio/sockets.js';
import { isWildcard, MESH, overlap } from '../../../mesh/istiod/hosts.js';
import type { Config, Port, Service } from '../../../mesh/istiod/model.js';
import { isHttp, isSniffed, parseProtocol } from '../../../mesh/istiod/protocol.js';
import type { EgressListener } from '../../../mesh/istiod/scope.js';
import type { Context } from '../context/context.js';
import { outboundName, PASSTHROUGH } from '../context/names.js';
import { proxyHeaders } from '../context/proxy-headers.js';
import { serviceAddress } from '../context/service-addresses.js';
import { outboundRoute } from './default-routes.js';
import { destinationCluster } from './destination.js';
import { bracketed, serviceDomains, withPort } from './domains.js';
import { hashOfService, hashPolicy } from './hash-policy.js';
import { routesOf } from './http-route.js';

/** The route of the listener for HTTP proxies. */
export const HTTP_PROXY_ROUTE = 'http_proxy';
/** The longest body that a route may answer with. */
export const MAX_DIRECT_RESPONSE = 1024 * 1024;
const HTTP_PORT = 80;

/** Routes by the name that listeners ask for: a port, `host:port`, a Unix socket, or that of the HTTP proxy. */
export function sidecarRoutes(context: Context, name: string): RouteConfiguration {
  const isSocket = hasUnixScheme(name);
  const colon = name.indexOf(':');
  const text = isSocket ? name : name.slice(colon + 1);
  const port = /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
  if (port === undefined && name !== HTTP_PROXY_ROUTE && !isSocket) return { name, validate_clusters: false };
  const isSniffedRoute = !isSocket && colon >= 0;
  const all = virtualHosts(context, name, port ?? 0);
  const hosts = isSniffedRoute ? ofOneHost(all, name) : [...all];
  hosts.sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
  if (!isSniffedRoute) hosts.push(catchAll(context));
  return {
    name,
    virtual_hosts: hosts,
    validate_clusters: false,
    max_direct_response_body_size_bytes: MAX_DIRECT_RESPONSE,
    ignore_port_in_host_matching: true,
  };
}

/** Those of a listener that is for one service: there is no need to look at the host. */
function ofOneHost(hosts: readonly VirtualHost[], name: string): VirtualHost[] {
  const host = name.slice(0, name.lastIndexOf(':'));
  const found = hosts.filter(({ domains }) => domains?.some((domain) => domain === name || domain === host));
  return found.length === 1 ? [{ ...found[0], domains: ['*'] }] : found;
}

/** Where requests go that are for no host that is known. */
function catchAll(context: Context): VirtualHost {
  const { proxy } = context;
  const { hasAttemptCount, hasForwardedHost } = proxyHeaders(context, 'outbound');
  const counted = hasAttemptCount && { include_request_attempt_count: true };
  const { outboundPolicy } = proxy.scope;
  if (outboundPolicy?.mode !== 'ALLOW_ANY') {
    const routes: Route[] = [{ name: 'block_all', match: { prefix: '/' }, direct_response: { status: 502 } }];
    return { name: 'block_all', domains: ['*'], routes, ...counted };
  }
  const { egress_proxy } = outboundPolicy;
  const route: Route = {
    name: 'allow_any',
    match: { prefix: '/' },
    route: {
      cluster: egress_proxy === undefined ? PASSTHROUGH : destinationCluster(egress_proxy, undefined, 0),
      timeout: '0s',
      max_grpc_timeout: '0s',
      ...(hasForwardedHost && { append_x_forwarded_host: true }),
    },
  };
  return { name: 'allow_any', domains: ['*'], routes: [route], ...counted };
}

/** The egress listener whose routes have a name. */
function listenerOf({ proxy }: Context, port: number, bind: string): EgressListener | undefined {
  return proxy.scope.egress.find(({ spec }) => {
    if (spec?.port === undefined) return true;
    if ((spec.port.number ?? 0) !== port) return false;
    return port !== 0 || (spec.bind ?? '') === bind;
  });
}

/** Routes for some services at a port, and for hosts that are no services. */
interface Routed {
  readonly port: number;
  readonly services: readonly Service[];
  readonly hosts: readonly string[];
  readonly routes: readonly Route[];
}

type Registry = Map<string, Service>;

function virtualHosts(context: Context, name: string, routePort: number): readonly VirtualHost[] {
  const listener = listenerOf(context, routePort, name);
  if (listener === undefined) return [];
  const isProxy = parseProtocol(listener.spec?.port?.protocol ?? '') === 'HTTP_PROXY';
  const port = listener.spec?.port !== undefined && isProxy ? 0 : routePort;
  const registry = registryOf(context, listener.services, port);
  const virtualServices =
    port === HTTP_PORT ? listener.virtualServices : applicable(listener.virtualServices, registry);
  const routed: Routed[] = [];
  for (const config of virtualServices) {
    routed.push(...routedBy(context, config, { registry, port, mostSpecific: listener.mostSpecific }));
  }
  for (const { services } of routed) for (const { hostname } of services) registry.delete(hostname);
  for (const service of registry.values()) {
    if (service.resolution === 'Alias') continue;
    for (const own of service.ports) {
      if (isHttp(own.protocol) || isSniffed(own.protocol)) routed.push(routedService(context, service, own));
    }
  }
  const byPort = new HostsByPort(context, port).add(routed);
  return port === 0 ? merged(byPort) : (byPort.get(port) ?? []);
}

/** Services by host; with a port those that have it, with that port alone. */
function registryOf(context: Context, services: readonly Service[], port: number): Registry {
  const registry: Registry = new Map();
  for (const service of services) {
    if (port === 0) {
      registry.set(service.hostname, service);
      continue;
    }
    const own = service.ports.find((candidate) => candidate.port === port);
    if (own === undefined) continue;
    const hostname = service.hostname.toLowerCase();
    const address = serviceAddress(context, service);
    registry.set(hostname, { ...service, hostname, address, allocated: undefined, ports: [own] });
  }
  return registry;
}

/** The VirtualServices that are for some of the services. */
function applicable(
  virtualServices: readonly Config<VirtualService>[],
  registry: Registry,
): readonly Config<VirtualService>[] {
  const hosts = [...registry.keys()];
  const wildcards = hosts.filter(isWildcard);
  return virtualServices.filter(({ spec }) =>
    (spec.hosts ?? []).some((said) => {
      const host = said.toLowerCase();
      return registry.has(host) || (isWildcard(host) ? hosts : wildcards).some((own) => overlap(host, own));
    }),
  );
}

interface Lookup {
  readonly registry: Registry;
  readonly port: number;
  readonly mostSpecific: ReadonlyMap<string, string>;
}

const MESH_ONLY: ReadonlySet<string> = new Set([MESH]);

function routedBy(context: Context, config: Config<VirtualService>, lookup: Lookup): readonly Routed[] {
  const { registry, port } = lookup;
  const routes = routesOf(context, config, {
    port,
    gateways: MESH_ONLY,
    isTls: false,
    service: (host) => registry.get(host),
  });
  if (routes.length === 0) return [];
  const { hosts, services } = splitHosts(config, lookup);
  const byPort = new Map<number, Service[]>();
  for (const service of services) {
    for (const own of service.ports) {
      if (isHttp(own.protocol) || isSniffed(own.protocol)) memo(byPort, own.port, () => []).push(service);
    }
  }
  if (byPort.size === 0 && port === HTTP_PORT) byPort.set(HTTP_PORT, []);
  return [...byPort].map(([number, own]) => ({ port: number, services: own, hosts, routes }));
}

/** The hosts of a VirtualService that are services, and those that are not. */
function splitHosts(
  { spec, namespace, name }: Config<VirtualService>,
  { registry, mostSpecific }: Lookup,
): { readonly hosts: readonly string[]; readonly services: readonly Service[] } {
  const hosts: string[] = [];
  const services: Service[] = [];
  const wildcards: string[] = [];
  for (const said of spec.hosts ?? []) {
    const host = said.toLowerCase();
    const service = registry.get(host);
    if (isWildcard(host)) wildcards.push(host);
    else if (service !== undefined) services.push(service);
    else hosts.push(said);
  }
  for (const wildcard of wildcards) {
    const covered = [...registry].filter(([host]) => overlap(host, wildcard));
    if (covered.length === 0) hosts.push(wildcard);
    for (const [host, service] of covered) {
      if (mostSpecific.get(host) === `${namespace}/${name}`) services.push(service);
    }
  }
  return { hosts, services };
}

function routedService(context: Context, service: Service, { port }: Port): Routed {
  const route = outboundRoute(context, outboundName(service.hostname, port), service.hostname, port);
  const policy = hashPolicy(hashOfService(context, service.hostname, port));
  if (policy !== undefined) route.route = { ...route.route, hash_policy: [policy] };
  return { port, services: [service], hosts: [], routes: [route] };
}

/** Virtual hosts by port: each name is used once. */
class HostsByPort {
  private readonly byPort = new Map<number, VirtualHost[]>();
  private readonly names = new Set<string>();
  private readonly domains = new Set<string>();
  private readonly known = new Set<string>();
  private readonly counted: Pick<VirtualHost, 'include_request_attempt_count'>;

  constructor(
    private readonly context: Context,
    private readonly listenerPort: number,
  ) {
    const { hasAttemptCount } = proxyHeaders(context, 'outbound');
    this.counted = hasAttemptCount ? { include_request_attempt_count: true } : {};
  }

  add(routed: readonly Routed[]): ReadonlyMap<number, readonly VirtualHost[]> {
    for (const { services, port } of routed)
      for (const { hostname } of services) this.known.add(hostname).add(withPort(hostname, port));
    for (const one of routed) {
      if (one.routes.length === 0) continue;
      for (const host of one.hosts) this.addHost(one, host.toLowerCase(), undefined);
      for (const service of one.services) this.addHost(one, service.hostname, service);
    }
    return this.byPort;
  }

  private addHost({ port, routes }: Routed, host: string, service: Service | undefined): void {
    const name = withPort(host, port);
    if (this.names.has(name)) return;
    this.names.add(name);
    const { all, alternatives } =
      service === undefined
        ? { all: [bracketed(host)], alternatives: new Set<string>() }
        : serviceDomains(this.context, service, this.listenerPort === 0 ? port : 0);
    const domains = all.filter((domain) => {
      const lower = domain.toLowerCase();
      if (this.domains.has(lower) || (alternatives.has(domain) && this.known.has(domain))) return false;
      this.domains.add(lower);
      return true;
    });
    if (domains.length === 0) return;
    memo(this.byPort, port, () => []).push({ name, domains, routes: [...routes], ...this.counted });
  }
}

/** The virtual hosts of all ports: those of ports other than 80 by names with ports alone. */
function merged(byPort: ReadonlyMap<number, readonly VirtualHost[]>): readonly VirtualHost[] {
  return [...byPort].flatMap(([port, hosts]) =>
    port === HTTP_PORT
      ? hosts
      : hosts.flatMap((host) => {
          const domains = (host.domains ?? []).filter((domain) => domain.includes(':'));
          return domains.length === 0 ? [] : [{ ...host, domains }];
        }),
  );
}
