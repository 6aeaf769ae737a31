// What CI systems take: the action, the hooks, and the examples. They are YAML, and their command lines are
// lines that the program accepts.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { validateCommand } from '../src/cli/commands/validate-command.js';

const ROOT = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'xdsc-ci-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function read(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** Whether the program takes these arguments behind `validate`; it does nothing with them. */
async function accepts(args: readonly string[]): Promise<boolean> {
  const command = validateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .action(() => {});
  try {
    await command.parseAsync([...args], { from: 'user' });
    return true;
  } catch {
    return false;
  }
}

/** The arguments of a command line, behind `xdsc validate`. */
function argumentsIn(line: string): string[] {
  return (/xdsc validate\s*(.*?)(?:\s*>.*)?$/.exec(line)?.[1] ?? '').split(/\s+/).filter(Boolean);
}

test('an option that is none is not accepted', async () => {
  expect(await accepts(['--frmat', 'github', 'a'])).toBe(false);
});

describe('.pre-commit-hooks.yaml', () => {
  const hooks: { id: string; entry: string; language: string; files: string }[] = parse(
    read('.pre-commit-hooks.yaml'),
  );

  test.each(hooks.map((hook) => [hook.id, hook] as const))('%s', async (_, hook) => {
    expect(hook.language).toBe('node');
    expect(await accepts([...argumentsIn(hook.entry), 'a.yaml', 'b.json'])).toBe(true);
    expect('configs/a.yaml').toMatch(new RegExp(hook.files));
  });
});

describe('action.yml', () => {
  const action = parse(read('action.yml'));

  test('is a composite action whose inputs have words and defaults', () => {
    expect(action.runs.using).toBe('composite');
    for (const input of Object.values<{ description: string; default: string }>(action.inputs)) {
      expect(input.description).toMatch(/^[A-Z].*\.$/);
      expect(typeof input.default).toBe('string');
    }
  });

  test('has no input in the text of its script', () => {
    for (const step of action.runs.steps) expect(step.run).not.toContain('${{');
  });

  test('runs command lines that the program accepts', async () => {
    const log = join(scratch, 'log');
    writeFileSync(join(scratch, 'npx'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\n`);
    chmodSync(join(scratch, 'npx'), 0o755);
    const script = action.runs.steps[0].run;
    execFileSync('bash', ['--norc', '-e', '-c', script], {
      stdio: 'ignore',
      env: {
        PATH: `${scratch}:${process.env.PATH}`,
        XDSC_PATHS: 'configs/ manifests/*.yaml',
        XDSC_ARGS: '--max-warnings 3',
        XDSC_FAIL_ON: 'warning',
        XDSC_SARIF: 'xdsc.sarif',
        XDSC_VERSION: 'latest',
        GITHUB_STEP_SUMMARY: join(scratch, 'summary'),
      },
    });
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines.length).toBe(3);
    for (const line of lines) {
      const args = line.replace(/^--yes xdsc@latest validate /, '').split(' ');
      expect(args.slice(0, 4)).toEqual(['configs/', 'manifests/*.yaml', '--max-warnings', '3']);
      expect(await accepts(args)).toBe(true);
    }
    expect(lines[2]).toContain('--fail-on warning --format github');
  });
});

describe('docs', () => {
  const blocks = ['docs/ci.md', 'docs/validate.md', 'README.md'].flatMap((file) =>
    [...read(file).matchAll(/```yaml\n(.*?)```/gs)].map((match) => [file, match[1] as string] as const),
  );

  test.each(blocks)('%s: an example of YAML parses', (_, text) => {
    for (const document of parseAllDocuments(text)) expect(document.errors).toEqual([]);
  });

  const lines = ['docs/ci.md', 'docs/validate.md', 'README.md'].flatMap((file) =>
    read(file)
      .split('\n')
      .filter((line) => /^(?: {4}|.*npx --yes |\s*- npx ).*xdsc validate /.test(line))
      .map((line) => [file, line.trim().replace(/\s+#.*/, '')] as const),
  );

  test.each(lines)('%s: %s', async (_, line) => {
    expect(await accepts(argumentsIn(line))).toBe(true);
  });

  test('inputs of the action are those that the example gives', () => {
    const example = parse(/```yaml\n(name: envoy.*?)```/s.exec(read('docs/ci.md'))?.[1] ?? '');
    const [, step] = example.jobs.validate.steps;
    const known = Object.keys(parse(read('action.yml')).inputs);
    for (const name of Object.keys(step.with)) expect(known).toContain(name);
  });
});
