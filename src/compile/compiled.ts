// What a proxy is sent.

import type { Cluster } from '../envoy/generated/types/envoy/api/v2/cluster.js';
import type { ClusterLoadAssignment } from '../envoy/generated/types/envoy/api/v2/endpoint.js';
import type { Listener } from '../envoy/generated/types/envoy/api/v2/listener.js';
import type { RouteConfiguration } from '../envoy/generated/types/envoy/api/v2/route.js';
import type { Finding } from '../finding/finding.js';

/** What a proxy is sent, by kind. */
export interface Compiled {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  readonly endpoints: readonly ClusterLoadAssignment[];
  /** What could not be made as the resources say. */
  readonly findings: readonly Finding[];
}
