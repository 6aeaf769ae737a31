// A key, certificate or token stands where Envoy expects the path of a file that holds it.

import { isKeyForPath } from '../../secrecy/path-text.js';
import { withheld } from '../../secrecy/quoted.js';
import { Kind, type Tape } from '../../source/tape.js';
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
  check({ surveys }, report) {
    for (const { config, contexts } of surveys) {
      // Many configurations have thousands of contexts, and few a key as a path.
      if (!holdsKeyAsPath(config.document.tape)) continue;
      for (const { source, message } of [
        ...contexts.flatMap(materialOf),
        ...config.inventory.secrets.flatMap(secretMaterial),
      ]) {
        if (source.from === 'file' && isKeyForPath(source.filename))
          report(fieldAt(message, 'filename'), {
            message: `filename is a key, a certificate or a token ${withheld(source.filename)}`,
            expected: 'the path of a file',
          });
      }
    }
  },
};

/** Whether any filename of a document looks like a key; thousands of contexts name the same files. */
function holdsKeyAsPath(tape: Tape): boolean {
  const name = tape.names.indexOf('filename');
  if (name < 0) return false;
  const paths = new Set<string>();
  for (let node = 0; node < tape.size; node++) {
    if (tape.kinds[node] !== Kind.Key || tape.links[node] !== name) continue;
    const value = tape.resolve(node + 1);
    if (tape.kind(value) !== Kind.String) continue;
    const path = tape.string(value);
    if (!paths.has(path) && isKeyForPath(path)) return true;
    paths.add(path);
  }
  return false;
}
