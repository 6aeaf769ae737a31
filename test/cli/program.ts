// The program as users run it: bundled from the sources of this moment, in a process of its own. That takes a
// tenth of a second a run; what needs no process is tried with xdsc.ts.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { at, type Ended, type Surroundings, useFolder } from './xdsc.js';

/** What a process has beside its arguments. */
export interface ProcessSurroundings extends Surroundings {
  /** Run by a user to whom permissions apply, also where the tests run as root. */
  readonly asNobody?: boolean;
}

const NOBODY = 65534;
const project = resolve(import.meta.dirname, '../..');
let bundle: string;

/** Bundles the program for a test file, and gives each test an empty folder to run it in. */
export function useProgram(): void {
  useFolder();
  beforeAll(() => {
    bundle = mkdtempSync(join(tmpdir(), 'xdsc-program-'));
    chmodSync(bundle, 0o755);
    execFileSync(process.execPath, ['scripts/bundle.mjs', join(bundle, 'dist')], { cwd: project });
    writeFileSync(join(bundle, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rmSync(bundle, { recursive: true, force: true }));
}

/** Runs the program in the test's folder. */
export function program(args: readonly string[], surroundings: ProcessSurroundings = {}): Ended {
  return run(process.execPath, [...command(), ...args], surroundings);
}

/** Runs a line of the shell, in which `"$@"` is the program. */
export function shell(line: string, surroundings: ProcessSurroundings = {}): Ended {
  return run('sh', ['-c', line, 'sh', process.execPath, ...command()], surroundings);
}

/** A program that goes on until it is ended. */
export class Running {
  /** What it said so far on standard error. */
  stderr = '';
  /** The exit status; null where a signal ended it. */
  readonly ended: Promise<number | null>;

  private constructor(readonly child: ChildProcess) {
    this.ended = new Promise((done) => child.once('close', (code) => done(code)));
    child.stderr?.on('data', (bytes: Buffer) => {
      this.stderr += bytes.toString();
    });
  }

  /** Starts the program in the test's folder. */
  static start(args: readonly string[]): Running {
    return new Running(
      spawn(process.execPath, [...command(), ...args], {
        cwd: at('.'),
        env: { PATH: process.env.PATH },
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    );
  }

  /** Waits until it said something. */
  async said(text: string | RegExp): Promise<void> {
    const matches = (): boolean =>
      typeof text === 'string' ? this.stderr.includes(text) : text.test(this.stderr);
    await vi.waitFor(
      () => {
        if (!matches()) throw new Error(`not said: ${text}\n${this.stderr}`);
      },
      { timeout: 15_000, interval: 20 },
    );
  }

  /** Sends a signal, and waits until the program ended. */
  end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** The program, for those who start a process of their own with it. */
export function command(): string[] {
  return [join(bundle, 'dist/cli.js')];
}

function run(file: string, args: string[], { input, env, asNobody }: ProcessSurroundings): Ended {
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd: at('.'),
    encoding: 'utf8',
    input: input ?? '',
    // Not the environment of the tests, which may ask for colors.
    env: { PATH: process.env.PATH, ...env },
    timeout: 20_000,
    // The schema of Bootstrap is 2 MB.
    maxBuffer: 64 << 20,
    ...(asNobody === true && process.getuid?.() === 0 && { uid: NOBODY, gid: NOBODY }),
  });
  return { status, stdout, stderr };
}
