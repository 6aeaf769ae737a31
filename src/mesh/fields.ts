// Fields of Kubernetes objects, read where they stand: their other fields become no values.

import { itemsOf, textAt } from '../kubernetes/objects.js';
import { Kind, type Tape } from '../source/tape.js';

/** The items of a list that a map has under a name; none where there is no list. */
export function itemsAt(tape: Tape, map: number, name: string): number[] {
  return itemsOf(tape, tape.get(map, name)).map((item) => tape.resolve(item));
}

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
