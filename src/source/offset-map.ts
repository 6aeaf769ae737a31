// Where each character of a string is in the document that holds the string: escapes, folded lines and
// the indentation of blocks lie between.

import { lineEnd } from './fragment.js';
import { Style, type Tape } from './tape.js';

/** A string in pieces that are in the text without a gap, or that one sequence of characters stands for. */
export interface OffsetMap {
  /** Starts of the pieces in the string, rising. */
  readonly inner: readonly number[];
  /** Starts of the same pieces in the text. */
  readonly outer: readonly number[];
  /** Where the last piece ends in the text. */
  readonly end: number;
}

/** The map of a string node; undefined where it cannot be made out. */
export function offsetMap(tape: Tape, node: number, value: string): OffsetMap | undefined {
  return tape.has(node, Style.Block) ? blockMap(tape, node, value) : flowMap(tape, node, value);
}

/** An offset of the string as one of the text. */
export function outerOffset({ inner, outer, end }: OffsetMap, offset: number): number {
  let low = 0;
  let high = inner.length - 1;
  if (high < 0) return end;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((inner[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  const next = outer[low + 1] ?? end;
  return Math.min(next, (outer[low] as number) + offset - (inner[low] as number));
}

/** How deep the lines of a block scalar are indented: what its first line has and its value has not. */
export function blockIndent(tape: Tape, node: number, value: string): number {
  const written = /\n( *)[^ \r\n]/.exec(tape.raw(node))?.[1]?.length ?? 0;
  return written - (/^[ \n]*?( *)[^ \n]/.exec(value)?.[1]?.length ?? 0);
}

/** Line by line: each begins behind its indentation. */
function blockMap(tape: Tape, node: number, value: string): OffsetMap | undefined {
  const { text } = tape;
  const folded = text.charAt(tape.start(node)) === '>';
  const indent = blockIndent(tape, node, value);
  const inner: number[] = [];
  const outer: number[] = [];
  let offset = 0;
  let end = tape.end(node);
  for (let at = lineEnd(text, tape.start(node)) + 1; at <= tape.end(node); at = lineEnd(text, at) + 1) {
    const written = text.slice(at, lineEnd(text, at)).replace(/\r$/, '');
    end = at + written.length;
    const content = written.slice(indent);
    // What joins folded lines depends on how they are indented; it ends where the next line's text begins.
    while (folded && /[ \n]/.test(value.charAt(offset)) && !value.startsWith(content, offset)) offset++;
    if (!value.startsWith(content, offset)) return undefined;
    inner.push(offset);
    outer.push(at + Math.min(indent, written.length));
    offset += content.length;
    if (!folded && value.charAt(offset) === '\n') offset++;
  }
  return value.slice(offset).trim() === '' ? { inner, outer, end } : undefined;
}

/** What a character of a string does not stand for itself, by quote: escapes, and line breaks with their space. */
const SPECIAL: Readonly<Record<string, RegExp>> = {
  '"': /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|\r?\n[ \t\r\n]*|[\s\S])|(?<![ \t])[ \t]*\r?\n[ \t\r\n]*/g,
  "'": /''|(?<![ \t])[ \t]*\r?\n[ \t\r\n]*/g,
  '': /(?<![ \t])[ \t]*\r?\n[ \t\r\n]*/g,
};

/** A quoted or plain string: at each escape and folded line a new piece begins. */
function flowMap(tape: Tape, node: number, value: string): OffsetMap | undefined {
  const quote = tape.has(node, Style.Quoted) ? tape.text.charAt(tape.start(node)) : '';
  const start = tape.start(node) + quote.length;
  const end = tape.end(node) - quote.length;
  const written = tape.text.slice(start, end);
  const inner = [0];
  const outer = [start];
  let offset = 0;
  let at = 0;
  for (const { index, 0: special } of written.matchAll(SPECIAL[quote] as RegExp)) {
    offset += index - at;
    at = index + special.length;
    inner.push(offset, offset + widthOf(special));
    outer.push(start + index, start + at);
    offset += widthOf(special);
  }
  // Where the count does not come out, this is not how the string was read.
  return offset + written.length - at === value.length ? { inner, outer, end } : undefined;
}

/** How many characters of the string one escape or line break is. */
function widthOf(special: string): number {
  if (/^\\\r?\n/.test(special)) return 0;
  if (/^\\U(?!0000)/.test(special)) return 2;
  if (/^[\\']/.test(special)) return 1;
  const breaks = special.split('\n').length - 1;
  return breaks === 1 ? 1 : breaks - 1;
}
