// Workloads: Pods and what makes Pods, with the pod spec of each wherever its kind keeps it.

import type { Document } from '../source/document.js';
import { type ObjectAt, objectsOf } from './objects.js';
import { type PodSpecText, readPodSpec } from './pod-spec.js';

/** Where a kind keeps the pod template, from the object's root; a Pod is its own. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** The kinds that are, or make, Pods. */
export const WORKLOAD_KINDS: readonly string[] = Object.keys(TEMPLATES);

/** The API groups of these kinds; custom resources may have the same kinds. */
const GROUPS = new Set(['', 'apps', 'extensions', 'batch']);

/** An object that is a Pod or makes Pods. */
export interface PodWorkload extends ObjectAt {
  /** The map with the pod's `metadata` and `spec`. */
  readonly template: number;
  readonly pod: PodSpecText;
}

/** The workloads of a document, in the order of the text. */
export function podWorkloads(document: Document): PodWorkload[] {
  return objectsOf(document).flatMap((object) => {
    const template = isWorkload(object) ? templateOf(object) : -1;
    const pod = template < 0 ? undefined : readPodSpec(document, document.tape.get(template, 'spec'));
    return pod === undefined ? [] : [{ ...object, template, pod }];
  });
}

/** Whether an object is of a kind that is, or makes, Pods. */
export function isWorkload({ kind, apiVersion }: Pick<ObjectAt, 'kind' | 'apiVersion'>): boolean {
  const [group, version] = apiVersion.split('/');
  return Object.hasOwn(TEMPLATES, kind) && GROUPS.has(version === undefined ? '' : String(group));
}

/** The map with the metadata and spec of the Pods that a workload is, or makes; -1 where there is none. */
export function templateOf({ kind, document, node }: Pick<ObjectAt, 'kind' | 'document' | 'node'>): number {
  let at = node;
  for (const name of TEMPLATES[kind] ?? []) at = at < 0 ? at : document.tape.get(at, name);
  return at;
}
