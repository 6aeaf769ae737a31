// The HTTP routes of gateways: for each server the VirtualServices that are bound to its Gateway and have one
// of its hosts (Pilot 1.1's buildGatewayHTTPRouteConfig).

import { compareText } from '../../../collections/compare-text.js';
import type {
  Route,
  VirtualHost,
} from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type { RouteConfiguration } from '../../../envoy/generated/types/envoy/api/v2/route.js';
import type { Service } from '../../../mesh/model.js';
import { servicesFor } from '../../../mesh/proxy.js';
import { virtualServices } from '../../../mesh/virtual-services.js';
import type { Context } from '../context/context.js';
import { withHosts } from '../context/virtual-services-by-host.js';
import { nothingFound } from '../routes/default-routes.js';
import { routesOf } from '../routes/http-routes.js';
import { isCatchAll } from '../routes/route-match.js';
import { withPort } from '../routes/virtual-host-domains.js';
import { type GatewayServer, hostNames, hostsFor, mergedGateway } from './merged-gateway.js';

/** The routes of a gateway by these names; there is none for a name that no server has. */
export function gatewayRoutes(context: Context, names: readonly string[]): RouteConfiguration[] {
  const { mesh, proxy } = context;
  const { serversByRoute } = mergedGateway(context);
  const services = new Map(servicesFor(mesh, proxy).map((service) => [service.hostname, service]));
  return names.flatMap((name) => {
    const servers = serversByRoute.get(name);
    return servers === undefined ? [] : routeConfiguration(context, name, servers, services);
  });
}

function routeConfiguration(
  context: Context,
  name: string,
  servers: readonly GatewayServer[],
  services: ReadonlyMap<string, Service>,
): RouteConfiguration {
  const port = servers[0]?.port.port ?? 0;
  const hosts = new Map<string, VirtualHost>();
  for (const server of servers) addVirtualHosts(context, server, services, hosts);
  if (hosts.size === 0) hosts.set('*', nothingFound(port));
  return {
    name,
    virtual_hosts: [...hosts.values()].sort((a, b) => compareText(a.name ?? '', b.name ?? '')),
    validate_clusters: false,
  };
}

/** Adds a server's virtual hosts; where there is one for a host, its routes. */
function addVirtualHosts(
  context: Context,
  server: GatewayServer,
  services: ReadonlyMap<string, Service>,
  hosts: Map<string, VirtualHost>,
): void {
  const { mesh, proxy } = context;
  const port = server.port.port;
  const gateways = new Set([server.gateway]);
  // A gateway has no labels for its routes: matches by source labels are for sidecars.
  const place = { port, services, labels: [], gateways };
  const bound = virtualServices(mesh, proxy.namespace, server.gateway);
  for (const virtualService of withHosts(bound, hostNames(server))) {
    const common = intersection(hostsFor(server, virtualService.namespace), virtualService.spec.hosts ?? []);
    if (common.length === 0) continue;
    const routes = routesOf(context, virtualService, place);
    if (routes.length === 0) continue;
    for (const host of common) {
      const known = hosts.get(host);
      hosts.set(
        host,
        known === undefined
          ? {
              name: `${host}:${port}`,
              domains: withPort(host, port),
              routes,
              ...(server.server.tls?.https_redirect === true && { require_tls: 'ALL' }),
            }
          : { ...known, routes: catchAllsLast([...(known.routes ?? []), ...routes]) },
      );
    }
  }
}

/** Hosts that are in both lists; of a wildcard and what it covers the narrower. */
function intersection(own: readonly string[], others: readonly string[]): string[] {
  const common = new Set<string>();
  for (const a of own) {
    for (const b of others) {
      if (covers(b, a)) common.add(a);
      else if (covers(a, b)) common.add(b);
    }
  }
  return [...common];
}

/** Whether another host covers all names of a host. */
function covers(wide: string, narrow: string): boolean {
  if (!wide.startsWith('*')) return wide === narrow;
  if (!narrow.startsWith('*')) return narrow.endsWith(wide.slice(1));
  return narrow.length >= wide.length && narrow.slice(1).endsWith(wide.slice(1));
}

/** Routes for every request behind all others, so that the others are reached. */
function catchAllsLast(routes: readonly Route[]): Route[] {
  return [...routes.filter((route) => !isCatchAll(route)), ...routes.filter(isCatchAll)];
}
