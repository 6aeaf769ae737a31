// Services that settings of the mesh name: providers of logs, traces and checks (istiod 1.29's LookupCluster).

import type { Mesh } from '../../../mesh/istiod/model.js';
import { outboundName } from './names.js';

/** A service that is called, with its cluster. */
export interface FoundCluster {
  readonly host: string;
  readonly cluster: string;
}

/** The cluster of a service, `host` or `namespace/host`; undefined where it is not known, or known in several. */
export function lookupCluster({ serviceIndex }: Mesh, name: string, port: number): FoundCluster | undefined {
  const [namespace, own, ...rest] = name.split('/');
  if (own !== undefined && rest.length === 0) {
    const service = serviceIndex.byHost.get(own)?.get(namespace ?? '');
    return service && { host: service.hostname, cluster: outboundName(service.hostname, port) };
  }
  const found = [...(serviceIndex.byHost.get(name)?.values() ?? [])];
  const [service] = found;
  if (service === undefined || found.length > 1) return undefined;
  return { host: service.hostname, cluster: outboundName(service.hostname, port) };
}
