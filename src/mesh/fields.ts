// Fields of Kubernetes objects, read in place: their other fields do not become values.

import { textAt } from '../kubernetes/objects.js';
import { Kind, type Tape } from '../source/tape.js';

/** Makes something of each item of a list that a map has under a name; of nothing where there is no list. */
export function itemsAt<T>(tape: Tape, map: number, name: string, make: (item: number) => T): readonly T[] {
  const list = tape.get(map, name);
  if (list < 0 || tape.kind(list) !== Kind.List) return NONE;
  const end = tape.links[list] as number;
  const first = list + 1;
  if (first === end) return NONE;
  // Most lists have one item; one that grows from nothing has room for many.
  const items = [make(tape.resolve(first))];
  for (let item = tape.next(first); item < end; item = tape.next(item)) items.push(make(tape.resolve(item)));
  return items;
}

const NONE: readonly never[] = [];

/** A map of texts that a map has under a name; numbers and bools among its values as they are written. */
export function textsAt(tape: Tape, map: number, name: string): { readonly [name: string]: string } {
  const node = tape.get(map, name);
  if (node < 0 || tape.kind(node) !== Kind.Map) return NO_TEXTS;
  const texts: Record<string, string> = {};
  for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
    texts[tape.name(key)] = tape.string(tape.resolve(key + 1));
  }
  return texts;
}

const NO_TEXTS: { readonly [name: string]: string } = {};

/** Whether a node is there and says something; null does not. */
export function isSaid(tape: Tape, node: number): boolean {
  return node >= 0 && tape.kind(node) !== Kind.Null;
}

/** A port as its number or its name. */
export function portOrName(tape: Tape, map: number, name: string): number | string {
  const text = textAt(tape, map, name);
  const isNumber = text !== '' && tape.kind(tape.get(map, name)) === Kind.Number;
  return isNumber ? Number(text) : text;
}
