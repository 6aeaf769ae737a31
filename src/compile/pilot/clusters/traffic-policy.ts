// What a DestinationRule's traffic policy makes of a cluster: connection pool, outlier detection, load
// balancing, TLS, each policy over the one before (Pilot 1.1's applyTrafficPolicy).

import type { Cluster } from '../../../envoy/generated/types/envoy/api/v2/cluster.js';
import type {
  ConnectionPoolSettings,
  ConnectionPoolSettings_TCPSettings_TcpKeepalive as Keepalive,
  LoadBalancerSettings,
  OutlierDetection,
  TrafficPolicy,
} from '../../../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { normalDuration, wholeSeconds } from '../../../mesh/duration.js';
import type { Port } from '../../../mesh/model.js';
import type { WrittenTlsContext } from '../../../tls/write.js';
import { type Compat, hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';
import { type UpstreamPeer, upstreamTls } from './upstream-tls.js';

/** A cluster while policies are applied to it. */
export interface ClusterDraft {
  readonly direction: 'inbound' | 'outbound';
  type: 'EDS' | 'STRICT_DNS' | 'STATIC' | 'ORIGINAL_DST';
  lbPolicy: NonNullable<Cluster['lb_policy']>;
  connectTimeout: string;
  threshold: Readonly<Thresholds>;
  maxRequestsPerConnection?: number;
  idleTimeout?: string;
  keepalive?: NonNullable<Cluster['upstream_connection_options']>;
  outlier?: NonNullable<Cluster['outlier_detection']>;
  localityWeighted: boolean;
  panicThreshold?: number;
  ringSize?: string;
  tls: WrittenTlsContext | undefined;
}

type Thresholds = {
  max_connections?: number;
  max_pending_requests?: number;
  max_requests?: number;
  max_retries?: number;
};

/** A cluster as the mesh's settings make it, before any rule. */
export function clusterDraft(
  context: Context,
  type: ClusterDraft['type'],
  direction: ClusterDraft['direction'],
): ClusterDraft {
  const { settings } = context.mesh;
  const keepalive = settings.tcp_keepalive;
  return {
    direction,
    type,
    lbPolicy: type === 'ORIGINAL_DST' ? 'ORIGINAL_DST_LB' : 'ROUND_ROBIN',
    connectTimeout: settings.connect_timeout as string,
    threshold: DEFAULT_THRESHOLDS[direction],
    ...(keepalive !== undefined && { keepalive: connectionOptions(keepalive) }),
    localityWeighted: false,
    tls: undefined,
  };
}

/** Clients retry as often as the mesh wants; Envoy's own limit of 3 at a time is lifted. */
const DEFAULT_THRESHOLDS: { readonly [Direction in ClusterDraft['direction']]: Readonly<Thresholds> } = {
  outbound: { max_retries: 1024 },
  inbound: {},
};

/** The parts of a policy that apply to a port: its own settings, or the general ones. */
export function policyForPort(
  policy: TrafficPolicy,
  port: Port,
  compat: Compat = 'istio-1.1',
): Pick<TrafficPolicy, 'connection_pool' | 'outlier_detection' | 'load_balancer' | 'tls'> {
  const own = policy.port_level_settings?.[portLevelIndex(policy, port)];
  return own === undefined || hasQuirk(compat, 'port-settings-replace-all')
    ? (own ?? policy)
    : { ...policy, ...own };
}

/** Which of a policy's settings for single ports is for a port; -1 if none is. */
export function portLevelIndex({ port_level_settings = [] }: TrafficPolicy, port: Port): number {
  return port_level_settings.findIndex(({ port: selector }) => {
    if (selector?.name !== undefined) return selector.name === port.name;
    return selector?.number !== undefined && selector.number === port.port;
  });
}

/**
 * Applies a policy to a cluster.
 *
 * @param peer undefined for clusters that only forward TLS (SNI-DNAT): theirs is left alone
 */
export function applyTrafficPolicy(
  context: Context,
  draft: ClusterDraft,
  policy: TrafficPolicy | undefined,
  port: Port,
  peer: UpstreamPeer | undefined,
): void {
  const { connection_pool, outlier_detection, load_balancer, tls } =
    policy === undefined ? {} : policyForPort(policy, port, context.compat);
  if (connection_pool !== undefined) applyConnectionPool(context, draft, connection_pool);
  if (outlier_detection !== undefined) {
    draft.outlier = outlierDetection(outlier_detection);
    const { min_health_percent } = outlier_detection;
    if (positive(min_health_percent) && !hasQuirk(context.compat, 'panic-threshold-lost'))
      draft.panicThreshold = min_health_percent;
  }
  if (draft.outlier !== undefined) draft.localityWeighted = true;
  if (load_balancer !== undefined) applyLoadBalancer(draft, load_balancer);
  if (tls !== undefined && peer !== undefined) draft.tls = upstreamTls(context, tls, peer, draft.tls);
}

/** Applies a connection pool. */
export function applyConnectionPool(
  context: Context,
  draft: ClusterDraft,
  { http, tcp }: ConnectionPoolSettings,
): void {
  const threshold: Thresholds = hasQuirk(context.compat, 'subset-pool-starts-over')
    ? { ...DEFAULT_THRESHOLDS[draft.direction] }
    : { ...draft.threshold };
  if (http !== undefined) {
    if (positive(http.http2_max_requests)) threshold.max_requests = http.http2_max_requests;
    if (positive(http.http1_max_pending_requests))
      threshold.max_pending_requests = http.http1_max_pending_requests;
    if (positive(http.max_requests_per_connection))
      draft.maxRequestsPerConnection = http.max_requests_per_connection;
    if (positive(http.max_retries)) threshold.max_retries = http.max_retries;
    if (http.idle_timeout !== undefined) draft.idleTimeout = normalDuration(http.idle_timeout);
  }
  if (tcp !== undefined) {
    if (tcp.connect_timeout !== undefined) draft.connectTimeout = normalDuration(tcp.connect_timeout);
    if (positive(tcp.max_connections)) threshold.max_connections = tcp.max_connections;
    const keepalive = tcp.tcp_keepalive ?? context.mesh.settings.tcp_keepalive;
    if (keepalive !== undefined) draft.keepalive = connectionOptions(keepalive);
  }
  draft.threshold = threshold;
}

/** Zero is what an absent number looks like, so it sets nothing. */
function positive(value: number | undefined): value is number {
  return value !== undefined && value > 0;
}

/** With nothing set, the operating system's own defaults hold. */
function connectionOptions({
  probes,
  time,
  interval,
}: Keepalive): NonNullable<Cluster['upstream_connection_options']> {
  return {
    tcp_keepalive: {
      ...(positive(probes) && { keepalive_probes: probes }),
      ...(time !== undefined && { keepalive_time: wholeSeconds(time) }),
      ...(interval !== undefined && { keepalive_interval: wholeSeconds(interval) }),
    },
  };
}

/** Only gateway errors count, at every one of them. */
function outlierDetection(rule: OutlierDetection): NonNullable<Cluster['outlier_detection']> {
  const counts = positive(rule.consecutive_errors);
  return {
    ...(rule.interval !== undefined && { interval: normalDuration(rule.interval) }),
    ...(rule.base_ejection_time !== undefined && {
      base_ejection_time: normalDuration(rule.base_ejection_time),
    }),
    ...(positive(rule.max_ejection_percent) && { max_ejection_percent: rule.max_ejection_percent }),
    ...(counts && {
      enforcing_consecutive_5xx: 0,
      consecutive_gateway_failure: rule.consecutive_errors,
      enforcing_consecutive_gateway_failure: 100,
    }),
  };
}

const DEFAULT_RING_SIZE = '1024';

function applyLoadBalancer(draft: ClusterDraft, { simple, consistent_hash }: LoadBalancerSettings): void {
  // Original destinations are not chosen, so there is nothing to balance.
  if (draft.type === 'ORIGINAL_DST') {
    draft.lbPolicy = 'ORIGINAL_DST_LB';
    return;
  }
  switch (simple) {
    case 'LEAST_CONN':
      draft.lbPolicy = 'LEAST_REQUEST';
      break;
    case 'RANDOM':
      draft.lbPolicy = 'RANDOM';
      break;
    case 'PASSTHROUGH':
      draft.lbPolicy = 'ORIGINAL_DST_LB';
      draft.type = 'ORIGINAL_DST';
      break;
    default:
      draft.lbPolicy = 'ROUND_ROBIN';
  }
  if (consistent_hash !== undefined) {
    const size = String(consistent_hash.minimum_ring_size ?? '0');
    draft.lbPolicy = 'RING_HASH';
    draft.ringSize = size === '0' ? DEFAULT_RING_SIZE : size;
  }
}
