// What an editor can fold: maps, lists and texts over several lines, and comments.

import type { Source } from '../source/document.js';
import { Kind, Style, type Tape } from '../source/tape.js';

/** Lines that can be folded to the first of them; they count from 1. */
export interface Fold {
  readonly first: number;
  readonly last: number;
  readonly isComment: boolean;
}

/**
 * The folds of a text.
 *
 * @param inner texts inside of its strings
 */
export function foldsOf(source: Source, inner: readonly Source[]): readonly Fold[] {
  const byLine = new Map<number, Fold>();
  const add = (first: number, last: number, isComment = false): void => {
    // Of what begins on one line the outermost.
    if (last > first && (byLine.get(first)?.last ?? 0) < last) byLine.set(first, { first, last, isComment });
  };
  for (const { documents, region } of [source, ...inner]) {
    for (const { tape } of documents) {
      const fold = (from: number, to: number): void => {
        const { line, endLine } = region(tape.start(from), tape.start(to) + trimmedLength(tape.raw(to)));
        // The bracket that closes is still shown.
        add(line, isFlow(tape, to) ? endLine - 1 : endLine);
      };
      for (let node = 0; node < tape.size; node++) {
        const kind = tape.kind(node);
        if (kind === Kind.Key) fold(node, node + 1);
        else if (isFlow(tape, node)) fold(node, node);
        else if (kind === Kind.List)
          for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
            fold(item, item);
      }
    }
  }
  if (source.format === 'yaml') for (const { first, last } of comments(source.text)) add(first, last, true);
  return [...byLine.values()].sort((a, b) => a.first - b.first);
}

/** Whether a node is a map or list in brackets. */
function isFlow(tape: Tape, node: number): boolean {
  return (tape.kind(node) === Kind.Map || tape.kind(node) === Kind.List) && !tape.has(node, Style.Block);
}

/** The length of a text without line breaks and spaces at its end, which block scalars have. */
function trimmedLength(text: string): number {
  let length = text.length;
  while (length > 0 && /\s/.test(text.charAt(length - 1))) length--;
  return length;
}

/** Comments over several lines. */
function comments(text: string): { readonly first: number; readonly last: number }[] {
  const found: { first: number; last: number }[] = [];
  let first = 0;
  text.split('\n').forEach((line, index) => {
    const isComment = /^\s*#/.test(line);
    if (isComment && first === 0) first = index + 1;
    if (!isComment && first > 0) {
      found.push({ first, last: index });
      first = 0;
    }
  });
  return found;
}
