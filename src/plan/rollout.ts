// How the workloads of a wave take a change, how one sees that they have taken it, and how they take it back.
// It depends on the kind: what has replicas is updated in place, what cannot be changed is replaced, and a
// CronJob uses a change in its next run.

import type { PlanWorkload } from './model.js';
import { fileWord, word } from './shell.js';

/** How a kind takes a new pod template. */
type Rollout = 'updated' | 'replaced' | 'next run';

/**
 * Kinds that are not updated in place: the API server refuses another spec of a Pod, and another template of a
 * Job; ReplicaSets and ReplicationControllers take it and leave their Pods as they are.
 */
const ROLLOUTS: Readonly<Record<string, Rollout>> = {
  Pod: 'replaced',
  Job: 'replaced',
  ReplicaSet: 'replaced',
  ReplicationController: 'replaced',
  CronJob: 'next run',
};

function rolloutOf({ kind }: PlanWorkload): Rollout {
  return (Object.hasOwn(ROLLOUTS, kind) ? ROLLOUTS[kind] : undefined) ?? 'updated';
}

/** The files of some workloads, as commands take them. */
export function filesOf(workloads: readonly PlanWorkload[]): string[] {
  return [...new Set(workloads.flatMap(({ file }) => (file === undefined ? [] : fileWord(file))))];
}

/** Applies the changed files of some workloads. What cannot be changed is deleted before. */
export function applied(workloads: readonly PlanWorkload[]): string[] {
  const inFiles = workloads.filter(({ file }) => file !== undefined);
  return [...deleted(inFiles), ...filesOf(inFiles).map((file) => `kubectl apply -f ${file}`)];
}

function deleted(workloads: readonly PlanWorkload[]): string[] {
  return workloads
    .filter((workload) => rolloutOf(workload) === 'replaced')
    .map((workload) => {
      const again = workload.kind === 'Job' ? 'a Job cannot be changed; it runs again' : 'replaced below';
      return `${kubectl(workload)} delete ${target(workload)} --ignore-not-found   # ${again}`;
    });
}

/**
 * Changes a workload as it is in the cluster.
 * @param changes commands that read the workload from standard input and print it changed
 */
export function changedInCluster(workload: PlanWorkload, ...changes: readonly string[]): string {
  return [
    `${kubectl(workload)} get ${target(workload)} -o yaml`,
    ...(workload.kind === 'Job' ? [`yq ${word(WITHOUT_JOB_SELECTOR)}`] : []),
    ...changes,
    rolloutOf(workload) === 'replaced' ? 'kubectl replace --force -f -' : 'kubectl apply -f -',
  ].join(' | ');
}

/** What Kubernetes adds to a Job for this one alone, and refuses in a new one. */
const WITHOUT_JOB_SELECTOR =
  'del(.spec.selector, .spec.template.metadata.labels["controller-uid"], .spec.template.metadata.labels["batch.kubernetes.io/controller-uid"])';

/** Starts the pods of some workloads anew, whose manifests stay as they are. */
export function restarted(workloads: readonly PlanWorkload[]): string[] {
  return workloads.map((workload) => {
    const rollout = rolloutOf(workload);
    if (rollout === 'replaced') return changedInCluster(workload);
    return rollout === 'updated'
      ? `${kubectl(workload)} rollout restart ${target(workload)}`
      : `# ${workload.id}: the next run of the ${workload.kind} uses the change`;
  });
}

/** Looks whether a change has reached a workload's pods. */
export function rolloutCheck(workload: PlanWorkload): string {
  const { kind, name } = workload;
  switch (kind) {
    case 'Pod':
      return `${kubectl(workload)} wait --for=condition=Ready ${target(workload)}`;
    case 'Job':
      return `${kubectl(workload)} wait --for=condition=Ready pod -l ${word(`job-name=${name}`)}`;
    case 'CronJob':
      return `${kubectl(workload)} get ${target(workload)}   # wait for a run: LAST SCHEDULE is after this wave`;
    case 'ReplicaSet':
    case 'ReplicationController':
      return `${kubectl(workload)} get ${target(workload)}   # READY equals DESIRED`;
    default:
      return `${kubectl(workload)} rollout status ${target(workload)}`;
  }
}

/** Takes back what a wave has changed in some workloads. */
export function undone(workloads: readonly PlanWorkload[]): string[] {
  const files = filesOf(workloads);
  return [
    ...(files.length === 0 ? [] : [`git checkout -- ${files.join(' ')}`]),
    ...applied(workloads),
    ...workloads
      .filter(({ file }) => file === undefined)
      .map((workload) =>
        rolloutOf(workload) === 'updated'
          ? `${kubectl(workload)} rollout undo ${target(workload)}`
          : `# ${workload.id}: create the ${workload.kind} again as it was`,
      ),
  ];
}

/** The beginning of a command that runs in a workload's proxy. */
export function exec(workload: PlanWorkload): string {
  return `${kubectl(workload)} exec ${runningTarget(workload)} -c istio-proxy --`;
}

/** What runs a command for a workload; a CronJob runs none itself, but its last Job does. */
function runningTarget(workload: PlanWorkload): string {
  if (workload.kind !== 'CronJob') return target(workload);
  const jobs = `${kubectl(workload)} get jobs -o name --sort-by=.metadata.creationTimestamp`;
  return `"$(${jobs} | grep ${word(`/${workload.name}-[0-9]*$`)} | tail -n 1)"`;
}

/** kubectl in a workload's namespace. */
export function kubectl({ namespace }: PlanWorkload): string {
  return `kubectl -n ${word(namespace)}`;
}

/** A workload as kubectl names it. */
function target({ kind, name }: PlanWorkload): string {
  return word(`${kind.toLowerCase()}/${name}`);
}
