import { describe, expect, it } from 'vitest';
import { Scalar, Document as YamlDocument } from 'yaml';
import { configMapEntries } from '../../src/source/config-map.js';
import { type Document, readSource, type Source } from '../../src/source/document.js';
import { applyEdits, type Edit, sortEdits } from '../../src/source/edit.js';
import { Random } from './random.js';

function read(text: string): Document {
  const { documents, findings } = readSource('cm.yaml', text);
  expect([text, findings.filter(({ level }) => level === 'error')]).toEqual([text, []]);
  return documents[0] as Document;
}

/** The text of the one entry of a ConfigMap. */
function entry(text: string): Source {
  const entries = configMapEntries(read(text));
  expect([text, entries.length]).toEqual([text, 1]);
  return entries[0]?.source as Source;
}

function apply(text: string, edits: readonly Edit[]): string {
  return [...applyEdits(text, sortEdits(edits))].join('');
}

const HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: envoy\n';
const INNER = 'node:\n  id: "x"\n\n  tls: {a: \'b\'}\n# end\nlast: 1\n';

/** The inner text as a string in the ways that people and tools write it. */
const WAYS: [string, string][] = [
  ['literal', `${HEAD}data:\n  envoy.yaml: |\n${INNER.replace(/^(?=.)/gm, '    ')}`],
  [
    'literal, further in, CRLF',
    `${HEAD}data:\n  envoy.yaml: |\n${INNER.replace(/^(?=.)/gm, '       ')}  b: x\n`
      .replace('  b: x\n', '')
      .replaceAll('\n', '\r\n'),
  ],
  [
    'literal with an indicator and a comment',
    `${HEAD}data:\n    envoy.yaml: |2+ # note\n${INNER.replace(/^(?=.)/gm, '      ')}\nx: y\n`.replace(
      '\n\nx: y',
      '\nx: y',
    ),
  ],
  [
    'folded',
    `${HEAD}data:\n  envoy.yaml: >\n    node:\n      id: "x"\n\n      tls: {a: 'b'}\n    # end\n\n    last: 1\nx: y\n`,
  ],
  ['double quotes on one line', `${HEAD}data:\n  envoy.yaml: ${JSON.stringify(INNER)} # note\nx: y\n`],
  [
    'double quotes on several lines',
    `${HEAD}data:\n  envoy.yaml: "node:\\n  id: \\"x\\"\\n\n\n    \\n  tls: {a: 'b'}\\n#\n    end\\nlast:\\\n    \\ 1\\n"\nx: y\n`,
  ],
  [
    'single quotes on several lines',
    `${HEAD}data:\n  envoy.yaml: 'node:\n\n    \\n  id: "x" tls: {a: ''b''}\n\n    # end\n\n    last: 1\n\n    '\n`,
  ],
  [
    'JSON as kubectl prints it',
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', data: { 'envoy.yaml': INNER } }, null, 4),
  ],
  ['base64', `${HEAD}binaryData:\n  envoy.yaml: ${Buffer.from(INNER).toString('base64')}\n`],
  [
    'base64 on several lines',
    `${HEAD}binaryData:\n  envoy.yaml: |\n    ${Buffer.from(INNER)
      .toString('base64')
      .replace(/(.{20})/g, '$1\n    ')}\n`,
  ],
  [
    'in a List',
    `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  data:\n    envoy.yaml: |-\n${INNER.trimEnd().replace(/^(?=.)/gm, '      ')}\n`,
  ],
];

describe('a text inside of a ConfigMap', () => {
  it.each(WAYS.filter(([way]) => !/folded|several lines/.test(way)))('is read: %s', (way, text) => {
    expect(entry(text).text).toBe(way === 'in a List' ? INNER.trimEnd() : INNER);
  });

  it.each(WAYS.filter(([way]) => !way.startsWith('base64')))('knows where its words stand: %s', (_, text) => {
    const source = entry(text);
    for (const word of ['node', 'id', 'tls', '{a: ', 'b', 'end', 'last', '1']) {
      const inner = source.text.indexOf(word);
      const { start, line, column } = source.region(inner, inner + word.length);
      expect([word, text.slice(start, start + word.length)]).toEqual([word, word]);
      const lines = text.slice(0, start).split('\n');
      expect([line, column]).toEqual([lines.length, (lines.at(-1) as string).length + 1]);
    }
  });

  it.each(WAYS.filter(([way]) => way.startsWith('base64')))('stands where its string does: %s', (_, text) => {
    const { line, column } = entry(text).region(10, 20);
    expect([line, column]).toEqual([6, 15]);
  });

  it.each([
    [
      'literal',
      [15, 15, '\n  sni: y'],
      `${HEAD}data:\n  envoy.yaml: |\n    node:\n      id: "x"\n      sni: y\n\n      tls: {a: 'b'}\n    # end\n    last: 1\n`,
    ],
    [
      'literal',
      [6, 17, ''],
      `${HEAD}data:\n  envoy.yaml: |\n    node:\n      tls: {a: 'b'}\n    # end\n    last: 1\n`,
    ],
    [
      'literal',
      [33, 47, '# new\n'],
      `${HEAD}data:\n  envoy.yaml: |\n    node:\n      id: "x"\n\n      tls: {a: 'b'}\n    # new\n`,
    ],
    [
      'literal',
      [47, 47, 'more: |\n  x\n'],
      `${HEAD}data:\n  envoy.yaml: |\n    node:\n      id: "x"\n\n      tls: {a: 'b'}\n    # end\n    last: 1\n    more: |\n      x\n`,
    ],
    [
      'double quotes on one line',
      [12, 15, 'a\n"b"'],
      `${HEAD}data:\n  envoy.yaml: "node:\\n  id: a\\n\\"b\\"\\n\\n  tls: {a: 'b'}\\n# end\\nlast: 1\\n" # note\nx: y\n`,
    ],
    [
      'folded',
      [12, 15, 'y'],
      `${HEAD}data:\n  envoy.yaml: |\n    node:\n      id: y\n\n      tls: {a: 'b'}\n    # end\n    last: 1\nx: y\n`,
    ],
  ] as [string, [number, number, string], string][])(
    'is edited in its way: %s',
    (way, [start, end, text], expected) => {
      const outer = WAYS.find(([name]) => name === way)?.[1] as string;
      const { embedding } = entry(outer);
      expect(apply(outer, embedding?.outerEdits([{ start, end, text }]) ?? [])).toBe(expected);
    },
  );

  it.each(WAYS)('reads as it should after random edits: %s', (_, text) => {
    const random = new Random(7);
    for (let run = 0; run < 25; run++) expectEdited(text, random);
  });

  it('reads as it should after random edits, as `yaml` prints strings', () => {
    const random = new Random(8);
    const types = ['BLOCK_LITERAL', 'BLOCK_FOLDED', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'PLAIN'] as const;
    const pieces = [
      'a',
      ' ',
      '\n',
      'word',
      '"',
      "'",
      '\\',
      '\n\n',
      '  ',
      ': ',
      ' #',
      'é',
      '😀',
      '\t',
      '{',
      '-',
      '\u0001',
      '\u2028',
    ];
    for (let run = 0; run < 120; run++) {
      const value = new Scalar(random.text(pieces, 30));
      value.type = random.pick(types);
      const document = new YamlDocument({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        data: { a: value },
        after: 1,
      });
      expectEdited(
        document.toString({ lineWidth: random.pick([0, 20, 40]), indent: random.pick([2, 4]) }),
        random,
      );
    }
  });

  /** Makes random edits of the inner text and reads them back from the outer one. */
  function expectEdited(text: string, random: Random): void {
    const source = entry(text);
    const { node, outerEdits, document } = source.embedding as NonNullable<Source['embedding']>;
    const pieces = ['x', 'two words', '\n', '\n  y: 1', 'z\n', ' ', '"', "'", '\\', '#', '\n\n', '', 'é'];
    const edits: Edit[] = [];
    for (
      let at = random.below(10);
      at <= source.text.length && edits.length < 4;
      at += 1 + random.below(20)
    ) {
      const end = Math.min(source.text.length, at + random.pick([0, 0, 1, 3, 12]));
      edits.push({ start: at, end, text: random.text(pieces, 3) });
      at = end;
    }
    const outer = outerEdits(edits);
    const { tape } = document;
    for (const { start, end } of outer) {
      expect(start).toBeGreaterThanOrEqual(tape.start(node));
      expect(end).toBeLessThanOrEqual(tape.end(node));
    }
    const changed = apply(text, outer);
    expect([text, edits, changed, entry(changed).text]).toEqual([
      text,
      edits,
      changed,
      apply(source.text, edits),
    ]);
  }
});

describe('configMapEntries', () => {
  it('reads the texts of all ConfigMaps in a List, only once if aliases repeat them', () => {
    const text = `apiVersion: v1
kind: ConfigMapList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: one}
  data: &data
    a: &a 'x: 1'
    b: *a
    c: 'y: 2'
- {apiVersion: v1, kind: Secret, data: {d: e}}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: two}
  data: *data
  binaryData: {z: ejogMw==, image: iVBORw0KGgo=}
`;
    const entries = configMapEntries(read(text));
    expect(entries.map(({ configMap, key, source }) => [configMap, key, source.text])).toEqual([
      ['one', 'a', 'x: 1'],
      ['one', 'c', 'y: 2'],
      ['two', 'z', 'z: 3'],
    ]);
  });

  it.each([
    'a: 1\n',
    '- 1\n',
    'apiVersion: v1\nkind: Pod\ndata: {a: "b: 1"}\n',
    'apiVersion: 1\nkind: ConfigMap\ndata: {a: b}\n',
  ])('finds none in %j', (text) => {
    expect(configMapEntries(read(text))).toEqual([]);
  });

  it('finds ConfigMaps in ConfigMaps, with places in the outermost text', () => {
    const inner = `${HEAD}data:\n  a: |\n    b: {c\n`;
    const outer = `${HEAD}data:\n  inner: |\n${inner.replace(/^/gm, '    ').trimEnd()}\n`;
    const source = entry(outer);
    const [innermost] = configMapEntries(source.documents[0] as Document);
    const finding = innermost?.source.findings[0];
    expect(finding).toMatchObject({ code: 'syntax', region: { line: 13, column: 12 } });
  });
});
