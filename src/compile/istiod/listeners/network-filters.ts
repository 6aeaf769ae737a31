// The filters of connections that are passed on as they are (istiod 1.29's core/networkfilter.go).

import type { Filter } from '../../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import type { TcpProxy } from '../../../envoy/generated/types/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.js';
import type { DestinationRule } from '../../../envoy/generated/types/networking/v1/destination_rule.js';
import type { RouteDestination } from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import type { Port, Service } from '../../../mesh/istiod/model.js';
import type { Protocol } from '../../../mesh/istiod/protocol.js';
import { destinationRule } from '../../../mesh/istiod/scope.js';
import type { Context } from '../context/context.js';
import { METADATA_EXCHANGE, typed } from '../context/extensions.js';
import { BLACK_HOLE, PASSTHROUGH, statisticsPattern } from '../context/names.js';
import type { ListenerClass } from '../context/proxy-headers.js';
import { destinationCluster } from '../routes/destination.js';
import { tcpAuthorization } from '../security/authorization.js';
import { accessLogs } from '../telemetry/access-logs.js';
import { metricsFilters } from '../telemetry/metrics.js';
import { goDuration } from './durations.js';

/** The filter that passes connections on. */
function proxyFilter(config: TcpProxy): Filter {
  return {
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: typed('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', { ...config }),
  };
}

/** A TCP proxy with access logs. */
export function loggedProxy(context: Context, kind: ListenerClass, config: TcpProxy): Filter {
  const logs = accessLogs(context, kind, 'connections');
  return proxyFilter(logs.length > 0 ? { ...config, access_log: [...logs] } : config);
}

/** What ends connections that are for nobody. */
export function blackHoleFilters(context: Context, kind: ListenerClass): Filter[] {
  return [...metricsFilters(context, kind), proxyFilter({ stat_prefix: BLACK_HOLE, cluster: BLACK_HOLE })];
}

/** What connections go through that no service is known for. */
export function catchAllFilters(context: Context): Filter[] {
  const { scope, metadata } = context.proxy;
  const policy = scope.outboundPolicy;
  const allowed = policy?.egress_proxy ? destinationCluster(policy.egress_proxy, undefined, 0) : PASSTHROUGH;
  const cluster = policy?.mode === 'ALLOW_ANY' ? allowed : BLACK_HOLE;
  const idle = goDuration(metadata.idleTimeout);
  return [
    ...metricsFilters(context, 'outbound'),
    loggedProxy(context, 'outbound', {
      stat_prefix: cluster,
      cluster,
      ...(idle !== undefined && { idle_timeout: idle }),
    }),
  ];
}

/** Where filters are: whether policies are checked there, and whether metadata are exchanged. */
export interface Place {
  readonly kind: ListenerClass;
  readonly isChecked: boolean;
  readonly exchangesMetadata: boolean;
}

/** The filters of a chain whose last one is given. */
export function tcpFilters(context: Context, place: Place, protocol: Protocol, last: LastFilter): Filter[] {
  const { custom, local } = tcpAuthorization(context);
  return [
    ...(place.exchangesMetadata ? [METADATA_EXCHANGE] : []),
    ...(place.isChecked ? [...custom, ...local] : []),
    ...metricsFilters(context, place.kind),
    ...protocolFilters(context, protocol, last),
  ];
}

/** The last filter of a chain, with what filters of protocols are told of it. */
export interface LastFilter {
  readonly statPrefix: string;
  readonly cluster: string;
  readonly filter: Filter;
}

const REDIS_TIMEOUT = '5s';

function protocolFilters(
  { features }: Context,
  protocol: Protocol,
  { statPrefix: stat_prefix, cluster, filter }: LastFilter,
): readonly Filter[] {
  const of = (name: string, type: string, config: object): Filter => ({
    name: `envoy.filters.network.${name}`,
    typed_config: typed(`envoy.extensions.filters.network.${name}.v3.${type}`, { stat_prefix, ...config }),
  });
  if (protocol === 'Mongo' && features.mongoFilter) return [of('mongo_proxy', 'MongoProxy', {}), filter];
  if (protocol === 'MySQL' && features.mysqlFilter) return [of('mysql_proxy', 'MySQLProxy', {}), filter];
  if (protocol === 'Redis' && features.redisFilter)
    return [
      of('redis_proxy', 'RedisProxy', {
        latency_in_micros: true,
        settings: { op_timeout: REDIS_TIMEOUT },
        prefix_routes: { catch_all_route: { cluster } },
      }),
    ];
  return [filter];
}

/** One destination of connections. */
export interface SingleDestination {
  readonly cluster: string;
  readonly statPrefix: string;
  readonly subset: string;
  readonly rule: DestinationRule | undefined;
}

/** The filters that pass connections on to one cluster. */
export function singleFilters(
  context: Context,
  place: Place,
  port: Port,
  { cluster, statPrefix, subset, rule }: SingleDestination,
  tunnels = true,
): Filter[] {
  const proxy = loggedProxy(context, place.kind, {
    stat_prefix: statPrefix,
    cluster,
    ...proxySettings(context, rule, subset, tunnels),
  });
  return tcpFilters(context, place, port.protocol, { statPrefix, cluster, filter: proxy });
}

/** What a rule says of TCP connections to a service. */
function proxySettings(
  { proxy }: Context,
  rule: DestinationRule | undefined,
  subset: string,
  tunnels: boolean,
): TcpProxy {
  const tcp = rule?.traffic_policy?.connection_pool?.tcp;
  const idle = tcp?.idle_timeout ?? goDuration(proxy.metadata.idleTimeout);
  return {
    ...(idle !== undefined && { idle_timeout: idle }),
    ...(tcp?.max_connection_duration !== undefined && {
      max_downstream_connection_duration: tcp.max_connection_duration,
    }),
    ...(hashesSource(rule, subset) && { hash_policy: [{ source_ip: {} }] }),
    ...(tunnels && tunnelOf(rule, subset)),
  };
}

function hashesSource(rule: DestinationRule | undefined, name: string): boolean {
  const own = rule?.subsets?.find((subset) => (subset.name ?? '') === name)?.traffic_policy?.load_balancer;
  return (own ?? rule?.traffic_policy?.load_balancer)?.consistent_hash?.use_source_ip === true;
}

function tunnelOf(rule: DestinationRule | undefined, name: string): TcpProxy {
  const policy =
    name === ''
      ? rule?.traffic_policy
      : rule?.subsets?.find((subset) => subset.name === name)?.traffic_policy;
  const tunnel = policy?.tunnel;
  if (tunnel === undefined) return {};
  const { target_host = '', target_port = 0, protocol } = tunnel;
  const host = target_host.includes(':') ? `[${target_host}]` : target_host;
  return {
    tunneling_config: { hostname: `${host}:${target_port}`, ...(protocol === 'POST' && { use_post: true }) },
  };
}

/** The filters that pass connections on to the destinations of a route. */
export function routeFilters(
  context: Context,
  place: Place,
  routes: readonly RouteDestination[],
  port: Port,
  config: { readonly name: string; readonly namespace: string },
): Filter[] {
  const { mesh, proxy } = context;
  const serviceOf = (host: string | undefined): Service | undefined => proxy.scope.byHost.get(host ?? '');
  const first = routes[0]?.destination ?? {};
  const service = serviceOf(first.host);
  const rule = service && destinationRule(proxy.scope, service.hostname, proxy.labels)?.spec;
  if (routes.length === 1) {
    const cluster = destinationCluster(first, service, port.port);
    const { subset = '' } = first;
    const pattern = mesh.settings.outbound_cluster_stat_name ?? '';
    const statPrefix =
      pattern !== '' && service !== undefined
        ? statisticsPattern(pattern, { service, port, subset, targetPort: 0 })
        : cluster;
    return singleFilters(context, place, port, { cluster, statPrefix, subset, rule });
  }
  const statPrefix = `${config.name}.${config.namespace}`;
  const clusters = routes.flatMap(({ destination = {}, weight = 0 }) =>
    weight > 0
      ? [{ name: destinationCluster(destination, serviceOf(destination.host), port.port), weight }]
      : [],
  );
  const filter = loggedProxy(context, place.kind, {
    stat_prefix: statPrefix,
    weighted_clusters: { clusters },
    ...proxySettings(context, rule, '', true),
  });
  return tcpFilters(context, place, port.protocol, {
    statPrefix,
    cluster: clusters[0]?.name ?? '',
    filter,
  });
}
