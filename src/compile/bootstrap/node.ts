// What an Envoy says of itself, as Istio 1.1's agent has it (pkg/bootstrap getNodeMetaData, model.ServiceNode).

import { compareText } from '../../collections/compare-text.js';
import type { Node } from '../../envoy/generated/types/envoy/api/v2/core/base.js';
import type { MeshProxy } from '../../mesh/proxy.js';

/**
 * The node of a proxy.
 *
 * @param cluster the cluster of services that it says it belongs to
 * @param annotations those of its pod, which the agent passes on
 */
export function nodeOf(
  { type, ip, id, domain, metadata, locality }: MeshProxy,
  cluster: string,
  annotations: { readonly [name: string]: string },
): Node {
  const ips = metadata.INSTANCE_IPS ?? ip;
  const all = { ISTIO_META_INSTANCE_IPS: ips, istio: 'sidecar', ...annotations, ...metadata };
  return {
    id: [type, ip, id, domain].join('~'),
    cluster,
    metadata: Object.fromEntries(Object.entries(all).sort(([a], [b]) => compareText(a, b))),
    locality: {
      ...(locality?.region && { region: locality.region }),
      ...(locality?.zone && { zone: locality.zone }),
      ...(locality?.subZone && { sub_zone: locality.subZone }),
    },
  };
}

/** The cluster that the injector names a proxy's after: the workload's `app`, in its namespace. */
export function serviceCluster({ metadata, namespace, workload }: MeshProxy): string | undefined {
  // The labels of a proxy that a file describes are in its metadata.
  const app = workload?.labels.app || metadata.app;
  return app ? `${app}.${workload?.namespace ?? namespace}` : undefined;
}
