// The volumes of pods that hold a workload's certificate: Istio's `istio-certs`, by its name or by that of the
// secret.

import type { Volume } from '../kubernetes/pod-spec.js';
import type { PodWorkload } from '../kubernetes/workload.js';

/** A volume with a workload's secret. */
export interface SecretVolume {
  readonly volume: Volume;
  readonly secret: string;
}

/** Volumes that hold the certificate of the workload as Citadel writes it: the secret `istio.ACCOUNT`. */
export function workloadSecretVolumes({ pod }: PodWorkload): SecretVolume[] {
  return pod.volumes.flatMap((volume): SecretVolume[] => {
    const { source } = volume;
    const secrets =
      source.kind === 'secret' ? [source.secret] : source.kind === 'projected' ? source.secrets : [];
    const secret = secrets.find((name) => name.startsWith('istio.') || volume.name === 'istio-certs');
    return secret === undefined ? [] : [{ volume, secret }];
  });
}

/** Whether a container has a socket of an SDS server. */
export function mountsSdsSocket({ pod }: PodWorkload): boolean {
  const sockets = new Set(
    pod.volumes.flatMap(({ name, source }) =>
      source.kind === 'hostPath' && /^\/(?:var\/)?run\/(?:sds|spire)\b/.test(source.path) ? name : [],
    ),
  );
  return pod.containers.some(({ mounts }) => mounts.some(({ volume }) => sockets.has(volume)));
}
