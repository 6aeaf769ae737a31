// The v3 messages that configure an extension which Envoy finds by the type in `typed_config`. Since 1.22 the
// name alone finds none (`envoy.reloadable_features.no_extension_lookup_by_name`).

const POINTS: ReadonlySet<string> = new Set([
  'envoy.config.accesslog.v3.AccessLog',
  'envoy.config.accesslog.v3.ExtensionFilter',
  'envoy.config.cluster.v3.Filter',
  'envoy.config.core.v3.HealthCheck.CustomHealthCheck',
  'envoy.config.core.v3.RetryPolicy.RetryHostPredicate',
  'envoy.config.core.v3.RetryPolicy.RetryPriority',
  'envoy.config.core.v3.TransportSocket',
  'envoy.config.listener.v3.Filter',
  'envoy.config.listener.v3.ListenerFilter',
  'envoy.config.metrics.v3.StatsSink',
  'envoy.config.overload.v3.ResourceMonitor',
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate',
  'envoy.config.route.v3.RetryPolicy.RetryPriority',
  'envoy.config.trace.v3.Tracing.Http',
  'envoy.extensions.filters.network.thrift_proxy.v3.ThriftFilter',
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.SessionFilter',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
]);

/** Fields of which each says what the extension is, or that it may be missing. */
export const CONFIGURING: readonly string[] = ['typed_config', 'config_discovery', 'is_optional'];

/** Whether a message configures an extension that its `typed_config` names. */
export function isExtensionPoint(typeName: string): boolean {
  return POINTS.has(typeName);
}
