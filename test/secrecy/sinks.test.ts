// Every text that xdsc says goes through the functions that cover secrets, and every value in a message through
// those that quote it: a new message or report cannot forget it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
  .map((path) => [path, readFileSync(join(SRC, path), 'utf8')] as const);

function filesWith(pattern: RegExp): string[] {
  return sources.filter(([, text]) => pattern.test(text)).map(([path]) => path);
}

test('standard error is written to in one place, which covers what looks like a secret', () => {
  expect(filesWith(/process\.stderr\.write|console\.|writeSync\(2/)).toEqual(['cli/terminal.ts']);
  expect(readFileSync(join(SRC, 'cli/terminal.ts'), 'utf8')).toContain('process.stderr.write(tame(text))');
});

test('standard output gets configuration from the commands that make it, and reports by way of told.ts', () => {
  expect(filesWith(/process\.stdout\.write/)).toEqual([]);
  expect(filesWith(/writeStandardOutput/).sort()).toEqual([
    'cli/commands/run-bootstrap.ts',
    'cli/commands/run-compile.ts',
    // The API and the rules, which are no input.
    'cli/commands/run-explain.ts',
    'cli/commands/run-schema.ts',
    'cli/commands/run-validate.ts',
    'cli/main.ts',
    'cli/outputs.ts',
    'cli/program.ts',
    'cli/told.ts',
  ]);
});

test('messages quote what comes from inputs by the functions of src/secrecy', () => {
  const quoting = sources.flatMap(([path, text]) =>
    [
      ...text.matchAll(
        /^.*\b(?:message|remedy|expected|detail|suggestion|problem)\b.*JSON\.stringify.*$|new Failure\([^)]*JSON\.stringify.*$/gm,
      ),
    ].map(([line]) => `${path}: ${line.trim()}`),
  );
  expect(quoting).toEqual([]);
});

test('findings are shown by way of shown-finding.ts in every format', () => {
  expect(filesWith(/\bshownFinding\(|map\(shownFinding\)/).sort()).toEqual([
    'cli/language-server/protocol.ts',
    'report/diff-json.ts',
    'report/finding-formats.ts',
    'report/finding-text.ts',
    'report/shown-finding.ts',
  ]);
});
