// The workloads of a mesh, each with its manifest and its proxies: the pods of one owner are one.

import { compareText } from '../collections/compare-text.js';
import { isGatewayProxy, isProxy, usesControlPlaneFiles } from '../kubernetes/pod-sds.js';
import { type PodWorkload, podWorkloads } from '../kubernetes/workload.js';
import { fleetOf } from '../mesh/fleet.js';
import type { Mesh, Workload } from '../mesh/model.js';
import { type MeshProxy, resolveProxy } from '../mesh/proxy.js';
import type { Document } from '../source/document.js';
import type { WorkloadId } from './model.js';

/** One workload with all that is known of it. */
export interface FleetMember {
  readonly id: WorkloadId;
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
  readonly manifest: PodWorkload | undefined;
  readonly proxies: readonly MeshProxy[];
  readonly gateway: boolean;
  readonly controlPlane: boolean;
}

/** The workloads in the order of their ids; with a control plane that is asked and not among them. */
export function membersOf(mesh: Mesh, documents: readonly Document[]): FleetMember[] {
  const manifests = new Map<string, PodWorkload>();
  for (const workload of documents.flatMap(podWorkloads))
    manifests.set(`${workload.namespace || 'default'}/${workload.name}`, workload);
  const found = new Map<string, FleetMember>();
  for (const description of fleetOf(mesh).proxies) {
    const workload = description.workload as Workload;
    const name = workload.owner || workload.name;
    const id = `${workload.namespace}/${name}`;
    const manifest = manifests.get(id);
    const known = found.get(id);
    found.set(id, {
      id,
      name,
      namespace: workload.namespace,
      kind: manifest?.kind ?? workload.kind,
      manifest,
      proxies: [...(known?.proxies ?? []), resolveProxy(mesh, description)],
      gateway: description.type === 'router' || (manifest?.pod.containers.some(isGatewayProxy) ?? false),
      controlPlane: CONTROL_PLANE.has(workload.labels.istio ?? ''),
    });
  }
  const pilot = pilotOf(mesh, [...found.values()]);
  if (usesControlPlaneTls(mesh, [...found.values()]) && !found.has(pilot)) {
    const [namespace = '', name = ''] = pilot.split('/');
    found.set(pilot, {
      id: pilot,
      name,
      namespace,
      kind: 'Deployment',
      manifest: undefined,
      proxies: [],
      gateway: false,
      controlPlane: true,
    });
  }
  return [...found.values()].sort((a, b) => compareText(a.id, b.id));
}

/** The label `istio` of what the control plane consists of. */
const CONTROL_PLANE: ReadonlySet<string> = new Set([
  'pilot',
  'mixer',
  'galley',
  'citadel',
  'sidecar-injector',
]);

/** The workload that proxies ask for their configuration. */
export function pilotOf({ settings }: Mesh, members: readonly FleetMember[]): string {
  const pilot = members.find(({ proxies }) =>
    proxies.some(({ workload }) => workload?.labels.istio === 'pilot'),
  );
  return pilot?.id ?? `${settings.root_namespace}/istio-pilot`;
}

function usesControlPlaneTls({ settings }: Mesh, members: readonly FleetMember[]): boolean {
  return (
    settings.default_config?.control_plane_auth_policy === 'MUTUAL_TLS' || members.some(asksControlPlaneByTls)
  );
}

/** Whether a workload's proxy says in its arguments that it reaches the control plane by mutual TLS. */
export function asksControlPlaneByTls({ manifest }: FleetMember): boolean {
  return (
    manifest?.pod.containers.some((container) => isProxy(container) && usesControlPlaneFiles(container)) ??
    false
  );
}
