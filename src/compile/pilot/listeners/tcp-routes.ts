// Filter chains of outbound ports that are not HTTP: by the VirtualServices of their host, else straight to
// the service (Pilot 1.1's tcp.go).

import type {
  L4MatchAttributes,
  TLSMatchAttributes,
  VirtualService,
} from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { hostsMatch, MESH_GATEWAY } from '../../../mesh/host.js';
import { type Config, type Port, type Service, UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import { isTls } from '../../../mesh/protocol.js';
import { anyHasLabels } from '../../../mesh/sidecar-scope.js';
import type { Chain } from '../context/chain.js';
import type { Context } from '../context/context.js';
import { clusterName, configMetadata } from '../context/names.js';
import { withHosts } from '../context/virtual-services-by-host.js';
import { routeDestinations, singleDestination } from './network-filters.js';

/**
 * The chains for a service's port.
 *
 * @param range the service's address where that is a range, else ''
 */
export function tcpChains(
  context: Context,
  virtualServices: readonly Config<VirtualService>[],
  service: Service,
  port: Port,
  range: string,
): Chain[] {
  const own = withHosts(virtualServices, [service.hostname]).filter(({ spec }) =>
    (spec.hosts ?? []).some((host) => hostsMatch(host, service.hostname)),
  );
  return isTls(port.protocol)
    ? tlsChains(context, own, service, port, range)
    : plainChains(context, own, service, port, range);
}

/** Whether a match is for this proxy and port; addresses and server names are for Envoy to look at. */
function isFor({ proxy }: Context, match: TLSMatchAttributes | L4MatchAttributes, port: Port): boolean {
  const gateways = match.gateways ?? [];
  return (
    (gateways.length === 0 || gateways.includes(MESH_GATEWAY)) &&
    anyHasLabels(proxy.labels, match.source_labels ?? {}) &&
    (!match.port || match.port === port.port)
  );
}

/** Ports with TLS of the application's own are routed by the server name that the client asks for. */
function tlsChains(
  context: Context,
  virtualServices: readonly Config<VirtualService>[],
  service: Service,
  port: Port,
  range: string,
): Chain[] {
  const chains: Chain[] = [];
  const handled = new Set<string>();
  for (const config of virtualServices) {
    for (const { match: matches = [], route = [] } of config.spec.tls ?? []) {
      for (const match of matches) {
        if (!isFor(context, match, port)) continue;
        const subnets = match.destination_subnets ?? [];
        const sniHosts = match.sni_hosts ?? [];
        // A second match that Envoy could not distinguish from the first would never be reached.
        const key = `${sniHosts.join(',')}|${subnets.join(',')}`;
        if (handled.has(key)) continue;
        handled.add(key);
        chains.push({
          sniHosts,
          destinationRanges: subnets.length > 0 && port.port > 0 ? subnets : [range],
          filters: routeDestinations(context, route, port, config),
          metadata: configMetadata(config, 'virtual-service'),
        });
      }
    }
  }
  if (chains.length > 0) return chains;
  // With an address of its own, the listener is the service's; otherwise only the name identifies it.
  const shared = range !== '' || service.address === UNSPECIFIED_ADDRESS;
  return [{ ...(shared && { sniHosts: [service.hostname] }), ...ownCluster(context, service, port, range) }];
}

function plainChains(
  context: Context,
  virtualServices: readonly Config<VirtualService>[],
  service: Service,
  port: Port,
  range: string,
): Chain[] {
  const chains: Chain[] = [];
  for (const config of virtualServices) {
    for (const { match: matches = [], route = [] } of config.spec.tcp ?? []) {
      const filters = routeDestinations(context, route, port, config);
      const fitting = matches.filter((match) => isFor(context, match, port));
      const isGeneral = (match: L4MatchAttributes): boolean =>
        (match.destination_subnets ?? []).length === 0 || port.port === 0;
      // What fits every destination ends the list: nothing after it would be reached.
      if (matches.length === 0 || fitting.some(isGeneral)) {
        const metadata = configMetadata(config, 'virtual-service');
        return [...chains, { destinationRanges: [range], filters, metadata }];
      }
      // Those for some destinations do not say where they come from.
      const subnets = fitting.flatMap((match) => match.destination_subnets ?? []);
      if (subnets.length > 0) chains.push({ destinationRanges: subnets, filters });
    }
  }
  return [...chains, ownCluster(context, service, port, range)];
}

/** Straight to the service: to its only port where it has but one. */
function ownCluster(context: Context, service: Service, port: Port, range: string): Chain {
  const [only, ...others] = service.ports;
  const target = only !== undefined && others.length === 0 ? only.port : port.port;
  const cluster = clusterName('outbound', '', service.hostname, target);
  return { destinationRanges: [range], filters: singleDestination(context, cluster, port.protocol) };
}
