import { describe, expect, test } from 'vitest';
import { readSource } from '../../src/source/document.js';
import { misread } from '../../src/source/reread.js';

/** The result for a text in which `from` becomes `to`. */
function result(name: string, text: string, from: string, to: string): number | undefined {
  const [document] = readSource(name, text).documents;
  if (document === undefined) throw new Error('unreadable');
  const start = text.indexOf(from);
  return misread(document, [{ start, end: start + from.length, text: to }]);
}

const BLOCK = 'a:\n  b: 1\n  c:\n    - d: {e: 2}\n      f: 3\n    - g\nh: 4\n';

describe('what edits make of a document', () => {
  test.each([
    ['a value', '1', '{x: 1}'],
    ['a member', 'f: 3', 'f: 3\n      k: 5'],
    ['an item', '- g', '- g\n    - k'],
    ['nothing', '\n    - g', ''],
    ['brackets over lines', '{e: 2}', '{\n         e: 2\n        }'],
  ])('may be %s', (_, from, to) => {
    expect(result('x.yaml', BLOCK, from, to)).toBeUndefined();
  });

  test.each([
    ['a bracket that is not closed', '1', '{x: 1'],
    ['a key twice', 'f: 3', 'd: 3'],
    ['a member that is not indented', 'f: 3', 'f: 3\n   k: 5'],
    ['a bracket that closes too far out', '{e: 2}', '{\n  e: 2\n}'],
  ])('may not be %s', (_, from, to) => {
    expect(result('x.yaml', BLOCK, from, to)).toBe(BLOCK.indexOf(from));
  });

  test('in JSON is JSON', () => {
    const json = '{"a": [{"b": 1}, {"c": 2}]}';
    expect(result('x.json', json, '1', '"X"')).toBeUndefined();
    expect(result('x.json', json, '2', 'X')).toBe(json.indexOf('2'));
  });
});
