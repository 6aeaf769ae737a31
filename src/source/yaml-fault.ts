// What js-yaml says about a text that it cannot read, in words for people who do not know how YAML is parsed.

import type { YAMLException } from 'js-yaml';
import { unclosedBracket } from './flow-lines.js';
import { MAX_DEPTH, type ScanFault } from './scan-json.js';

interface Words {
  readonly message: string;
  readonly expected: string;
}

const TAB: Words = { message: 'tab in the indentation', expected: 'spaces' };
const INDENTATION: Words = {
  message: 'this line is not indented like the rest of its map or list',
  expected: 'the same indentation',
};
const NO_COLON: Words = { message: 'missing colon after this key', expected: 'key: value' };
const MISPLACED: Words = {
  message: 'unexpected token',
  expected: 'one value; quote text that contains ": " or " #", or that begins with @, `, % or a bracket',
};
const CONTROL_CHARACTER: Words = {
  message: 'control character',
  expected: 'printable text; in double quotes an escape such as \\x01',
};

/** By js-yaml's message. Other messages are shown in its own words. */
const WORDS: readonly (readonly [pattern: RegExp, words: Words])[] = [
  [
    /^nesting exceeded/,
    { message: `nested deeper than ${MAX_DEPTH} levels`, expected: 'a document with less nesting' },
  ],
  [/^tab characters/, TAB],
  [/non-printable|null byte|valid JSON character/, CONTROL_CHARACTER],
  [/^bad indentation of a sequence/, INDENTATION],
  [/^expected ':'|multiline key/, NO_COLON],
  [
    /document separator is expected$/,
    { message: 'this line does not continue the document', expected: 'a key, an item or --- on this line' },
  ],
  [/^a whitespace character/, { message: 'missing space after the colon', expected: 'key: value' }],
  [
    /^missed comma/,
    { message: 'missing comma or closing bracket before this', expected: 'a comma between items' },
  ],
  [/^expected the node content/, { message: 'missing item before this comma', expected: 'an item' }],
  [/within a flow collection$/, { message: 'this bracket is not closed', expected: 'a closing bracket' }],
  [
    /within an? (?:single|double) quoted scalar$/,
    { message: 'this string is not terminated', expected: 'a closing quote' },
  ],
  [
    /^unknown escape/,
    {
      message: 'unknown escape sequence',
      expected: 'a YAML escape sequence, \\\\ for a backslash, or single quotes around the text',
    },
  ],
  [/^expected hexadecimal/, { message: 'incomplete escape sequence', expected: 'a hexadecimal digit' }],
  [
    /^a line break is expected/,
    {
      message: 'text after the | or > of a block',
      expected: 'the text on the following lines, or in quotes',
    },
  ],
  [
    /^undeclared tag handle/,
    { message: 'the prefix of this tag is not declared', expected: 'a %TAG directive, or no tag' },
  ],
  [
    /^name of an (?:anchor|alias)/,
    {
      message: 'missing name',
      expected: 'the name of an anchor; quote text that begins with & or *',
    },
  ],
  [/^directives end mark/, { message: 'missing --- after the lines that begin with %', expected: '---' }],
];

/** The fault that an exception of js-yaml tells of. */
export function yamlFault({ reason, mark }: YAMLException, text: string): ScanFault {
  let offset = Math.min(mark?.position ?? 0, text.length);
  let words = WORDS.find(([pattern]) => pattern.test(reason))?.[1] ?? {
    // The names and tags that js-yaml quotes may be values.
    message: reason.replace(/\s*(?:[:"'<(!&*]).*$/s, ''),
    expected: 'valid YAML',
  };
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1);
  if (/^bad indentation of a mapping/.test(reason)) words = /^\s*\S?$/.test(before) ? INDENTATION : MISPLACED;
  if (reason === 'deficient indentation') {
    words = {
      message: 'this line is indented less than the brackets or quotes around it',
      expected: 'deeper indentation, or the closing quote or bracket before this line',
    };
  }
  if (/indentation|document separator|':'|multiline key/.test(reason) && /^ *\t/.test(before)) words = TAB;
  // js-yaml is at the end of the text then.
  if (/within an? (?:single|double) quoted scalar$/.test(reason))
    offset = openingQuote(text, offset, /double/.test(reason) ? '"' : "'");
  if (/within a flow collection$/.test(reason)) offset = Math.max(0, unclosedBracket(text));
  // Where a key follows, a bracket before it was never closed: js-yaml sees that only by the indentation.
  const open = /^(?:deficient indentation|missed comma)/.test(reason) ? bracketLeftOpen(text, offset) : -1;
  if (open >= 0) {
    offset = open;
    words = { message: 'this bracket is not closed', expected: 'a closing bracket' };
  }
  const culprit = lineBefore(text, offset);
  if (words === NO_COLON && JOINED.test(culprit.content)) {
    offset = culprit.start;
    words = { message: 'missing space after the colon', expected: 'key: value' };
  } else if (/^bad indentation of a mapping/.test(reason) && slippedOut(text, offset, culprit)) {
    offset = culprit.start;
    words = INDENTATION;
  }
  return { offset, end: Math.min(offset + 1, text.length), ...words };
}

/** A line that begins with a key. */
const KEY = /^\s*[\w."'-]+\s*:(?:\s|$)/;
/** A key and a value without a space between them. */
const JOINED = /^[\w.-]+:[^\s/].*$/;
/** A key with a value on its line, so that nothing can be indented below it. */
const COMPLETE = /^[\w."'-]+\s*:\s+[^\s#&|>][^#]*$/;

/** A line's content, dashes of lists left out: where it begins, how deep, and its text. */
interface Line {
  readonly start: number;
  readonly depth: number;
  readonly content: string;
}

/** Where the line of an offset begins. */
function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function lineAt(text: string, start: number): Line {
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? text.length : end).trimEnd();
  const depth = /^ *(?:- +)*/.exec(line)?.[0].length ?? 0;
  return { start: start + depth, depth, content: line.slice(depth) };
}

/** The last line before an offset's own that is neither empty nor a comment. */
function lineBefore(text: string, offset: number): Line {
  let start = lineStart(text, offset);
  for (;;) {
    if (start === 0) return { start: 0, depth: 0, content: '' };
    // A negative place would count as the first.
    start = start === 1 ? 0 : text.lastIndexOf('\n', start - 2) + 1;
    const line = lineAt(text, start);
    if (line.content !== '' && !line.content.startsWith('#')) return line;
  }
}

/** The bracket that is open where a line begins with a key that is not deeper than the bracket's line; else -1. */
function bracketLeftOpen(text: string, offset: number): number {
  const own = lineAt(text, lineStart(text, offset));
  if (!KEY.test(own.content)) return -1;
  const open = unclosedBracket(text.slice(0, own.start));
  if (open < 0) return -1;
  return lineAt(text, lineStart(text, open)).depth >= own.depth ? open : -1;
}

/** Whether the line before an offset's own is the one that is indented wrongly: those around it are alike. */
function slippedOut(text: string, offset: number, before: Line): boolean {
  const own = lineAt(text, lineStart(text, offset));
  if (before.depth >= own.depth || !COMPLETE.test(before.content)) return false;
  return lineBefore(text, before.start).depth >= own.depth;
}

/** Where the string begins that runs to here without a closing quote. */
function openingQuote(text: string, end: number, quote: string): number {
  for (let at = text.lastIndexOf(quote, end - 1); at >= 0; ) {
    let before = at;
    if (quote === '"') {
      while (text.charAt(before - 1) === '\\') before--;
      if ((at - before) % 2 === 0) return at;
    } else {
      // Two single quotes inside of a string stand for one.
      while (text.charAt(before - 1) === quote) before--;
      if ((at - before) % 2 === 0) return before;
    }
    at = text.lastIndexOf(quote, before - 1);
  }
  return end;
}
