// What kind of cluster a cluster is: by its `type`, or by the extension that it names as its `cluster_type`.

import { message } from '../../../envoy/api-table.js';
import type { Message } from '../../../envoy/message.js';
import { saidType } from '../registered.js';

/** The kinds that are told apart. */
export type ClusterKind =
  | 'STATIC'
  | 'STRICT_DNS'
  | 'LOGICAL_DNS'
  | 'EDS'
  | 'ORIGINAL_DST'
  | 'dynamic forward proxy'
  | 'aggregate'
  | 'other'
  | 'unknown';

const PACKAGE = 'envoy.extensions.clusters';

/** The kinds of extensions, by the messages of their configurations. */
const BY_TYPE: ReadonlyMap<string, ClusterKind> = new Map<string, ClusterKind>([
  [`${PACKAGE}.aggregate.v3.ClusterConfig`, 'aggregate'],
  [`${PACKAGE}.composite.v3.ClusterConfig`, 'other'],
  [`${PACKAGE}.dns.v3.DnsCluster`, 'STRICT_DNS'],
  [`${PACKAGE}.dynamic_forward_proxy.v3.ClusterConfig`, 'dynamic forward proxy'],
  [`${PACKAGE}.dynamic_modules.v3.ClusterConfig`, 'other'],
  [`${PACKAGE}.mcp_multicluster.v3.ClusterConfig`, 'other'],
  [`${PACKAGE}.original_dst.v3.OriginalDstCluster`, 'ORIGINAL_DST'],
  [`${PACKAGE}.redis.v3.RedisClusterConfig`, 'other'],
  [`${PACKAGE}.reverse_connection.v3.ReverseConnectionClusterConfig`, 'other'],
]);

/** The kinds of extensions, by their names. */
const BY_NAME: ReadonlyMap<string, ClusterKind> = new Map<string, ClusterKind>([
  ['envoy.cluster.dns', 'STRICT_DNS'],
  ['envoy.cluster.eds', 'EDS'],
  ['envoy.cluster.logical_dns', 'LOGICAL_DNS'],
  ['envoy.cluster.original_dst', 'ORIGINAL_DST'],
  ['envoy.cluster.static', 'STATIC'],
  ['envoy.cluster.strict_dns', 'STRICT_DNS'],
  ['envoy.clusters.aggregate', 'aggregate'],
  ['envoy.clusters.composite', 'other'],
  ['envoy.clusters.dynamic_forward_proxy', 'dynamic forward proxy'],
  ['envoy.clusters.dynamic_modules', 'other'],
  ['envoy.clusters.mcp_multicluster', 'other'],
  ['envoy.clusters.redis', 'other'],
  ['envoy.clusters.reverse_connection', 'other'],
]);

/** The names of cluster extensions. */
export const EXTENSION_NAMES: readonly string[] = [...BY_NAME.keys()];

/** The kind of a cluster; `unknown` where no Envoy has its extension. */
export function kindOf(cluster: Message): ClusterKind {
  const extension = cluster.message('cluster_type');
  if (extension === undefined) return (cluster.enumName('type') as ClusterKind | undefined) ?? 'STATIC';
  const type = saidType(extension)?.name;
  if (type === undefined || type.startsWith('google.protobuf.'))
    return BY_NAME.get(extension.text('name') ?? '') ?? 'unknown';
  const kind = BY_TYPE.get(type);
  if (kind === undefined) return message(type) === undefined ? 'other' : 'unknown';
  const isLogical = extension.message('typed_config')?.text('all_addresses_in_single_endpoint') === 'true';
  return isLogical ? 'LOGICAL_DNS' : kind;
}

/** Whether a cluster resolves host names. */
export function resolvesNames(kind: ClusterKind): boolean {
  return kind === 'STRICT_DNS' || kind === 'LOGICAL_DNS';
}

/** The configuration of a cluster's extension, with a type that is known. */
export function extensionConfig(cluster: Message): Message | undefined {
  return cluster.message('cluster_type')?.message('typed_config');
}
