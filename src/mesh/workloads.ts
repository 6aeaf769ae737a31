// Workloads: Pods, and what makes Pods where the Pods themselves are not among the resources, as in a
// repository. A Pod has its address from the cluster; a template has none.

import { textAt } from '../kubernetes/objects.js';
import type { Tape } from '../source/tape.js';
import { isSaid, itemsAt, portOrName } from './fields.js';
import { grouped } from './grouped.js';
import { coveredByLabels } from './label-index.js';
import { spiffeId } from './mesh-config.js';
import type {
  Container,
  EndpointSubset,
  MeshSettings,
  ProbeTarget,
  ServiceObject,
  ServicePortTarget,
  Workload,
} from './model.js';
import type { KubernetesObject, Resources } from './resources.js';

/** By the name of the node. */
type Localities = ReadonlyMap<string, string>;

/** All Pods that run or will run, then the templates that none of them comes from. */
export function workloadsOf(
  { core, templates }: Pick<Resources, 'core' | 'templates'>,
  settings: MeshSettings,
  localities: Localities,
): Workload[] {
  const owned = grouped(templates, ({ namespace, name }) => `${namespace}/${name}`);
  const labelled = coveredByLabels(templates);
  const covered = new Set<KubernetesObject>();
  const pods = core.Pod.filter((pod) => !hasEnded(pod)).map((pod) => {
    const owners = ownerNames(pod).flatMap((name) => owned.get(`${pod.namespace}/${name}`) ?? []);
    const template =
      owners.find((candidate) => isOwner(pod, candidate)) ?? labelled(pod.namespace, pod.labels)[0];
    if (template !== undefined) covered.add(template);
    return podOf(pod, template?.name ?? '', settings, localities);
  });
  const others = templates.filter((template) => !covered.has(template));
  return [...pods, ...others.map((template) => templateWorkload(template, settings))];
}

/** Pods that have run to their end have no endpoints any more. */
function hasEnded(pod: KubernetesObject): boolean {
  const { tape } = pod.document;
  const phase = textAt(tape, tape.get(pod.described, 'status'), 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

/** What stands between a workload and its Pods, named after the workload. */
const BETWEEN: Readonly<Record<string, string>> = { Deployment: 'ReplicaSet', CronJob: 'Job' };

/** What the names of Pods and ReplicaSets end with. */
const HASH = /-[a-z0-9]+$/;

/** The names that the template of a pod may have: those of its owners, and what those may be made from. */
function ownerNames(pod: KubernetesObject): string[] {
  return ownersOf(pod).flatMap(({ name }) => [name, name.replace(HASH, '')]);
}

function ownersOf(pod: KubernetesObject): { readonly kind: string; readonly name: string }[] {
  const { tape } = pod.document;
  return itemsAt(tape, tape.get(pod.described, 'metadata'), 'ownerReferences').map((owner) => ({
    kind: textAt(tape, owner, 'kind'),
    name: textAt(tape, owner, 'name'),
  }));
}

/** Whether a pod's owner is a template, or what the template makes. */
function isOwner(pod: KubernetesObject, template: KubernetesObject): boolean {
  return ownersOf(pod).some(({ kind, name }) =>
    kind === template.kind
      ? name === template.name
      : kind === BETWEEN[template.kind] && name.replace(HASH, '') === template.name,
  );
}

function podOf(
  pod: KubernetesObject,
  owner: string,
  settings: MeshSettings,
  localities: Localities,
): Workload {
  const { tape } = pod.document;
  const status = tape.get(pod.described, 'status');
  const spec = tape.get(pod.described, 'spec');
  const account = textAt(tape, spec, 'serviceAccountName');
  const manifest = status < 0;
  return {
    kind: 'Pod',
    document: pod.document,
    node: pod.node,
    name: pod.name,
    namespace: pod.namespace,
    owner,
    ip: textAt(tape, status, 'podIP'),
    manifest,
    labels: pod.labels,
    annotations: pod.annotations,
    account,
    // The cluster fills it in.
    serviceAccount: spiffeId(settings, pod.namespace, manifest ? account || DEFAULT_ACCOUNT : account),
    locality: localities.get(textAt(tape, spec, 'nodeName')) ?? '',
    containers: containersOf(tape, spec),
  };
}

const DEFAULT_ACCOUNT = 'default';

function templateWorkload(template: KubernetesObject, settings: MeshSettings): Workload {
  const { tape } = template.document;
  const spec = tape.get(template.described, 'spec');
  const account =
    textAt(tape, spec, 'serviceAccountName') || textAt(tape, spec, 'serviceAccount') || DEFAULT_ACCOUNT;
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
    containers: containersOf(tape, spec),
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
export function portAt(
  { containers }: Workload,
  { target, protocol }: ServicePortTarget,
): number | undefined {
  if (typeof target === 'number') return target;
  return containers
    .flatMap(({ ports }) => ports)
    .find((port) => port.name === target && port.protocol === protocol)?.port;
}

function containersOf(tape: Tape, spec: number): Container[] {
  return itemsAt(tape, spec, 'containers').map((container) => ({
    ports: itemsAt(tape, container, 'ports').map((port) => ({
      name: textAt(tape, port, 'name'),
      port: Number(textAt(tape, port, 'containerPort')),
      protocol: textAt(tape, port, 'protocol') || 'TCP',
    })),
    liveness: probeOf(tape, tape.get(container, 'livenessProbe')),
    readiness: probeOf(tape, tape.get(container, 'readinessProbe')),
  }));
}

function probeOf(tape: Tape, probe: number): ProbeTarget | undefined {
  const http = tape.get(probe, 'httpGet');
  if (isSaid(tape, http))
    return { kind: 'http', path: textAt(tape, http, 'path'), port: portOrName(tape, http, 'port') };
  const tcp = tape.get(probe, 'tcpSocket');
  return isSaid(tape, tcp) ? { kind: 'tcp', path: '', port: portOrName(tape, tcp, 'port') } : undefined;
}
