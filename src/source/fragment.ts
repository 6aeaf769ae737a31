// What an edit puts into a text: a value, parts of which may be text that is there already.

import { applyEdits, type Edit } from './edit.js';
import { scalarValue } from './scalar-value.js';
import { scanYaml } from './scan-yaml.js';
import { Kind, Style, type Tape } from './tape.js';

/** A JSON value, or one with pieces of the document's own text in it. Field names are proto names. */
export type Fragment =
  | null
  | boolean
  | number
  | string
  | MapBody
  | readonly Fragment[]
  | { readonly [name: string]: Fragment };

const repeatedFragments = new WeakSet<object>();

/** Marks a fragment that goes to many places, so that its text is made once. */
export function repeated<T extends object>(fragment: T): T {
  repeatedFragments.add(fragment);
  return fragment;
}

/** Whether a fragment goes to many places. */
export function isRepeated(fragment: object): boolean {
  return repeatedFragments.has(fragment);
}

/** What a map's body has otherwise than it is written. */
export interface BodyChanges {
  /** Edits inside the members that stay, in the order of the text. */
  readonly edits?: readonly Edit[];
  /** Members that come before those that stay. */
  readonly first?: { readonly [name: string]: Fragment };
}

/** The members of a map as they are written, without some of them, and with what is changed in them. */
export class MapBody {
  /** Members that come before those that stay. */
  readonly first: { readonly [name: string]: Fragment };
  private readonly edits: readonly Edit[];

  constructor(
    readonly tape: Tape,
    readonly map: number,
    /** Key nodes of the map that are left out. */
    readonly omitted: readonly number[],
    { edits = [], first = {} }: BodyChanges = {},
  ) {
    this.edits = edits;
    this.first = first;
  }

  /** The key node of the first member that stays; -1 where none does. */
  firstKept(): number {
    const { tape, map } = this;
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      if (!this.omitted.includes(key)) return key;
    }
    return -1;
  }

  /** Whether the map is written in YAML's block style. */
  get block(): boolean {
    return this.tape.has(this.map, Style.Block);
  }

  /**
   * The text of the members that stay, each with the comments above and beside it. In block style whole
   * lines, with the indentation they have; in flow style what is between the brackets, with a line break
   * at its end where it ends with a comment.
   */
  text(): string {
    return this.block ? this.blockText() : this.flowText();
  }

  /** The same members instead of others: after these. */
  behind(first: { readonly [name: string]: Fragment }): MapBody {
    return new MapBody(this.tape, this.map, this.omitted, {
      edits: this.edits,
      first: { ...first, ...this.first },
    });
  }

  /** The members as a value, for places that cannot take their text. */
  value(): { readonly [name: string]: Fragment } {
    if (this.edits.length > 0) {
      const [changed] = scanYaml(this.block ? this.text() : `{${this.text()}}`).tapes;
      return { ...this.first, ...(changed === undefined ? {} : (valueAt(changed, 0) as object)) };
    }
    const { tape, map } = this;
    const members: [string, Fragment][] = [];
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      if (!this.omitted.includes(key)) members.push([tape.name(key), valueAt(tape, key + 1)]);
    }
    return { ...this.first, ...Object.fromEntries(members) };
  }

  /** A part of the text with the edits that fall into it; where it ends, what is put in belongs to it. */
  private slice(start: number, end: number): string {
    const inside = this.edits.filter((edit) => edit.start >= start && edit.end <= end);
    const { text } = this.tape;
    if (inside.length === 0) return text.slice(start, end);
    return [
      ...applyEdits(
        text.slice(start, end),
        inside.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
      ),
    ].join('');
  }

  private blockText(): string {
    const { tape, map } = this;
    const { text } = tape;
    const start = tape.start(map);
    const line = lineStart(text, start);
    // Behind a dash or colon the first member shares its line.
    const shares = text.slice(line, start).trim() !== '';
    let from = shares ? start : linesAbove(text, line);
    let body = '';
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      const to = lineEnd(text, tape.end(key + 1)) + 1;
      if (!this.omitted.includes(key)) {
        if (from === start && shares) body += ' '.repeat(start - line);
        body += this.slice(from, to);
      }
      from = to;
    }
    return body.replace(/^(?:[ \t]*\r?\n)+|\r?\n$/g, '');
  }

  private flowText(): string {
    const { tape, map } = this;
    const { text } = tape;
    const end = tape.links[map] as number;
    // A pair may be in a list of YAML without brackets of its own.
    const braces = text.charAt(tape.start(map)) === '{' ? 1 : 0;
    const closing = tape.end(map) - braces;
    let from = tape.start(map) + braces;
    let body = '';
    let behind = '';
    for (let key = map + 1; key < end; key = tape.next(key + 1)) {
      const valueEnd = tape.end(key + 1);
      const comma = Math.min(passComments(text, valueEnd), closing);
      const to = tape.next(key + 1) < end ? besideEnd(text, comma + 1) : closing;
      if (!this.omitted.includes(key)) {
        const member = this.slice(from, valueEnd);
        if (body !== '') body += `,${behind}`;
        // Behind a comment, what followed it on the next line may be left out.
        const broken = behind.trim() === '' || /^[ \t\r]*\n/.test(member);
        body += broken ? member : `\n${lineIndentation(text, tape.start(key))}${member.trimStart()}`;
        behind = text.slice(valueEnd, comma) + text.slice(comma + 1, to);
      }
      from = to;
    }
    behind = behind.trimEnd();
    return behind === '' ? body.trim() : `${body.trim()}${behind}\n`;
  }
}

/** The value at a node, names and strings decoded. */
function valueAt(tape: Tape, node: number): Fragment {
  const at = tape.resolve(node);
  const end = tape.links[at] as number;
  switch (tape.kind(at)) {
    case Kind.Map: {
      const members: [string, Fragment][] = [];
      for (let key = at + 1; key < end; key = tape.next(key + 1)) {
        members.push([tape.name(key), valueAt(tape, key + 1)]);
      }
      return Object.fromEntries(members);
    }
    case Kind.List: {
      const items: Fragment[] = [];
      for (let item = at + 1; item < end; item = tape.next(item)) items.push(valueAt(tape, item));
      return items;
    }
    default:
      return scalarValue(tape, at);
  }
}

/** The offset of the first character that is no white space and no comment of JSON or YAML. */
function passComments(text: string, from: number): number {
  let at = from;
  for (;;) {
    const c = text.charCodeAt(at);
    if (isBlank(c) || c === 0x0a) at++;
    else if (c === 0x23 || (c === 0x2f && text.charCodeAt(at + 1) === 0x2f)) at = lineEnd(text, at);
    else if (c === 0x2f) at = text.indexOf('*/', at) + 2;
    else return at;
  }
}

/** Behind a comma: the end of the line if only a comment is left on it, which belongs to what is before. */
function besideEnd(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  const c = text.charAt(at);
  if (c === '\n' || c === '#' || text.startsWith('//', at)) return lineEnd(text, at);
  if (!text.startsWith('/*', at)) return from;
  const end = text.indexOf('*/', at) + 2;
  return /^[ \t\r]*(?:\n|$)/.test(text.slice(end, end + 200)) ? end : from;
}

/** Where the comment lines and blank lines directly above a line begin. */
function linesAbove(text: string, line: number): number {
  let start = line;
  while (start > 1) {
    const above = lineStart(text, start - 1);
    if (!/^\s*(?:#|$)/.test(text.slice(above, start))) return start;
    start = above;
  }
  return start;
}

/** The offset of the first character of a line; a byte order mark is none. */
export function lineStart(text: string, offset: number): number {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  return start === 0 && offset > 0 && text.charCodeAt(0) === 0xfeff ? 1 : start;
}

/** The offset of a line's line break (of its `\n`), or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at < 0 ? text.length : at;
}

/** The white space that the line of an offset begins with. */
export function lineIndentation(text: string, offset: number): string {
  const start = lineStart(text, offset);
  let end = start;
  while (isBlank(text.charCodeAt(end))) end++;
  return text.slice(start, end);
}

/** Whether a character is white space inside a line; the carriage return before a line break is. */
export function isBlank(c: number): boolean {
  return c === 0x20 || c === 0x09 || c === 0x0d;
}
