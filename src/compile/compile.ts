// A proxy's whole configuration: clusters, listeners, routes and endpoints.

import type { Cluster } from '../envoy/generated/types/envoy/api/v2/cluster.js';
import type { ClusterLoadAssignment } from '../envoy/generated/types/envoy/api/v2/endpoint.js';
import type { Listener } from '../envoy/generated/types/envoy/api/v2/listener.js';
import type { RouteConfiguration } from '../envoy/generated/types/envoy/api/v2/route.js';
import type { HttpConnectionManager } from '../envoy/generated/types/envoy/config/filter/network/http_connection_manager/v2/http_connection_manager.js';
import { compareText } from '../mesh/host.js';
import type { Context } from './context.js';
import { compileEndpoints } from './endpoints.js';
import { gatewayListeners } from './gateway-listeners.js';
import { gatewayRoutes } from './gateway-routes.js';
import { inboundClusters } from './inbound-clusters.js';
import { inboundListeners, managementListeners } from './inbound-listeners.js';
import { jwksClusters } from './jwks.js';
import { fallbackClusters, outboundClusters } from './outbound-clusters.js';
import { httpProxyListener, outboundListeners, virtualListener } from './outbound-listeners.js';
import { outboundRoutes } from './routes.js';

/** All clusters of a proxy; of several with one name the first. */
export function compileClusters(context: Context): Cluster[] {
  const { proxy } = context;
  const clusters = [
    ...outboundClusters(context),
    ...(proxy.type === 'sidecar' ? inboundClusters(context) : []),
    ...(proxy.type === 'router' && proxy.metadata.ROUTER_MODE === 'sni-dnat'
      ? outboundClusters(context, 'sni-dnat')
      : []),
    ...fallbackClusters(context),
    ...jwksClusters(context),
  ];
  const names = new Set<string>();
  return clusters.filter(({ name = '' }) => !names.has(name) && names.add(name));
}

/** All listeners of a proxy, by name. */
export function compileListeners(context: Context): Listener[] {
  const listeners = context.proxy.type === 'sidecar' ? sidecarListeners(context) : gatewayListeners(context);
  return listeners.sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
}

function sidecarListeners(context: Context): Listener[] {
  if ((context.mesh.settings.proxy_listen_port ?? 0) <= 0) return httpProxyListener(context);
  const listeners = [...inboundListeners(context), ...outboundListeners(context)];
  return [
    ...listeners,
    ...managementListeners(context, listeners),
    virtualListener(context),
    ...httpProxyListener(context),
  ];
}

/**
 * The routes of a proxy, by name: those that its listeners ask for, and more where they are wanted.
 *
 * @param wanted names of routes
 */
export function compileRoutes(
  context: Context,
  listeners: readonly Listener[],
  wanted: readonly string[],
): RouteConfiguration[] {
  const names = [...new Set([...listeners.flatMap(routeNames), ...wanted])].sort(compareText);
  return context.proxy.type === 'sidecar' ? outboundRoutes(context, names) : gatewayRoutes(context, names);
}

/** The names of the routes that a listener's connection managers ask for. */
function routeNames({ filter_chains = [] }: Listener): string[] {
  return filter_chains.flatMap(({ filters = [] }) =>
    filters.flatMap(({ typed_config, config }) => {
      const { rds } = (typed_config ?? config ?? {}) as HttpConnectionManager;
      return rds?.route_config_name ?? [];
    }),
  );
}

/** What a proxy is sent, by kind. */
export interface Compiled {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly endpoints: readonly ClusterLoadAssignment[];
}

/** Compiles everything for a proxy. */
export function compile(context: Context, routes: readonly string[]): Compiled {
  const clusters = compileClusters(context);
  const listeners = compileListeners(context);
  return {
    clusters,
    listeners,
    routes: compileRoutes(context, listeners, routes),
    endpoints: compileEndpoints(context, clusters),
  };
}
