// The pod has the socket, and still mounts the secret that it replaces.

import { inDocument } from '../place.js';
import type { Rule } from '../rule.js';
import { mountsSdsSocket, workloadSecretVolumes } from '../secret-volumes.js';

export const leftoverSecretVolume: Rule = {
  code: 'leftover-secret-volume',
  level: 'warning',
  finds: "a pod that mounts an SDS socket still mounts the workload's secret",
  why: 'The key is still in a Kubernetes Secret, readable by everyone who may read Secrets. SDS was meant to end that.',
  source: 'istio#16486',
  remedy: 'remove the volume and its mounts; xdsc convert does this',
  check({ workloads }, report) {
    for (const workload of workloads) {
      if (!mountsSdsSocket(workload)) continue;
      for (const { volume, secret } of workloadSecretVolumes(workload))
        report(inDocument(workload.document, volume.node, ''), {
          message: `${workload.kind} ${workload.name} mounts an SDS socket but still mounts the secret ${secret}`,
          expected: 'only the socket',
        });
    }
  },
};
