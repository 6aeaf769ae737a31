// A proxy's configuration with nothing left to discover: endpoints are in their clusters and routes in
// their connection managers. Field rules: envoy/api/v2/cluster.proto and Envoy's cluster factories.

import { isIP } from 'node:net';
import type { Cluster } from '../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { ClusterLoadAssignment } from '../../envoy/generated/types/envoy/api/v2/endpoint.js';
import type { Filter } from '../../envoy/generated/types/envoy/api/v2/listener/listener_components.js';
import type { Listener } from '../../envoy/generated/types/envoy/api/v2/listener.js';
import type { RouteConfiguration } from '../../envoy/generated/types/envoy/api/v2/route.js';
import type { HttpConnectionManager } from '../../envoy/generated/types/envoy/config/filter/network/http_connection_manager/v2/http_connection_manager.js';
import type { Compiled } from '../compiled.js';

/** What a bootstrap's `static_resources` hold of a proxy's configuration. */
export interface StaticResources {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
}

/** What a proxy would be sent. */
export type ProxyResources = Omit<Compiled, 'findings'>;

/** Puts endpoints and routes where their users are. */
export function staticResources({ clusters, listeners, routes, endpoints }: ProxyResources): StaticResources {
  const assignmentOf = assignments(endpoints);
  const routesByName = new Map(routes.map((route) => [route.name, route]));
  return {
    clusters: clusters.map((cluster) => withEndpoints(cluster, assignmentOf)),
    listeners: listeners.map((listener) => withRoutes(listener, routesByName)),
  };
}

function withEndpoints(cluster: Cluster, assignmentOf: AssignmentOf): Cluster {
  // Envoy refuses `eds_cluster_config` on clusters of other types, which Pilot writes nevertheless.
  const { eds_cluster_config: _, ...rest } = cluster;
  if (cluster.type !== 'EDS') return rest;
  const assignment = assignmentOf(cluster);
  return { ...rest, type: typeFor(assignment), load_assignment: assignment };
}

/** The endpoints of a cluster that would ask for them. */
export type AssignmentOf = (cluster: Cluster) => ClusterLoadAssignment;

/** Looks up endpoints as Envoy does; a cluster that nothing is known of has none. */
export function assignments(endpoints: readonly ClusterLoadAssignment[]): AssignmentOf {
  const byName = new Map(endpoints.map((assignment) => [assignment.cluster_name, assignment]));
  return ({ name, eds_cluster_config }) => {
    const wanted = eds_cluster_config?.service_name || name || '';
    return byName.get(wanted) ?? { cluster_name: wanted };
  };
}

/** Addresses that are names have to be resolved. */
export function typeFor({
  endpoints = [],
}: Pick<ClusterLoadAssignment, 'endpoints'>): 'STATIC' | 'STRICT_DNS' {
  const addresses = endpoints.flatMap(({ lb_endpoints = [] }) =>
    lb_endpoints.flatMap(({ endpoint }) => endpoint?.address?.socket_address?.address ?? []),
  );
  return addresses.every((address) => isIP(address) !== 0) ? 'STATIC' : 'STRICT_DNS';
}

/** The filter with its route inside; one that was not compiled has no virtual hosts, as if it never came. */
function withRoutes(
  listener: Listener,
  routes: ReadonlyMap<string | undefined, RouteConfiguration>,
): Listener {
  return mapConnectionManagers(listener, ({ rds, ...manager }) => {
    if (rds === undefined) return manager;
    const name = rds.route_config_name;
    return { ...manager, route_config: routes.get(name) ?? { name } };
  });
}

/** A listener with its HTTP connection managers changed. */
export function mapConnectionManagers(
  listener: Listener,
  change: (manager: HttpConnectionManager) => HttpConnectionManager,
): Listener {
  const changed = (filter: Filter): Filter => {
    if (filter.name !== 'envoy.http_connection_manager') return filter;
    const field = filter.typed_config === undefined ? 'config' : 'typed_config';
    return { ...filter, [field]: change((filter[field] ?? {}) as HttpConnectionManager) };
  };
  const { filter_chains } = listener;
  if (filter_chains === undefined) return listener;
  return {
    ...listener,
    filter_chains: filter_chains.map((chain) =>
      chain.filters === undefined ? chain : { ...chain, filters: chain.filters.map(changed) },
    ),
  };
}
