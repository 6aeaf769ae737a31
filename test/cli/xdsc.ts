// The program as users run it: bundled from the sources of this moment, in a process of its own, in a folder
// of its own.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { run as runHere } from '../../src/cli/program.js';

/** A cluster with the workload's certificate in files: what convert moves. */
export const CLUSTER = `name: backend
connect_timeout: 1s
tls_context:
  common_tls_context:
    tls_certificates:
    - certificate_chain: {filename: /etc/certs/cert-chain.pem}
      private_key: {filename: /etc/certs/key.pem}
`;

/** The same as JSON. */
export const CLUSTER_JSON = `${JSON.stringify({
  name: 'backend',
  connect_timeout: '1s',
  tls_context: {
    common_tls_context: {
      tls_certificates: [
        {
          certificate_chain: { filename: '/etc/certs/cert-chain.pem' },
          private_key: { filename: '/etc/certs/key.pem' },
        },
      ],
    },
  },
})}\n`;

/** A bootstrap with the cluster, where a static cluster can be added. */
export const BOOTSTRAP = `node: {id: a, cluster: b}\nstatic_resources:\n  clusters:\n  - ${CLUSTER.trim().replaceAll('\n', '\n    ')}\n`;

/** What stands in a text that was converted. */
export const MOVED = 'tls_certificate_sds_secret_configs';

/** How a run ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run has beside its arguments. */
export interface Surroundings {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Run by a user to whom permissions apply, also where the tests run as root. */
  readonly asNobody?: boolean;
}

const NOBODY = 65534;
const project = resolve(import.meta.dirname, '../..');
let program: string;
let folder: string;

/** Bundles the program for a test file, and gives each test an empty folder to run it in. */
export function useProgram(): void {
  beforeAll(() => {
    program = mkdtempSync(join(tmpdir(), 'xdsc-program-'));
    chmodSync(program, 0o755);
    execFileSync(process.execPath, ['scripts/bundle.mjs', join(program, 'dist')], { cwd: project });
    writeFileSync(join(program, 'package.json'), '{"type":"module"}');
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'xdsc-run-'));
    chmodSync(folder, 0o777);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  afterAll(() => rmSync(program, { recursive: true, force: true }));
}

/** A path in the test's folder. */
export function at(path: string): string {
  return join(folder, path);
}

/** Writes files into the test's folder. */
export function put(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  }
}

/** All that is in the test's folder: texts by path, links as `-> target`, empty folders as `/`. */
export function tree(): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (path: string): void => {
    const names = readdirSync(at(path)).sort();
    if (names.length === 0 && path !== '') found[`${path}/`] = '';
    for (const name of names) {
      const inner = path === '' ? name : `${path}/${name}`;
      const stats = lstatSync(at(inner));
      if (stats.isDirectory()) walk(inner);
      else if (stats.isFile() && stats.size < 1 << 20) found[inner] = readFileSync(at(inner), 'utf8');
      else found[inner] = `(${stats.isSymbolicLink() ? 'link' : stats.size})`;
    }
  };
  walk('');
  return found;
}

/** Runs the program in the test's folder. */
export function xdsc(args: readonly string[], surroundings: Surroundings = {}): Ended {
  return run(process.execPath, [...command(), ...args], surroundings);
}

/** Runs the program in this process: a tenth of the time, for tables of options. It sees no standard output. */
export async function xdscHere(args: readonly string[]): Promise<Omit<Ended, 'stdout'>> {
  const home = process.cwd();
  let stderr = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  process.chdir(folder);
  try {
    await runHere([process.execPath, 'xdsc', ...args]);
    return { status: Number(process.exitCode), stderr };
  } finally {
    process.exitCode = 0;
    process.chdir(home);
    spy.mockRestore();
  }
}

/** Runs a line of the shell, in which `"$@"` is the program. */
export function shell(line: string, surroundings: Surroundings = {}): Ended {
  return run('sh', ['-c', line, 'sh', process.execPath, ...command()], surroundings);
}

function command(): string[] {
  return [join(program, 'dist/cli.js')];
}

function run(file: string, args: string[], { input, env, asNobody }: Surroundings): Ended {
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd: folder,
    encoding: 'utf8',
    input: input ?? '',
    // Not the environment of the tests, which may ask for colours.
    env: { PATH: process.env.PATH, ...env },
    timeout: 20_000,
    ...(asNobody === true && process.getuid?.() === 0 && { uid: NOBODY, gid: NOBODY }),
  });
  return { status, stdout, stderr };
}
