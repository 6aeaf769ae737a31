// A text with dots in place of all that is not known to be harmless: keys, structure and what may be shown
// stay, each where it was. Where the text cannot be read, only keys that are known and structure stay.

import { oncePer } from '../collections/once-per.js';
import { UNREADABLE } from '../finding/finding.js';
import { holdsSecret } from '../secrecy/looks-secret.js';
import { configMapEntries } from '../source/config-map.js';
import { type Document, readSource, type Source } from '../source/document.js';
import { Kind, type Tape } from '../source/tape.js';
import { disclosureOf } from './disclosure.js';
import { isKnownName } from './known-names.js';

/** A text that is shown in parts. */
export interface MaskedText {
  /** The part from one offset to another, as long as it was. */
  slice(start: number, end: number): string;
}

/** What stands from `start` to `end` is a key or value. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly isShown: boolean;
}

/** Larger files are not read once more for the sake of a frame: of them keys and structure are shown. */
const LARGEST = 1 << 25;

/** Masks a file. */
export function maskedText(name: string, text: string): MaskedText {
  const source = text.length > LARGEST ? undefined : readSource(name, text);
  if (source === undefined || source.findings.some(({ code }) => UNREADABLE.has(code)))
    return { slice: (start, end) => keysOnly(text.slice(start, end)) };
  const { documents } = source;
  return {
    slice(start, end) {
      const touched = documents.filter(
        ({ tape }, i) => tape.start(0) < end && (documents[i + 1]?.tape.start(0) ?? end) >= start,
      );
      const ranges = touched.flatMap((document) => rangesOf(document, start, end));
      return masked(text, ranges, start, end);
    },
  };
}

function masked(text: string, ranges: readonly Range[], from: number, to: number): string {
  let shown = '';
  let at = from;
  for (const { start, end, isShown } of ranges) {
    const [first, last] = [Math.max(start, at), Math.min(end, to)];
    if (last <= first) continue;
    shown += structure(text.slice(at, first));
    shown += isShown ? text.slice(first, last) : hidden(text, start, end).slice(first - start, last - start);
    at = last;
  }
  return shown + structure(text.slice(at, to));
}

/** The keys and scalars of a part of a document in the order of the text; embedded documents in place of their string. */
function rangesOf(document: Document, from = 0, to = Number.POSITIVE_INFINITY): Range[] {
  const { tape } = document;
  const disclosure = disclosureOf(document);
  const ranges: Range[] = [];
  for (let node = firstAt(tape, from); node < tape.size && tape.start(node) < to; node++) {
    const kind = tape.kind(node);
    if (kind === Kind.Map || kind === Kind.List || tape.end(node) <= from) continue;
    const source = kind === Kind.String ? embeddedIn(document).get(node) : undefined;
    if (source !== undefined) ranges.push(...embeddedRanges(tape, node, source));
    else
      ranges.push({
        start: tape.start(node),
        end: tape.end(node),
        isShown: kind === Kind.Alias ? !holdsSecret(tape.raw(node)) : disclosure.isShown(node),
      });
  }
  return ranges;
}

/** The last key or scalar that begins before an offset, or the first node: nodes stand in the order of the text. */
function firstAt(tape: Tape, offset: number): number {
  let [low, high] = [0, tape.size];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tape.start(middle) < offset) low = middle + 1;
    else high = middle;
  }
  let node = low - 1;
  while (node > 0 && (tape.kind(node) === Kind.Map || tape.kind(node) === Kind.List)) node--;
  return Math.max(0, node);
}

/** The texts of ConfigMaps by their nodes. */
const embeddedIn = oncePer(
  (document: Document): ReadonlyMap<number, Source> =>
    new Map(configMapEntries(document).map(({ source }) => [source.embedding?.node ?? -1, source])),
);

/** The keys and scalars of a ConfigMap's value, in terms of the text around it. */
function embeddedRanges(tape: Tape, node: number, { embedding, findings, documents }: Source): Range[] {
  const [start, end] = [tape.start(node), tape.end(node)];
  if (embedding === undefined || findings.some(({ code }) => UNREADABLE.has(code)))
    return [{ start, end, isShown: false }];
  const ranges: Range[] = [];
  let at = start;
  for (const range of documents.flatMap((document) => rangesOf(document))) {
    const [first, last] = [embedding.outerOffset(range.start), embedding.outerOffset(range.end)];
    if (first < at || last <= first) continue;
    ranges.push({ start: first, end: last, isShown: range.isShown });
    at = last;
  }
  return ranges;
}

const DOT = '\u2022';

/** A value in dots, with its quotes or the head of its block. */
function hidden(text: string, start: number, end: number): string {
  const value = text.slice(start, end);
  const head = /^(?:[|>][-+\d]*(?=\s)|["'])/.exec(value)?.[0] ?? '';
  const tail =
    value.length > head.length && (head === '"' || head === "'") && value.endsWith(head) ? head : '';
  return head + dots(value.slice(head.length, value.length - tail.length)) + tail;
}

/** Line by line, so that a block keeps its indentation. */
function dots(text: string): string {
  return text.replace(/(?<=\n)[ \t]+|[^\r\n]+/g, (part, at: number) =>
    at > 0 && text.charAt(at - 1) === '\n' && /^[ \t]/.test(part) ? part : DOT.repeat(part.length),
  );
}

/** What stands between keys and values: brackets, commas and the like; comments and all words in dots. */
function structure(text: string): string {
  return text.replace(
    /(#\s*xdsc-disable[\w-]*(?:\s+[a-z][a-z-]{1,40}(?=[:,\s]|$))?)?(.*)/g,
    (_, silence = '', rest) => silence + bare(rest),
  );
}

function bare(text: string): string {
  const comment = /(?:^|\s)#/.exec(text)?.index ?? text.length;
  return (
    text.slice(0, comment).replace(/[^\s{}[\],:"'|>&*!?-]/g, DOT) +
    text.slice(comment).replace(/[^\s#]/g, DOT)
  );
}

const KEY = /(?<=^|[\s{[,?])(["']?)([@A-Za-z_][\w.@/-]*)\1(?=\s*:(?:[\s"'{[\d-]|$))/gm;

/** A text that cannot be read: which part of it is a value is not certain. */
function keysOnly(text: string): string {
  let shown = '';
  let at = 0;
  for (const { 0: key, 2: name, index } of text.matchAll(KEY)) {
    if (!isKnownName(name as string)) continue;
    shown += bareLines(text.slice(at, index)) + key;
    at = index + key.length;
  }
  return shown + bareLines(text.slice(at));
}

function bareLines(text: string): string {
  return text.replace(/.+/g, bare);
}
