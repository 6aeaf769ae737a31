// docs/verdict.md says what the table of covered changes says, and each row has a fixture that shows it.
// `npm run fixtures:update` writes the page anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { COVERED } from '../../src/diff/coverage.js';
import { TRUST_CLASSES } from '../../src/diff/verdict.js';
import { coveragePage } from '../../src/report/coverage-page.js';
import { UPDATE } from '../expected-files.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/verdict.md');

test('the page is that of the table', () => {
  const page = coveragePage(COVERED);
  if (UPDATE) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test.each(COVERED.map((row) => [row.fixture, row] as const))('%s shows its row', (fixture, { classes }) => {
  const report = readFileSync(join(ROOT, 'fixtures/diff', fixture, 'expected.txt'), 'utf8');
  if (typeof classes === 'string') {
    expect(
      [...TRUST_CLASSES].some((one) => report.includes(`${one}: `) || report.includes(`**${one}**`)),
    ).toBe(true);
  } else if (classes.length > 0) {
    expect(classes.some((one) => report.includes(`${one}: `))).toBe(true);
  } else expect(report).toMatch(/^same trust/);
});
