// Which containers run which configuration: those of pods that mount the ConfigMap that it stands in.

import { posix } from 'node:path';
import { addToGroup } from '../collections/grouped.js';
import { textAt } from '../kubernetes/objects.js';
import type { Container } from '../kubernetes/pod-spec.js';
import type { PodWorkload } from '../kubernetes/workload.js';
import type { Instance, Run } from './run.js';

/** A container with the configuration that it runs. */
export interface ProxyContainer {
  readonly workload: PodWorkload;
  readonly container: Container;
  readonly instance: Instance;
}

/** The containers whose bootstrap the run holds. */
export function proxiesOf({ instances, workloads }: Run): ProxyContainer[] {
  const byConfigMap = new Map<string, Instance[]>();
  for (const instance of instances) {
    const entry = instance.bootstrap === undefined ? undefined : instance.surveys[0]?.config.entry;
    if (entry === undefined) continue;
    addToGroup(byConfigMap, entry.configMap, instance);
  }
  return workloads.flatMap((workload) =>
    workload.pod.volumes.flatMap(({ name, node }) => {
      const { tape } = workload.document;
      const configMap = textAt(tape, tape.get(tape.resolve(node), 'configMap'), 'name');
      const found = configMap === '' ? [] : (byConfigMap.get(configMap) ?? []);
      return found.flatMap((instance) =>
        workload.pod.containers
          .filter(({ mounts }) => mounts.some(({ volume }) => volume === name))
          .map((container) => ({ workload, container, instance })),
      );
    }),
  );
}

/** Whether a path is a folder or in it. */
export function isBelow(path: string, folder: string): boolean {
  const inner = posix.normalize(path);
  const outer = posix.normalize(folder).replace(/\/$/, '');
  return inner === outer || inner.startsWith(`${outer}/`);
}
