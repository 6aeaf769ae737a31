// Edits on maps and lists: what has to be cut and put in so that the text around stays as it is.

import type { Edit } from './edit.js';
import { type Fragment, isBlank, lineEnd, lineStart } from './fragment.js';
import { column, type Layout, layoutAt, withIndent } from './layout.js';
import { renderMember, renderMembers, renderValue } from './render.js';
import { Kind, Style, type Tape } from './tape.js';

/** Replaces a member with another. */
export function replaceMember(tape: Tape, map: number, key: number, name: string, value: Fragment): Edit {
  return replacement(tape, map, key, renderMember(name, value, layoutAt(tape, map, key)));
}

/** Replaces a member with others, at least one. */
export function replaceByMembers(
  tape: Tape,
  map: number,
  key: number,
  members: { readonly [name: string]: Fragment },
): Edit {
  return replacement(tape, map, key, renderMembers(members, layoutAt(tape, map, key)));
}

function replacement(tape: Tape, map: number, key: number, text: string): Edit {
  const start = memberStart(tape, map, key);
  const end = memberEnd(tape, map, key);
  return {
    start,
    end,
    text: tape.has(map, Style.Block) ? withComment(text, commentOf(tape, key, end)) : text,
  };
}

/** The comment on a member as a whole: beside its key where its value follows below, else beside its value. */
function commentOf(tape: Tape, key: number, end: number): string {
  const value = key + 1;
  const below = tape.has(value, Style.Block) && lineEnd(tape.text, tape.end(key)) < tape.end(value);
  const from = below ? tape.end(key) : tape.end(value);
  const to = below ? lineEnd(tape.text, from) : end;
  return /^:?(?:[ \t]+[&!|>]\S*)*([ \t]+#.*?)\r?$/.exec(tape.text.slice(from, to))?.[1] ?? '';
}

/** A member in block style with a comment beside its first line. */
function withComment(text: string, comment: string): string {
  const end = /\r?\n|$/.exec(text)?.index ?? text.length;
  // Inside brackets or quotes that go on below there is no place for it.
  return comment === '' || (end < text.length && text.charAt(end - 1) !== ':')
    ? text
    : text.slice(0, end) + comment + text.slice(end);
}

/** Where a member begins; in block style with the `?`, anchor or tag before its key, which are where the map does. */
function memberStart(tape: Tape, map: number, key: number): number {
  const start = tape.start(key);
  if (!tape.has(map, Style.Block)) return start;
  return Math.min(start, lineStart(tape.text, start) + column(tape, map));
}

/** Where a member ends; in block style with the comment beside its last line, which belongs to it. */
function memberEnd(tape: Tape, map: number, key: number): number {
  const end = tape.end(key + 1);
  if (!tape.has(map, Style.Block)) return end;
  const rest = lineEnd(tape.text, end);
  const beside = tape.text.slice(end, rest);
  if (!/^[ \t]*(?:#.*)?\r?$/.test(beside)) return end;
  return beside.endsWith('\r') ? rest - 1 : rest;
}

/** Puts members behind the last one of a map that has members. */
export function appendMembers(tape: Tape, map: number, members: { readonly [name: string]: Fragment }): Edit {
  const last = lastKey(tape, map);
  const layout = layoutAt(tape, map, last);
  return insertion(memberEnd(tape, map, last), layout.separator + renderMembers(members, layout));
}

function lastKey(tape: Tape, map: number): number {
  let last = map + 1;
  for (let key = last; key < (tape.links[map] as number); key = tape.next(key + 1)) last = key;
  return last;
}

/**
 * Takes members out of a map, with the comments above and beside them.
 *
 * @param keys in the order of the text; not all that the map has
 */
export function removeMembers(tape: Tape, map: number, keys: readonly number[]): Edit[] {
  const all: Part[] = [];
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    all.push({ start: memberStart(tape, map, key), end: tape.end(key + 1), gone: keys.includes(key) });
  }
  return removeParts(tape, map, all);
}

/**
 * Takes items out of a list, with the comments above and beside them.
 *
 * @param items nodes of the list itself, not what aliases stand for; not all that it has
 */
export function removeItems(tape: Tape, list: number, items: readonly number[]): Edit[] {
  const all: Part[] = [];
  const dash = tape.has(list, Style.Block) ? column(tape, list) : 0;
  for (let item = list + 1; item < (tape.links[list] as number); item = tape.next(item)) {
    const start = tape.start(item);
    // The dash is a part of the item; an anchor or tag may be between them.
    const own = tape.has(list, Style.Block) ? dashBefore(tape.text, start, dash) : start;
    all.push({ start: own, end: tape.end(item), gone: items.includes(item) });
  }
  return removeParts(tape, list, all);
}

/** Where the dash of a list item is: in a column, on the line of the item or above it. */
export function dashBefore(text: string, start: number, dash: number): number {
  let line = lineStart(text, start);
  while (line > 0 && text.charAt(line + dash) !== '-') line = lineStart(text, line - 1);
  return line + dash;
}

/** A member or item: where it begins and ends, and whether it is taken out. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly gone: boolean;
}

function removeParts(tape: Tape, collection: number, parts: readonly Part[]): Edit[] {
  const { text } = tape;
  const edits: Edit[] = [];
  const remove = (start: number, end: number): void => {
    edits.push({ start, end, text: '' });
  };
  for (let at = 0; at < parts.length; at++) {
    if (!parts[at]?.gone) continue;
    const from = at;
    while (parts[at + 1]?.gone) at++;
    const before = parts[from - 1];
    const after = parts[at + 1];
    const { start } = parts[from] as Part;
    const { end } = parts[at] as Part;
    if (!tape.has(collection, Style.Block)) {
      if (after !== undefined) remove(start, after.start);
      else remove((before as Part).end, end);
    } else if (before !== undefined) {
      const to = lineEnd(text, end);
      // The line break before goes, so that a text without one at its end has none afterwards.
      remove(bareLineEnd(text, before.end), to - (text.charAt(to - 1) === '\r' ? 1 : 0));
    } else remove(start, (after as Part).start);
  }
  return edits;
}

/** The end of a line without its carriage return. */
function bareLineEnd(text: string, offset: number): number {
  const end = lineEnd(text, offset);
  return text.charAt(end - 1) === '\r' ? end - 1 : end;
}

/** Puts a member before the first one of a map that has members. */
export function insertFirstMember(tape: Tape, map: number, name: string, value: Fragment): Edit {
  const layout = layoutAt(tape, map, map + 1);
  const text = renderMember(name, value, layout);
  if (tape.has(map, Style.Block)) return insertLines(tape, tape.start(map), text, layout.newline);
  return insertion(tape.start(map + 1), text + layout.separator);
}

/** Puts a map before the first item of a list that has items. */
export function insertFirstItem(tape: Tape, list: number, item: { readonly [name: string]: Fragment }): Edit {
  const sample = mapIn(tape, list);
  const layout = sample < 0 ? undefined : layoutAt(tape, sample, sample + 1);
  if (tape.has(list, Style.Block)) {
    const at = tape.start(list);
    return insertLines(tape, at, blockItem(tape, list, item, sample), layout?.newline ?? '\n');
  }
  const at = tape.start(list + 1);
  if (layout === undefined) return insertion(at, `${JSON.stringify(item)}, `);
  const { text } = tape;
  let start = at;
  while (isBlank(text.charCodeAt(start - 1))) start--;
  const ownLine = text.charAt(start - 1) === '\n';
  const before = text.slice(start, at);
  const value = renderValue(item, withIndent(layout, ownLine ? before : closingIndent(tape, sample, layout)));
  return insertion(
    at,
    value + (ownLine ? `,${layout.newline}${before}` : layout.multiline ? ', ' : layout.comma),
  );
}

/** An item in brackets, written as the sample is; in one line of JSON where there is none. */
export function flowItem(tape: Tape, item: { readonly [name: string]: Fragment }, sample: number): string {
  if (sample < 0) return JSON.stringify(item);
  const layout = layoutAt(tape, sample, sample + 1);
  return renderValue(item, withIndent(layout, closingIndent(tape, sample, layout)));
}

/** An item with its dash, written as the sample is; in one line of JSON where there is none. */
export function blockItem(
  tape: Tape,
  list: number,
  item: { readonly [name: string]: Fragment },
  sample: number,
): string {
  if (sample < 0) return `- ${JSON.stringify(item)}`;
  const layout = layoutAt(tape, sample, sample + 1);
  if (layout.style !== 'block') {
    return `- ${flowItem(tape, item, sample)}`;
  }
  const gap = /^-( +)(?=\S)/.exec(tape.text.slice(tape.start(list), tape.start(list + 1) + 1))?.[1] ?? ' ';
  return `-${gap}${renderMembers(item, withIndent(layout, ' '.repeat(column(tape, list) + 1) + gap))}`;
}

/** Where the closing bracket of a flow map is; nothing where all is on one line. */
function closingIndent(tape: Tape, map: number, { multiline, indent }: Layout): string {
  if (!multiline) return '';
  const { text } = tape;
  const closing = tape.end(map) - 1;
  const before = text.slice(lineStart(text, closing), closing);
  return before.trim() === '' ? before : indent;
}

/** The first item of a list that is a map with members; -1 where none is. */
export function mapIn(tape: Tape, list: number): number {
  for (let item = list + 1; item < (tape.links[list] as number); item = tape.next(item)) {
    const map = tape.resolve(item);
    if (tape.kind(map) === Kind.Map && (tape.links[map] as number) > map + 1) return map;
  }
  return -1;
}

/** Puts lines before the block map or list that begins at an offset, above the comment that belongs to it. */
function insertLines(tape: Tape, at: number, lines: string, newline: string): Edit {
  const { text } = tape;
  const start = lineStart(text, at);
  const before = text.slice(start, at);
  if (before.trim() !== '') return insertion(at, lines + newline + before.replace(/\S/g, ' '));
  const above = commentAbove(text, start);
  return insertion(above, before + lines + newline);
}

/** Where the comment right above a line begins; at the top of a document it belongs to the document. */
function commentAbove(text: string, line: number): number {
  let start = line;
  while (start > 1) {
    const above = lineStart(text, start - 1);
    const content = text.slice(above, start).trim();
    if (/^(?:---|%|$)/.test(content)) return content === '' ? start : line;
    if (!content.startsWith('#')) return start;
    start = above;
  }
  return line;
}

function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text };
}
