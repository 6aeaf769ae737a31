// The listeners of gateways: one for each port of the merged Gateways (Pilot 1.1's buildGatewayListeners).

import type { Listener } from '../../../envoy/generated/types/envoy/api/v2/listener.js';
import type {
  L4MatchAttributes,
  TLSMatchAttributes,
  VirtualService,
} from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { type Config, type ServiceInstance, UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import { isHttp } from '../../../mesh/protocol.js';
import { virtualServices } from '../../../mesh/virtual-services.js';
import { policyFor } from '../context/authn-policy.js';
import type { Chain } from '../context/chain.js';
import { hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';
import type { NamedConfig } from '../context/extension.js';
import { BLACK_HOLE } from '../context/names.js';
import { withHosts } from '../context/virtual-services-by-host.js';
import { httpConnectionManager } from '../listeners/http-connection-manager.js';
import { listenerName, listenerOf } from '../listeners/listener.js';
import { routeDestinations, singleDestination } from '../listeners/network-filters.js';
import { authnFilters } from '../security/authn.js';
import { rbacHttpFilters, rbacNetworkFilters } from '../security/rbac.js';
import { gatewayTls, lacksCertificate } from './gateway-tls.js';
import {
  type GatewayServer,
  hasTls,
  hostNames,
  isPassthrough,
  mergedGateway,
  servesAny,
} from './merged-gateway.js';

/** The listeners of a gateway; a port to which nothing can be sent has none. */
export function gatewayListeners(context: Context): Listener[] {
  return [...mergedGateway(context).servers].flatMap(([port, servers]) => {
    const chains = chainsOf(context, servers);
    if (chains.length === 0) return [];
    return listenerOf(context, { bind: UNSPECIFIED_ADDRESS, port, bindToPort: true, chains });
  });
}

/** The instance of the gateway's own service that a port is: its policies and roles hold for the listener. */
function ownInstance({ proxy }: Context, port: number): ServiceInstance | undefined {
  return proxy.instances.find((instance) => instance.port === port);
}

/** Whether gateways enforce roles. */
function hasRoles({ compat }: Context): boolean {
  return !hasQuirk(compat, 'gateways-without-roles');
}

/** What the gateway's own policies and roles ask of requests. */
function securityFilters(context: Context, port: number): NamedConfig[] {
  const instance = ownInstance(context, port);
  if (instance === undefined) return [];
  const policy = policyFor(context.mesh, instance.service, instance.servicePort);
  return [...authnFilters(context, policy), ...(hasRoles(context) ? rbacHttpFilters(context, instance) : [])];
}

/** Filters that forward, with what the gateway's own roles ask of connections before the last. */
function guarded(context: Context, port: number, filters: readonly NamedConfig[]): NamedConfig[] {
  const instance = ownInstance(context, port);
  if (instance === undefined || !hasRoles(context)) return [...filters];
  return [...filters.slice(0, -1), ...rbacNetworkFilters(context, instance), ...filters.slice(-1)];
}

function chainsOf(context: Context, servers: readonly GatewayServer[]): Chain[] {
  const [first] = servers;
  // Servers of plain HTTP differ in their routes alone, which have one name.
  if (first !== undefined && isHttp(first.port.protocol)) return [httpChain(context, first)];
  const chains: Chain[] = [];
  for (const server of servers) {
    const own = chainsOfServer(context, server);
    if (own.length === 0 || !lacksCertificate(context, server.server)) chains.push(...own);
    // Pilot finds the listener invalid once it is built, and sends none.
    else if (hasQuirk(context.compat, 'nameless-file-closes-port')) return [];
  }
  return chains;
}

function chainsOfServer(context: Context, server: GatewayServer): Chain[] {
  if (hasTls(server) && server.routeName !== undefined) return [httpChain(context, server)];
  return networkChains(context, server).map((chain) => ({
    ...chain,
    filters: guarded(context, server.port.port, chain.filters),
  }));
}

/** HTTP, behind TLS or not. */
function httpChain(context: Context, server: GatewayServer): Chain {
  const { port, routeName = '' } = server;
  return {
    ...(hasTls(server) && terminated(context, server)),
    filters: [
      httpConnectionManager(context, {
        statPrefix: listenerName(UNSPECIFIED_ADDRESS, port.port),
        route: routeName,
        // Requests are traced as the gateway's own to those inside.
        direction: 'EGRESS',
        useRemoteAddress: true,
        filters: securityFilters(context, port.port),
        grpcWeb: false,
        fields: {
          server_name: 'istio-envoy',
          // Servers in the mesh get the client's certificate, if there is one, and no other.
          forward_client_cert_details: 'SANITIZE_SET',
          set_current_client_cert_details: { subject: true, dns: true, uri: true },
        },
      }),
    ],
  };
}

/** TLS that ends here: the context, and the server names for which it is. */
function terminated(context: Context, one: GatewayServer): Pick<Chain, 'sniHosts' | 'tls'> {
  const { server } = one;
  return {
    sniHosts: hostNames(one),
    ...(server.tls !== undefined && { tls: gatewayTls(context, server.tls) }),
  };
}

/** Bytes: plain, from TLS that ends here, or TLS that is passed through. */
function networkChains(context: Context, server: GatewayServer): Chain[] {
  const { tls } = server.server;
  if (tls !== undefined && isPassthrough(server.server)) {
    if (tls.mode !== 'AUTO_PASSTHROUGH') return passthroughChains(context, server);
    const filters = [
      // The cluster is the server name that the client asks for.
      { name: 'envoy.filters.network.sni_cluster' },
      ...singleDestination(context, BLACK_HOLE, server.port.protocol),
    ];
    return [{ sniHosts: hostNames(server), filters }];
  }
  const filters = tcpFilters(context, server);
  if (filters.length === 0) return [];
  return [{ ...(tls !== undefined && terminated(context, server)), filters }];
}

/** The filters of the first TCP route that fits; there can be only one. */
function tcpFilters(context: Context, server: GatewayServer): NamedConfig[] {
  for (const config of boundServices(context, server)) {
    for (const { match: matches = [], route = [] } of config.spec.tcp ?? []) {
      if (matches.length === 0 || matches.some((match) => isFor(server, match)))
        return routeDestinations(context, route, server.port, config);
    }
  }
  return [];
}

/** A chain for the server names of each TLS match that fits. */
function passthroughChains(context: Context, server: GatewayServer): Chain[] {
  return boundServices(context, server).flatMap((config) =>
    (config.spec.tls ?? []).flatMap(({ match: matches = [], route = [] }) =>
      matches
        .filter((match) => isFor(server, match))
        .map((match) => ({
          sniHosts: match.sni_hosts ?? [],
          filters: routeDestinations(context, route, server.port, config),
        })),
    ),
  );
}

/** The VirtualServices of a server's Gateway that have one of its hosts. */
function boundServices({ mesh, proxy }: Context, server: GatewayServer): Config<VirtualService>[] {
  const bound = virtualServices(mesh, proxy.namespace, server.gateway);
  return withHosts(bound, hostNames(server)).filter((config) => servesAny(server, config));
}

/** Whether a match is for a server; addresses and labels of clients are not looked at. */
function isFor({ port, gateway }: GatewayServer, match: L4MatchAttributes | TLSMatchAttributes): boolean {
  const gateways = match.gateways ?? [];
  return (!match.port || match.port === port.port) && (gateways.length === 0 || gateways.includes(gateway));
}
