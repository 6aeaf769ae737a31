// A text in the middle of being typed seldom reads. To tell what may come at the cursor, a word that nobody writes
// is put there, as a key or as a value, until the text reads and the word is found in it.

import type { Api } from '../envoy/detect.js';
import { readSource, type Source } from '../source/document.js';
import { Kind } from '../source/tape.js';
import { readConfigs } from '../tls/configs.js';
import { type Place, placeAt } from './place.js';

const WORD = 'xdscCursor';

/** The place of the cursor, in a text in which a word stands there. */
export interface Unfinished {
  readonly place: Place;
  /** The range of the text as it is that a completion replaces. */
  readonly start: number;
  readonly end: number;
  /** Whether a colon follows: the key is there. */
  readonly hasColon: boolean;
  /** What quotes a completion brings, and what it has around it already. */
  readonly quote: '' | '"' | "'";
}

/**
 * The places that the cursor may be: first as a key, then as a value.
 *
 * @param api the version of documents that leave it open
 */
export function unfinishedAt(name: string, text: string, offset: number, api: Api | undefined): Unfinished[] {
  const before = /["']?[\w.@/-]*$/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
  const after = /^[\w.@/-]*["']?/.exec(text.slice(offset, lineEnd(text, offset)))?.[0] ?? '';
  const quote = quoteOf(before);
  const start = offset - before.length;
  // A quote behind the word is its end only if one before it is its beginning.
  const end = offset + (quote === '' ? after.replace(/["']$/, '') : after).length;
  const hasColon = /^[ \t]*:/.test(text.slice(end, lineEnd(text, end)));
  const isJson = /^\s*[{[]/.test(text) || /\.json$/i.test(name);
  const marks = isJson ? jsonMarks(hasColon) : yamlMarks(quote, hasColon);
  const found: Unfinished[] = [];
  for (const mark of marks) {
    const marked = text.slice(0, start) + mark + text.slice(end);
    const source = readSource(name, marked);
    if (source.documents.length === 0) continue;
    const place = placeIn(source, start + mark.indexOf(WORD), api);
    if (place === undefined || found.some(({ place: { part } }) => part === place.part)) continue;
    found.push({ place, start, end, hasColon, quote: isJson ? '"' : quote });
    // JSON that reads with the word in one form reads in no other.
    if (isJson) break;
  }
  return found;
}

function placeIn(source: Source, offset: number, api: Api | undefined): Place | undefined {
  const { configs } = readConfigs(source, api, () => new Set());
  const place = placeAt(configs, offset);
  if (place === undefined) return undefined;
  const { tape } = place.message.reader;
  const word = tape.kind(place.node) === Kind.Key ? tape.name(place.node) : tape.string(place.node);
  return word === WORD ? place : undefined;
}

function yamlMarks(quote: '' | '"' | "'", hasColon: boolean): readonly string[] {
  const word = quote + WORD + quote;
  return hasColon ? [word] : [`${word}: `, word];
}

function jsonMarks(hasColon: boolean): readonly string[] {
  if (hasColon) return [`"${WORD}"`, `,"${WORD}"`];
  const words = [`"${WORD}"`, `"${WORD}": null`];
  return words.flatMap((word) => [word, `${word},`, `,${word}`, `,${word},`]);
}

function quoteOf(word: string): '' | '"' | "'" {
  const first = word.charAt(0);
  return first === '"' || first === "'" ? first : '';
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}
