import { CORE_SCHEMA, loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { MAX_DEPTH } from '../../src/source/scan-json.js';
import { scanYaml } from '../../src/source/scan-yaml.js';
import { Kind, Style, type Tape } from '../../src/source/tape.js';
import { Random } from './random.js';
import { randomYaml } from './random-yaml.js';
import { hasShared, sharedFiles } from './shared-files.js';
import { nodes, tapeValue } from './tape-value.js';
import { differences, yamlDocuments } from './yaml-second-opinion.js';

/** The tapes of a text that must be readable. */
function read(text: string): readonly Tape[] {
  const { tapes, error } = scanYaml(text);
  expect(error).toBeUndefined();
  return tapes;
}

function readOne(text: string): Tape {
  const tapes = read(text);
  expect(tapes).toHaveLength(1);
  return tapes[0] as Tape;
}

/** The text of each node, in order. */
function raws(text: string): string[] {
  const tape = readOne(text);
  return nodes(tape).map((node) => tape.raw(node));
}

describe('scanYaml', () => {
  it.each([
    [
      'block collections',
      'a:\n  - b: 1\n    c: x\n  - [d, {e: f}]\n',
      { a: [{ b: 1, c: 'x' }, ['d', { e: 'f' }]] },
    ],
    ['a list as deep as its key', 'a:\n- 1\n- 2\nb: 3\n', { a: [1, 2], b: 3 }],
    [
      'empty values',
      'a:\nb: ~\nc:\n  -\n  - 1\nd: {e: , f}\n',
      { a: null, b: null, c: [null, 1], d: { e: null, f: null } },
    ],
    ['scalars on several lines', 'a: b\n  c\n\n  d\ne: "f\n  g\\n\\\n  h"\n', { a: 'b c\nd', e: 'f g\nh' }],
    ['block scalars', 'a: |\n  b\n   c\n\nd: >-\n  e\n  f\n', { a: 'b\n c\n', d: 'e f' }],
    ['explicit keys', '? a\n: 1\n? b\n? |\n  c\n: 2\n', { a: 1, b: null, 'c\n': 2 }],
    ['tags', '!ignore a: !x 1\nb: !!str 2\nc: ! 3\nd: !!str\n', { a: 1, b: '2', c: '3', d: '' }],
    ['aliases', 'a: &x {b: 1}\nc: *x\n&k d: *k\n', { a: { b: 1 }, c: { b: 1 }, d: 'd' }],
    ['an alias as a key', 'a: &x b\n*x : 1\n', { a: 'b', b: 1 }],
    ['an anchor that is set again', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n', { a: 1, b: 1, c: 2, d: 2 }],
    ['a pair in a list', '[a: b, "c":d, {e: f}]', [{ a: 'b' }, { c: 'd' }, { e: 'f' }]],
    ['carriage returns', 'a: 1\r\nb: |\r\n  c\r\n  d\r\ne: "f\r\n  g"\r\n', { a: 1, b: 'c\nd\n', e: 'f g' }],
    ['JSON', '{"a": [1, "\\u00e9\\/"], "b": {}}', { a: [1, 'é/'], b: {} }],
    ['a byte order mark', '\ufeffa: 1\n', { a: 1 }],
    ['tabs that do not indent', 'a:\t1\t# note\nb: [\t2,\n\t3]\n', { a: 1, b: [2, 3] }],
    [
      'what merges as it is written',
      'a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n',
      { a: { b: 1 }, c: { '<<': { b: 1 }, d: 2 } },
    ],
  ])('reads %s', (_, text, value) => {
    expect(tapeValue(readOne(text))).toEqual(value);
  });

  it.each([
    ['several', '# above\n---\na: 1\n---\nb: 2\n...\n# between\n---\nc: 3\n', [{ a: 1 }, { b: 2 }, { c: 3 }]],
    ['with directives', '%YAML 1.1\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['empty ones', '---\n---\na: 1\n---\n', [null, { a: 1 }, null]],
    ['a scalar behind the marker', '--- |\n a\n--- "b"\n', ['a\n', 'b']],
    ['none', '# only a comment\n', []],
  ])('reads documents: %s', (_, text, values) => {
    expect(read(text).map((tape) => tapeValue(tape))).toEqual(values);
  });

  it('takes no more memory for many small documents than for one large one', () => {
    const tapes = read('---\na: 1\n'.repeat(5000));
    expect(tapes).toHaveLength(5000);
    expect(Math.max(...tapes.map(({ kinds }) => kinds.length))).toBeLessThan(10);
  });

  it.each([
    ['a: b # c\n\n# d\n', ['a: b', 'a', 'b']],
    ['a:\n  b: 1\n\n  # end\nc: 2', ['a:\n  b: 1\n\n  # end\nc: 2', 'a', 'b: 1', 'b', '1', 'c', '2']],
    ['- a\n- # none\n-\n  b\n# end', ['- a\n- # none\n-\n  b', 'a', '', 'b']],
    ['- - a\n  - b\n', ['- - a\n  - b', '- a\n  - b', 'a', 'b']],
    ['a: { b: 1, } # x', ['a: { b: 1, }', 'a', '{ b: 1, }', 'b', '1']],
    ['a: [ 1 # }\n , # ]\n ]\n', ['a: [ 1 # }\n , # ]\n ]', 'a', '[ 1 # }\n , # ]\n ]', '1']],
    ['a: &x !t "b"\n', ['a: &x !t "b"', 'a', '"b"']],
    ['a: &x\n  b: 1\n', ['a: &x\n  b: 1', 'a', 'b: 1', 'b', '1']],
    ['a: !!str # x\nb:\n', ['a: !!str # x\nb:', 'a', '', 'b', '']],
    ['? a\n: b\n', ['? a\n: b', 'a', 'b']],
    ['a: &x 1\n*x : *x\n', ['a: &x 1\n*x : *x', 'a', '1', '*x', '*x']],
  ])('knows the positions of the nodes of %j', (text, expected) => {
    expect(raws(text)).toEqual(expected);
  });

  it.each([
    ['|\n  b\n  c\n', '|\n  b\n  c'],
    ['|\n  b\n\n\n', '|\n  b'],
    ['|\n  b\n    \n', '|\n  b'],
    ['|\n  b\n  \u00a0\n', '|\n  b\n  \u00a0'],
    ['|\n  b\n  \t\n\n', '|\n  b\n  \t'],
    ['|+\n  b\n\n', '|+\n  b\n'],
    ['|+\r\n  b\r\n\r\n', '|+\r\n  b\r\n'],
    ['|-\r\n  b\r\n\r\n', '|-\r\n  b'],
    ['|\n  b', '|\n  b'],
    ['>- # x | y\n  b\n # z\n', '>- # x | y\n  b'],
    ['|\n', '|'],
    ['|+\n\n\n', '|+\n\n'],
    ['|2-\n    b\n', '|2-\n    b'],
    ['&x !t |\n  b\n', '|\n  b'],
  ])('knows where a block scalar ends: %j', (scalar, expected) => {
    for (const next of ['', 'c: 1\n']) {
      const text = scalar.endsWith('\n') ? `a: ${scalar}${next}` : `a: ${scalar}`;
      const tape = readOne(text);
      expect(tape.raw(2)).toBe(expected);
      expect(tape.has(2, Style.Block)).toBe(true);
    }
  });

  it.each([
    [Kind.Null, ['', '~', 'null', 'Null', 'NULL', '!!null x']],
    [Kind.Bool, ['true', 'False', 'yes', 'NO', 'on', 'Off', 'y', 'N', '!!bool x']],
    [
      Kind.Number,
      [
        '0',
        '-1',
        '+1',
        '0755',
        '0x1F',
        '0o17',
        '1.5',
        '1.',
        '.5',
        '1e3',
        '-1.5E-3',
        '.inf',
        '-.INF',
        '.nan',
        '!!int 1',
        '!t 1',
      ],
    ],
    [
      Kind.String,
      [
        'a',
        '"1"',
        "'true'",
        '1_000',
        '0b1',
        '1:30',
        '2001-01-01',
        '1.2.3',
        '10s',
        '+',
        '.',
        'e5',
        '0x',
        '!!str 1',
        '! 1',
        'tRUE',
        'nULL',
        '<<',
        '!t "1"',
      ],
    ],
  ])('sees kind %i as yaml-cpp does', (kind, values) => {
    for (const value of values) expect([value, readOne(`a: ${value}\n`).kind(2)]).toEqual([value, kind]);
  });

  it('marks merge keys and keys that Envoy ignores', () => {
    const tape = readOne('a: &x {}\n<<: *x\n"<<": 1\n!ignore b: 2\n');
    const keys = nodes(tape).filter((node) => tape.kind(node) === Kind.Key);
    expect(
      keys.map((key) => [tape.raw(key), tape.has(key, Style.Merge), tape.has(key, Style.Ignored)]),
    ).toEqual([
      ['a', false, false],
      ['<<', true, false],
      ['"<<"', false, false],
      ['b', false, true],
    ]);
  });

  it('knows anchors and their aliases', () => {
    const tape = readOne('a: &x\n  b: &y 1\nc: [*x, *y]\n');
    expect([...tape.anchors].map(([node, at]) => [tape.raw(node), at])).toEqual([
      ['b: &y 1', 3],
      ['1', 11],
    ]);
    expect(tape.aliases.map((alias) => [tape.raw(alias), tape.raw(tape.resolve(alias))])).toEqual([
      ['*x', 'b: &y 1'],
      ['*y', '1'],
    ]);
  });

  it.each([
    ['a: {\n  b: 1\n}\n', { a: { b: 1 } }],
    ['a:\n  b: {\n  c: [\n  1, # {\n2\n],\n  "d": x\n  y }\n', { a: { b: { c: [1, 2], d: 'x y' } } }],
    [
      "a: 'it''s {'\nb: |\n  {\nc: x {\nd: \"\\\"{\" # {\n&x e: !t {\nf: 1\n}\n",
      { a: "it's {", b: '{\n', c: 'x {', d: '"{', e: { f: 1 } },
    ],
  ])('reads brackets however their lines are indented: %j', (text, value) => {
    expect(tapeValue(readOne(text))).toEqual(value);
    expect(tapeValue(readOne(text.replaceAll('\n', '\r\n')))).toEqual(value);
  });

  it.each([
    ['a: b: c', 4, 'unexpected token'],
    ['a: @b', 3, 'unexpected token'],
    ['a: "b" c', 7, 'unexpected token'],
    ['a:\n\tb: 1', 3, 'tab in the indentation'],
    ['a:\n  b: 1\n\tc: 2', 10, 'tab in the indentation'],
    ['a:\n  b: 1\n c: 2', 11, 'this line is not indented like the rest of its map or list'],
    ['a: 1\nb\nc: 1', 8, 'missing colon after this key'],
    ['- a\nb: 1', 4, 'this line does not continue the document'],
    ['a: {b: 1 c: 2}', 10, 'missing comma or closing bracket before this'],
    ['a: {b: 1, , c: 2}', 10, 'missing item before this comma'],
    ['a: 1\nb: {c: [1\n', 8, 'this bracket is not closed'],
    ['a: [1, 2\nb: 1', 3, 'this bracket is not closed'],
    ['a: "\\"b\n c', 3, 'this string is not terminated'],
    ["a: 'it''s", 3, 'this string is not terminated'],
    ['a: "b\nc: 1\n', 6, 'this line is indented less than the brackets or quotes around it'],
    ['a: "\\q"', 5, 'unknown escape sequence'],
    ['a: "\\u12"', 8, 'incomplete escape sequence'],
    ['a: |b\n c', 4, 'text after the | or > of a block'],
    ['a: \u0001', 3, 'control character'],
    ['a: "\u0000"', 4, 'control character'],
    ['a: *x', 3, 'no anchor with this name is defined before this alias'],
    ['a: &x [*x]', 7, 'this alias refers to a node that contains it'],
    ['&x a: {b: {c: *y}}', 14, 'no anchor with this name is defined before this alias'],
    ['{a: 1}: 2', 0, 'a map or list cannot be a key'],
    ['a: &x {}\n*x : 1', 9, 'a map or list cannot be a key'],
    ['a: !e!x 1', 7, 'the prefix of this tag is not declared'],
  ])('rejects %j', (text, offset, message) => {
    const { tapes, error } = scanYaml(text);
    expect(tapes).toEqual([]);
    expect(error).toMatchObject({ offset, message });
  });

  it('rejects documents that are nested too deeply', () => {
    const block = Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('');
    for (const text of ['['.repeat(100_000), '{a: '.repeat(100_000), '- '.repeat(100_000), block]) {
      expect(scanYaml(text).error?.message).toBe(`nested deeper than ${MAX_DEPTH} levels`);
    }
  });

  it('rejects an alias bomb but not a large document', () => {
    const bomb = Array.from(
      { length: 30 },
      (_, i) => `a${i}: &x${i} [${Array(9).fill(i === 0 ? 'x' : `*x${i - 1}`)}]\n`,
    ).join('');
    expect(scanYaml(bomb).error?.message).toMatch(/^the aliases in this node expand to more than/);
    expect(read(`a: &x {b: [1, 2]}\nc: [${Array(50_000).fill('*x')}]\n`)).toHaveLength(1);
  });

  it('has a position for the error, wherever the text is truncated', () => {
    const text =
      '%YAML 1.2\n---\n# c\na: &x\r\n  - "b\\n"\n  - \'c\'\n  - |\n    d\n  - {e: [1, !t *x]}\n? f\n: >-\n  g\n--- "h"\n';
    let refused = 0;
    for (let length = 0; length <= text.length; length++) {
      const { error } = scanYaml(text.slice(0, length));
      if (error === undefined) continue;
      refused++;
      expect(error.offset).toBeLessThanOrEqual(error.end);
      expect(error.end).toBeLessThanOrEqual(length);
    }
    expect(refused).toBeGreaterThan(20);
  });

  it('reads random text as `yaml` does', () => {
    const random = new Random(4);
    let compared = 0;
    for (let run = 0; run < 200; run++) {
      const text = randomYaml(random);
      const documents = yamlDocuments(text);
      const { tapes, error } = scanYaml(text);
      expect([text, error === undefined]).toEqual([text, documents !== undefined]);
      if (documents === undefined) continue;
      compared++;
      expect([text, tapes.flatMap((tape, i) => differences(tape, documents[i] as never))]).toEqual([
        text,
        [],
      ]);
    }
    expect(compared).toBeGreaterThan(150);
  });

  it('never throws on mutated text', () => {
    const random = new Random(5);
    const pieces = [
      '\n',
      '  ',
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ',',
      ' #',
      '"',
      "'",
      '&a ',
      '*a',
      '|',
      '>',
      '? ',
      '\t',
      '!',
      '---\n',
      '\r',
      'a',
    ];
    let refused = 0;
    for (let run = 0; run < 800; run++) {
      const text = random.mutate(randomYaml(random), pieces);
      const { tapes, error } = scanYaml(text);
      for (const tape of tapes)
        for (const node of nodes(tape)) expect(tape.end(node)).toBeGreaterThanOrEqual(tape.start(node));
      if (error !== undefined) refused++;
    }
    expect(refused).toBeGreaterThan(100);
  });

  describe.skipIf(!hasShared('corpus'))('on the shared corpus', () => {
    const files = hasShared('corpus')
      ? ['envoy', 'others', 'embedded', 'fragments'].flatMap((folder) =>
          sharedFiles(`corpus/${folder}`, /\.ya?ml$/),
        )
      : [];

    it('reads the same as `yaml`', () => {
      let compared = 0;
      for (const { name, text } of files) {
        const documents = yamlDocuments(text);
        if (documents === undefined) continue;
        const { tapes, error } = scanYaml(text);
        // C++ format strings, which escape brackets by doubling them.
        if (text.includes('{{}}')) continue;
        expect([name, error]).toEqual([name, undefined]);
        expect([name, tapes.flatMap((tape, i) => differences(tape, documents[i] as never))]).toEqual([
          name,
          [],
        ]);
        compared++;
      }
      expect(compared).toBeGreaterThan(0.95 * files.length);
    });

    it('reads the values that js-yaml reads', () => {
      let compared = 0;
      for (const { name, text } of files) {
        const { tapes } = scanYaml(text);
        let expected: unknown[];
        try {
          expected = loadAll(text, { schema: CORE_SCHEMA, json: true });
        } catch {
          continue;
        }
        if (tapes.length === 0) continue;
        expect([name, tapes.map((tape) => tapeValue(tape))]).toEqual([name, expected]);
        compared++;
      }
      expect(compared).toBeGreaterThan(0.9 * files.length);
    });
  });
});
