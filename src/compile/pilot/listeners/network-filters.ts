// Network filters that end a chain: the TCP proxy, with its protocol's own filter before it (Pilot 1.1's
// networkfilter.go).

import type { RouteDestination } from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { durationText, parseDuration } from '../../../mesh/duration.js';
import type { Config, Port } from '../../../mesh/model.js';
import type { Protocol } from '../../../mesh/protocol.js';
import type { Context } from '../context/context.js';
import { destinationCluster } from '../context/destination.js';
import { extension, type NamedConfig } from '../context/extension.js';
import { clusterName } from '../context/names.js';
import { accessLogField } from './access-log.js';

const TCP_PROXY = 'envoy.tcp_proxy';
const TCP_PROXY_TYPE = 'envoy.config.filter.network.tcp_proxy.v2.TcpProxy';

/** The filters of an inbound TCP port. */
export function inboundNetworkFilters(context: Context, hostname: string, port: Port): NamedConfig[] {
  const cluster = clusterName('inbound', port.name, hostname, port.port);
  return stack(context, port.protocol, cluster, tcpProxy(context, cluster, { cluster }));
}

/** The filters that send everything to one cluster. */
export function singleDestination(context: Context, cluster: string, protocol: Protocol): NamedConfig[] {
  return stack(
    context,
    protocol,
    cluster,
    tcpProxy(context, cluster, { cluster, ...idleTimeoutField(context) }),
  );
}

/** The filters of a route of a VirtualService. Proxies before 1.1 take the first of several destinations. */
export function routeDestinations(
  context: Context,
  routes: readonly RouteDestination[],
  port: Port,
  config: Pick<Config<unknown>, 'name' | 'namespace'>,
): NamedConfig[] {
  const target = ({ destination }: RouteDestination): string =>
    destinationCluster(destination, context.mesh.serviceByHostname.get(destination?.host ?? ''), port.port);
  const [first] = routes;
  if (first !== undefined && (routes.length === 1 || !context.proxy.isVersion11))
    return singleDestination(context, target(first), port.protocol);
  const statPrefix = `${config.name}.${config.namespace}`;
  const clusters = routes
    .filter(({ weight }) => (weight ?? 0) > 0)
    .map((route) => ({ name: target(route), weight: route.weight }));
  return stack(
    context,
    port.protocol,
    statPrefix,
    tcpProxy(context, statPrefix, { ...idleTimeoutField(context), weighted_clusters: { clusters } }),
  );
}

/** A TCP proxy that leads to a cluster and writes no log. */
export function silentTcpProxy(context: Context, cluster: string): NamedConfig {
  return extension(context, TCP_PROXY, TCP_PROXY_TYPE, { stat_prefix: cluster, cluster });
}

/** A TCP proxy that leads to a cluster. */
export function tcpProxy(
  context: Context,
  statPrefix: string,
  { cluster, ...fields }: { readonly cluster?: string; readonly [field: string]: unknown },
): NamedConfig {
  return extension(context, TCP_PROXY, TCP_PROXY_TYPE, {
    stat_prefix: statPrefix,
    ...(cluster !== undefined && { cluster }),
    ...accessLogField(context),
    ...fields,
  });
}

/** How long idle connections stay, where the node says it (`IDLE_TIMEOUT`). */
export function idleTimeoutField({ proxy }: Context): { readonly idle_timeout?: string } {
  const timeout = parseDuration(proxy.metadata.IDLE_TIMEOUT ?? '') ?? 0n;
  return timeout > 0n ? { idle_timeout: durationText(timeout) } : {};
}

function stack(context: Context, protocol: Protocol, statPrefix: string, proxy: NamedConfig): NamedConfig[] {
  switch (protocol) {
    case 'Mongo':
      return [mongoProxy(context, statPrefix), proxy];
    case 'MySQL':
      return context.environment.enableMysqlFilter && context.proxy.isVersion11
        ? [mysqlProxy(context, statPrefix), proxy]
        : [proxy];
    default:
      return [proxy];
  }
}

function mongoProxy(context: Context, statPrefix: string): NamedConfig {
  return byVersion(context, 'envoy.mongo_proxy', 'envoy.config.filter.network.mongo_proxy.v2.MongoProxy', {
    stat_prefix: statPrefix,
  });
}

function mysqlProxy(context: Context, statPrefix: string): NamedConfig {
  return byVersion(
    context,
    'envoy.filters.network.mysql_proxy',
    'envoy.config.filter.network.mysql_proxy.v1alpha1.MySQLProxy',
    { stat_prefix: statPrefix },
  );
}

/** For these two Pilot asks the proxy's version alone, not its own environment. */
function byVersion(context: Context, name: string, type: string, config: object): NamedConfig {
  const { environment } = context;
  return extension(
    { ...context, environment: { ...environment, disableMarshalingToAny: false } },
    name,
    type,
    config,
  );
}
