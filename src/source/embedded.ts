// Text inside a string of a document, as in a ConfigMap: its offsets and edits in terms of the outer text.
// An edit goes to its place in the string, if the string reads as it should then; else the string is written
// anew as a whole.

import { isUtf8 } from 'node:buffer';
import type { Document, Embedding } from './document.js';
import { applyEdits, type Edit, sortEdits } from './edit.js';
import { lineEnd, lineStart } from './fragment.js';
import { column } from './layout.js';
import { blockIndent, type OffsetMap, offsetMap, outerOffset } from './offset-map.js';
import { jsonScalar, literalBlock } from './scalar-text.js';
import { scanYaml } from './scan-yaml.js';
import { Kind, Style, type Tape } from './tape.js';

/** A string's value, and how it is embedded. */
export interface EmbeddedText {
  readonly text: string;
  readonly embedding: Embedding;
}

/** A document's edits in terms of the file that it is in. */
export function outermostEdits(document: Document, edits: readonly Edit[]): readonly Edit[] {
  const { embedding } = document.source;
  if (embedding === undefined) return edits;
  return outermostEdits(embedding.document, embedding.outerEdits(sortEdits(edits)));
}

/** The text in a string node. */
export function embeddedText(document: Document, node: number): EmbeddedText {
  const { tape } = document;
  const text = tape.string(node);
  const map = offsetMap(tape, node, text);
  return {
    text,
    embedding: {
      document,
      node,
      outerOffset: (inner) => (map === undefined ? tape.start(node) : outerOffset(map, inner)),
      outerEdits: (edits) => {
        if (edits.length === 0) return [];
        const changed = [...applyEdits(text, edits)].join('');
        const inPlace = map === undefined ? undefined : editsInPlace(document, node, text, map, edits);
        if (inPlace !== undefined && readsAs(document, node, edited(tape, node, inPlace), changed))
          return inPlace;
        return [{ start: tape.start(node), end: tape.end(node), text: rewritten(document, node, changed) }];
      },
    },
  };
}

/** The text that a string node holds in base64, as `binaryData` does; undefined where the bytes are no text. */
export function embeddedBase64(document: Document, node: number): EmbeddedText | undefined {
  const { tape } = document;
  const bytes = Buffer.from(tape.string(node), 'base64');
  if (bytes.includes(0) || !isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  const start = tape.start(node);
  const end = tape.end(node);
  const quote = tape.has(node, Style.Quoted) ? tape.text.charAt(start) : '';
  return {
    text,
    embedding: {
      document,
      node,
      outerOffset: () => start,
      outerEdits: (edits) => {
        if (edits.length === 0) return [];
        const changed = Buffer.from([...applyEdits(text, edits)].join('')).toString('base64');
        return [{ start, end, text: quote + changed + quote }];
      },
    },
  };
}

/** The edits where they belong in the string; undefined where it has no place for one. */
function editsInPlace(
  { tape }: Document,
  node: number,
  value: string,
  map: OffsetMap,
  edits: readonly Edit[],
): Edit[] | undefined {
  if (tape.has(node, Style.Block)) {
    const lines = tape.text.charAt(tape.start(node)) === '|' && map.inner.length > 0;
    return lines ? blockEdits(tape, node, value, map, edits) : undefined;
  }
  if (!tape.has(node, Style.Quoted)) return undefined;
  const single = tape.text.charAt(tape.start(node)) === "'";
  if (single && edits.some(({ text }) => text.includes('\n'))) return undefined;
  return edits.map(({ start, end, text }) => ({
    start: outerOffset(map, start),
    end: outerOffset(map, end),
    text: single ? text.replaceAll("'", "''") : jsonScalar(text).slice(1, -1),
  }));
}

/** Edits of a literal block: each new line is indented as the others are. */
function blockEdits(
  tape: Tape,
  node: number,
  value: string,
  map: OffsetMap,
  edits: readonly Edit[],
): Edit[] | undefined {
  const indent = ' '.repeat(blockIndent(tape, node, value));
  const newline = newlineAt(tape, node);
  const result: Edit[] = [];
  for (const edit of edits) {
    const inner = beforeLastBreak(value, edit);
    if (inner === undefined) return undefined;
    const opens = inner.start === 0 || value.charAt(inner.start - 1) === '\n';
    const followed = inner.end < value.length && value.charAt(inner.end) !== '\n';
    let start = outerOffset(map, inner.start);
    // A line that is left blank keeps no indentation.
    if (opens && !followed && inner.text === '') {
      start = Math.max(lineStart(tape.text, start), result.at(-1)?.end ?? 0);
    }
    const [first = '', ...others] = inner.text.split('\n');
    // A blank line may lack the indentation; what follows on the line where an edit ends needs it too.
    const lacking = opens && first !== '' ? indent.slice(start - lineStart(tape.text, start)) : '';
    let text = lacking + first;
    others.forEach((line, i) => {
      const bare = line === '' && !(followed && i === others.length - 1);
      text += newline + (bare ? '' : indent) + line;
    });
    result.push({ start, end: outerOffset(map, inner.end), text });
  }
  return result;
}

/** The same edit without the last line break of the value, which stays; undefined where it has to go. */
function beforeLastBreak(value: string, { start, end, text }: Edit): Edit | undefined {
  if (end < value.length || !value.endsWith('\n')) return { start, end, text };
  const whole = start === end ? `\n${text}` : text;
  if (!whole.endsWith('\n')) return undefined;
  return { start: Math.min(start, end - 1), end: end - 1, text: whole.slice(0, -1) };
}

/** A string node's text once edits are made in it. */
function edited(tape: Tape, node: number, edits: readonly Edit[]): string {
  const from = tape.start(node);
  const inside = edits.map(({ start, end, text }) => ({ start: start - from, end: end - from, text }));
  return [...applyEdits(tape.raw(node), inside)].join('');
}

/** Whether a text instead of a string node would be read as a value. */
function readsAs({ tape, format }: Document, node: number, raw: string, value: string): boolean {
  if (format === 'json') return JSON.parse(raw) === value;
  if (!/^[|>]/.test(raw)) return scanYaml(raw).tapes[0]?.string(0) === value;
  // The header counts from the indentation around; the blank lines that follow may belong to the block.
  const blank = /^[ \t\r\n]*\n/.exec(tape.text.slice(tape.end(node)))?.[0] ?? '';
  const { tapes } = scanYaml(`${' '.repeat(columnAround(tape, node))}x: ${raw}${blank}`);
  return tapes[0]?.string(2) === value;
}

/** A string node as it is written anew. */
function rewritten(document: Document, node: number, value: string): string {
  const { tape, format } = document;
  const rest = tape.text.slice(tape.end(node), lineEnd(tape.text, tape.end(node)));
  if (format === 'yaml' && value.includes('\n') && rest.trim() === '' && isInBlock(tape, node)) {
    const own = tape.has(node, Style.Block) ? blockIndent(tape, node, tape.string(node)) : 0;
    const outer = columnAround(tape, node);
    const block = literalBlock(value, outer, own > outer ? own : outer + 2, newlineAt(tape, node));
    if (block !== undefined && readsAs(document, node, block, value)) return block;
  }
  return jsonScalar(value);
}

function isInBlock(tape: Tape, node: number): boolean {
  return tape.has(collectionAround(tape, node), Style.Block);
}

/** The map or list that a node is in. */
function collectionAround(tape: Tape, node: number): number {
  let around = node - 1;
  while (around > 0 && (tape.kind(around) === Kind.Key || (tape.links[around] as number) <= node)) around--;
  return Math.max(0, around);
}

function columnAround(tape: Tape, node: number): number {
  return column(tape, collectionAround(tape, node));
}

function newlineAt(tape: Tape, node: number): string {
  const { text } = tape;
  const end = lineEnd(text, tape.start(node));
  return text.charAt(end - 1) === '\r' ? '\r\n' : '\n';
}
