// A folder is watched for files, and there are none.

import { isWatched, materialOf, secretMaterial } from '../../tls/material.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const watchedInline: Rule = {
  code: 'watched-inline',
  level: 'error',
  finds: 'a watched_directory is set for certificates that are not files',
  why: 'Nothing is read from the directory, so the certificate in the configuration is served until it expires.',
  source: "Envoy's API: TlsCertificate.watched_directory",
  remedy: 'name the files with filename, or remove watched_directory',
  check({ surveys }, report) {
    for (const { config, contexts } of surveys) {
      // Few configurations watch a folder, and many have thousands of contexts.
      if (!config.document.tape.names.some((name) => /^watched_?directory$/i.test(name))) continue;
      const all = [
        ...contexts.flatMap(materialOf),
        ...config.inventory.secrets.flatMap(secretMaterial),
      ].filter(isWatched);
      const fromFiles = new Set(
        all.filter(({ source }) => source.from === 'file').map(({ holder }) => holder),
      );
      for (const holder of new Set(all.map((one) => one.holder))) {
        if (!fromFiles.has(holder))
          report(fieldAt(holder, 'watched_directory'), {
            message: 'this directory is watched, but none of its files is used',
            expected: 'filename in the certificate',
          });
      }
    }
  },
};
