// Completion scripts, tried in the shells that are here: what they offer for a line.

import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { at, put, useFolder, xdsc } from './xdsc.js';

useFolder();

/** Runs lines of a shell behind the script that the program prints for it. */
async function inShell(shell: string, lines: string): Promise<string> {
  const { stdout, status } = await xdsc(['completion', shell]);
  expect(status).toBe(0);
  put({ script: stdout });
  const flags = shell === 'zsh' ? ['-f'] : shell === 'fish' ? ['--no-config'] : ['--norc', '-e'];
  const run = spawnSync(shell, [...flags, '-c', lines], {
    cwd: at('.'),
    encoding: 'utf8',
    env: { ...process.env, HOME: at('.') },
  });
  expect(run.stderr).toBe('');
  return run.stdout;
}

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

describe.skipIf(!has('bash'))('bash', () => {
  /** What is offered for the last of some words. */
  async function offered(...words: string[]): Promise<string[]> {
    const line = words.map((word) => `'${word}'`).join(' ');
    const lines = `. ./script; COMP_WORDS=(xdsc ${line}); COMP_CWORD=${words.length}; _xdsc || true; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await inShell('bash', lines)).split('\n').filter((one) => one !== '');
  }

  test('completes commands', async () => {
    expect(await offered('con')).toEqual(['convert']);
    expect(await offered('policy', 't')).toEqual(['test']);
  });

  test('completes options, and their values', async () => {
    expect(await offered('validate', '--fo')).toEqual(['--forbid', '--format']);
    expect(await offered('validate', '--api', '')).toEqual(['v2', 'v3', 'auto']);
  });

  test('leaves files to the shell', async () => {
    expect(await offered('validate', '--config', '')).toEqual([]);
  });
});

describe.skipIf(!has('zsh'))('zsh', () => {
  /** What is passed to the functions of zsh that offer. */
  function offered(words: string): Promise<string> {
    return inShell(
      'zsh',
      `compdef() { : }; _describe() { print -l -- $commands }; _arguments() { print -l -- "$@" }; . ./script; words=(xdsc ${words}); CURRENT=$(( $#words + 1 )); _xdsc`,
    );
  }

  test('completes commands', async () => {
    expect(await offered('')).toContain('\nvalidate:Check Envoy, Kubernetes and Istio configuration');
  });

  test('completes options, and their values', async () => {
    const lines = (await offered('validate')).split('\n');
    expect(lines.filter((line) => line.startsWith('--api['))).toEqual([
      expect.stringMatching(/:value:\(v2 v3 auto\)$/),
    ]);
    expect(lines.filter((line) => line.startsWith('--config['))).toEqual([
      expect.stringMatching(/:value:_files$/),
    ]);
    expect(lines).toContain('*:file:_files');
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  /** What is offered for a line. */
  async function offered(line: string): Promise<string[]> {
    const text = await inShell('fish', `source script; complete -C '${line}'`);
    return text.split('\n').map((one) => one.split('\t')[0] as string);
  }

  test('completes commands', async () => {
    expect(await offered('xdsc con')).toContain('convert');
  });

  test('completes options, and their values', async () => {
    expect(await offered('xdsc validate --form')).toContain('--format');
    expect(await offered('xdsc validate --api ')).toEqual(expect.arrayContaining(['v2', 'v3', 'auto']));
  });
});

test('an unknown shell is a usage error', async () => {
  const { status, stderr } = await xdsc(['completion', 'tcsh']);
  expect(stderr).toContain('tcsh');
  expect(status).toBe(2);
});
