// Where a field of a resource is, by the path of its API names: for explanations.

import type { Region } from '../finding/finding.js';
import type { Document } from './document.js';
import { Kind, type Tape } from './tape.js';

/**
 * The place of a field, or of the last part of its path that is there.
 *
 * @param node the map that the path begins in
 * @param path proto field names, which may be written in either spelling, and indices
 */
export function fieldPlace(
  { tape, source }: Document,
  node: number,
  path: readonly (string | number)[],
): Region {
  let at = node;
  for (const part of path) {
    const next = typeof part === 'number' ? itemAt(tape, at, part) : memberAt(tape, at, part);
    if (next < 0) break;
    at = next;
  }
  return source.region(tape.start(at), tape.start(at));
}

function memberAt(tape: Tape, map: number, name: string): number {
  const node = tape.get(map, name);
  if (node >= 0) return node;
  return tape.get(
    map,
    name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

function itemAt(tape: Tape, list: number, index: number): number {
  if (tape.kind(list) !== Kind.List) return -1;
  const end = tape.links[list] as number;
  let item = list + 1;
  for (let i = 0; i < index && item < end; i++) item = tape.next(item);
  return item < end ? tape.resolve(item) : -1;
}
