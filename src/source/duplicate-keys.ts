// Duplicate keys in a map. JSON and YAML both forbid it, parsers silently keep one of the two.

import { Kind, type Tape } from './tape.js';

/** A key that its map has already: both key nodes. */
export interface DuplicateKey {
  readonly first: number;
  readonly second: number;
}

/** The repeated keys of a document, map by map in the order of the text. */
export function duplicateKeys(tape: Tape): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  // For each name: the map that held it last, and the key there. One pass over the keys, no sets.
  const holder = new Int32Array(tape.names.length).fill(-1);
  const holderKey = new Int32Array(tape.names.length);
  const { kinds, links } = tape;
  for (let map = 0; map < tape.size; map++) {
    if (kinds[map] !== Kind.Map) continue;
    const end = links[map] as number;
    for (let key = map + 1; key < end; key = tape.next(key + 1)) {
      const name = links[key] as number;
      if (holder[name] === map) found.push({ first: holderKey[name] as number, second: key });
      else {
        holder[name] = map;
        holderKey[name] = key;
      }
    }
  }
  return found;
}
