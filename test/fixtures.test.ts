// The folders of fixtures/convert are the specification of `xdsc convert`: an input, the arguments, and what
// must come out, with the summary. `npm run fixtures:update` writes the outputs anew; read the difference.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../src/cli/program.js';

const FIXTURES = resolve(import.meta.dirname, '../fixtures/convert');
const UPDATE = process.env.XDSC_UPDATE_FIXTURES === '1';

let folder: string;
const home = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xdsc-fixture-'));
});

afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `xdsc convert` on a case in its own folder and returns the files that it wrote and what it said. */
async function convertCase(name: string, input: string): Promise<Map<string, string>> {
  const directory = join(FIXTURES, name);
  const argumentsFile = join(directory, 'args.txt');
  const given = existsSync(argumentsFile) ? readFileSync(argumentsFile, 'utf8').trim().split('\n') : [];
  process.chdir(directory);
  let said = '';
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    await run(['node', 'xdsc', 'convert', ...given, input, '-o', join(folder, input)]);
  } finally {
    stderr.mockRestore();
  }
  const status = process.exitCode ?? 0;
  process.exitCode = 0;
  const written = new Map<string, string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.\w+$/.test(file))
      written.set(`expected-${file.replace('/', '-')}`, readFileSync(join(folder, file), 'utf8'));
  }
  written.set('expected-summary.txt', `${said.replaceAll(folder, 'out')}exit status ${status}\n`);
  return written;
}

function inputOf(name: string): string {
  const input = readdirSync(join(FIXTURES, name)).find((file) => file.startsWith('input.'));
  if (input === undefined) throw new Error(`${name} has no input`);
  return input;
}

describe.each(readdirSync(FIXTURES).sort())('%s', (name) => {
  test('gives what is expected', async () => {
    const written = await convertCase(name, inputOf(name));
    const directory = join(FIXTURES, name);
    if (UPDATE) {
      for (const file of readdirSync(directory))
        if (file.startsWith('expected-')) rmSync(join(directory, file));
      for (const [file, text] of written) writeFileSync(join(directory, file), text);
    }
    const expected = readdirSync(directory).filter((file) => file.startsWith('expected-'));
    expect([...written.keys()].sort()).toEqual(expected.sort());
    for (const [file, text] of written) expect(text, file).toBe(readFileSync(join(directory, file), 'utf8'));
  });

  test('says in its README what it shows', () => {
    expect(readFileSync(join(FIXTURES, name, 'README.md'), 'utf8').trim()).toMatch(/^[A-Z`].+\.$/s);
  });
});
