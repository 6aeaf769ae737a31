// The HTTP routes of a VirtualService, for sidecars and gateways (Pilot 1.1's
// BuildHTTPRoutesForVirtualService and translateRoute).

import type {
  Route,
  RouteAction,
  WeightedCluster_ClusterWeight,
} from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type {
  HTTPMatchRequest,
  HTTPRoute,
  VirtualService,
} from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { normalDuration } from '../../../mesh/duration.js';
import type { Config, Labels, Port } from '../../../mesh/model.js';
import { anyHasLabels } from '../../../mesh/sidecar-scope.js';
import type { Context } from '../context/context.js';
import { destinationCluster } from '../context/destination.js';
import { configMetadata } from '../context/names.js';
import { corsPolicy } from './cors-policy.js';
import { NO_TIMEOUT } from './default-routes.js';
import { faultConfig } from './fault.js';
import { hashPolicy } from './hash-policy.js';
import { destinationHeaders, joined, routeHeaders } from './header-operations.js';
import { retryPolicy } from './retry-policy.js';
import { isCatchAll, matchedPath, routeMatch } from './route-match.js';

/** As much of a service as its routes depend on. */
export interface RoutedService {
  /** The ports that are reached from where the route is. */
  readonly ports: readonly Port[];
  /** Whose public rules say how requests are hashed; '' where the route does not know it. */
  readonly namespace: string;
}

/** From where requests are routed. */
export interface RoutePlace {
  /** The listener's port; 0 where it is a proxy for all ports. */
  readonly port: number;
  /** The services that are reached from here, by host. */
  readonly services: ReadonlyMap<string, RoutedService>;
  /** Label sets of the client; none of a gateway. */
  readonly labels: readonly Labels[];
  /** The gateways that this place is, `mesh` for sidecars. */
  readonly gateways: ReadonlySet<string>;
}

/** A VirtualService's routes at a place; those behind one that takes every request are left out. */
export function routesOf(
  context: Context,
  virtualService: Config<VirtualService>,
  place: RoutePlace,
): Route[] {
  const routes: Route[] = [];
  for (const http of virtualService.spec.http ?? []) {
    const matches = http.match ?? [];
    if (matches.length === 0) {
      routes.push(routeOf(context, virtualService, place, http, undefined));
      return routes;
    }
    for (const match of matches) {
      if (!appliesAt(match, place)) continue;
      const route = routeOf(context, virtualService, place, http, match);
      routes.push(route);
      if (isCatchAll(route)) return routes;
    }
  }
  return routes;
}

/** Whether a match is for this place: where it names gateways, its labels do not count. */
function appliesAt(match: HTTPMatchRequest, { port, labels, gateways }: RoutePlace): boolean {
  const own = match.gateways ?? [];
  const isHere =
    own.length > 0
      ? own.some((gateway) => gateways.has(gateway))
      : anyHasLabels(labels, match.source_labels ?? {});
  return isHere && (!match.port || match.port === port);
}

function routeOf(
  context: Context,
  virtualService: Config<VirtualService>,
  place: RoutePlace,
  http: HTTPRoute,
  request: HTTPMatchRequest | undefined,
): Route {
  const match = routeMatch(request);
  const { redirect } = http;
  const metadata = configMetadata(virtualService, 'virtual-service');
  const path = matchedPath(match);
  const fault = faultConfig(context, http.fault);
  if (redirect !== undefined) {
    return {
      match,
      redirect: {
        ...(redirect.authority && { host_redirect: redirect.authority }),
        path_redirect: redirect.uri ?? '',
      },
      metadata,
      decorator: { operation: `${virtualService.name}:${place.port}${path}` },
      ...fault,
    };
  }
  const destinations = weightedDestinations(http, place);
  const [only] = destinations;
  const single = destinations.length === 1 ? only : undefined;
  const headers = routeHeaders(http);
  return {
    match,
    route: actionOf(context, http, place, destinations),
    metadata,
    decorator: {
      operation: `${hostAndPort(single?.name ?? '') ?? `${virtualService.name}:${place.port}`}${path}`,
    },
    ...(single === undefined ? headers : joined(headers, destinationHeaders(single.destination))),
    ...fault,
  };
}

interface WeightedDestination {
  readonly name: string;
  readonly weight: number;
  readonly destination: NonNullable<HTTPRoute['route']>[number];
}

/** Destinations with a weight; the only one needs none. */
function weightedDestinations({ route = [] }: HTTPRoute, place: RoutePlace): WeightedDestination[] {
  return route.flatMap((destination) => {
    const weight = destination.weight || (route.length === 1 ? 100 : 0);
    if (weight === 0) return [];
    const to = destination.destination;
    return {
      name: destinationCluster(to, place.services.get(to?.host ?? ''), place.port),
      weight,
      destination,
    };
  });
}

function actionOf(
  context: Context,
  http: HTTPRoute,
  { port, services }: RoutePlace,
  destinations: readonly WeightedDestination[],
): RouteAction {
  const { rewrite, mirror } = http;
  const timeout = http.timeout === undefined ? NO_TIMEOUT : normalDuration(http.timeout);
  const retries = retryPolicy(http.retries);
  const hashes = destinations.flatMap(({ destination: { destination } }) => {
    const namespace = services.get(destination?.host ?? '')?.namespace ?? '';
    return hashPolicy(context, destination, namespace) ?? [];
  });
  const [only] = destinations;
  return {
    ...(destinations.length === 1
      ? { cluster: only?.name }
      : { weighted_clusters: { clusters: destinations.map(clusterWeight) } }),
    ...(rewrite?.uri && { prefix_rewrite: rewrite.uri }),
    ...(rewrite !== undefined && { host_rewrite: rewrite.authority ?? '' }),
    timeout,
    ...(retries !== undefined && { retry_policy: retries }),
    ...(mirror !== undefined && {
      request_mirror_policy: {
        cluster: destinationCluster(mirror, services.get(mirror.host ?? ''), port),
      },
    }),
    ...(hashes.length > 0 && { hash_policy: hashes }),
    ...(http.cors_policy !== undefined && { cors: corsPolicy(context, http.cors_policy) }),
    max_grpc_timeout: timeout,
  };
}

function clusterWeight({ name, weight, destination }: WeightedDestination): WeightedCluster_ClusterWeight {
  return { name, weight, ...destinationHeaders(destination) };
}

/** The host and port in the name of a mesh's cluster, which is how the route to it is shown in traces. */
function hostAndPort(cluster: string): string | undefined {
  const [, port, , host, ...rest] = cluster.split('|');
  return host === undefined || rest.length > 0 ? undefined : `${host}:${port}`;
}
