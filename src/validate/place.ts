// Where a finding stands: made when it is reported, since most of what rules look at is in order.

import type { Message } from '../envoy/message.js';
import type { Region } from '../finding/finding.js';
import type { Document } from '../source/document.js';
import { Kind } from '../source/tape.js';

/** A place in a document. */
export interface FindingPlace {
  readonly document: Document;
  /** The first and the last node of the range that is shown. */
  readonly first: number;
  readonly last: number;
  /** The field path from the document's root; '' where there is none. */
  readonly path: string;
}

/** A field of a message; its value too where that is no map or list. Of a message as a whole, its name. */
export function fieldAt(message: Message, field?: string): FindingPlace {
  const { reader, node } = message;
  const { document, tape } = reader;
  const shown = field ?? (message.has('name') ? 'name' : undefined);
  const key = shown === undefined ? -1 : message.key(shown);
  const path = message.path(field);
  if (key >= 0) return { document, first: key, last: tape.kind(key + 1) < Kind.Map ? key + 1 : key, path };
  // Else its first key: a whole map is more than one wants to see.
  const first = (tape.links[node] as number) > node + 1 ? node + 1 : node;
  return { document, first, last: first, path };
}

/** An item of a list, or any other value. */
export function atNode(message: Message, node: number, path: string): FindingPlace {
  return { document: message.reader.document, first: node, last: node, path: message.path(path) };
}

/** A place in a document of which no message tells, as in Kubernetes objects. */
export function inDocument(document: Document, node: number, path: string): FindingPlace {
  const { tape } = document;
  const at = tape.resolve(node);
  const first = tape.kind(at) >= Kind.Map && (tape.links[at] as number) > at + 1 ? at + 1 : at;
  return { document, first, last: first, path };
}

/** The range of a place in the outermost file. */
export function regionOf({ document: { source, tape }, first, last }: FindingPlace): Region {
  return source.region(tape.start(first), tape.end(last));
}

/** How a message of another place names where that is. */
export function lineOf(place: FindingPlace): string {
  const { line } = regionOf(place);
  return `line ${line}`;
}
