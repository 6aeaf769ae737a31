// fixtures/startup has a folder for each area of start-up checks: files that Envoy refuses, with the report as a
// person reads it, and their nearest neighbors, which Envoy takes.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.js';
import { AREAS } from '../../../src/validate/startup/areas.js';
import { expectFiles } from '../../expected-files.js';

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/startup');
const home = process.cwd();
const scratch = mkdtempSync(join(tmpdir(), 'xdsc-startup-'));

afterEach(() => process.chdir(home));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function report(area: string, folder: 'bad' | 'good', format: string): Promise<string> {
  const output = join(scratch, 'report');
  process.chdir(join(FIXTURES, area));
  await run(['node', 'xdsc', 'validate', folder, '--format', format, '-o', output]);
  process.exitCode = 0;
  return readFileSync(output, 'utf8');
}

async function errorsOf(area: string, folder: 'bad' | 'good'): Promise<Set<string>> {
  const { findings } = JSON.parse(await report(area, folder, 'json'));
  const errors = findings.filter(({ level }: { level: string }) => level === 'error');
  return new Set(errors.map(({ code }: { code: string }) => code));
}

test('every area has fixtures, and every folder is that of an area', () => {
  expect(readdirSync(FIXTURES).sort()).toEqual(AREAS.map(({ name }) => name).sort());
});

describe.each(AREAS.map((area) => [area.name, area.checks] as const))('%s', (area, checks) => {
  test('each check finds what Envoy refuses, and nothing else is an error there', async () => {
    expect([...(await errorsOf(area, 'bad'))].sort()).toEqual(checks.map(({ code }) => code).sort());
    const text = await report(area, 'bad', 'pretty');
    expectFiles(join(FIXTURES, area), new Map([['expected-bad.txt', text]]));
  });

  test('nothing is an error where all is well', async () => {
    expect([...(await errorsOf(area, 'good'))]).toEqual([]);
  });
});
