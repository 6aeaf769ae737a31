import { expect, it } from 'vitest';
import { duplicateKeys } from '../../src/source/duplicate-keys.js';
import { scanJson } from '../../src/source/scan-json.js';
import { scanYaml } from '../../src/source/scan-yaml.js';
import type { Tape } from '../../src/source/tape.js';

it.each([
  ['{"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]}', []],
  ['{"a": 1, "\\u0061": 2}', ['"a" "\\u0061"']],
  ['{"a": {"b": 1, "c": {"a": 1}, "b": 2}, "a": 3, "a": 4}', ['"a" "a"', '"a" "a"', '"b" "b"']],
  ['a: 1\n"a": 2\n? a\n: 3\n', ['a "a"', 'a a']],
  ['x: &x {a: 1}\ny:\n  <<: *x\n  a: 2\n', []],
])('finds the duplicate keys in %j', (text, expected) => {
  const tape = (scanJson(text).tape ?? scanYaml(text).tapes[0]) as Tape;
  const found = duplicateKeys(tape).map(({ first, second }) => `${tape.raw(first)} ${tape.raw(second)}`);
  expect(found).toEqual(expected);
});
