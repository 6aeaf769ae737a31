// One private key for more than one certificate: who loses one has lost all.

import { PRIVATE_KEY } from '../../tls/fields.js';
import { type HeldKeyPair, keyPairs } from '../../tls/material.js';
import { fieldAt, lineOf } from '../place.js';
import type { Rule } from '../rule.js';

export const sharedPrivateKey: Rule = {
  code: 'shared-private-key',
  level: 'warning',
  finds: 'one private key is used by certificates of different services',
  why: 'If one of the services is compromised, the attacker can impersonate the others.',
  source: 'RFC 4949, key separation; review practice',
  remedy: 'give each service its own key',
  check({ surveys }, report) {
    // The same path in another file may be another file.
    const inline = new Map<string, HeldKeyPair>();
    for (const { config, contexts } of surveys) {
      const files = new Map<string, HeldKeyPair>();
      for (const pair of keyPairs([...contexts, ...config.inventory.secrets])) {
        const seen = pair.inline ? inline : files;
        const first = seen.get(pair.key);
        if (first === undefined) seen.set(pair.key, pair);
        else if (first.chain !== pair.chain) {
          const { name } = first.holder.reader.document.source;
          report(fieldAt(pair.holder, PRIVATE_KEY), {
            message: `this private key is used by another certificate: ${lineOf(fieldAt(first.holder, PRIVATE_KEY))} of ${name}`,
            expected: 'one key per certificate',
          });
        }
      }
    }
  },
};
