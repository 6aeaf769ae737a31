// How the text around an edit is written, so that what is put in looks like its surroundings.

import { oncePer } from '../collections/once-per.js';
import { isBlank, lineIndentation, lineStart } from './fragment.js';
import { Kind, Style, type Tape } from './tape.js';

/** The way a map's members are written, as it is seen in a text. */
interface Look {
  /** `block` is YAML's block style, `flow` YAML's flow style with plain keys, `json` JSON or its look in YAML. */
  readonly style: 'block' | 'flow' | 'json';
  /** One member a line. Block style always is. */
  readonly multiline: boolean;
  /** The white space before the map's members. */
  readonly indent: string;
  /** One level of indentation. */
  readonly unit: string;
  /** Whether a block list's dashes are deeper than the key of the list. */
  readonly indentLists: boolean;
  /** Between a key and its value. */
  readonly colon: string;
  /** Between two items on one line. */
  readonly comma: string;
  /** Inside of braces on one line. */
  readonly padding: string;
  readonly newline: string;
  /** Whether names are spelled in lowerCamelCase there. */
  readonly camelCase: boolean;
}

/** The way a map's members are written, and what is around them therefore. */
export interface Layout extends Look {
  /** Before a member: its line break and indentation; nothing where all are on one line. */
  readonly line: string;
  /** Between two members. */
  readonly separator: string;
}

/** The layout of a map's members, seen at one of its keys. */
export function layoutAt(tape: Tape, map: number, key: number): Layout {
  const camelCase = isCamelCase(tape, key);
  return shared(
    tape,
    tape.has(map, Style.Block) ? blockLook(tape, map, key, camelCase) : flowLook(tape, map, key, camelCase),
  );
}

function blockLook(tape: Tape, map: number, key: number, camelCase: boolean): Look {
  const start = lineStart(tape.text, tape.start(key));
  const { unit, indentLists } = blockIndentation(tape);
  const own = nestingAt(tape, key);
  return {
    style: 'block',
    multiline: true,
    // The dash of a list's item counts as indentation.
    indent: ' '.repeat(column(tape, map)),
    unit: own !== undefined && own.unit > 0 ? ' '.repeat(own.unit) : unit,
    indentLists: own === undefined || !own.list ? indentLists : own.unit > 0,
    colon: ': ',
    comma: ', ',
    padding: '',
    newline: start > 1 ? newlineBefore(tape.text, start) : firstNewline(tape),
    camelCase,
  };
}

function flowLook(tape: Tape, map: number, key: number, camelCase: boolean): Look {
  const { text } = tape;
  const at = tape.start(key);
  // Only white space is skipped: the line may be the whole of a large document.
  let start = at;
  while (isBlank(text.charCodeAt(start - 1))) start--;
  const multiline = text.charAt(start - 1) === '\n' && start > tape.start(map);
  const json = tape.has(key, Style.Quoted);
  const between = text.slice(tape.end(key), tape.start(key + 1));
  const colon = json && /^ ?: ?$/.test(between) ? between : ': ';
  const indent = multiline ? text.slice(start, at) : '';
  return {
    style: json ? 'json' : 'flow',
    multiline,
    indent,
    unit: multiline ? flowUnit(text, tape.start(map), indent) : '  ',
    indentLists: true,
    colon,
    comma: colon.endsWith(' ') ? ', ' : ',',
    padding: !multiline && text.charAt(tape.start(map) + 1) === ' ' ? ' ' : '',
    newline: multiline ? newlineBefore(text, start) : firstNewline(tape),
    camelCase,
  };
}

/** How much deeper the members of a map are than the line that opens it. */
function flowUnit(text: string, map: number, indent: string): string {
  const opening = lineIndentation(text, map);
  return indent.startsWith(opening) && indent.length > opening.length ? indent.slice(opening.length) : '  ';
}

function newlineBefore(text: string, start: number): string {
  return start > 1 && text.charAt(start - 2) === '\r' ? '\r\n' : '\n';
}

/** The line break of a document, where the line itself does not show it. */
const firstNewline = oncePer(({ text }: Tape) => newlineBefore(text, text.indexOf('\n') + 1));

const CAMEL_CASE = /^[a-z][a-z\d]*[A-Z]/;
const SNAKE_CASE = /^[a-z][a-z\d]*_/;

/** Whether names are in lowerCamelCase: as a key shows, or where it is one word, the document. */
function isCamelCase(tape: Tape, key: number): boolean {
  const name = tape.name(key);
  if (CAMEL_CASE.test(name)) return true;
  return !SNAKE_CASE.test(name) && isCamelCaseDocument(tape);
}

const isCamelCaseDocument = oncePer(({ names }: Tape) => {
  const telling = names.find((name) => CAMEL_CASE.test(name) || SNAKE_CASE.test(name));
  return telling !== undefined && CAMEL_CASE.test(telling);
});

/** The layouts that were seen in each document. They are few: what differs from place to place is how deep it is. */
const seenIn = oncePer((_tape: Tape): Layout[] => []);

/** More layouts than a document has that a person or a program wrote in one go. */
const MAX_SEEN = 64;

/** The same object for the same layout of a document, by which text that was rendered in it is found again. */
function shared(tape: Tape, look: Look): Layout {
  const layouts = seenIn(tape);
  for (const one of layouts) if (same(one, look)) return one;
  const layout = layoutOf(look);
  if (layouts.length < MAX_SEEN) layouts.push(layout);
  return layout;
}

function same(a: Look, b: Look): boolean {
  return (
    a.indent === b.indent &&
    a.style === b.style &&
    a.multiline === b.multiline &&
    a.unit === b.unit &&
    a.indentLists === b.indentLists &&
    a.colon === b.colon &&
    a.comma === b.comma &&
    a.padding === b.padding &&
    a.newline === b.newline &&
    a.camelCase === b.camelCase
  );
}

/** Written out member by member, so that all layouts are objects of one shape. */
function layoutOf(look: Look): Layout {
  const { style, multiline, indent, unit, indentLists, colon, padding, newline, camelCase } = look;
  const line = multiline ? newline + indent : '';
  const comma = multiline ? ',' : look.comma;
  const separator = style === 'block' ? line : comma + line;
  return {
    style,
    multiline,
    indent,
    unit,
    indentLists,
    colon,
    comma: look.comma,
    padding,
    newline,
    camelCase,
    line,
    separator,
  };
}

/** The same layout at another depth. */
export function withIndent(layout: Layout, indent: string): Layout {
  return layoutOf({ ...layout, indent });
}

/** The layout one level deeper; the same object for the same layout. */
export const deeper = oncePer((layout: Layout) => withIndent(layout, layout.indent + layout.unit));

/** The layout of a block map that is an item of a list under a member of this layout. */
export const itemLayout = oncePer((layout: Layout) =>
  withIndent(layout, `${layout.indentLists ? deeper(layout).indent : layout.indent}  `),
);

/** The layout in brackets, one member a line as before. */
export function inBrackets(layout: Layout, style: 'flow' | 'json'): Layout {
  return layout.style === style ? layout : layoutOf({ ...layout, style });
}

/** The layout in brackets, on one line. */
export function onOneLine(layout: Layout, style: 'flow' | 'json' = 'flow'): Layout {
  return layoutOf({ ...layout, style, multiline: false });
}

interface BlockIndentation {
  readonly unit: string;
  readonly indentLists: boolean;
}

/** How deep a YAML document indents: what its first nested map and list do. */
const blockIndentation = oncePer((tape: Tape): BlockIndentation => {
  let unit: number | undefined;
  let listUnit: number | undefined;
  for (let key = 1; key < tape.size - 1 && (unit === undefined || listUnit === undefined); key++) {
    const nesting = tape.kind(key) === Kind.Key ? nestingAt(tape, key) : undefined;
    if (nesting === undefined) continue;
    if (nesting.list) listUnit ??= nesting.unit;
    else unit ??= nesting.unit;
  }
  return { unit: ' '.repeat(unit || listUnit || 2), indentLists: (listUnit ?? 2) > 0 };
});

/** How much deeper the block map or list of a key is than the key; nothing where it has none. */
function nestingAt(tape: Tape, key: number): { list: boolean; unit: number } | undefined {
  const kind = tape.kind(key + 1);
  if ((kind !== Kind.Map && kind !== Kind.List) || !tape.has(key + 1, Style.Block)) return undefined;
  const unit = column(tape, key + 1) - column(tape, key);
  return unit < 0 ? undefined : { list: kind === Kind.List, unit };
}

/** How far from the beginning of its line a node is. */
export function column(tape: Tape, node: number): number {
  return tape.start(node) - lineStart(tape.text, tape.start(node));
}
