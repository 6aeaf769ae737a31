// A proxy's whole configuration as istiod 1.29 would send it.

import type { Cluster } from '../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type { ClusterLoadAssignment } from '../../envoy/generated/types/envoy/config/endpoint/v3/endpoint.js';
import type { Listener } from '../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type { RouteConfiguration } from '../../envoy/generated/types/envoy/config/route/v3/route.js';
import type { Finding } from '../../finding/finding.js';
import { compileClusters, compileEndpoints } from './clusters/clusters.js';
import type { Context } from './context/context.js';
import { gatewayListeners } from './gateways/gateway-listeners.js';
import { gatewayRoutes } from './gateways/gateway-routes.js';
import { sidecarListeners } from './listeners/listeners.js';
import { proxyRemarks } from './remarks.js';
import { sharedSidecarRoutes } from './routes/shared-routes.js';

/** What a proxy is sent, by kind. */
export interface Compiled {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly endpoints: readonly ClusterLoadAssignment[];
  /** What could not be made as the resources say. */
  readonly findings: readonly Finding[];
}

/**
 * Compiles everything for a proxy.
 *
 * @param wanted names of routes that are asked for beside those that the listeners name
 */
export function compileIstiod(context: Context, wanted: readonly string[]): Compiled {
  const isGateway = context.proxy.type === 'router';
  const listeners = once(() => (isGateway ? gatewayListeners(context) : sidecarListeners(context)));
  return {
    get clusters() {
      return compileClusters(context);
    },
    get listeners() {
      return listeners();
    },
    get routes() {
      const names = new Set([...listeners().flatMap(routeNames), ...wanted]);
      return [...names].map((name) =>
        isGateway ? gatewayRoutes(context, name) : sharedSidecarRoutes(context, name),
      );
    },
    get endpoints() {
      return compileEndpoints(context);
    },
    findings: proxyRemarks(context),
  };
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

/** The names of routes that a listener asks for. */
function routeNames({ filter_chains = [], default_filter_chain }: Listener): readonly string[] {
  const chains =
    default_filter_chain === undefined ? filter_chains : [...filter_chains, default_filter_chain];
  return chains.flatMap(({ filters = [] }) =>
    filters.flatMap(({ typed_config }) => {
      const { rds } = (typed_config ?? {}) as { readonly rds?: { readonly route_config_name: string } };
      return rds === undefined ? [] : [rds.route_config_name];
    }),
  );
}
