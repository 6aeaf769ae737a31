// What is so by default: proto3's zero values, and the defaults that Envoy's own declarations state for
// wrappers and durations. Only what no version of Envoy has otherwise is listed.

import { enumeration, type FieldInfo, type MessageInfo } from '../../envoy/api-table.js';
import { SWITCHES_OFF } from '../../tls/fields.js';

type Value = string | number | boolean | null;

/** Stated defaults of fields whose absence can be told from zero, by message and field. */
const STATED: ReadonlyMap<string, Value> = new Map<string, Value>([
  // One of a oneof; Envoy takes the type that is zero where none is set.
  ['Cluster.type', 'STATIC'],
  ['Cluster.ignore_health_on_host_removal', false],
  ['Thresholds.max_connections', 1024],
  ['Thresholds.max_pending_requests', 1024],
  ['Thresholds.max_requests', 1024],
  ['Thresholds.max_retries', 3],
  ['OutlierDetection.consecutive_5xx', 5],
  ['OutlierDetection.interval', '10s'],
  ['OutlierDetection.base_ejection_time', '30s'],
  ['OutlierDetection.max_ejection_percent', 10],
  ['OutlierDetection.enforcing_consecutive_5xx', 100],
  ['OutlierDetection.enforcing_success_rate', 100],
  ['OutlierDetection.success_rate_minimum_hosts', 5],
  ['OutlierDetection.success_rate_request_volume', 100],
  ['OutlierDetection.success_rate_stdev_factor', 1900],
  ['OutlierDetection.consecutive_gateway_failure', 5],
  ['OutlierDetection.enforcing_consecutive_gateway_failure', 0],
  ['CommonLbConfig.healthy_panic_threshold', 50],
  ['RingHashLbConfig.minimum_ring_size', 1024],
  ['HealthCheck.reuse_connection', true],
  ...SWITCHES_OFF.map((field) => [field, false] as const),
  ['Listener.use_original_dst', false],
  ['Listener.bind_to_port', true],
  ['DeprecatedV1.bind_to_port', true],
  ['Listener.transparent', false],
  ['Listener.freebind', false],
  ['Listener.per_connection_buffer_limit_bytes', 1048576],
  ['Cluster.per_connection_buffer_limit_bytes', 1048576],
  ['FilterChain.use_proxy_proto', false],
  ['HttpConnectionManager.use_remote_address', false],
  ['HttpConnectionManager.generate_request_id', true],
  ['HttpConnectionManager.normalize_path', false],
  ['HttpConnectionManager.stream_idle_timeout', '300s'],
  ['HttpConnectionManager.drain_timeout', '5s'],
  ['HttpConnectionManager.max_request_headers_kb', 60],
  ['TcpProxy.max_connect_attempts', 1],
  ['RouteAction.timeout', '15s'],
  ['RetryPolicy.num_retries', 1],
  ['RouteMatch.case_sensitive', true],
  ['RouteConfiguration.validate_clusters', false],
  ['WeightedCluster.total_weight', 100],
  ['HeaderValueOption.append', true],
  ['LbEndpoint.load_balancing_weight', 1],
  ['Policy.overprovisioning_factor', 140],
  ['Policy.drop_percentage', 0],
  ['Router.dynamic_stats', true],
]);

/** Defaults that v3 states and that v2 did not have. */
const STATED_V3: ReadonlyMap<string, Value> = new Map<string, Value>([['Cluster.connect_timeout', '5s']]);

/** Whether a scalar says what its absence says. */
export function isDefaultScalar(type: MessageInfo, field: FieldInfo, value: Value): boolean {
  const name = `${type.shortName}.${field.name}`;
  if (STATED.get(name) === value) return true;
  if (type.isV3 && STATED_V3.get(name) === value) return true;
  if (field.repeated || field.oneof !== undefined) return false;
  if (field.kind === 'enum') return value === enumeration(field.type as string)?.values[0]?.name;
  return field.kind === 'scalar' && (value === 0 || value === '' || value === false || value === '0');
}

/** Messages that say nothing when they are empty; of others it means something that they are there. */
const EMPTY_SAYS_NOTHING: ReadonlySet<string> = new Set([
  'CertificateValidationContext',
  'CircuitBreakers',
  'CommonLbConfig',
  'CommonTlsContext',
  'DeprecatedV1',
  'DynamicResources',
  'FilterChainMatch',
  'Locality',
  'Metadata',
  'Node',
  'Policy',
  'StaticResources',
  'Thresholds',
  'TlsParameters',
]);

/** Whether a message without fields says the same as its absence. */
export function isDefaultMessage(type: MessageInfo): boolean {
  return EMPTY_SAYS_NOTHING.has(type.shortName);
}
