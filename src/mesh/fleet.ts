// All proxies of a mesh: the sidecar of each workload, and the gateways.

import { compareText } from '../collections/compare-text.js';
import type { Mesh, Workload } from './model.js';
import type { ProxyDescription } from './proxy.js';
import { describeWorkload, isGateway } from './proxy-description.js';

/** The proxies of a mesh. */
export interface Fleet {
  /** By namespace, then by name. */
  readonly proxies: readonly ProxyDescription[];
  /** How many workloads forbid the injector to give them a sidecar. */
  readonly withoutSidecar: number;
}

/** Finds the proxies of all workloads. */
export function fleetOf(mesh: Mesh): Fleet {
  const withProxy = mesh.workloads.filter((workload) => hasSidecar(workload) || isGateway(mesh, workload));
  return {
    proxies: withProxy.sort(byNamespace).map((workload) => describeWorkload(mesh, workload)),
    withoutSidecar: mesh.workloads.length - withProxy.length,
  };
}

/** The pods of gateways are not injected either: their container is the proxy. */
function hasSidecar({ annotations }: Workload): boolean {
  return annotations['sidecar.istio.io/inject'] !== 'false';
}

function byNamespace(a: Workload, b: Workload): number {
  return compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}
