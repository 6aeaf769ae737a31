// Kubernetes swaps a folder's link when a mounted secret changes; the files in it never move.

import { posix } from 'node:path';
import type { PodWorkload } from '../../kubernetes/workload.js';
import { secretMaterial } from '../../tls/material.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const unwatchedDirectory: Rule = {
  code: 'unwatched-directory',
  level: 'error',
  finds:
    'a Secret names files of a mounted Kubernetes secret without watching the directory where it is mounted',
  why: 'Envoy watches the files, but Kubernetes replaces a symbolic link in the directory of the mount, so the old certificate is served until it expires.',
  source: "Envoy's API: TlsCertificate.watched_directory",
  remedy: 'add watched_directory: {path: …} with the directory where the secret is mounted',
  check({ secrets, workloads }, report) {
    const folders = [...new Set(workloads.flatMap(secretFolders))];
    if (folders.length === 0) return;
    for (const material of secrets.flatMap(secretMaterial)) {
      const { source, message, role } = material;
      if (source.from !== 'file' || role === 'tickets') continue;
      const folder = folders.find((one) => source.filename.startsWith(`${one}/`));
      // v2 has no such field.
      if (folder === undefined || !material.holder.type.isV3) continue;
      const watched = material.holder.message('watched_directory');
      const path = watched?.text('path') ?? '';
      if (posix.join(path, '/') === posix.join(folder, '/')) continue;
      const what = `${folder} is a mounted Kubernetes secret; changes of its files are not noticed`;
      report(watched === undefined ? fieldAt(message, 'filename') : fieldAt(watched, 'path'), {
        message: watched === undefined ? what : `${what}, because another directory is watched`,
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
