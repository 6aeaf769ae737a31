// HTTP routes of VirtualServices (istiod 1.29's core/route/route.go).

import type {
  RedirectAction,
  Route,
  RouteAction,
} from '../../../envoy/generated/types/envoy/config/route/v3/route_components.js';
import type {
  HTTPMatchRequest,
  HTTPRedirect,
  HTTPRoute,
  HTTPRouteDestination,
  VirtualService,
} from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { covers } from '../../../mesh/istiod/labels.js';
import type { Config, Service } from '../../../mesh/istiod/model.js';
import type { Context } from '../context/context.js';
import { configMetadata } from '../context/names.js';
import { proxyHeaders } from '../context/proxy-headers.js';
import { destinationCluster } from './destination.js';
import { corsConfig, faultConfig, hundredths, millionths } from './faults.js';
import { hashOfDestination, hashPolicy } from './hash-policy.js';
import { authorityOf, headerOperations } from './header-operations.js';
import { retryPolicy } from './retry.js';
import { isCatchAll, routeMatch } from './route-match.js';

/** For what routes are made. */
export interface RouteOptions {
  /** The port of the listener that has them. */
  readonly port: number;
  /** The gateways whose routes they are; the mesh for sidecars. */
  readonly gateways: ReadonlySet<string>;
  readonly isTls: boolean;
  /** Finds the service of a host. */
  readonly service: (host: string) => Service | undefined;
}

/** The routes of a VirtualService: nothing comes after one that takes all requests. */
export function routesOf(
  context: Context,
  config: Config<VirtualService>,
  options: RouteOptions,
): readonly Route[] {
  const routes: Route[] = [];
  for (const http of config.spec.http ?? []) {
    for (const match of http.match?.length ? http.match : [undefined]) {
      const route = routeOf(context, config, http, match, options);
      if (route !== undefined) routes.push(route);
      if (match === undefined || (route !== undefined && isCatchAll(route))) return routes;
    }
  }
  return routes;
}

function isForProxy({ proxy }: Context, match: HTTPMatchRequest | undefined, options: RouteOptions): boolean {
  if (match === undefined) return true;
  if (match.port && match.port !== options.port) return false;
  if (match.gateways?.length) return match.gateways.some((gateway) => options.gateways.has(gateway));
  if (!covers(proxy.labels, match.source_labels)) return false;
  return !match.source_namespace || match.source_namespace === proxy.metadata.namespace;
}

function routeOf(
  context: Context,
  config: Config<VirtualService>,
  http: HTTPRoute,
  match: HTTPMatchRequest | undefined,
  options: RouteOptions,
): Route | undefined {
  if (!isForProxy(context, match, options)) return undefined;
  const name = match?.name ? `${http.name ?? ''}.${match.name}` : (http.name ?? '');
  const route: Route = {
    ...(name !== '' && { name }),
    match: routeMatch(match),
    metadata: configMetadata(config),
    ...(match?.stat_prefix && { stat_prefix: match.stat_prefix }),
    ...(http.headers && headerOperations(http.headers)),
  };
  if (http.redirect !== undefined) {
    const redirect = redirectOf(http.redirect, options);
    if (redirect !== undefined) route.redirect = redirect;
  } else if (http.direct_response !== undefined) {
    const { status = 0, body } = http.direct_response;
    const said =
      body?.string !== undefined
        ? { body: { inline_string: body.string } }
        : body?.bytes !== undefined && { body: { inline_bytes: body.bytes } };
    route.direct_response = { status, ...said };
  } else applyDestinations(context, route, http, options);
  route.decorator = { operation: operationOf(route, config.name, options.port) };
  if (http.fault !== undefined || http.cors_policy !== undefined)
    route.typed_per_filter_config = {
      ...(http.fault !== undefined && { 'envoy.filters.http.fault': faultConfig(http.fault) }),
      ...(http.cors_policy !== undefined && { 'envoy.filters.http.cors': corsConfig(http.cors_policy) }),
    };
  return route;
}

function applyDestinations(context: Context, route: Route, http: HTTPRoute, options: RouteOptions): void {
  const { mesh } = context;
  const timeout = http.timeout ?? '0s';
  const action: RouteAction = { timeout, max_grpc_timeout: timeout };
  route.route = action;
  let authority = http.headers === undefined ? '' : authorityOf(http.headers);
  const { rewrite } = http;
  if (rewrite !== undefined) {
    if (proxyHeaders(context, 'outbound').hasForwardedHost) action.append_x_forwarded_host = true;
    const { uri_regex_rewrite: regex, uri } = rewrite;
    if (regex !== undefined)
      action.regex_rewrite = {
        pattern: { regex: regex.match ?? '' },
        substitution: regex.rewrite ?? '',
      };
    else if (uri) action.prefix_rewrite = uri;
    if (rewrite.authority) authority = rewrite.authority;
  }
  if (authority !== '') action.host_rewrite_literal = authority;
  const mirrors = mirrorsOf(context, http, options);
  if (mirrors.length > 0) action.request_mirror_policies = [...mirrors];
  const isHashed = applyWeights(context, route, action, http.route ?? [], options);
  const retry = retryPolicy(http.retries ?? mesh.settings.default_http_retry_policy, isHashed);
  if (retry !== undefined) action.retry_policy = retry;
}

/** Where requests go; says whether the one destination is chosen by a hash. */
function applyWeights(
  context: Context,
  route: Route,
  action: RouteAction,
  destinations: readonly HTTPRouteDestination[],
  options: RouteOptions,
): boolean {
  const hashes = (to: HTTPRouteDestination): boolean => {
    const policy = hashPolicy(hashOfDestination(context, to.destination ?? {}));
    if (policy !== undefined) action.hash_policy = [...(action.hash_policy ?? []), policy];
    return hashOfDestination(context, to.destination ?? {}) !== undefined;
  };
  const clusterOf = ({ destination = {} }: HTTPRouteDestination): string =>
    destinationCluster(destination, options.service(destination.host ?? ''), options.port);
  const [only, ...others] = destinations;
  if (only !== undefined && others.length === 0) {
    action.cluster = clusterOf(only);
    if (only.headers !== undefined) {
      appendOperations(route, headerOperations(only.headers));
      const authority = authorityOf(only.headers);
      if (authority !== '') action.host_rewrite_literal ??= authority;
    }
    return hashes(only);
  }
  action.weighted_clusters = {
    clusters: destinations.flatMap((to) => {
      if (!to.weight) return [];
      const authority = to.headers === undefined ? '' : authorityOf(to.headers);
      hashes(to);
      return [
        {
          name: clusterOf(to),
          weight: to.weight,
          ...(to.headers && headerOperations(to.headers)),
          ...(authority !== '' && { host_rewrite_literal: authority }),
        },
      ];
    }),
  };
  return false;
}

function appendOperations(route: Route, operations: ReturnType<typeof headerOperations>): void {
  for (const [field, items] of Object.entries(operations) as [keyof typeof operations, never[]][])
    Object.assign(route, { [field]: [...(route[field] ?? []), ...items] });
}

function mirrorsOf({ features }: Context, http: HTTPRoute, options: RouteOptions) {
  const { mirror, mirror_percentage, mirror_percent, mirrors = [] } = http;
  const share =
    mirror_percentage !== undefined
      ? (mirror_percentage.value ?? 0) > 0 && millionths(mirror_percentage)
      : mirror_percent !== undefined
        ? mirror_percent > 0 && hundredths(mirror_percent)
        : hundredths(100);
  const all = [
    { destination: mirror, share },
    ...mirrors.map(({ destination, percentage }) => ({
      destination,
      share:
        percentage === undefined ? hundredths(100) : (percentage.value ?? 0) > 0 && millionths(percentage),
    })),
  ];
  return all.flatMap(({ destination, share: default_value }) =>
    destination === undefined || default_value === false
      ? []
      : [
          {
            cluster: destinationCluster(destination, options.service(destination.host ?? ''), options.port),
            runtime_fraction: { default_value },
            trace_sampled: false,
            ...(features.keepsMirroredHost && { disable_shadow_host_suffix_append: true }),
          },
        ],
  );
}

const REDIRECT_CODES: ReadonlyMap<number, RedirectAction['response_code']> = new Map([
  [0, 'MOVED_PERMANENTLY'],
  [301, 'MOVED_PERMANENTLY'],
  [302, 'FOUND'],
  [303, 'SEE_OTHER'],
  [307, 'TEMPORARY_REDIRECT'],
  [308, 'PERMANENT_REDIRECT'],
]);

/** A redirect; none where its code is none of HTTP's. */
function redirectOf(redirect: HTTPRedirect, { port, isTls }: RouteOptions): RedirectAction | undefined {
  const code = REDIRECT_CODES.get(redirect.redirect_code ?? 0);
  if (code === undefined) return undefined;
  const said = redirect.derive_port === 'FROM_REQUEST_PORT' ? port : (redirect.port ?? 0);
  const scheme = redirect.scheme || (isTls ? 'https' : 'http');
  const isUsual = (said === 80 && scheme === 'http') || (said === 443 && scheme === 'https');
  return {
    ...(redirect.authority && { host_redirect: redirect.authority }),
    path_redirect: redirect.uri ?? '',
    ...(redirect.scheme && { scheme_redirect: redirect.scheme }),
    ...(said !== 0 && !isUsual && { port_redirect: said }),
    response_code: code,
  };
}

/** What a trace calls the requests of a route. */
function operationOf({ match = {}, route }: Route, name: string, port: number): string {
  const path =
    match.prefix !== undefined ? `${match.prefix}*` : (match.path ?? match.safe_regex?.regex ?? '/*');
  const parts = route?.cluster?.split('|') ?? [];
  return parts.length === 4 ? `${parts[3]}:${Number(parts[1])}${path}` : `${name}:${port}${path}`;
}
