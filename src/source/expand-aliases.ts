// Writes out what YAML aliases stand for, so that each value has one reader and can be edited.

import type { Edit } from './edit.js';
import type { Fragment } from './fragment.js';
import { scalarValue } from './scalar-value.js';
import { Kind, Style, type Tape } from './tape.js';

/**
 * The edits that leave a document without aliases. Anchors stay, and so does what a merge key names: Envoy does not
 * read it, and writing it out would bring it to life.
 */
export function aliasEdits(tape: Tape): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: number): void => {
    const kind = tape.kind(node);
    if (kind === Kind.Alias)
      edits.push({
        start: tape.start(node),
        end: tape.end(node),
        text: JSON.stringify(expandedValue(tape, node)),
      });
    else if (kind === Kind.List) {
      for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item)) visit(item);
    } else if (kind === Kind.Map) {
      for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1))
        if (!tape.has(key, Style.Merge)) visit(key + 1);
    }
  };
  visit(0);
  return edits;
}

/** The value at a node, with aliases followed; a merge key is a name like others. */
function expandedValue(tape: Tape, node: number): Fragment {
  const at = tape.resolve(node);
  const end = tape.links[at] as number;
  switch (tape.kind(at)) {
    case Kind.Map: {
      const members: [string, Fragment][] = [];
      for (let key = at + 1; key < end; key = tape.next(key + 1))
        members.push([tape.name(key), expandedValue(tape, key + 1)]);
      return Object.fromEntries(members);
    }
    case Kind.List: {
      const items: Fragment[] = [];
      for (let item = at + 1; item < end; item = tape.next(item)) items.push(expandedValue(tape, item));
      return items;
    }
    default:
      return scalarValue(tape, at);
  }
}
