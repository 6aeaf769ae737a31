// Kubernetes ConfigMaps: the documents inside their `data` and `binaryData`, also those in a List.

import { type Document, readSource, type Source } from './document.js';
import { type EmbeddedText, embeddedBase64, embeddedText } from './embedded.js';
import { Kind, Style, type Tape } from './tape.js';

/** A value of a ConfigMap that was read as a text of its own. */
export interface ConfigMapEntry {
  readonly configMap: string;
  readonly key: string;
  readonly source: Source;
}

/** The entries of all ConfigMaps in a document, in the order of the text; empty where it is no ConfigMap. */
export function configMapEntries(document: Document): ConfigMapEntry[] {
  // What several aliases show is one text.
  const seen = new Set<number>();
  return configMaps(document.tape, 0).flatMap((map) => entriesOf(document, map, seen));
}

/** The keys of ConfigMap data whose values are not text, which Kubernetes does not take. */
export function configMapNonTexts(document: Document): number[] {
  const { tape } = document;
  return configMaps(tape, 0).flatMap((map) => {
    const data = tape.get(map, 'data');
    if (data < 0 || tape.kind(data) !== Kind.Map) return [];
    const keys: number[] = [];
    for (let key = data + 1; key < (tape.links[data] as number); key = tape.next(key + 1)) {
      const kind = tape.kind(tape.resolve(key + 1));
      if (kind !== Kind.String && kind !== Kind.Null && !tape.has(key, Style.Merge)) keys.push(key);
    }
    return keys;
  });
}

/** Whether a map is a Kubernetes object: it says its version and kind. */
export function isKubernetesObject(tape: Tape, node: number): boolean {
  const kind = tape.get(node, 'kind');
  const version = tape.get(node, 'apiVersion');
  return kind >= 0 && version >= 0 && tape.kind(kind) === Kind.String && tape.kind(version) === Kind.String;
}

function configMaps(tape: Tape, node: number): number[] {
  if (!isKubernetesObject(tape, node)) return [];
  const kind = tape.string(tape.get(node, 'kind'));
  if (kind === 'ConfigMap') return [node];
  const items = tape.get(node, 'items');
  if (!kind.endsWith('List') || items < 0 || tape.kind(items) !== Kind.List) return [];
  const found: number[] = [];
  for (let item = items + 1; item < (tape.links[items] as number); item = tape.next(item)) {
    found.push(...configMaps(tape, tape.resolve(item)));
  }
  return found;
}

function entriesOf(document: Document, map: number, seen: Set<number>): ConfigMapEntry[] {
  const { tape } = document;
  const metadata = tape.get(map, 'metadata');
  const nameNode = metadata < 0 ? -1 : tape.get(metadata, 'name');
  const configMap = nameNode < 0 ? '' : tape.string(nameNode);
  const entries: ConfigMapEntry[] = [];
  const read = (
    field: string,
    open: (document: Document, node: number) => EmbeddedText | undefined,
  ): void => {
    const data = tape.get(map, field);
    if (data < 0 || tape.kind(data) !== Kind.Map) return;
    for (let key = data + 1; key < (tape.links[data] as number); key = tape.next(key + 1)) {
      const node = tape.resolve(key + 1);
      if (tape.kind(node) !== Kind.String || seen.has(node)) continue;
      seen.add(node);
      const embedded = open(document, node);
      if (embedded === undefined) continue;
      const { text, embedding } = embedded;
      const source = readSource(document.source.name, text, { embedding });
      entries.push({ configMap, key: tape.name(key), source });
    }
  };
  read('data', embeddedText);
  read('binaryData', embeddedBase64);
  return entries;
}
