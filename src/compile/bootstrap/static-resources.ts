// A proxy's configuration with nothing left to discover: endpoints stand in their clusters and routes in
// their connection managers. Field rules: envoy/api/v2/cluster.proto and Envoy's cluster factories.

import { isIP } from 'node:net';
import type { Cluster } from '../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { ClusterLoadAssignment } from '../../envoy/generated/types/envoy/api/v2/endpoint.js';
import type { Filter } from '../../envoy/generated/types/envoy/api/v2/listener/listener_components.js';
import type { Listener } from '../../envoy/generated/types/envoy/api/v2/listener.js';
import type { RouteConfiguration } from '../../envoy/generated/types/envoy/api/v2/route.js';
import type { HttpConnectionManager } from '../../envoy/generated/types/envoy/config/filter/network/http_connection_manager/v2/http_connection_manager.js';
import type { Compiled } from '../compile.js';

/** What a bootstrap's `static_resources` hold of a proxy's configuration. */
export interface StaticResources {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
}

/** Puts endpoints and routes where their users are. */
export function staticResources({
  clusters,
  listeners,
  routes,
  endpoints,
}: Omit<Compiled, 'findings'>): StaticResources {
  const assignments = new Map(endpoints.map((assignment) => [assignment.cluster_name, assignment]));
  const routesByName = new Map(routes.map((route) => [route.name, route]));
  return {
    clusters: clusters.map((cluster) => withEndpoints(cluster, assignments)),
    listeners: listeners.map((listener) => withRoutes(listener, routesByName)),
  };
}

function withEndpoints(
  cluster: Cluster,
  assignments: ReadonlyMap<string | undefined, ClusterLoadAssignment>,
): Cluster {
  // Envoy refuses `eds_cluster_config` on clusters of other types, which Pilot writes nevertheless.
  const { eds_cluster_config, ...rest } = cluster;
  if (cluster.type !== 'EDS') return rest;
  const name = eds_cluster_config?.service_name || cluster.name || '';
  const assignment = assignments.get(name) ?? { cluster_name: name };
  return { ...rest, type: typeFor(assignment), load_assignment: assignment };
}

/** Addresses that are names have to be resolved. */
function typeFor({ endpoints = [] }: ClusterLoadAssignment): 'STATIC' | 'STRICT_DNS' {
  const addresses = endpoints.flatMap(({ lb_endpoints = [] }) =>
    lb_endpoints.flatMap(({ endpoint }) => endpoint?.address?.socket_address?.address ?? []),
  );
  return addresses.every((address) => isIP(address) !== 0) ? 'STATIC' : 'STRICT_DNS';
}

function withRoutes(
  listener: Listener,
  routes: ReadonlyMap<string | undefined, RouteConfiguration>,
): Listener {
  const { filter_chains } = listener;
  if (filter_chains === undefined) return listener;
  return {
    ...listener,
    filter_chains: filter_chains.map((chain) =>
      chain.filters === undefined
        ? chain
        : { ...chain, filters: chain.filters.map((filter) => withRoute(filter, routes)) },
    ),
  };
}

/** The filter with its route inside; one that was not compiled has no virtual hosts, as if it never came. */
function withRoute(filter: Filter, routes: ReadonlyMap<string | undefined, RouteConfiguration>): Filter {
  const field = filter.typed_config !== undefined ? 'typed_config' : 'config';
  const { rds, ...manager } = (filter[field] ?? {}) as HttpConnectionManager;
  if (rds === undefined) return filter;
  const name = rds.route_config_name;
  return { ...filter, [field]: { ...manager, route_config: routes.get(name) ?? { name } } };
}
