// Fragments to text, in the style of the place they go to.

import { memo } from '../collections/memo.js';
import { oncePer } from '../collections/once-per.js';
import { type Fragment, isRepeated, lineIndentation, lineStart, MapBody } from './fragment.js';
import { deeper, inBrackets, itemLayout, type Layout, onOneLine } from './layout.js';
import { jsonScalar, yamlScalar } from './scalar-text.js';
import { Style } from './tape.js';

/** What is rendered under one name in one layout. */
interface Named {
  /** The name as written, and its colon. */
  readonly label: string;
  /** Whole members by their values: a block of SDS settings goes to thousands of places. */
  readonly members: WeakMap<object, string>;
}

/** What is rendered in one layout. */
interface Rendered {
  readonly named: Map<string, Named>;
  readonly values: WeakMap<object, string>;
}

const renderedIn = oncePer((_layout: Layout): Rendered => ({ named: new Map(), values: new WeakMap() }));

function namedIn(layout: Layout, name: string): Named {
  return memo(renderedIn(layout).named, name, () => {
    const label = layout.style === 'block' ? ':' : layout.colon;
    return { label: scalar(spell(name, layout), layout) + label, members: new WeakMap() };
  });
}

/** Keeps a text, in one piece; not one that holds a piece of the document, which no other place will need. */
function keep(texts: WeakMap<object, string>, value: object, text: string): string {
  if (holdsBody(value)) return text;
  // What `+` puts together is a tree of its parts, to be walked again by all who copy it.
  const whole = text.split('\n').join('\n');
  texts.set(value, whole);
  return whole;
}

function holdsBody(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof MapBody) return true;
  for (const name in value) if (holdsBody((value as Record<string, unknown>)[name])) return true;
  return false;
}

/**
 * A member of a map as text: its name, and its value at the layout's depth. Begins at the name, not with
 * the indentation.
 */
export function renderMember(name: string, value: Fragment, layout: Layout): string {
  const { label, members } = namedIn(layout, name);
  if (typeof value !== 'object' || value === null) return label + afterLabel(value, layout);
  if (!isRepeated(value)) return label + afterLabel(value, layout);
  return members.get(value) ?? keep(members, value, label + afterLabel(value, layout));
}

/** All members of a map, without its brackets. */
export function renderMembers(members: { readonly [name: string]: Fragment }, layout: Layout): string {
  let text = '';
  for (const name in members) {
    if (text !== '') text += layout.separator;
    text += renderMember(name, members[name] as Fragment, layout);
  }
  return text;
}

/** A value in flow style, whose own members are one level deeper than the layout. */
export function renderValue(value: Fragment, layout: Layout): string {
  if (typeof value !== 'object' || value === null) return scalar(value, layout);
  if (value instanceof MapBody)
    return value.block ? renderValue(value.value(), layout) : flowBody(value, layout);
  if (!isRepeated(value)) return flowCollection(value, layout);
  const { values } = renderedIn(layout);
  return values.get(value) ?? keep(values, value, flowCollection(value, layout));
}

/** Names of the API are spelled as the place spells them; other names, as in a map of strings, stay. */
function spell(name: string, layout: Layout): string {
  if (!layout.camelCase || !/^[a-z][a-z\d_]*$/.test(name)) return name;
  return name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

function scalar(value: string | number | boolean | null, layout: Layout): string {
  return layout.style === 'json' ? jsonScalar(value) : yamlScalar(value);
}

/** What follows a name and its colon. */
function afterLabel(value: Fragment, layout: Layout): string {
  if (layout.style !== 'block') return renderValue(value, layout);
  if (typeof value !== 'object' || value === null) return ` ${scalar(value, layout)}`;
  if (value instanceof MapBody) {
    if (value.firstKept() < 0) return afterLabel(value.first, layout);
    if (!value.block) return ` ${flowBody(value, layout)}`;
    const inner = deeper(layout);
    const first = renderMembers(value.first, inner);
    return (first === '' ? '' : inner.line + first) + layout.newline + blockBody(value, inner.indent);
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    const inner = itemLayout(layout);
    const dash = `${inner.line.slice(0, -2)}- `;
    return value.map((item: Fragment) => dash + blockItem(item, inner)).join('');
  }
  const inner = deeper(layout);
  const members = renderMembers(value as { readonly [name: string]: Fragment }, inner);
  return members === '' ? ' {}' : inner.line + members;
}

/** What follows the dash of a list's item, whose members have the layout. */
function blockItem(item: Fragment, layout: Layout): string {
  if (typeof item !== 'object' || item === null) return scalar(item, layout);
  if (item instanceof MapBody) {
    if (item.firstKept() < 0) return blockItem(item.first, layout);
    if (!item.block) return flowBody(item, layout);
    const first = renderMembers(item.first, layout);
    const body = blockBody(item, layout.indent);
    return first === '' ? body.trimStart() : first + layout.newline + body;
  }
  if (Array.isArray(item)) return renderValue(item, onOneLine(layout));
  return renderMembers(item as { readonly [name: string]: Fragment }, layout) || '{}';
}

/** A list or map in brackets. */
function flowCollection(value: object, layout: Layout): string {
  const inner = deeper(layout);
  const list = Array.isArray(value);
  const pieces: string[] = [];
  for (const name in value) {
    const item = (value as Record<string, Fragment>)[name] as Fragment;
    pieces.push(pieces.length === 0 ? opening(list, layout) : inner.separator);
    pieces.push(list ? renderValue(item, inner) : renderMember(name, item, inner));
  }
  if (pieces.length === 0) return list ? '[]' : '{}';
  pieces.push(closing(list, layout));
  return together(pieces);
}

function opening(list: boolean, layout: Layout): string {
  if (layout.multiline) return (list ? '[' : '{') + deeper(layout).line;
  return list ? '[' : `{${layout.padding}`;
}

function closing(list: boolean, layout: Layout): string {
  if (layout.multiline) return layout.line + (list ? ']' : '}');
  return list ? ']' : `${layout.padding}}`;
}

/** Longer pieces than these are mostly ones that were kept. */
const LONG = 512;

/**
 * Puts pieces together: short ones in one string, as an edit for each of thousands of places stays in memory;
 * long ones by reference, which `+` does.
 */
function together(pieces: readonly string[]): string {
  let text = '';
  let short: string[] = [];
  for (const piece of pieces) {
    if (piece.length < LONG) {
      short.push(piece);
      continue;
    }
    text += short.join('') + piece;
    short = [];
  }
  return text + short.join('');
}

/** A body of block style, its lines moved to an indentation. */
function blockBody(body: MapBody, to: string): string {
  const { tape, map } = body;
  const from = ' '.repeat(tape.start(map) - lineStart(tape.text, tape.start(map)));
  // The lines bring their own carriage returns.
  return from === to ? body.text() : moved(body.text(), from, to);
}

/** A body of flow style in its brackets: on one line or several, as it was. */
function flowBody(body: MapBody, layout: Layout): string {
  const first = body.firstKept();
  if (first < 0) return renderValue(body.first, layout);
  const { tape, map } = body;
  const text = body.text();
  const opening = tape.text.slice(tape.start(map) + 1, tape.start(map + 1));
  const from =
    text.includes('\n') || opening.includes('\n') ? lineIndentation(tape.text, tape.start(first)) : undefined;
  const padding = opening === ' ' ? ' ' : '';
  const style = tape.has(first, Style.Quoted) ? 'json' : 'flow';
  if (from !== undefined && layout.multiline) {
    const inner = inBrackets(deeper(layout), style);
    const added = renderMembers(body.first, inner);
    const members = (added === '' ? '' : added + inner.separator) + moved(text, from, inner.indent).trim();
    // In a block, the closing bracket has to be indented deeper than the key as well.
    return `{${inner.line}${members}${layout.style === 'block' ? inner.line : layout.line}}`;
  }
  const line = onOneLine(layout, style);
  const added = renderMembers(body.first, line);
  const lead = added === '' ? '' : added + line.separator;
  if (from === undefined) return `{${padding}${lead}${text}${padding}}`;
  // A comment needs a space before it and a line break behind it.
  const before = lead !== '' ? padding + lead : /^[#/]/.test(text) ? ' ' : padding;
  const behind = text.endsWith('\n') ? lineIndentation(tape.text, tape.end(map) - 1) : padding;
  return `{${before}${text}${behind}}`;
}

/** Lines moved from one indentation to another; what is further out goes to the new one. */
function moved(text: string, from: string, to: string): string {
  let result = '';
  for (let start = 0; start < text.length; ) {
    const lineBreak = text.indexOf('\n', start);
    const end = lineBreak < 0 ? text.length : lineBreak + 1;
    const line = text.slice(start, end);
    if (line.startsWith(from)) result += to + line.slice(from.length);
    else result += line.trim() === '' ? line : to + line.trimStart();
    start = end;
  }
  return result;
}
