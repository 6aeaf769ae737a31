// Workloads: Pods, and what makes Pods where the Pods themselves are not among the resources, as in a
// repository. A Pod has its address from the cluster; a template has none.

import { grouped } from '../collections/grouped.js';
import {
  containersOf,
  type KubernetesObject,
  type Owner,
  ownersOf,
  type PodSpec,
} from './kubernetes-objects.js';
import { coveredByLabels } from './label-index.js';
import { localityName } from './locality.js';
import { spiffeId } from './mesh-config.js';
import type { EndpointSubset, MeshSettings, ServiceObject, ServicePortTarget, Workload } from './model.js';
import type { Resources } from './resources.js';

/** By the name of the node. */
type Localities = ReadonlyMap<string, string>;

/** A Pod, or the template of one. */
type PodObject = KubernetesObject<PodSpec>;

/** All Pods that run or will run, then the templates that none of them comes from. */
export function workloadsOf(
  { core, templates }: Pick<Resources, 'core' | 'templates'>,
  settings: MeshSettings,
  localities: Localities,
): Workload[] {
  const owned = grouped(templates, ({ namespace, name }) => `${namespace}/${name}`);
  const labelled = coveredByLabels(templates);
  const covered = new Set<PodObject>();
  const templateOf = (pod: PodObject): PodObject | undefined => {
    const owners = ownersOf(pod);
    const candidates = ownerNames(owners).flatMap((name) => owned.get(`${pod.namespace}/${name}`) ?? []);
    const owner = candidates.find((candidate) => isOwned(owners, candidate));
    return owner ?? labelled(pod.namespace, pod.labels)[0];
  };
  const pods = core.Pod.filter((pod) => !hasEnded(pod)).map((pod) => {
    const template = templates.length === 0 ? undefined : templateOf(pod);
    if (template !== undefined) covered.add(template);
    return podOf(pod, template?.name ?? '', settings, localities);
  });
  const others = templates.filter((template) => !covered.has(template));
  return [...pods, ...others.map((template) => templateWorkload(template, settings))];
}

/** Pods that have run to their end have no endpoints anymore. */
function hasEnded({ spec: { phase } }: PodObject): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** What is between a workload and its Pods, named after the workload. */
const BETWEEN: Readonly<Record<string, string>> = { Deployment: 'ReplicaSet', CronJob: 'Job' };

/** What the names of Pods and ReplicaSets end with. */
const HASH = /-[a-z0-9]+$/;

/** The names that the template of a pod may have: those of its owners, and what those may be made from. */
function ownerNames(owners: readonly Owner[]): string[] {
  return owners.flatMap(({ name }) => [name, name.replace(HASH, '')]);
}

/** Whether one of a pod's owners is a template, or what the template makes. */
function isOwned(owners: readonly Owner[], template: PodObject): boolean {
  return owners.some(({ kind, name }) =>
    kind === template.kind
      ? name === template.name
      : kind === BETWEEN[template.kind] && name.replace(HASH, '') === template.name,
  );
}

function podOf(pod: PodObject, owner: string, settings: MeshSettings, localities: Localities): Workload {
  const { account, hasStatus, ip, nodeName, podSpec } = pod.spec;
  const manifest = !hasStatus;
  return {
    kind: 'Pod',
    document: pod.document,
    node: pod.node,
    name: pod.name,
    namespace: pod.namespace,
    owner,
    ip,
    manifest,
    labels: pod.labels,
    annotations: pod.annotations,
    account,
    // The cluster fills it in.
    serviceAccount: spiffeId(settings, pod.namespace, manifest ? account || DEFAULT_ACCOUNT : account),
    locality: localityName(pod.labels, localities.get(nodeName) ?? ''),
    podSpec,
  };
}

const DEFAULT_ACCOUNT = 'default';

function templateWorkload(template: PodObject, settings: MeshSettings): Workload {
  const account = template.spec.account || DEFAULT_ACCOUNT;
  return {
    kind: template.kind,
    document: template.document,
    node: template.node,
    name: template.name,
    namespace: template.namespace,
    owner: '',
    ip: '',
    manifest: true,
    labels: template.labels,
    annotations: template.annotations,
    account,
    serviceAccount: spiffeId(settings, template.namespace, account),
    locality: '',
    podSpec: template.spec.podSpec,
  };
}

/** Whether a workload has no address because it was not run yet. */
export function isManifest({ manifest, ip }: Workload): boolean {
  return manifest && ip === '';
}

/** The endpoints that a cluster would list for a service: those with addresses among the workloads that it selects. */
export function endpointsOf({ targetPorts }: ServiceObject, selected: readonly Workload[]): EndpointSubset[] {
  return selected
    .filter(({ ip }) => ip !== '')
    .map((workload) => ({
      addresses: [workload.ip],
      notReadyAddresses: [],
      ports: targetPorts.flatMap((target) => {
        const port = portAt(workload, target);
        return port === undefined ? [] : [{ name: target.name, port }];
      }),
    }));
}

/** The number of the port of a workload to which a service's port leads; undefined where it has no port of that name. */
export function portAt(workload: Workload, { target, protocol }: ServicePortTarget): number | undefined {
  if (typeof target === 'number') return target;
  return containersOf(workload)
    .flatMap(({ ports }) => ports)
    .find((port) => port.name === target && port.protocol === protocol)?.port;
}
