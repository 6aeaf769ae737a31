// The folders of fixtures/diff are the specification of `xdsc diff`: an old and a new side, the arguments, the
// report and the exit status.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/program.js';
import { expectFiles } from '../expected-files.js';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/diff');
const home = process.cwd();

afterEach(() => {
  process.chdir(home);
  process.exitCode = 0;
});

test.each(readdirSync(FIXTURES).sort())('%s', async (name) => {
  const directory = join(FIXTURES, name);
  expect(readFileSync(join(directory, 'README.md'), 'utf8').trim()).toMatch(/^[A-Z`].+\.$/s);
  const side = (word: string): string =>
    readdirSync(directory).find((file) => file.startsWith(word)) as string;
  const given = join(directory, 'args.txt');
  const folder = mkdtempSync(join(tmpdir(), 'xdsc-fixture-'));
  let said = '';
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    process.chdir(directory);
    const flags = existsSync(given) ? readFileSync(given, 'utf8').trim().split('\n') : [];
    const report = join(folder, 'report');
    await run(['node', 'xdsc', 'diff', ...flags, '-o', report, side('old.'), side('new.')]);
    const text = `${readFileSync(report, 'utf8')}${said}exit status ${process.exitCode ?? 0}\n`;
    expectFiles(directory, new Map([['expected.txt', text]]));
  } finally {
    stderr.mockRestore();
    rmSync(folder, { recursive: true, force: true });
  }
});
