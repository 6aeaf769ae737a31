// The pod has the socket, and still mounts the secret that it replaces.

import { inDocument } from '../place.js';
import type { Rule } from '../rule.js';
import { mountsSdsSocket, workloadSecretVolumes } from '../secret-volumes.js';

export const leftoverSecretVolume: Rule = {
  code: 'leftover-secret-volume',
  level: 'warning',
  finds: "a pod that mounts an SDS socket still mounts the workload's secret",
  why: 'The key still lies in a Kubernetes secret, where everybody can read it who may read secrets: what SDS was to end.',
  source: 'istio#16486',
  remedy: 'remove the volume and its mounts: xdsc convert does it',
  check({ workloads }, report) {
    for (const workload of workloads) {
      if (!mountsSdsSocket(workload)) continue;
      for (const { volume, secret } of workloadSecretVolumes(workload))
        report(inDocument(workload.document, volume.node, ''), {
          message: `${workload.kind} ${workload.name} has an SDS socket and still the secret ${secret}`,
          expected: 'the socket only',
        });
    }
  },
};
