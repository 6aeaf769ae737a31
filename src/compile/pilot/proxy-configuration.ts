// A proxy's whole configuration: clusters, listeners, routes and endpoints.

import { compareText } from '../../collections/compare-text.js';
import { memo } from '../../collections/memo.js';
import type { Cluster } from '../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { Listener } from '../../envoy/generated/types/envoy/api/v2/listener.js';
import type { RouteConfiguration } from '../../envoy/generated/types/envoy/api/v2/route.js';
import type { HttpConnectionManager } from '../../envoy/generated/types/envoy/config/filter/network/http_connection_manager/v2/http_connection_manager.js';
import { UNSPECIFIED_ADDRESS } from '../../mesh/model.js';
import type { Compiled } from '../compiled.js';
import { compileEndpoints } from './clusters/endpoints.js';
import { inboundClusters } from './clusters/inbound-clusters.js';
import { jwksClusters } from './clusters/jwks.js';
import { fallbackClusters, outboundClusters } from './clusters/outbound-clusters.js';
import type { Context } from './context/context.js';
import { perContext } from './context/per-context.js';
import { gatewayFindings } from './gateways/gateway-findings.js';
import { gatewayListeners } from './gateways/gateway-listeners.js';
import { gatewayRoutes } from './gateways/gateway-routes.js';
import { inboundListeners, managementListeners } from './listeners/inbound-listeners.js';
import { httpProxyListener, outboundListeners, virtualListener } from './listeners/outbound-listeners.js';
import { lostPorts, type SharedListeners, shareListeners } from './listeners/shared-listeners.js';
import { outboundRoutes } from './routes/routes.js';

/** All clusters of a proxy; of several with one name the first. */
export function compileClusters(context: Context): Cluster[] {
  const { clusters, names } = clientClusters(context.client);
  const own = [
    ...(context.proxy.type === 'sidecar' ? inboundClusters(context) : []),
    ...fallbackClusters(context.peer),
    ...jwksClusters(context),
  ];
  return [...clusters, ...firstOfEachName(own, new Set(names))];
}

/** The clusters of what a proxy calls. */
const clientClusters = perContext((client) => {
  const { type, metadata } = client.proxy;
  const names = new Set<string>();
  const clusters = firstOfEachName(
    [
      ...outboundClusters(client),
      ...(type === 'router' && metadata.ROUTER_MODE === 'sni-dnat'
        ? outboundClusters(client, 'sni-dnat')
        : []),
    ],
    names,
  );
  return { clusters, names };
});

function firstOfEachName(clusters: readonly Cluster[], names: Set<string>): Cluster[] {
  return clusters.filter(({ name = '' }) => !names.has(name) && names.add(name));
}

/** All listeners of a proxy, by name. */
export function compileListeners(context: Context): Listener[] {
  const listeners = context.proxy.type === 'sidecar' ? sidecarListeners(context) : gatewayListeners(context);
  return listeners.sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
}

function sidecarListeners(context: Context): Listener[] {
  const { client } = context;
  if ((context.mesh.settings.proxy_listen_port ?? 0) <= 0) return [...clientHttpProxy(client)];
  const { listeners } = trafficListeners(context);
  return [
    ...listeners,
    ...managementListeners(context, listeners),
    ...clientVirtualListener(client),
    ...clientHttpProxy(client),
  ];
}

/** The listeners of a sidecar's own ports and of those that it calls. */
const trafficListeners = perContext((context): SharedListeners => {
  const inbound = inboundListeners(context);
  const outbound = clientListeners(context.client);
  return context.proxy.ip === UNSPECIFIED_ADDRESS
    ? shareListeners(inbound, outbound)
    : { listeners: [...inbound, ...outbound], lost: [] };
});

const clientListeners = perContext(outboundListeners);
const clientVirtualListener = perContext((client) => [virtualListener(client)]);
const clientHttpProxy = perContext(httpProxyListener);

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
  if (context.proxy.type === 'router') return gatewayRoutes(context, names);
  const routes = clientRoutes(context.client);
  return names.flatMap((name) => routes(name));
}

/** The routes of what a sidecar calls, each made when it is first asked for. */
const clientRoutes = perContext((client) => {
  const routes = new Map<string, readonly RouteConfiguration[]>();
  return (name: string) => memo(routes, name, () => outboundRoutes(client, [name]));
});

/** The names of the routes that a listener's connection managers ask for. */
function routeNames({ filter_chains = [] }: Listener): string[] {
  return filter_chains.flatMap(({ filters = [] }) =>
    filters.flatMap(({ typed_config, config }) => {
      const { rds } = (typed_config ?? config ?? {}) as HttpConnectionManager;
      return rds?.route_config_name ?? [];
    }),
  );
}

/** Compiles everything for a proxy: clusters and listeners now, routes and endpoints when they are asked for. */
export function compile(context: Context, wanted: readonly string[]): Compiled {
  const clusters = compileClusters(context);
  const listeners = compileListeners(context);
  let routes: readonly RouteConfiguration[] | undefined;
  return {
    clusters,
    listeners,
    get routes() {
      routes ??= compileRoutes(context, listeners, wanted);
      return routes;
    },
    get endpoints() {
      return clientEndpoints(context.client);
    },
    findings:
      context.proxy.type === 'sidecar'
        ? lostPorts(context, trafficListeners(context).lost)
        : gatewayFindings(context),
  };
}

/** Endpoints come by EDS for what a proxy calls alone. */
const clientEndpoints = perContext((client) => compileEndpoints(client, clientClusters(client).clusters));
