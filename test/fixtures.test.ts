// The folders of fixtures/<command> are the specification of a command that writes: an input, the arguments, and
// what must come out, with what is said.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../src/cli/program.js';
import { expectFiles } from './expected-files.js';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

let folder: string;
const home = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xdsc-fixture-'));
});

afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Named as the input. */
const AS_INPUT = '';

/** The commands whose cases are walked here, with what each writes. */
const COMMANDS: Readonly<Record<string, string>> = {
  bootstrap: '.',
  compile: '.',
  convert: AS_INPUT,
  manifests: 'manifests.yaml',
  plan: 'plan.md',
};

/** Runs a command on a case in the case's folder and returns the files that it wrote and what it said. */
async function runCase(command: string, directory: string): Promise<Map<string, string>> {
  const input = readdirSync(directory).find((file) => /^input(?:\.|$)/.test(file));
  const named = COMMANDS[command] as string;
  const output = named === AS_INPUT ? String(input) : named;
  const argumentsFile = join(directory, 'args.txt');
  const given = existsSync(argumentsFile) ? readFileSync(argumentsFile, 'utf8').trim().split('\n') : [];
  process.chdir(directory);
  let said = '';
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    const inputs = input === undefined ? [] : [input];
    await run(['node', 'xdsc', command, ...given, ...inputs, '-o', join(folder, output)]);
  } finally {
    stderr.mockRestore();
  }
  const status = process.exitCode ?? 0;
  process.exitCode = 0;
  const written = new Map<string, string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.\w+$/.test(file))
      written.set(`expected-${file.replaceAll('/', '-')}`, readFileSync(join(folder, file), 'utf8'));
  }
  written.set('expected-summary.txt', `${said.replaceAll(folder, 'out')}exit status ${status}\n`);
  return written;
}

const cases = Object.keys(COMMANDS).flatMap((command) =>
  readdirSync(join(FIXTURES, command)).map((name) => [command, name] as const),
);

describe.each(cases)('%s: %s', (command, name) => {
  const directory = join(FIXTURES, command, name);

  test('gives what is expected', async () => {
    expectFiles(directory, await runCase(command, directory));
  });

  test('says in its README what it shows', () => {
    expect(readFileSync(join(directory, 'README.md'), 'utf8').trim()).toMatch(/^[A-Z`].+\.$/s);
  });
});
