// One private key for more than one certificate: who loses one has lost all.

import { type Material, materialOf, secretMaterial } from '../../tls/material.js';
import { isRedacted } from '../../tls/read.js';
import { at, lineOf } from '../place.js';
import type { Rule } from '../rule.js';

export const sharedPrivateKey: Rule = {
  code: 'shared-private-key',
  level: 'warning',
  finds: 'one private key belongs to certificates of different services',
  why: 'A service that loses its key, or is taken over, can then speak for the others.',
  source: 'RFC 4949, key separation; review practice',
  remedy: 'give each service a key of its own',
  check({ surveys }, report) {
    // The same path in another file may be another file.
    const inline = new Map<string, Seen>();
    for (const { config } of surveys) {
      const files = new Map<string, Seen>();
      const all = [
        ...config.inventory.contexts.flatMap(materialOf),
        ...config.inventory.secrets.flatMap(secretMaterial),
      ];
      const chains = new Map(all.filter(({ role }) => role === 'chain').map((one) => [one.holder, one]));
      for (const key of all) {
        if (key.role !== 'key' || isRedacted(key.source)) continue;
        const chain = chains.get(key.holder);
        if (chain === undefined) continue;
        const seen = key.source.from === 'inline' ? inline : files;
        const id = identity(key);
        const first = seen.get(id);
        if (first === undefined) seen.set(id, { chain: identity(chain), key });
        else if (first.chain !== identity(chain))
          report(at(key.holder, 'private_key'), {
            message: `this private key has another certificate elsewhere: ${lineOf(at(first.key.holder, 'private_key'))} of ${first.key.holder.reader.document.source.name}`,
            expected: 'one certificate for one key',
          });
      }
    }
  },
};

interface Seen {
  readonly chain: string;
  readonly key: Material;
}

/** What tells bytes from others, without the bytes. */
function identity({ source }: Material): string {
  switch (source.from) {
    case 'file':
      return `file ${source.filename}`;
    case 'inline':
      return `inline ${source.digest}`;
    case 'environment':
      return `environment ${source.variable}`;
  }
}
