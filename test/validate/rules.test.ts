// fixtures/validate has a folder for each rule: files that break it, with the report as a person reads it, and
// files that do not.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.js';
import { RULES } from '../../src/validate/rules/index.js';
import { expectFiles } from '../expected-files.js';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/validate');
const home = process.cwd();
const scratch = mkdtempSync(join(tmpdir(), 'xdsc-rules-'));

afterEach(() => process.chdir(home));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs `xdsc validate` on a folder of a case, and gives the report. */
async function report(code: string, folder: 'bad' | 'good', format: string): Promise<string> {
  const directory = join(FIXTURES, code);
  const argumentsFile = join(directory, 'args.txt');
  const given = existsSync(argumentsFile) ? readFileSync(argumentsFile, 'utf8').trim().split('\n') : [];
  const output = join(scratch, 'report');
  process.chdir(directory);
  await run(['node', 'xdsc', 'validate', folder, '--format', format, '-o', output, ...given]);
  process.exitCode = 0;
  return readFileSync(output, 'utf8');
}

async function codesOf(code: string, folder: 'bad' | 'good'): Promise<string[]> {
  const { findings } = JSON.parse(await report(code, folder, 'json'));
  return findings.map((finding: { code: string }) => finding.code);
}

test('every rule has fixtures, and every folder is that of a rule', () => {
  const folders = readdirSync(FIXTURES).filter((name) => name !== 'xdsc.config.yaml');
  expect(folders.sort()).toEqual(RULES.map(({ code }) => code).sort());
});

describe.each(RULES.map(({ code }) => code))('%s', (code) => {
  test('is found where it is broken, in words that help', async () => {
    expect(await codesOf(code, 'bad')).toContain(code);
    const text = await report(code, 'bad', 'pretty');
    expectFiles(join(FIXTURES, code), new Map([['expected-bad.txt', text]]));
  });

  test('is not found where all is well', async () => {
    expect(await codesOf(code, 'good')).not.toContain(code);
  });

  test('has files that keep the API', async () => {
    const known = new Set([...RULES.map((rule) => rule.code)]);
    for (const found of [...(await codesOf(code, 'bad')), ...(await codesOf(code, 'good'))])
      expect(known).toContain(found);
  });

  test('says in its README what it shows', () => {
    expect(readFileSync(join(FIXTURES, code, 'README.md'), 'utf8').trim()).toMatch(/^[A-Z`].+\.$/s);
  });
});
