// The second opinion on YAML: the same text read by the package `yaml`, node by node beside the tape.

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type Scalar,
} from 'yaml';
import { Kind, Style, type Tape } from '../../src/source/tape.js';

/** The documents that `yaml` sees, scalars as text; undefined where it refuses the text. */
export function yamlDocuments(text: string): Document[] | undefined {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent',
    strict: false,
  });
  if (!Array.isArray(documents)) return [];
  return documents.some(({ errors }) => errors.length > 0) ? undefined : documents;
}

/** In what a tape differs from a document of `yaml`: a line for each difference. */
export function differences(tape: Tape, document: Document): string[] {
  const found: string[] = [];
  const anchors = new Map<string, number>();
  const say = (node: number, what: string): undefined => {
    found.push(`node ${node} at ${tape.start(node)}: ${what}`);
  };

  const anchor = (node: number, other: Node): void => {
    if (!isAlias(other) && other.anchor !== undefined) anchors.set(other.anchor, node);
  };

  const compare = (node: number, other: Node | null): undefined => {
    if (other === null || (isScalar(other) && isEmpty(other))) {
      if (tape.start(node) !== tape.end(node)) say(node, `empty, not ${tape.raw(node)}`);
      if (other !== null) anchor(node, other);
      return;
    }
    const [start, end] = other.range as [number, number, number];
    anchor(node, other);
    if (isAlias(other)) {
      if (tape.raw(node) !== `*${other.source}`)
        say(node, `an alias *${other.source}, not ${tape.raw(node)}`);
      const target = anchors.get(other.source);
      if (tape.kind(node) === Kind.Alias && tape.resolve(node) !== target)
        say(node, `stands for node ${target}`);
    } else if (isScalar(other)) {
      const value = tape.kind(node) === Kind.Key ? tape.name(node) : tape.string(node);
      if (value !== other.value) say(node, `${JSON.stringify(other.value)}, not ${JSON.stringify(value)}`);
      const block = other.type === 'BLOCK_LITERAL' || other.type === 'BLOCK_FOLDED';
      if (block !== tape.has(node, Style.Block)) say(node, 'block or not');
      if (tape.start(node) !== start) say(node, `starts at ${start}`);
      if (block ? tape.end(node) > end : tape.end(node) !== end)
        say(node, `ends at ${end}, not ${tape.end(node)}`);
    } else if (isMap(other) || isSeq(other)) {
      if (tape.kind(node) !== (isMap(other) ? Kind.Map : Kind.List)) return say(node, 'another kind');
      if (Boolean(other.flow) === tape.has(node, Style.Block)) say(node, 'block or flow');
      if (other.flow && tape.text.charAt(start) !== (isMap(other) ? '{' : '[')) {
        // A pair without brackets in a flow list: `yaml` counts what follows to it.
      } else if (other.flow) {
        if (tape.start(node) !== start || tape.end(node) !== end) say(node, `flow from ${start} to ${end}`);
      }
      let at = node + 1;
      let last = tape.start(node);
      for (const item of other.items) {
        if (at >= (tape.links[node] as number)) return say(node, 'more items');
        if (isMap(other)) {
          const { key, value } = item as { key: Node | null; value: Node | null };
          compare(at, key);
          at++;
          compare(at, value);
        } else compare(at, item as Node | null);
        last = tape.end(at);
        at = tape.next(at);
      }
      if (at !== tape.links[node]) say(node, 'fewer items');
      if (!other.flow && tape.end(node) !== last) say(node, `ends with its last item at ${last}`);
      if (!other.flow && tape.start(node) > tape.start(node + 1)) say(node, 'starts behind its first item');
    }
  };

  compare(0, document.contents as Node | null);
  return found;
}

function isEmpty(scalar: Scalar): boolean {
  const range = scalar.range as [number, number, number];
  return scalar.type === 'PLAIN' && range[0] === range[1];
}
