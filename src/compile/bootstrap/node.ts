// What an Envoy says of itself, as Istio 1.1's agent has it (pkg/bootstrap getNodeMetaData, model.ServiceNode).

import type { Node } from '../../envoy/generated/types/envoy/api/v2/core/base.js';
import type { MeshProxy } from '../../mesh/proxy.js';

/** The node of a proxy that belongs to a cluster of services. */
export function nodeOf(proxy: MeshProxy, cluster: string): Node {
  const { type, ip, id, domain, metadata, locality } = proxy;
  return {
    id: [type, ip, id, domain].join('~'),
    cluster,
    metadata: { ISTIO_META_INSTANCE_IPS: ip, istio: 'sidecar', ...metadata },
    locality: {
      ...(locality?.region && { region: locality.region }),
      ...(locality?.zone && { zone: locality.zone }),
      ...(locality?.subZone && { sub_zone: locality.subZone }),
    },
  };
}

/** The cluster that the injector names a proxy's after: the workload's `app`, in its namespace. */
export function serviceCluster({ workload }: MeshProxy): string | undefined {
  const app = workload?.labels.app;
  return app ? `${app}.${workload?.namespace}` : undefined;
}
