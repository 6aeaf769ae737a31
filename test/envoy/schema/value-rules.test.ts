// Every kind of rule that validate.proto has, kept and broken, with its words.

import { describe, expect, test } from 'vitest';
import type { FieldRules, ValueRules } from '../../../src/envoy/schema/rules.js';
import {
  bytesKeep,
  durationKeeps,
  enumKeeps,
  numberKeeps,
  ruleText,
  sizeKeeps,
  sizeText,
  stringKeeps,
} from '../../../src/envoy/schema/value-rules.js';
import { durationNanos } from '../../../src/envoy/schema/well-known.js';

const nanos = (text: string): bigint => durationNanos(text) as bigint;

describe('strings', () => {
  test.each<[ValueRules, string, string, string]>([
    [{ const: 'a' }, 'a', 'b', 'exactly "a"'],
    [{ len: 2 }, 'é€', 'a', 'exactly 2 characters'],
    [{ minLen: 2 }, '😀é', '😀', 'at least 2 characters'],
    [{ maxLen: 2 }, '😀😀', 'abc', 'at most 2 characters'],
    [{ lenBytes: 4 }, '😀', 'ab', 'exactly 4 bytes'],
    [{ minBytes: 2 }, 'é', 'a', 'at least 2 bytes'],
    [{ maxBytes: 3 }, 'é', '😀', 'at most 3 bytes'],
    [{ minBytes: 1, maxBytes: 2 }, 'é', '€', '1 to 2 bytes'],
    [{ pattern: '^[0-9a-zA-Z_\\-\\./~:]+$' }, 'a-b', 'a b', 'matching ^[0-9a-zA-Z_\\-\\./~:]+$'],
    [{ prefix: '/' }, '/a', 'a', 'beginning with "/"'],
    [{ suffix: '.x' }, 'a.x', 'a.xy', 'ending with ".x"'],
    [{ contains: '-' }, 'a-b', 'ab', 'with "-" in it'],
    [{ notContains: '-' }, 'ab', 'a-b', 'without "-"'],
    [{ in: ['a', ''] }, '', 'b', 'one of a, ""'],
    [{ notIn: ['a'] }, 'b', 'a', 'not a'],
    [{ format: 'http-header-name' }, ':path', 'a b', 'the name of an HTTP header'],
    [{ format: 'http-header-name', strict: false }, 'a b', 'a\nb', 'the name of an HTTP header'],
    [{ format: 'http-header-value' }, 'a b\t', 'a\u0007', 'text without control characters'],
    [{ format: 'email' }, 'a@b.example', 'a', 'an e-mail address'],
    [{ format: 'hostname' }, 'a.b.', '-a.b', 'a host name'],
    [{ format: 'ip' }, '::1', '1.2.3', 'an IP address'],
    [{ format: 'ipv4' }, '1.2.3.4', '::1', 'an IPv4 address'],
    [{ format: 'ipv6' }, '::1', '1.2.3.4', 'an IPv6 address'],
    [{ format: 'uri' }, 'https://a/b', '/b', 'an absolute URI'],
    [{ format: 'uri-ref' }, '/b', 'http://[', 'a URI or a relative reference'],
    [{ format: 'address' }, '1.2.3.4', 'a_b', 'a host name or IP address'],
    [{ format: 'uuid' }, '123e4567-e89b-12d3-a456-426614174000', '123e4567', 'a UUID'],
    [{ minLen: 3, ignoreEmpty: true }, '', 'ab', 'at least 3 characters, or empty'],
  ])('%j', (rules, kept, broken, words) => {
    expect([stringKeeps(kept, rules), stringKeeps(broken, rules)]).toEqual([true, false]);
    expect(ruleText(rules)).toBe(words);
  });
});

describe('numbers', () => {
  test.each<[ValueRules, number | bigint, number | bigint, string]>([
    [{ const: 1 }, 1, 2, 'exactly 1'],
    [{ lt: 5 }, 4, 5, 'less than 5'],
    [{ lte: 5 }, 5, 6, 'at most 5'],
    [{ gt: 5 }, 6, 5, 'greater than 5'],
    [{ gte: 5 }, 5, 4, 'at least 5'],
    [{ gte: 1, lte: 5 }, 5, 6, 'from 1 to 5'],
    [{ gt: 1, lt: 5 }, 2, 5, 'greater than 1 and less than 5'],
    [{ gte: 10, lte: 5 }, 10, 7, 'at most 5 or at least 10'],
    [{ in: [1, 2] }, 2, 3, 'one of 1, 2'],
    [{ notIn: [0] }, 1, 0, 'not 0'],
    [{ gte: 5, ignoreEmpty: true }, 0, 4, 'at least 5, or empty'],
    [{ lte: '9223372036854775807' }, 2n ** 63n - 1n, 2n ** 63n, 'at most 9223372036854775807'],
  ])('%j', (rules, kept, broken, words) => {
    expect([numberKeeps(kept, rules), numberKeeps(broken, rules)]).toEqual([true, false]);
    expect(ruleText(rules)).toBe(words);
  });
});

describe('durations', () => {
  test.each<[ValueRules, string, string, string]>([
    [{ const: '1s' }, '1.000s', '2s', 'exactly "1s"'],
    [{ lt: '1s' }, '0.999999999s', '1s', 'less than 1s'],
    [{ lte: '1s' }, '1s', '1.000000001s', 'at most 1s'],
    [{ gt: '0s' }, '0.000000001s', '-1s', 'greater than 0s'],
    [{ gte: '0.001s' }, '0.001s', '0.000999999s', 'at least 0.001s'],
    [{ gte: '1s', lte: '0s' }, '0s', '0.5s', 'at most 0s or at least 1s'],
    [{ in: ['1s', '2s'] }, '2s', '3s', 'one of 1s, 2s'],
    [{ notIn: ['1s'] }, '2s', '1s', 'not 1s'],
  ])('%j', (rules, kept, broken, words) => {
    expect([durationKeeps(nanos(kept), rules), durationKeeps(nanos(broken), rules)]).toEqual([true, false]);
    expect(ruleText(rules)).toBe(words);
  });
});

test('enums, bytes, lists and maps', () => {
  expect([enumKeeps(9, false, { definedOnly: true }), enumKeeps(1, true, { definedOnly: true })]).toEqual([
    false,
    true,
  ]);
  expect([
    enumKeeps(1, true, { notIn: [1] }),
    enumKeeps(1, true, { in: [2] }),
    enumKeeps(1, true, { const: 1 }),
  ]).toEqual([false, false, true]);
  expect([bytesKeep(0, { minLen: 1 }), bytesKeep(3, { maxLen: 2 }), bytesKeep(2, { len: 2 })]).toEqual([
    false,
    false,
    true,
  ]);
  const sizes: [FieldRules, number, boolean][] = [
    [{ minItems: 1 }, 0, false],
    [{ minItems: 1, ignoreEmpty: true }, 0, true],
    [{ maxItems: 2 }, 3, false],
    [{ minPairs: 1 }, 0, false],
    [{ maxPairs: 1 }, 2, false],
    [{ minPairs: 1, maxPairs: 3 }, 2, true],
  ];
  for (const [rules, size, keeps] of sizes) expect(sizeKeeps(size, rules), JSON.stringify(rules)).toBe(keeps);
  expect(sizeText({ minItems: 1, maxItems: 3, unique: true })).toBe('1 to 3 items, none twice');
});
