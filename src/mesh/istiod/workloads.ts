// Pods as istiod 1.29 sees them: their identity, locality, network and the name of their workload
// (kube/controller). Where there are no Pods, what makes them stands for them, without an address.

import { compareText } from '../../collections/compare-text.js';
import { keyed } from '../../collections/grouped.js';
import { coveredByLabels } from '../label-index.js';
import type { KubernetesPod, ObjectMeta } from './kubernetes-objects.js';
import { augmented, localityLabel, REGION_LABEL, SUBZONE_LABEL, ZONE_LABEL } from './labels.js';
import type { Labels, Workload } from './model.js';
import type { Resources } from './resources.js';

const OLD_REGION = 'failure-domain.beta.kubernetes.io/region';
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const WORKLOAD_NAME_LABEL = 'service.istio.io/workload-name';

/** Where workloads are. */
export interface Places {
  readonly clusterId: string;
  /** By address and labels. */
  networkOf(address: string, labels: Labels): string;
}

/** All Pods, then the templates that none of them comes from. */
export function workloadsOf(
  { pods, templates, nodes }: Pick<Resources, 'pods' | 'templates' | 'nodes'>,
  places: Places,
): Workload[] {
  const localities = keyed(nodes, ({ name }) => name);
  const covered = new Set<KubernetesPod>();
  if (templates.length > 0) {
    const labelled = coveredByLabels(templates);
    const named = keyed(templates, ({ namespace, kind, name }) => `${namespace}/${kind}/${name}`);
    for (const pod of pods) {
      const owner = named.get(`${pod.namespace}/${deploymentOf(pod)}`);
      const template = owner ?? labelled(pod.namespace, pod.labels)[0];
      if (template !== undefined) covered.add(template);
    }
  }
  return [...pods, ...templates.filter((template) => !covered.has(template))]
    .sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name))
    .map((pod) => workloadOf(pod, localities, places));
}

function workloadOf(
  pod: KubernetesPod,
  nodes: ReadonlyMap<string, ObjectMeta>,
  { clusterId, networkOf }: Places,
): Workload {
  const locality = localityLabel(pod.labels) || nodeLocality(nodes.get(pod.nodeName));
  const network = networkOf(pod.ip, pod.labels);
  return {
    kind: pod.kind,
    document: pod.document,
    node: pod.node,
    name: pod.name,
    namespace: pod.namespace,
    labels: pod.labels,
    annotations: pod.annotations,
    ip: pod.ip,
    // Kubernetes fills it in.
    account: pod.account || (pod.hasStatus ? '' : 'default'),
    nodeName: pod.nodeName,
    locality,
    workloadName: pod.labels[WORKLOAD_NAME_LABEL] ?? workloadName(pod),
    network,
    endpointLabels: augmented(pod.labels, { cluster: clusterId, locality, node: pod.nodeName, network }),
    ready:
      pod.isReady && pod.ip !== '' && !pod.isDeleted && pod.phase !== 'Failed' && pod.phase !== 'Succeeded',
    podSpec: pod.podSpec,
  };
}

function nodeLocality(node: ObjectMeta | undefined): string {
  if (node === undefined) return '';
  const { labels } = node;
  const region = labels[REGION_LABEL] || labels[OLD_REGION] || '';
  const zone = labels[ZONE_LABEL] || labels[OLD_ZONE] || '';
  const subZone = labels[SUBZONE_LABEL] ?? '';
  return region === '' && zone === '' && subZone === '' ? '' : `${region}/${zone}/${subZone}`;
}

/** `Kind/name` of what a pod was made by, seen through ReplicaSets. */
function deploymentOf(pod: KubernetesPod): string {
  const { controller } = pod;
  if (controller === undefined) return '';
  const name = workloadName({ ...pod, isGenerated: true });
  const isDeployment = controller.kind === 'ReplicaSet' && name !== controller.name;
  const isCronJob = controller.kind === 'Job' && name !== controller.name;
  return `${isDeployment ? 'Deployment' : isCronJob ? 'CronJob' : controller.kind}/${name}`;
}

/** Labels with the hash that a ReplicaSet's name ends in, and whether another label replaces the name. */
const HASH_LABELS = ['pod-template-hash', 'rollouts-pod-template-hash'] as const;

/** What CronJobs add to the names of Jobs. */
const JOB_SUFFIX = /^(.+)-\d{8,10}$/;

/** The name of what made a pod; of a template its own. */
function workloadName({ controller, isGenerated, labels, name }: KubernetesPod): string {
  if (!isGenerated || controller === undefined) return name;
  if (controller.kind === 'ReplicaSet') {
    for (const label of HASH_LABELS) {
      const hash = labels[label] ?? '';
      if (hash !== '' && controller.name.endsWith(hash))
        return controller.name.endsWith(`-${hash}`)
          ? controller.name.slice(0, -hash.length - 1)
          : controller.name;
    }
  } else if (controller.kind === 'ReplicationController' && labels.deploymentconfig) {
    return labels.deploymentconfig;
  } else if (controller.kind === 'Job') return JOB_SUFFIX.exec(controller.name)?.[1] ?? controller.name;
  return controller.name;
}
