import { describe, expect, it } from 'vitest';
import { scanJson } from '../../src/source/scan-json.js';
import { Kind, Style, type Tape } from '../../src/source/tape.js';
import { Random } from './random.js';
import { nodes, tapeValue } from './tape-value.js';

/** The tape of a text that must be readable. */
function read(text: string): Tape {
  const { tape, error } = scanJson(text);
  expect(error).toBeUndefined();
  return tape as Tape;
}

/** What `JSON.parse` gives, or undefined where it refuses. */
function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const SCALARS = ['0', '-0', '1.5e-7', '4294967295', '18446744073709551615', 'true', 'false', 'null'];
const LETTERS = [
  'a',
  'key',
  '_',
  ' ',
  '/',
  'é',
  '日本',
  '😀',
  '\\n',
  '\\"',
  '\\\\',
  '\\u00e9',
  '\\ud83d',
  '\\/',
  '#',
  '{',
  ',',
];
const SPACES = ['', '', ' ', '\n  ', '\r\n', '\t', '\n', '\n     ', '\n        '];
const PIECES = [
  ',}',
  ',]',
  '/* x */',
  '// x\n',
  ...LETTERS,
  ...SCALARS,
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '//',
  '/*',
  '*/',
  '/',
  '\n',
  ' ',
  '-',
  '.',
  'e',
  '0',
  '\u0000',
  '\u0001',
  '\u2028',
  '\ufeff',
  '\ud800',
];

function randomJson(random: Random, depth: number): string {
  const space = (): string => random.pick(SPACES);
  const string = (): string => `"${random.text(LETTERS, 4)}"`;
  const items = (item: () => string): string =>
    Array.from({ length: random.below(4) }, () => space() + item() + space()).join(',') || space();
  switch (depth === 0 ? random.below(2) : random.below(6)) {
    case 0:
      return random.pick(SCALARS);
    case 1:
      return string();
    case 2:
      return `[${items(() => randomJson(random, depth - 1))}]`;
    default:
      return `{${items(() => `${string()}${space()}:${space()}${randomJson(random, depth - 1)}`)}}`;
  }
}

describe('scanJson', () => {
  it.each([
    ['a scalar', '  "a"  '],
    ['empty collections', '{"a": {}, "b": [], "": [{}]}'],
    ['numbers', '[0, -0, 10, 0.5, 1e5, 1E+5, -1.25e-3, 123456789012345678901234567890]'],
    ['escapes', '{"a\\u0062\\n": "\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00"}'],
    ['a key that is a property of objects', '{"__proto__": {"a": 1}, "constructor": 2}'],
    ['characters beyond Latin', '{"日本": "日", "a": "é😀"}'],
    ['carriage returns', '{\r\n  "a": 1,\r\n  "b": [\r\n    2\r\n  ]\r\n}\r\n'],
    ['a first key like the text before it', '{"{": 1, "": {"{": 2}}'],
  ])('reads %s as JSON.parse does', (_, text) => {
    expect(tapeValue(read(text))).toEqual(JSON.parse(text));
  });

  it('knows how each node is written', () => {
    const tape = read('{"a": "x", "b\\n": "\\t", "c": [1, true, null]}');
    expect(nodes(tape).map((node) => [tape.kind(node), tape.styles[node], tape.raw(node)])).toEqual([
      [Kind.Map, Style.Plain, tape.text],
      [Kind.Key, Style.Quoted, '"a"'],
      [Kind.String, Style.Quoted, '"x"'],
      [Kind.Key, Style.Quoted | Style.Encoded, '"b\\n"'],
      [Kind.String, Style.Quoted | Style.Encoded, '"\\t"'],
      [Kind.Key, Style.Quoted, '"c"'],
      [Kind.List, Style.Plain, '[1, true, null]'],
      [Kind.Number, Style.Plain, '1'],
      [Kind.Bool, Style.Plain, 'true'],
      [Kind.Null, Style.Plain, 'null'],
    ]);
  });

  it('gives a name one number however it is spelled', () => {
    const tape = read('{"tls": 1, "\\u0074ls": 2, "x": {"tls": 3}}');
    expect(tape.names).toEqual(['tls', 'x']);
  });

  it('distinguishes names with the same hash', () => {
    // "Aa" and "BB" have the same hash, and so has every text made of as many of them.
    const names = Array.from({ length: 64 }, (_, i) =>
      Array.from({ length: 6 }, (_, bit) => ((i >> bit) & 1 ? 'Aa' : 'BB')).join(''),
    );
    const text = JSON.stringify(
      [names, names].map((list) => Object.fromEntries(list.map((name, i) => [name, i]))),
    );
    expect(tapeValue(read(text))).toEqual(JSON.parse(text));
  });

  it('skips a byte order mark', () => {
    expect(tapeValue(read('\ufeff{"a": 1}'))).toEqual({ a: 1 });
  });

  it.each([
    ['a comment to the end of the line', '// x\n{"a": /* y */ 1} // z', ['// x', '/* y */', '// z'], []],
    ['trailing commas', '{"a": [1, 2,],\n}', [], [',', ',']],
    ['a comment behind a trailing comma', '[1, /* , */ ]', ['/* , */'], [',']],
    ['slashes in strings', '{"//": "/*"}', [], []],
  ])('continues with a warning: %s', (_, text, comments, commas) => {
    const scan = scanJson(text);
    const texts = (faults: typeof scan.comments): string[] =>
      faults.map(({ offset, end }) => text.slice(offset, end));
    expect(scan.error).toBeUndefined();
    expect(texts(scan.comments)).toEqual(comments);
    expect(texts(scan.trailingCommas)).toEqual(commas);
  });

  it.each([
    ['', 0, 'unexpected end of the document'],
    ['{"a": {"b": 1}', 13, 'the object that begins in line 1 is not closed'],
    ['{"a": [1,', 8, 'the array that begins in line 1 is not closed'],
    ['{"a"', 3, 'the object that begins in line 1 is not closed'],
    ['{"a": "b', 6, 'this string is not terminated'],
    ['{"a": "b\n"}', 8, 'this string is not terminated on its line'],
    ['{"a": "b\tc"}', 8, 'control character in a string'],
    ['["\\x"]', 2, 'unknown escape sequence \\x'],
    ['["\\😀"]', 2, 'unknown escape sequence \\😀'],
    ['["\\u12G4"]', 2, 'incomplete escape sequence'],
    ['["\\u12', 2, 'incomplete escape sequence'],
    ['{a: 1}', 1, 'unexpected "a"'],
    ["{'a': 1}", 1, 'unexpected "\'"'],
    ['{"a" 1}', 5, 'unexpected "1"'],
    ['{"a": 1 "b": 2}', 8, 'unexpected "\\""'],
    ['[1 2]', 3, 'unexpected "2"'],
    ['[1}', 2, 'unexpected "}"'],
    ['[,]', 1, 'unexpected ","'],
    ['[1,,]', 3, 'unexpected ","'],
    ['[True]', 1, 'unexpected "True"'],
    ['[nullx]', 1, 'unexpected word'],
    ['[1x]', 1, 'unexpected word'],
    ['[01]', 1, 'a number must not have a leading zero'],
    ['[-01]', 1, 'a number must not have a leading zero'],
    ['[-]', 1, 'a number must have a digit'],
    ['[1.]', 1, 'missing digit after the decimal point'],
    ['[1e+]', 1, 'missing digit in the exponent'],
    ['{} {}', 3, 'unexpected "{"'],
    ['[1 / 2]', 3, 'unexpected "/"'],
    ['[1 /* 2]', 3, 'this comment is not terminated'],
    ['日本', 0, 'unexpected "日"'],
  ])('rejects %j', (text, offset, message) => {
    const { tape, error } = scanJson(text);
    expect(tape).toBeUndefined();
    expect(error).toMatchObject({ offset, message });
  });

  it('rejects documents that are nested too deeply', () => {
    for (const open of ['[', '{"a":']) {
      expect(scanJson(open.repeat(100_000)).error?.message).toMatch(/^nested deeper than \d+ levels$/);
    }
  });

  it('has a message with a position, wherever the text is truncated', () => {
    const text = '{"a": [1.5e3, true, null, "b\\u00e9\\n", {}, {"日": -2}], "c": /* d */ {"e": [],},}';
    read(text);
    for (let length = 0; length < text.length; length++) {
      const { tape, error } = scanJson(text.slice(0, length));
      expect(tape).toBeUndefined();
      expect(error?.message).not.toBe('');
      expect(error?.offset).toBeLessThanOrEqual(length);
    }
  });

  it('reads what JSON.parse reads, with the same values at the right places', () => {
    const random = new Random(1);
    for (let run = 0; run < 1000; run++) {
      const text = random.pick(SPACES) + randomJson(random, 4);
      const tape = read(text);
      expect(tapeValue(tape)).toEqual(JSON.parse(text));
      for (const node of nodes(tape)) {
        const value = tape.kind(node) === Kind.Key ? tape.name(node) : tapeValue(tape, node);
        expect(value).toEqual(JSON.parse(tape.raw(node)));
      }
    }
  });

  it('finds the same nodes in text of one byte and of two bytes a character', () => {
    const random = new Random(2);
    for (let run = 0; run < 300; run++) {
      const text = randomJson(random, 4).replace(/[^\0-\x7f]/g, '?');
      const narrow = read(`["x",${text}]`);
      const wide = read(`["日",${text}]`);
      for (const array of ['kinds', 'styles', 'starts', 'ends', 'links'] as const) {
        expect(wide[array].slice(0, wide.size)).toEqual(narrow[array].slice(0, narrow.size));
      }
    }
  });

  it('accepts what JSON.parse accepts, and comments and trailing commas', () => {
    const random = new Random(3);
    let accepted = 0;
    let repaired = 0;
    for (let run = 0; run < 10_000; run++) {
      const text = random.mutate(randomJson(random, 3), PIECES);
      const scan = scanJson(text);
      const expected = parsed(text);
      const oddities = [...scan.comments, ...scan.trailingCommas];
      if (text.charCodeAt(0) === 0xfeff) continue;
      if (expected !== undefined) {
        accepted++;
        expect([scan.error, oddities]).toEqual([undefined, []]);
        expect(tapeValue(scan.tape as Tape)).toEqual(expected.value);
      } else if (scan.error === undefined) {
        repaired++;
        let repair = text;
        for (const { offset, end } of oddities) {
          repair = repair.slice(0, offset) + ' '.repeat(end - offset) + repair.slice(end);
        }
        expect(tapeValue(scan.tape as Tape)).toEqual(JSON.parse(repair));
      } else {
        expect(scan.error.offset).toBeLessThanOrEqual(scan.error.end);
        expect(scan.error.end).toBeLessThanOrEqual(text.length);
      }
    }
    expect(accepted).toBeGreaterThan(500);
    expect(repaired).toBeGreaterThan(50);
  });
});
