// The routes of a sidecar to services, which it asks for by name: a port's number, or the address of an HTTP
// proxy (Pilot 1.1's buildSidecarOutboundHTTPRouteConfig and BuildSidecarVirtualHostsFromConfigAndRegistry).

import { compareText } from '../../../collections/compare-text.js';
import { addToGroup } from '../../../collections/grouped.js';
import type {
  Route,
  VirtualHost,
} from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type { RouteConfiguration } from '../../../envoy/generated/types/envoy/api/v2/route.js';
import type { VirtualService } from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { UNIX_PREFIX } from '../../../istio/sockets.js';
import { hostsMatch, MESH_GATEWAY } from '../../../mesh/host.js';
import type { Config } from '../../../mesh/model.js';
import { isHttp } from '../../../mesh/protocol.js';
import { egressListenerForRoute } from '../../../mesh/sidecar-scope.js';
import type { Context } from '../context/context.js';
import { clusterName, HTTP_PROXY_ROUTE } from '../context/names.js';
import { withHosts } from '../context/virtual-services-by-host.js';
import { defaultOutboundRoute, unknownHost } from './default-routes.js';
import { type RoutePlace, routesOf } from './http-routes.js';
import { type ReachedService, servicesAt } from './reached-services.js';
import { serviceDomains, withPort } from './virtual-host-domains.js';

/** Hosts of VirtualServices that no service has are served here. */
const HTTP_PORT = 80;

const MESH_GATEWAYS: ReadonlySet<string> = new Set([MESH_GATEWAY]);

/** The routes of a sidecar by these names; there is none for a name that no listener can have. */
export function outboundRoutes(context: Context, names: readonly string[]): RouteConfiguration[] {
  return names.flatMap((name) => outboundRoute(context, name) ?? []);
}

function outboundRoute(context: Context, name: string): RouteConfiguration | undefined {
  const isPort = /^\d+$/.test(name);
  if (!isPort && name !== HTTP_PROXY_ROUTE && !name.startsWith(UNIX_PREFIX)) return undefined;
  const { proxy, environment } = context;
  const egress = egressListenerForRoute(proxy.scope, isPort ? Number(name) : 0, name);
  if (egress === undefined) return undefined;
  // A listener that a Sidecar resource puts on a port is a proxy for all ports of its services.
  const port = isPort && egress.listener?.port === undefined ? Number(name) : 0;
  const services = servicesAt(egress.services, port);
  const place = { port, services, labels: proxy.labels, gateways: MESH_GATEWAYS };
  const hosts = virtualHosts(context, egress.virtualServices, place).sort((a, b) =>
    compareText(a.name ?? '', b.name ?? ''),
  );
  if (environment.enableFallthroughRoute) hosts.push(unknownHost(context));
  return { name, virtual_hosts: hosts, validate_clusters: false };
}

/** A sidecar's listener. */
interface OutboundPlace extends RoutePlace {
  readonly services: ReadonlyMap<string, ReachedService>;
}

/** The virtual hosts at a place: those of VirtualServices, and those of services for which there is none. */
function virtualHosts(
  context: Context,
  virtualServices: readonly Config<VirtualService>[],
  place: OutboundPlace,
): VirtualHost[] {
  const { services } = place;
  const { domain } = context.proxy;
  const wildcards = [...services.values()].filter(({ hostname }) => hostname.startsWith('*'));
  const routed = new Set<string>();
  const hosts: VirtualHost[] = [];
  const add = (name: string, port: number, domains: readonly string[], routes: Route[]): void => {
    const reachable = place.port === 0 ? domainsOfProxy(domains, port) : [...domains];
    if (reachable.length > 0) hosts.push({ name: `${name}:${port}`, domains: reachable, routes });
  };
  // What no service has is served on port 80, so there every VirtualService may have a host.
  const candidates =
    place.port === 0 || place.port === HTTP_PORT
      ? virtualServices
      : withHosts(virtualServices, services.keys());
  for (const virtualService of candidates) {
    const { unknown, found } = hostsOf(virtualService, services, wildcards);
    const byPort = servicesByPort(found);
    if (byPort.size === 0) byPort.set(HTTP_PORT, []);
    if (place.port !== 0 && !byPort.has(place.port)) continue;
    const routes = routesOf(context, virtualService, place);
    if (routes.length === 0) continue;
    for (const [port, members] of byPort) {
      for (const { hostname } of members) routed.add(hostname);
      if (place.port !== 0 && port !== place.port) continue;
      for (const host of unknown) add(host, port, withPort(host, port), routes);
      for (const service of members)
        add(service.hostname, port, serviceDomains(service, port, domain), routes);
    }
  }
  for (const service of services.values()) {
    if (routed.has(service.hostname)) continue;
    for (const { port, protocol } of service.ports) {
      if (!isHttp(protocol)) continue;
      const { hostname } = service;
      const route = defaultOutboundRoute(
        clusterName('outbound', '', hostname, port),
        `${hostname}:${port}/*`,
      );
      add(hostname, port, serviceDomains(service, port, domain), [route]);
    }
  }
  return hosts;
}

/** A VirtualService's hosts that no service has, and the services that its hosts match. */
function hostsOf(
  { spec }: Config<VirtualService>,
  services: ReadonlyMap<string, ReachedService>,
  wildcards: readonly ReachedService[],
): { readonly unknown: readonly string[]; readonly found: readonly ReachedService[] } {
  const unknown: string[] = [];
  const found: ReachedService[] = [];
  for (const host of spec.hosts ?? []) {
    const exact = services.get(host);
    const matching = host.startsWith('*')
      ? [...services.values()].filter(({ hostname }) => hostsMatch(hostname, host))
      : [
          ...(exact === undefined ? [] : [exact]),
          ...wildcards.filter(({ hostname }) => hostsMatch(hostname, host)),
        ];
    if (matching.length === 0) unknown.push(host);
    found.push(...matching);
  }
  return { unknown, found };
}

function servicesByPort(services: readonly ReachedService[]): Map<number, ReachedService[]> {
  const byPort = new Map<number, ReachedService[]>();
  for (const service of services) {
    for (const { port, protocol } of service.ports) {
      if (isHttp(protocol)) addToGroup(byPort, port, service);
    }
  }
  return byPort;
}

/** Without a port, a proxy's client means port 80. */
function domainsOfProxy(domains: readonly string[], port: number): string[] {
  return domains.filter((name) => port === HTTP_PORT || name.includes(':'));
}
