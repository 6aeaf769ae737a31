// Edits on the lists of a map: items leave, others come in their place, and the comments among them stay.

import type { Edit } from './edit.js';
import { type Fragment, lineEnd, lineIndentation, lineStart } from './fragment.js';
import { column, layoutAt } from './layout.js';
import { blockItem, flowItem, mapIn, replaceMember } from './map-edit.js';
import { renderMember } from './render.js';
import { Kind, Style, type Tape } from './tape.js';

/** An item to put into a list. */
export type Item = { readonly [name: string]: Fragment };

/**
 * Changes the list under a name of a map: the added items take the place of the first one that leaves, or
 * come last. A list that is missing is added behind the map's other members.
 *
 * @param removed items of the list as they are there, aliases among them
 */
export function changeList(
  tape: Tape,
  map: number,
  name: string,
  removed: readonly number[],
  added: readonly Item[],
): Edit[] {
  if (removed.length === 0 && added.length === 0) return [];
  const key = keyOf(tape, map, name);
  if (key < 0) return [insertLastMember(tape, map, name, added)];
  const list = tape.resolve(key + 1);
  const items = tape.kind(list) === Kind.List ? itemsOf(tape, list) : [];
  const staying = items.filter((item) => !removed.includes(item));
  // Without an item that stays or leaves its place to another there is nothing to write others after.
  if (items.length === 0 || (staying.length === 0 && added.length === 0))
    return [replaceMember(tape, map, key, name, added)];
  return tape.has(list, Style.Block)
    ? changeBlock(tape, list, items, removed, added)
    : changeFlow(tape, list, items, removed, added);
}

/** Puts a member behind the last one of a map that has members. */
export function insertLastMember(tape: Tape, map: number, name: string, value: Fragment): Edit {
  const last = keysOf(tape, map).at(-1) as number;
  const layout = layoutAt(tape, map, last);
  const text = layout.separator + renderMember(name, value, layout);
  const end = tape.end(last + 1);
  return insertion(tape.has(map, Style.Block) ? contentEnd(tape, end) : end, text);
}

function changeBlock(
  tape: Tape,
  list: number,
  items: readonly number[],
  removed: readonly number[],
  added: readonly Item[],
): Edit[] {
  const { text } = tape;
  const indent = ' '.repeat(column(tape, list));
  const newline = newlineAt(text, tape.start(list));
  const sample = mapIn(tape, list);
  const lines = added.map((item) => blockItem(tape, list, item, sample));
  const [place, ...others] = removed;
  if (place === undefined) {
    const at = contentEnd(tape, tape.end(items.at(-1) as number));
    return [insertion(at, lines.map((line) => newline + indent + line).join(''))];
  }
  const edits: Edit[] = [];
  if (added.length > 0) {
    const start = dashOf(tape, list, place);
    const end = contentEnd(tape, tape.end(place));
    const comments = commentsIn(tape, place, start, end);
    const beside = comments[0]?.line === 0 ? (comments.shift()?.text ?? '') : '';
    const [first = '', ...rest] = lines;
    const above = comments.map((comment) => comment.text + newline + indent);
    const broken = first.indexOf('\n') < 0 ? first.length : first.indexOf(newline);
    const opening = beside === '' ? first : `${first.slice(0, broken)} ${beside}${first.slice(broken)}`;
    edits.push({ start, end, text: above.join('') + [opening, ...rest].join(newline + indent) });
  }
  for (const item of added.length > 0 ? others : removed) edits.push(cutBlockItem(tape, list, item, newline));
  return edits;
}

/** Cuts the lines of an item with the line break before them; comments on them stay as lines of their own. */
function cutBlockItem(tape: Tape, list: number, item: number, newline: string): Edit {
  const { text } = tape;
  const dash = dashOf(tape, list, item);
  const end = contentEnd(tape, tape.end(item));
  const line = lineStart(text, dash);
  const kept = commentsIn(tape, item, dash, end).map(
    (comment) => newline + text.slice(line, dash) + comment.text,
  );
  return { start: line - newline.length, end, text: kept.join('') };
}

/** Where the dash of an item is. */
function dashOf(tape: Tape, list: number, item: number): number {
  const { text } = tape;
  const at = tape.anchors.get(item) ?? tape.start(item);
  for (let line = lineStart(text, at); line >= tape.start(list) - column(tape, list); ) {
    const dash = line + column(tape, list);
    if (
      text.charAt(dash) === '-' &&
      text
        .slice(dash + 1, at)
        .replace(/#.*/g, '')
        .trim() === ''
    )
      return dash;
    if (line === 0) break;
    line = lineStart(text, line - 1);
  }
  return text.lastIndexOf('-', at);
}

function changeFlow(
  tape: Tape,
  list: number,
  items: readonly number[],
  removed: readonly number[],
  added: readonly Item[],
): Edit[] {
  const { text } = tape;
  const sample = mapIn(tape, list);
  const values = added.map((item) => flowItem(tape, item, sample));
  const startOf = (item: number): number => tape.anchors.get(item) ?? tape.start(item);
  // What is between two items, as the list shows it; its comments are not repeated.
  const [first, second] = items as [number, number | undefined];
  const ownLine = lineStart(text, startOf(first)) > tape.start(list);
  const between =
    second === undefined
      ? ownLine
        ? `,${newlineAt(text, startOf(first))}${lineIndentation(text, startOf(first))}`
        : ', '
      : text.slice(tape.end(first), startOf(second)).replace(/(?:#|\/\/).*|\/\*[\s\S]*?\*\//g, '');
  const [place] = removed;
  if (place === undefined) {
    return [insertion(tape.end(items.at(-1) as number), values.map((value) => between + value).join(''))];
  }
  const edits: Edit[] = [];
  if (values.length > 0)
    edits.push({ start: startOf(place), end: tape.end(place), text: values.join(between) });
  const cut = values.length > 0 ? removed.slice(1) : removed;
  const left = items.filter((item) => !cut.includes(item));
  for (const item of cut) {
    const next = items[items.indexOf(item) + 1];
    const last = left.at(-1);
    if (last !== undefined && item > last) {
      // All behind the last one that stays goes with the comma before it.
      const before = items[items.indexOf(item) - 1] as number;
      edits.push({ start: tape.end(before), end: tape.end(item), text: '' });
    } else edits.push({ start: startOf(item), end: startOf(next as number), text: '' });
  }
  return edits;
}

/** The line break that a line ends with. */
function newlineAt(text: string, offset: number): string {
  return text.charAt(lineEnd(text, offset) - 1) === '\r' ? '\r\n' : '\n';
}

/** The end of a line's content, with the comment beside it, before its line break. */
function contentEnd(tape: Tape, from: number): number {
  const end = lineEnd(tape.text, from);
  return tape.text.charAt(end - 1) === '\r' ? end - 1 : end;
}

interface Comment {
  readonly text: string;
  /** How many lines below the beginning it is. */
  readonly line: number;
}

/** The comments of YAML in a range: what is behind a `#` outside of the item's keys and scalars. */
function commentsIn(tape: Tape, item: number, from: number, to: number): Comment[] {
  const { text } = tape;
  const comments: Comment[] = [];
  const look = (start: number, end: number): void => {
    for (const { 0: comment, index } of text.slice(start, end).matchAll(/(?<=^|\s)#.*/gm)) {
      const line = text.slice(from, start + index).split('\n').length - 1;
      comments.push({ text: comment.trimEnd(), line });
    }
  };
  let at = from;
  for (let node = item; node < tape.next(item); node++) {
    const kind = tape.kind(node);
    if (kind === Kind.Map || kind === Kind.List) continue;
    look(at, tape.start(node));
    at = tape.end(node);
  }
  look(at, to);
  return comments;
}

/** The key node of a name in a map; -1 where there is none. */
export function keyOf(tape: Tape, map: number, name: string): number {
  return keysOf(tape, map).find((key) => tape.name(key) === name) ?? -1;
}

function keysOf(tape: Tape, map: number): number[] {
  const keys: number[] = [];
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) keys.push(key);
  return keys;
}

function itemsOf(tape: Tape, list: number): number[] {
  const items: number[] = [];
  for (let item = list + 1; item < (tape.links[list] as number); item = tape.next(item)) items.push(item);
  return items;
}

function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text };
}
