// The Kubernetes objects of a document: itself, or the items of a List.

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
  const objects: ObjectAt[] = [];
  eachObject(tape, 0, (node, kind, apiVersion) => {
    const metadata = tape.get(node, 'metadata');
    objects.push({
      apiVersion,
      kind,
      name: textAt(tape, metadata, 'name'),
      namespace: textAt(tape, metadata, 'namespace'),
      document,
      node,
    });
  });
  return objects;
}

/** Visits the maps of the objects at a node, in the order of the text; Lists are taken apart. */
export function eachObject(
  tape: Tape,
  node: number,
  visit: (node: number, kind: string, apiVersion: string) => void,
): void {
  const kindNode = tape.get(node, 'kind');
  const versionNode = tape.get(node, 'apiVersion');
  if (kindNode < 0 || versionNode < 0) return;
  if (tape.kind(kindNode) !== Kind.String || tape.kind(versionNode) !== Kind.String) return;
  const kind = tape.string(kindNode);
  const items = kind.endsWith('List') ? tape.get(node, 'items') : -1;
  if (items < 0 || tape.kind(items) !== Kind.List) {
    visit(node, kind, tape.string(versionNode));
    return;
  }
  for (const item of itemsOf(tape, items)) eachObject(tape, tape.resolve(item), visit);
}

/** The items of a list as they are there, aliases among them; none where it is no list. */
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
export function nodeAt(tape: Tape, node: number, ...names: readonly string[]): number {
  let found = node;
  for (const name of names) found = found < 0 ? found : tape.get(found, name);
  return found;
}
