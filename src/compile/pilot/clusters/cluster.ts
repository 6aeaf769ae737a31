// A cluster put together: what every cluster of a proxy has, in the order of Envoy's field numbers.

import { memo } from '../../../collections/memo.js';
import type { Cluster } from '../../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { LocalityLbEndpoints } from '../../../envoy/generated/types/envoy/api/v2/endpoint/endpoint_components.js';
import { hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';
import type { configMetadata } from '../context/names.js';
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

const FROM_ADS = { ads: {} };

/** A cluster of a draft and its other parts. There are many: members are set one by one, which is fastest. */
export function clusterOf(context: Context, draft: ClusterDraft, parts: ClusterParts): Cluster {
  const { name } = parts;
  const cluster: Cluster = { name, type: draft.type };
  if (parts.eds && (draft.type === 'EDS' || hasQuirk(context.compat, 'passthrough-keeps-eds')))
    cluster.eds_cluster_config = { eds_config: FROM_ADS, service_name: name };
  cluster.connect_timeout = draft.connectTimeout;
  if (draft.lbPolicy !== 'ROUND_ROBIN') cluster.lb_policy = draft.lbPolicy;
  if (draft.maxRequestsPerConnection !== undefined)
    cluster.max_requests_per_connection = draft.maxRequestsPerConnection;
  cluster.circuit_breakers = memo(breakers, draft.threshold, () => ({ thresholds: [draft.threshold] }));
  if (draft.tls !== undefined) cluster.tls_context = draft.tls as Cluster['tls_context'];
  if (parts.http2) cluster.http2_protocol_options = { max_concurrent_streams: MAX_STREAMS };
  if (parts.dns) {
    cluster.dns_refresh_rate = context.mesh.settings.dns_refresh_rate;
    cluster.dns_lookup_family = 'V4_ONLY';
  }
  if (draft.outlier !== undefined) cluster.outlier_detection = draft.outlier;
  if (draft.ringSize !== undefined) cluster.ring_hash_lb_config = { minimum_ring_size: draft.ringSize };
  if (parts.metadata !== undefined) cluster.metadata = parts.metadata;
  if (draft.localityWeighted) {
    cluster.common_lb_config = {
      ...(draft.panicThreshold !== undefined && {
        healthy_panic_threshold: { value: draft.panicThreshold },
      }),
      locality_weighted_lb_config: {},
    };
  }
  if (draft.idleTimeout !== undefined)
    cluster.common_http_protocol_options = { idle_timeout: draft.idleTimeout };
  if (draft.keepalive !== undefined) cluster.upstream_connection_options = draft.keepalive;
  if (parts.endpoints !== undefined) {
    cluster.load_assignment = {
      cluster_name: name,
      ...(parts.endpoints.length > 0 && { endpoints: [...parts.endpoints] }),
    };
  }
  return cluster;
}

/** Limits are few, and clusters many: those with the same limits share them. */
const breakers = new WeakMap<ClusterDraft['threshold'], NonNullable<Cluster['circuit_breakers']>>();
