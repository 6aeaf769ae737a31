// A key, certificate or token stands where Envoy expects the path of a file that holds it.

import { isKeyForPath } from '../../secrecy/path-text.js';
import { withheld } from '../../secrecy/quoted.js';
import { materialOf, secretMaterial } from '../../tls/material.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const keyAsPath: Rule = {
  code: 'key-as-path',
  level: 'warning',
  finds: 'a filename looks like the key or certificate itself, not like a path',
  why: 'Envoy looks for a file of that name and does not start. A path is not treated as a secret: it is logged, and it appears in config dumps.',
  source: "Envoy's API: DataSource.filename",
  remedy:
    'put the text into a file and name the file, or use inline_string; replace a key that was shared this way',
  check({ contexts, secrets }, report) {
    for (const { source, message } of [...contexts.flatMap(materialOf), ...secrets.flatMap(secretMaterial)]) {
      if (source.from === 'file' && isKeyForPath(source.filename))
        report(fieldAt(message, 'filename'), {
          message: `filename is a key, a certificate or a token ${withheld(source.filename)}`,
          expected: 'the path of a file',
        });
    }
  },
};
