// Writes out what YAML aliases and merge keys stand for, so that each value has one reader and can be edited.

import type { Edit } from './edit.js';
import type { Fragment } from './fragment.js';
import { removeMembers, replaceByMembers } from './map-edit.js';
import { scalarValue } from './scalar-value.js';
import { Kind, Style, type Tape } from './tape.js';

type Members = { readonly [name: string]: Fragment };

/** The edits that leave a document without aliases and merge keys. Anchors stay: nothing refers to them. */
export function aliasEdits(tape: Tape): Edit[] {
  const edits: Edit[] = [];
  const written = (alias: number): Edit => ({
    start: tape.start(alias),
    end: tape.end(alias),
    text: JSON.stringify(expandedValue(tape, alias)),
  });
  const visit = (node: number): void => {
    const kind = tape.kind(node);
    if (kind === Kind.Alias) edits.push(written(node));
    else if (kind === Kind.List) {
      for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item)) visit(item);
    } else if (kind === Kind.Map) {
      for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
        if (!tape.has(key, Style.Merge)) visit(key + 1);
        else edits.push(...mergeEdits(tape, node, key));
      }
    }
  };
  visit(0);
  return edits;
}

function mergeEdits(tape: Tape, map: number, key: number): Edit[] {
  const own = new Set<string>();
  for (let at = map + 1; at < (tape.links[map] as number); at = tape.next(at + 1)) own.add(tape.name(at));
  const members = Object.fromEntries(Object.entries(mergedIn(tape, key)).filter(([name]) => !own.has(name)));
  return Object.keys(members).length === 0
    ? removeMembers(tape, map, [key])
    : [replaceByMembers(tape, map, key, members)];
}

/** What a merge key brings: of several maps the first that has a name. */
function mergedIn(tape: Tape, key: number): Members {
  const value = tape.resolve(key + 1);
  if (tape.kind(value) === Kind.Map) return expandedValue(tape, value) as Members;
  const maps: Members[] = [];
  if (tape.kind(value) === Kind.List) {
    for (let item = value + 1; item < (tape.links[value] as number); item = tape.next(item)) {
      if (tape.kind(tape.resolve(item)) === Kind.Map) maps.push(expandedValue(tape, item) as Members);
    }
  }
  return together(maps.reverse());
}

/** The value at a node, with aliases and merge keys followed. */
function expandedValue(tape: Tape, node: number): Fragment {
  const at = tape.resolve(node);
  const end = tape.links[at] as number;
  switch (tape.kind(at)) {
    case Kind.Map: {
      const members: [string, Fragment][] = [];
      const merged: Members[] = [];
      for (let key = at + 1; key < end; key = tape.next(key + 1)) {
        if (tape.has(key, Style.Merge)) merged.push(mergedIn(tape, key));
        else members.push([tape.name(key), expandedValue(tape, key + 1)]);
      }
      return together([...merged.reverse(), Object.fromEntries(members)]);
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

/** The members of all, the last of a name winning. */
function together(maps: readonly Members[]): Members {
  return Object.fromEntries(maps.flatMap((map) => Object.entries(map)));
}
