// Kubernetes swaps a folder's link when a mounted secret changes; the files in it never move.

import type { PodWorkload } from '../../kubernetes/workload.js';
import { isWatched, secretMaterial } from '../../tls/material.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const unwatchedDirectory: Rule = {
  code: 'unwatched-directory',
  level: 'error',
  finds: 'a Secret names files of a mounted Kubernetes secret without a watched_directory',
  why: 'Envoy watches the files, but Kubernetes replaces a symbolic link above them, so the old certificate is served until it expires.',
  source: "Envoy's API: TlsCertificate.watched_directory",
  remedy: 'add watched_directory: {path: …} with the directory where the secret is mounted',
  check({ secrets, workloads }, report) {
    const folders = [...new Set(workloads.flatMap(secretFolders))];
    if (folders.length === 0) return;
    for (const material of secrets.flatMap(secretMaterial)) {
      const { source, message, role } = material;
      if (source.from !== 'file' || isWatched(material) || role === 'tickets') continue;
      const folder = folders.find((one) => source.filename.startsWith(`${one}/`));
      // v2 has no such field.
      if (folder === undefined || !material.holder.type.isV3) continue;
      report(fieldAt(message, 'filename'), {
        message: `${folder} is a mounted Kubernetes secret; changes of its files are not noticed`,
        expected: `watched_directory: {path: ${folder}}`,
      });
    }
  },
};

/** Where the containers of a workload have secrets mounted; a single file of one never changes at all. */
function secretFolders({ pod }: PodWorkload): string[] {
  const volumes = new Set(
    pod.volumes.flatMap(({ name, source }) =>
      source.kind === 'secret' || (source.kind === 'projected' && source.secrets.length > 0) ? name : [],
    ),
  );
  return pod.containers.flatMap(({ mounts }) =>
    mounts.flatMap(({ volume, path, subPath }) =>
      volumes.has(volume) && subPath === '' ? path.replace(/\/+$/, '') : [],
    ),
  );
}
