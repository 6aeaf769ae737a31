// What RE2 says of regular expressions. All sizes and words were asked of Envoy 1.40.

import { describe, expect, test } from 'vitest';
import { compileRegex } from '../../../src/envoy/re2/regex.js';

function fault(pattern: string): string {
  const compiled = compileRegex(pattern);
  if (compiled === undefined || !('fault' in compiled)) return 'compiles';
  return compiled.part === '' ? compiled.fault : `${compiled.fault}: ${compiled.part}`;
}

describe('the size of the program', () => {
  test.each<[string, number]>([
    // Each byte is an instruction, beside four that every program has.
    ['/a', 6],
    ['é', 6],
    ['[é]', 6],
    // A class has one for each of its ranges; case costs nothing.
    ['.', 6],
    ['(?s).', 5],
    ['[a-zA-Z0-9_-]+', 9],
    ['(?i)abc', 7],
    ['\\pL', 11],
    ['[^a-z]', 6],
    ['[\\s\\S]*', 6],
    // What can match nothing is a program of one instruction.
    ['\\p{Greek}', 1],
    // Counts are written out.
    ['a{2,5}', 12],
    ['a{0,5}', 14],
    ['a{5,}', 10],
    ['.{10}', 24],
    ['a*a{2}', 7],
    ['[a-z]{1,200}', 403],
    // Alternatives share what they begin with.
    ['(?:abc|abd|xyz)', 10],
    ['(?:a|b|c)', 5],
    // Anchors and a text behind them are left to others.
    ['^/a$', 4],
    ['^https://([a-z0-9-]+\\.)*example\\.test(:[0-9]+)?$', 29],
    ['[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 72],
  ])('%s', (pattern, size) => {
    expect(compileRegex(pattern)).toEqual({ size });
  });
});

describe('what does not compile', () => {
  test.each<[string, string]>([
    ['/(?!internal)', 'invalid perl operator: (?!'],
    ['(?<=a)b', 'invalid perl operator: (?<='],
    ['(?>a)', 'invalid perl operator: (?>'],
    ['(?i-)a', 'invalid perl operator: (?i-)'],
    ['(a', 'missing ): (a'],
    ['a)', 'unexpected ): a)'],
    ['[a-', 'missing ]: [a-'],
    ['[z-a]', 'invalid character class range: z-a'],
    ['[[:alfa:]]', 'invalid character class range: [:alfa:]'],
    ['\\p{Latn}', 'invalid character class range: \\p{Latn}'],
    ['*a', 'no argument for repetition operator: *'],
    ['a**', 'bad repetition operator: **'],
    ['a++', 'bad repetition operator: ++'],
    ['a{2}{3}', 'bad repetition operator: {2}{3}'],
    ['a{1001}', 'invalid repetition size: {1001}'],
    ['(?:a{100}){11}', 'invalid repetition size: {11}'],
    ['a{3,2}', 'invalid repetition size: {3,2}'],
    ['(\\w)\\1', 'invalid escape sequence: \\1'],
    ['\\Z', 'invalid escape sequence: \\Z'],
    ['\\u0041', 'invalid escape sequence: \\u'],
    ['\\x{100}', 'invalid escape sequence: \\x{100'],
    ['(?P<é>a)', 'invalid named capture group: (?P<é>'],
    ['a\\', 'trailing \\'],
    ['\\x{', 'invalid UTF-8'],
    [`(?:${'abcdefghij'.repeat(80)}){1000}`, 'pattern too large - compile failed'],
  ])('%s', (pattern, message) => {
    expect(fault(pattern)).toBe(message);
  });

  test.each([
    'a{,2}',
    'a{2',
    '{',
    ']',
    '[]a]',
    '[^]]',
    '[a-]',
    '(?<n>a)',
    '(?:(?:a*)*)+',
    '\\Q(\\E',
    '(?i:a)b',
    '\\_',
  ])('%s compiles', (pattern) => {
    expect(fault(pattern)).toBe('compiles');
  });

  test('what is nested too deeply is not judged', () => {
    expect(compileRegex('('.repeat(5000))).toBeUndefined();
    expect(compileRegex(`${'('.repeat(900)}${')'.repeat(900)}`)).toEqual({ size: 1804 });
  });
});
