// A cluster put together: what every cluster of a proxy has, in the order of Envoy's field numbers.

import type { Cluster } from '../envoy/generated/types/envoy/api/v2/cluster.js';
import type { LocalityLbEndpoints } from '../envoy/generated/types/envoy/api/v2/endpoint/endpoint_components.js';
import { hasQuirk } from './compat.js';
import type { Context } from './context.js';
import type { configMetadata } from './names.js';
import type { ClusterDraft } from './traffic-policy.js';

/** Envoy's default of 100 streams at a time is too low between proxies. */
const MAX_STREAMS = 1_073_741_824;

/** What a cluster has beside what policies say. */
export interface ClusterParts {
  readonly name: string;
  readonly http2: boolean;
  /** Whether endpoints come from EDS; it stays where a policy changes the cluster's type. */
  readonly eds: boolean;
  /** Whether names are resolved. */
  readonly dns: boolean;
  /** Undefined for clusters whose endpoints are not in it. */
  readonly endpoints: readonly LocalityLbEndpoints[] | undefined;
  readonly metadata: ReturnType<typeof configMetadata> | undefined;
}

/** A cluster of a draft and its other parts. */
export function clusterOf(context: Context, draft: ClusterDraft, parts: ClusterParts): Cluster {
  const { name } = parts;
  return {
    name,
    type: draft.type,
    ...(parts.eds &&
      (draft.type === 'EDS' || hasQuirk(context.compat, 'passthrough-keeps-eds')) && {
        eds_cluster_config: { eds_config: { ads: {} }, service_name: name },
      }),
    connect_timeout: draft.connectTimeout,
    ...(draft.lbPolicy !== 'ROUND_ROBIN' && { lb_policy: draft.lbPolicy }),
    ...(draft.maxRequestsPerConnection !== undefined && {
      max_requests_per_connection: draft.maxRequestsPerConnection,
    }),
    circuit_breakers: { thresholds: [draft.threshold] },
    ...(draft.tls !== undefined && { tls_context: draft.tls as Cluster['tls_context'] }),
    ...(parts.http2 && { http2_protocol_options: { max_concurrent_streams: MAX_STREAMS } }),
    ...(parts.dns && {
      dns_refresh_rate: context.mesh.settings.dns_refresh_rate,
      dns_lookup_family: 'V4_ONLY' as const,
    }),
    ...(draft.outlier !== undefined && { outlier_detection: draft.outlier }),
    ...(draft.ringSize !== undefined && { ring_hash_lb_config: { minimum_ring_size: draft.ringSize } }),
    ...(parts.metadata !== undefined && { metadata: parts.metadata }),
    ...(draft.localityWeighted && {
      common_lb_config: {
        ...(draft.panicThreshold !== undefined && {
          healthy_panic_threshold: { value: draft.panicThreshold },
        }),
        locality_weighted_lb_config: {},
      },
    }),
    ...(draft.idleTimeout !== undefined && {
      common_http_protocol_options: { idle_timeout: draft.idleTimeout },
    }),
    ...(draft.keepalive !== undefined && { upstream_connection_options: draft.keepalive }),
    ...(parts.endpoints !== undefined && {
      load_assignment: {
        cluster_name: name,
        ...(parts.endpoints.length > 0 && { endpoints: [...parts.endpoints] }),
      },
    }),
  };
}
