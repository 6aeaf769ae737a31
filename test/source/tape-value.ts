// What a tape says, as plain values: what the tests compare with other readers.

import { isTrue } from '../../src/source/plain-kind.js';
import { Kind, type Tape } from '../../src/source/tape.js';

/** The value at a node, aliases followed; of a key that stands twice the last one counts. */
export function tapeValue(tape: Tape, node = 0): unknown {
  const at = tape.resolve(node);
  switch (tape.kind(at)) {
    case Kind.Map: {
      const entries: [string, unknown][] = [];
      for (let key = at + 1; key < (tape.links[at] as number); key = tape.next(key + 1)) {
        entries.push([tape.name(key), tapeValue(tape, key + 1)]);
      }
      return Object.fromEntries(entries);
    }
    case Kind.List: {
      const items: unknown[] = [];
      for (let item = at + 1; item < (tape.links[at] as number); item = tape.next(item)) {
        items.push(tapeValue(tape, item));
      }
      return items;
    }
    case Kind.Null:
      return null;
    case Kind.Bool:
      return isTrue(tape.string(at));
    case Kind.Number:
      return Number(tape.string(at));
    default:
      return tape.string(at);
  }
}

/** Every node of a tape, keys included. */
export function nodes(tape: Tape): number[] {
  return Array.from({ length: tape.size }, (_, node) => node);
}
