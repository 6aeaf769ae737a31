import { describe, expect, it } from 'vitest';
import { readSource } from '../../src/source/document.js';
import { tapeValue } from './tape-value.js';

describe('readSource', () => {
  it.each([
    ['a.json', '{"a": 1}', 'json', [{ a: 1 }]],
    ['a.yaml', '{"a": 1}', 'json', [{ a: 1 }]],
    ['a.yaml', '{"a": 1, b: 2}', 'yaml', [{ a: 1, b: 2 }]],
    ['a.yaml', '"a": 1\n', 'yaml', [{ a: 1 }]],
    ['a.yaml', '# {\n[1]\n---\n{}\n', 'yaml', [[1], {}]],
    ['-', '// c\n /* {d} */ {"a": 1}', 'json', [{ a: 1 }]],
    ['a.json', 'a: 1\n', 'yaml', [{ a: 1 }]],
    ['a.yaml', '---\n---\na: 1\n---\n', 'yaml', [{ a: 1 }]],
    ['a.yaml', '\ufeff\n{"a": 1}', 'json', [{ a: 1 }]],
  ])('detects the format: %s with %j', (name, text, format, values) => {
    const source = readSource(name, text);
    expect(source.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(source.format).toBe(format);
    expect(source.documents.map(({ tape }) => tapeValue(tape))).toEqual(values);
    expect(source.documents.every((document) => document.source === source)).toBe(true);
  });

  it('reads single quotes and keys without quotes in JSON, with a warning', () => {
    const { documents, findings } = readSource('a.json', "{'a': 1, b: [true]}");
    expect(documents[0]?.format).toBe('json');
    expect(findings).toMatchObject([{ code: 'json-quotes', level: 'warning' }]);
    for (const text of ['{a: yes}', '{a: 1, # two\nb: 2}', '{a: 1 b: 2}'])
      expect(readSource('a.json', text).findings, text).toMatchObject([{ code: 'syntax' }]);
  });

  it('uses the given format', () => {
    expect(readSource('x', '{"a": 1}', { format: 'yaml' }).format).toBe('yaml');
    expect(readSource('x', '{a: 1}', { format: 'json' }).findings).toMatchObject([{ code: 'syntax' }]);
  });

  it.each([
    ['a.json', '{"a": 1,, }', 'syntax', 'unexpected ","', 1, 9],
    ['a.json', '\n{a: b}', 'syntax', 'unexpected "a"', 2, 2],
    ['a.json', '{"a": {\n"b": 1\n', 'syntax', 'the object that begins in line 1 is not closed', 2, 6],
    ['a.yaml', 'a: {b: 1\nc: 2\n', 'syntax', 'this bracket is not closed', 1, 4],
    [
      'a.yaml',
      'a:\n  b: 1\nc: 2\n  d: 3\n',
      'syntax',
      'this line is not indented like the rest of its map or list',
      3,
      1,
    ],
    ['a.yaml', 'a: 1\nb:2\nc: 3\n', 'syntax', 'missing space after the colon', 2, 1],
    ['a.yaml', '"a": 1\nb: [\n', 'syntax', 'this bracket is not closed', 2, 4],
    ['-', '{"a": 1}\n{"b": 2}', 'syntax', 'unexpected "{"', 2, 1],
    ['a.yaml', '', 'empty', 'this file contains no document', 1, 1],
    ['a.json', ' \n', 'empty', 'this file contains no document', 1, 1],
    ['a.yaml', '# nothing\n---\n~\n', 'empty', 'this file contains no document', 1, 1],
  ])('says why it cannot read %s with %j', (name, text, code, message, line, column) => {
    const { documents, findings } = readSource(name, text);
    expect(documents).toEqual([]);
    expect(findings).toMatchObject([{ code, level: 'error', message, region: { file: name, line, column } }]);
  });

  it('warns about duplicate keys, on which parsers disagree', () => {
    const text = '{\n  // note\n  "a": 1,\n  "a": {"b": 1, "b": 2},\n}';
    const { findings } = readSource('a.json', text);
    const told = findings.map(({ code, level, region }) => [
      code,
      level,
      `${region?.line}:${region?.column}`,
      text.slice(region?.start, region?.end),
    ]);
    expect(told).toEqual([
      ['json-comment', 'warning', '2:3', '// note'],
      ['trailing-comma', 'warning', '4:24', ','],
      ['duplicate-key', 'warning', '4:3', '"a"'],
      ['duplicate-key', 'warning', '4:17', '"b"'],
    ]);
    expect(findings[2]?.message).toBe('duplicate key "a", first defined at line 3, column 3');
  });

  it('reports a limited number of duplicate keys', () => {
    const text = `{${Array(5000).fill('"a": 1').join()}}`;
    expect(readSource('x', text).findings).toHaveLength(1000);
  });

  it('is not slowed down by malicious text', () => {
    const texts = [
      `${'/**/'.repeat(20_000)}: [`,
      `/*${' *'.repeat(30_000)}: [`,
      '{'.repeat(1000) + '}'.repeat(999),
      `{"a": "${'{{'.repeat(20_000)}`,
      `${'<%'.repeat(20_000)}\nb: [`,
      `${' '.repeat(60_000)}x: [`,
    ];
    const start = performance.now();
    for (const text of texts) expect(readSource('x', text).documents.length).toBe(0);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
