import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/finding/finding.js';
import { sortFindings } from '../../src/finding/sort.js';
import { findingText, PLAIN } from '../../src/report/finding-text.js';

function region(file: string, start: number): NonNullable<Finding['region']> {
  return { file, start, end: start, line: start + 1, column: 2, endLine: start + 1, endColumn: 2 };
}

describe('a finding', () => {
  test.each<[what: string, finding: Partial<Finding>, text: string]>([
    ['with nothing but a message', {}, 'error: it is wrong [code]'],
    ['with a place', { region: region('a.yaml', 4) }, 'a.yaml:5:2: error: it is wrong [code]'],
    ['with a path', { path: 'clusters[0]' }, 'error: it is wrong [code]\n  at clusters[0]'],
    ['at the root', { path: '' }, 'error: it is wrong [code]'],
    ['with what was expected', { expected: 'a list' }, 'error: it is wrong [code]\n  expected a list'],
    [
      'with what was meant, which says more',
      { expected: 'a field', suggestion: 'name' },
      'error: it is wrong [code]\n  did you mean name?',
    ],
    ['with a remedy', { remedy: 'mend it' }, 'error: it is wrong [code]\n  mend it'],
    ['of another level', { level: 'note' }, 'note: it is wrong [code]'],
  ])('%s', (_, finding, text) => {
    expect(findingText({ code: 'code', level: 'error', message: 'it is wrong', ...finding }, PLAIN)).toBe(
      text,
    );
  });
});

test('findings are in the order of files and places, those without a place first', () => {
  const finding = (message: string, place?: Finding['region']): Finding => ({
    code: 'code',
    level: 'error',
    message,
    ...(place !== undefined && { region: place }),
  });
  const sorted = sortFindings([
    finding('4', region('b', 1)),
    finding('2', region('a', 1)),
    finding('3', region('a', 20)),
    finding('1'),
  ]);
  expect(sorted.map(({ message }) => message)).toEqual(['1', '2', '3', '4']);
});
