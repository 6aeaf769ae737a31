// A folder is watched for what SDS delivers alone.

import { isWatched, materialOf, secretMaterial } from '../../tls/material.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const watchedWithoutSds: Rule = {
  code: 'watched-without-sds',
  level: 'note',
  finds: 'a watched_directory is set in a context or a static secret',
  why: 'Envoy reads these files once, when it starts; it watches only what SDS delivers. The old certificate is served until it expires.',
  source: "Envoy's API: TlsCertificate.watched_directory",
  remedy: 'deliver the certificate by SDS: xdsc convert --provider files writes the Secret file',
  check({ surveys }, report) {
    for (const { config, contexts } of surveys) {
      if (!config.reader.mentions.has('watched_directory')) continue;
      const secrets = config.inventory.secrets.filter(({ kind }) => kind === 'static');
      const all = [...contexts.flatMap(materialOf), ...secrets.flatMap(secretMaterial)];
      const watched = all.filter((one) => isWatched(one) && one.source.from === 'file');
      for (const holder of new Set(watched.map((one) => one.holder)))
        report(fieldAt(holder, 'watched_directory'), {
          message: 'this directory is not watched: the files are read once',
          expected: 'a Secret delivered by SDS',
        });
    }
  },
};
