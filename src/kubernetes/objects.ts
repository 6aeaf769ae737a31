// The Kubernetes objects of a document: itself, or the items of a List.

import { isKubernetesObject } from '../source/config-map.js';
import type { Document } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';

/** An object as it is named, and the map that it is. */
export interface ObjectAt {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** '' where the object does not say. */
  readonly namespace: string;
  readonly document: Document;
  readonly node: number;
}

/** The objects of a document, in the order of the text; none where it is no Kubernetes object. */
export function objectsOf(document: Document): ObjectAt[] {
  const { tape } = document;
  return objectNodes(tape, 0).map((node) => {
    const metadata = tape.get(node, 'metadata');
    return {
      apiVersion: textAt(tape, node, 'apiVersion'),
      kind: textAt(tape, node, 'kind'),
      name: textAt(tape, metadata, 'name'),
      namespace: textAt(tape, metadata, 'namespace'),
      document,
      node,
    };
  });
}

/** The maps of the objects at a node; Lists are taken apart. */
export function objectNodes(tape: Tape, node: number): number[] {
  if (!isKubernetesObject(tape, node)) return [];
  const items = tape.get(node, 'items');
  if (!textAt(tape, node, 'kind').endsWith('List') || items < 0 || tape.kind(items) !== Kind.List)
    return [node];
  return itemsOf(tape, items).flatMap((item) => objectNodes(tape, tape.resolve(item)));
}

/** The items of a list as they stand there, aliases among them; none where it is no list. */
export function itemsOf(tape: Tape, list: number): number[] {
  const items: number[] = [];
  if (list < 0 || tape.kind(list) !== Kind.List) return items;
  for (let item = list + 1; item < (tape.links[list] as number); item = tape.next(item)) items.push(item);
  return items;
}

/** A scalar of a map as text; '' where there is none or null, and where there is no map. */
export function textAt(tape: Tape, map: number, name: string): string {
  const node = map < 0 ? -1 : tape.get(map, name);
  if (node < 0) return '';
  const kind = tape.kind(node);
  return kind === Kind.Null || kind > Kind.String ? '' : tape.string(node);
}

/** The node at the end of some names; -1 where one of them is missing. */
export function at(tape: Tape, node: number, ...names: readonly string[]): number {
  let found = node;
  for (const name of names) found = found < 0 ? found : tape.get(found, name);
  return found;
}
