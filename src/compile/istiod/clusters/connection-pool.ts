// Connection pools, circuit breakers, outlier detection, load balancers: what a policy says of a cluster
// beside TLS (istiod 1.29's core/cluster_traffic_policy.go).

import { memo } from '../../../collections/memo.js';
import type { CircuitBreakers_Thresholds } from '../../../envoy/generated/types/envoy/config/cluster/v3/circuit_breaker.js';
import type {
  Cluster,
  Cluster_SlowStartConfig,
} from '../../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type { HttpProtocolOptions } from '../../../envoy/generated/types/envoy/config/core/v3/protocol.js';
import type {
  ConnectionPoolSettings,
  ConnectionPoolSettings_TCPSettings_TcpKeepalive,
  LoadBalancerSettings,
  OutlierDetection,
  TrafficPolicy_RetryBudget,
  WarmupConfiguration,
} from '../../../envoy/generated/types/networking/v1/destination_rule.js';
import { wholeSeconds } from '../../../mesh/duration.js';
import type { Port, Settings } from '../../../mesh/istiod/model.js';
import { isHttp } from '../../../mesh/istiod/protocol.js';
import { type ClusterDraft, useDownstreamProtocol, useHttp2 } from './draft.js';

const NO_LIMIT = 4294967295;
const NO_LIMITS: Cluster['circuit_breakers'] = {
  thresholds: [
    {
      max_connections: NO_LIMIT,
      max_pending_requests: NO_LIMIT,
      max_requests: NO_LIMIT,
      max_retries: NO_LIMIT,
    },
  ],
};

/** Upgrades to HTTP/2 where the policy or the mesh says so. */
export function applyUpgrade(
  draft: ClusterDraft,
  { protocol }: Port,
  settings: Settings,
  pool: ConnectionPoolSettings,
): void {
  const { use_client_protocol = false, h2_upgrade_policy = 'DEFAULT' } = pool.http ?? {};
  if (use_client_protocol || h2_upgrade_policy === 'DO_NOT_UPGRADE') return;
  const isWanted =
    h2_upgrade_policy === 'UPGRADE' || (isHttp(protocol) && settings.h2_upgrade_policy === 'UPGRADE');
  if (isWanted) useHttp2(draft);
}

const breakers = new WeakMap<ConnectionPoolSettings, Cluster['circuit_breakers']>();

/** Applies a connection pool's settings over those of the mesh. */
export function applyConnectionPool(
  draft: ClusterDraft,
  settings: Settings,
  pool: ConnectionPoolSettings,
  budget: TrafficPolicy_RetryBudget | undefined,
): void {
  const { cluster } = draft;
  const { http = {}, tcp = {} } = pool;
  cluster.connect_timeout = tcp.connect_timeout ?? settings.connect_timeout;
  cluster.circuit_breakers =
    pool.http === undefined && pool.tcp === undefined && budget === undefined
      ? NO_LIMITS
      : budget === undefined
        ? memo(breakers, pool, () => ({ thresholds: [thresholds(pool, undefined)] }))
        : { thresholds: [thresholds(pool, budget)] };
  applyKeepalive(cluster, settings.tcp_keepalive);
  applyKeepalive(cluster, tcp.tcp_keepalive);
  const common = commonOptions(pool);
  const streams = http.max_concurrent_streams ?? 0;
  if (common !== undefined || streams > 0) {
    draft.options = {
      ...draft.options,
      common_http_protocol_options: { ...draft.options?.common_http_protocol_options, ...common },
    };
    const explicit = draft.options.explicit_http_config;
    if (streams > 0 && explicit?.http2_protocol_options !== undefined)
      draft.options.explicit_http_config = {
        http2_protocol_options: { ...explicit.http2_protocol_options, max_concurrent_streams: streams },
      };
  }
  if (http.use_client_protocol) useDownstreamProtocol(draft);
}

function commonOptions({ http = {}, tcp = {} }: ConnectionPoolSettings): HttpProtocolOptions | undefined {
  const idle_timeout = http.idle_timeout ?? tcp.idle_timeout;
  const requests = http.max_requests_per_connection ?? 0;
  const { max_connection_duration } = tcp;
  if (idle_timeout === undefined && requests <= 0 && max_connection_duration === undefined) return undefined;
  return {
    ...(idle_timeout !== undefined && { idle_timeout }),
    ...(max_connection_duration !== undefined && { max_connection_duration }),
    ...(requests > 0 && { max_requests_per_connection: requests }),
  };
}

function thresholds(
  { http = {}, tcp = {} }: ConnectionPoolSettings,
  budget: TrafficPolicy_RetryBudget | undefined,
): CircuitBreakers_Thresholds {
  const limit = (value = 0): number => (value > 0 ? value : NO_LIMIT);
  return {
    max_connections: limit(tcp.max_connections),
    max_pending_requests: limit(http.http1_max_pending_requests),
    max_requests: limit(http.http2_max_requests),
    max_retries: limit(http.max_retries),
    ...(budget !== undefined && {
      retry_budget: {
        budget_percent: { value: budget.percent ?? 20 },
        min_retry_concurrency: budget.min_retry_concurrency || 3,
      },
    }),
  };
}

function applyKeepalive(
  cluster: Cluster,
  keepalive: ConnectionPoolSettings_TCPSettings_TcpKeepalive | undefined,
): void {
  if (keepalive === undefined) return;
  const { probes = 0, time, interval } = keepalive;
  cluster.upstream_connection_options = {
    tcp_keepalive: {
      ...cluster.upstream_connection_options?.tcp_keepalive,
      ...(probes > 0 && { keepalive_probes: probes }),
      ...(time !== undefined && { keepalive_time: wholeSeconds(time) }),
      ...(interval !== undefined && { keepalive_interval: wholeSeconds(interval) }),
    },
  };
}

/** Applies outlier detection. */
export function applyOutlierDetection(
  cluster: Cluster,
  outlier: OutlierDetection | undefined,
  sendsUnhealthy: boolean,
): void {
  if (outlier === undefined) return;
  const enforcing = (value: number): number => (value > 0 ? 100 : 0);
  const {
    consecutive_5xx_errors: errors,
    consecutive_gateway_errors: gatewayErrors,
    consecutive_local_origin_failures: localFailures = 0,
    interval,
    base_ejection_time,
    max_ejection_percent = 0,
    min_health_percent = 0,
    split_external_local_origin_errors: splits = false,
  } = outlier;
  cluster.outlier_detection = {
    enforcing_success_rate: 0,
    ...(errors !== undefined && {
      consecutive_5xx: errors,
      enforcing_consecutive_5xx: enforcing(errors),
    }),
    ...(gatewayErrors !== undefined && {
      consecutive_gateway_failure: gatewayErrors,
      enforcing_consecutive_gateway_failure: enforcing(gatewayErrors),
    }),
    ...(interval !== undefined && { interval }),
    ...(base_ejection_time !== undefined && { base_ejection_time }),
    ...(max_ejection_percent > 0 && { max_ejection_percent }),
    ...(splits && { split_external_local_origin_errors: true }),
    ...(splits &&
      localFailures > 0 && {
        consecutive_local_origin_failure: localFailures,
        enforcing_consecutive_local_origin_failure: 100,
      }),
    ...(splits && { enforcing_local_origin_success_rate: 0 }),
  };
  if (min_health_percent >= 0)
    cluster.common_lb_config = {
      ...cluster.common_lb_config,
      healthy_panic_threshold: { value: sendsUnhealthy ? 0 : min_health_percent },
    };
}

/** Applies a load balancer. What comes by original destination has none. */
export function applyLoadBalancer(cluster: Cluster, settings: LoadBalancerSettings = {}): void {
  if (cluster.type === 'ORIGINAL_DST') {
    cluster.lb_policy = 'CLUSTER_PROVIDED';
    return;
  }
  switch (settings.simple) {
    case 'RANDOM':
      cluster.lb_policy = 'RANDOM';
      break;
    case 'ROUND_ROBIN': {
      cluster.lb_policy = 'ROUND_ROBIN';
      const slow = slowStart(settings);
      if (slow !== undefined) cluster.round_robin_lb_config = { slow_start_config: slow };
      break;
    }
    case 'PASSTHROUGH':
      cluster.lb_policy = 'CLUSTER_PROVIDED';
      cluster.type = 'ORIGINAL_DST';
      delete cluster.load_assignment;
      break;
    default: {
      cluster.lb_policy = 'LEAST_REQUEST';
      const slow = slowStart(settings);
      if (slow !== undefined) cluster.least_request_lb_config = { slow_start_config: slow };
    }
  }
  applyConsistentHash(cluster, settings);
}

function slowStart({
  warmup,
  warmup_duration_secs,
}: LoadBalancerSettings): Cluster_SlowStartConfig | undefined {
  if (warmup !== undefined) return warmupConfig(warmup);
  return warmup_duration_secs === undefined ? undefined : { slow_start_window: warmup_duration_secs };
}

function warmupConfig({
  duration,
  aggression,
  minimum_percent,
}: WarmupConfiguration): Cluster_SlowStartConfig {
  return {
    ...(duration !== undefined && { slow_start_window: duration }),
    aggression: { default_value: aggression ?? 1, runtime_key: '(' },
    min_weight_percent: { value: minimum_percent ?? 10 },
  };
}

const DEFAULT_RING_SIZE = '1024';

function applyConsistentHash(cluster: Cluster, { consistent_hash: hash }: LoadBalancerSettings): void {
  if (hash === undefined) return;
  const ringOf = (size: string): void => {
    forgetConfigs(cluster);
    cluster.ring_hash_lb_config = { minimum_ring_size: size };
  };
  const isSet = (size: unknown): boolean => Number(size ?? 0) !== 0;
  if (hash.maglev !== undefined) {
    cluster.lb_policy = 'MAGLEV';
    if (isSet(hash.maglev.table_size)) {
      forgetConfigs(cluster);
      cluster.maglev_lb_config = { table_size: String(hash.maglev.table_size) };
    }
  } else {
    cluster.lb_policy = 'RING_HASH';
    if (hash.ring_hash !== undefined) {
      if (isSet(hash.ring_hash.minimum_ring_size)) ringOf(String(hash.ring_hash.minimum_ring_size));
    } else ringOf(isSet(hash.minimum_ring_size) ? String(hash.minimum_ring_size) : DEFAULT_RING_SIZE);
  }
}

/** A cluster has one of these: the last that is set. */
function forgetConfigs(cluster: Cluster): void {
  delete cluster.round_robin_lb_config;
  delete cluster.least_request_lb_config;
}
