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

/** By what js-yaml says. What is not here is said in its own words. */
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
  return { offset, end: Math.min(offset + 1, text.length), ...words };
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
