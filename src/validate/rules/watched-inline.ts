// A folder is watched for files, and there are none.

import type { Message } from '../../envoy/message.js';
import { isWatched, type Material, materialOf, secretMaterial } from '../../tls/material.js';
import { at } from '../place.js';
import type { Rule } from '../rule.js';

export const watchedInline: Rule = {
  code: 'watched-inline',
  level: 'error',
  finds: 'a watched_directory stands beside certificates that are not files',
  why: 'Nothing is read from the folder: the certificate that stands in the configuration is served until it expires.',
  source: "Envoy's API: TlsCertificate.watched_directory",
  remedy: 'name the files with filename, or remove watched_directory',
  check({ contexts, secrets }, report) {
    const byHolder = new Map<Message, Material[]>();
    for (const material of [...contexts.flatMap(materialOf), ...secrets.flatMap(secretMaterial)]) {
      if (!isWatched(material)) continue;
      const others = byHolder.get(material.holder);
      if (others === undefined) byHolder.set(material.holder, [material]);
      else others.push(material);
    }
    for (const [holder, materials] of byHolder) {
      if (materials.some(({ source }) => source.from === 'file')) continue;
      report(at(holder, 'watched_directory'), {
        message: 'this folder is watched, and none of its files is used',
        expected: 'filename in the certificate',
      });
    }
  },
};
