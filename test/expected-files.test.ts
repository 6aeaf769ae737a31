// A fixture says how to mend it.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectFiles } from './expected-files.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xdsc-expected-'));
  writeFileSync(join(folder, 'input.yaml'), 'a: 1\n');
});

afterEach(() => rmSync(folder, { recursive: true }));

const WRITTEN = new Map([['expected-input.yaml', 'a: 2\n']]);

test.each([
  ['without an expected file', undefined, 'has no expected-input.yaml: run `npm run fixtures:update`'],
  [
    'with another text',
    'a: 1\n',
    'expected-input.yaml differs. If that is meant, run `npm run fixtures:update`',
  ],
])('a fixture %s fails and says what writes it', (_, text, message) => {
  if (text !== undefined) writeFileSync(join(folder, 'expected-input.yaml'), text);
  expect(() => expectFiles(folder, WRITTEN, false)).toThrow(message);
});

test('a fixture with an expected file that nothing gives fails', () => {
  writeFileSync(join(folder, 'expected-input.yaml'), 'a: 2\n');
  writeFileSync(join(folder, 'expected-other.yaml'), 'a: 2\n');
  expect(() => expectFiles(folder, WRITTEN, false)).toThrow('nothing gives expected-other.yaml');
});

test('an update writes what is expected and removes the rest', () => {
  writeFileSync(join(folder, 'expected-other.yaml'), 'a: 2\n');
  expectFiles(folder, WRITTEN, true);
  expect(readdirSync(folder).sort()).toEqual(['expected-input.yaml', 'input.yaml']);
  expect(readFileSync(join(folder, 'expected-input.yaml'), 'utf8')).toBe('a: 2\n');
  expectFiles(folder, WRITTEN, false);
});
