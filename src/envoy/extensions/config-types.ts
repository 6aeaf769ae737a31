// What the `config` Struct of a v2 extension holds: the message that the extension's name stands for, at the
// place where it stands.

import type { Category } from './categories.js';
import { extensionNamed } from './extensions.js';

/** Messages with a `name` and a `config`. */
const NAMED: ReadonlyMap<string, Category> = new Map<string, Category>([
  [
    'envoy.api.v2.core.GrpcService.GoogleGrpc.CallCredentials.MetadataCredentialsFromPlugin',
    'grpc-credentials',
  ],
  ['envoy.api.v2.core.HealthCheck.CustomHealthCheck', 'health-checker'],
  ['envoy.api.v2.core.TransportSocket', 'transport-socket'],
  ['envoy.api.v2.listener.Filter', 'network'],
  ['envoy.api.v2.listener.ListenerFilter', 'listener'],
  ['envoy.api.v2.route.RetryPolicy.RetryHostPredicate', 'retry-host'],
  ['envoy.api.v2.route.RetryPolicy.RetryPriority', 'retry-priority'],
  ['envoy.config.filter.accesslog.v2.AccessLog', 'access-log'],
  ['envoy.config.filter.network.http_connection_manager.v2.HttpFilter', 'http'],
  ['envoy.config.filter.network.thrift_proxy.v2alpha1.ThriftFilter', 'thrift'],
  ['envoy.config.metrics.v2.StatsSink', 'stats-sink'],
  ['envoy.config.overload.v2alpha.ResourceMonitor', 'resource-monitor'],
  ['envoy.config.trace.v2.Tracing.Http', 'tracer'],
]);

/** What a route, virtual host or weighted cluster says for an HTTP filter, by the filter's name of today. */
const PER_ROUTE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    aws_lambda: 'aws_lambda.v2alpha.PerRouteConfig',
    buffer: 'buffer.v2.BufferPerRoute',
    csrf: 'csrf.v2.CsrfPolicy',
    dynamic_forward_proxy: 'dynamic_forward_proxy.v2alpha.PerRouteConfig',
    ext_authz: 'ext_authz.v2.ExtAuthzPerRoute',
    fault: 'fault.v2.HTTPFault',
    grpc_http1_reverse_bridge: 'grpc_http1_reverse_bridge.v2alpha1.FilterConfigPerRoute',
    rbac: 'rbac.v2.RBACPerRoute',
  }).map(([filter, type]) => [`envoy.filters.http.${filter}`, `envoy.config.filter.http.${type}`]),
);

/** Where in a listener or in a cluster a transport socket stands: the two sides of TLS differ. */
export type Side = 'downstream' | 'upstream';

/** The message in the `config` of a message of a type with this name; undefined where that is not known. */
export function configType(holder: string, name: string, side: Side): string | undefined {
  const category = NAMED.get(holder);
  const extension = category === undefined ? undefined : extensionNamed(category, name);
  if (extension?.name !== 'envoy.transport_sockets.tls') return extension?.config;
  return side === 'downstream'
    ? 'envoy.api.v2.auth.DownstreamTlsContext'
    : 'envoy.api.v2.auth.UpstreamTlsContext';
}

/** Whether messages of a type have a name that tells what their `config` is. */
export function hasNamedConfig(holder: string): boolean {
  return NAMED.has(holder);
}

/** The message in a map of Structs under an extension's name; undefined where that is not known. */
export function keyedConfigType(field: string, name: string): string | undefined {
  if (field === 'extension_protocol_options') return extensionNamed('protocol-options', name)?.config;
  const filter = field === 'per_filter_config' ? extensionNamed('http', name)?.name : undefined;
  return filter === undefined ? undefined : PER_ROUTE.get(filter);
}
