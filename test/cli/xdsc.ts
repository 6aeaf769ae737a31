// The command line in this process, in a folder of its own for each test: a hundredth of the time that a process
// takes. What only a process shows, and that the bundle does the same, is tried with program.ts.

import fs, {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { run } from '../../src/cli/program.js';

/** A cluster with the workload's certificate in files: what convert moves. */
export const CLUSTER = `name: backend
connect_timeout: 1s
tls_context:
  common_tls_context:
    tls_certificates:
    - certificate_chain: {filename: /etc/certs/cert-chain.pem}
      private_key: {filename: /etc/certs/key.pem}
`;

/** The same without TLS. */
export const LOOSER = CLUSTER.slice(0, CLUSTER.indexOf('tls_context:'));

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
}

let folder: string;

/** Gives each test an empty folder to run the program in. */
export function useFolder(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'xdsc-run-'));
    chmodSync(folder, 0o777);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
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
export async function xdsc(
  args: readonly string[],
  { input = '', env = {} }: Surroundings = {},
): Promise<Ended> {
  const home = process.cwd();
  let stderr = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  // Not what the environment of the tests says of colors.
  for (const name of ['FORCE_COLOR', 'NO_COLOR']) vi.stubEnv(name, env[name]);
  const streams = redirectStreams(Buffer.from(input));
  process.chdir(folder);
  try {
    await run([process.execPath, 'xdsc', ...args]);
    return { status: Number(process.exitCode ?? 0), stdout: streams.written(), stderr };
  } finally {
    process.exitCode = 0;
    process.chdir(home);
    streams.restore();
    vi.unstubAllEnvs();
    spy.mockRestore();
  }
}

const STDIN = 0;
const STDOUT = 1;

/** Lets what reads standard input read a text, and collects what is written to standard output. */
function redirectStreams(input: Buffer): { readonly written: () => string; readonly restore: () => void } {
  const { readSync, writeSync, fstatSync } = fs;
  const written: Buffer[] = [];
  let at = 0;
  const read = (descriptor: number, bytes: Buffer, offset: number, length: number): number => {
    if (descriptor !== STDIN) return readSync(descriptor, bytes, offset, length, null);
    const count = input.copy(bytes, offset, at, at + length);
    at += count;
    return count;
  };
  const write = (descriptor: number, bytes: Buffer, offset: number): number => {
    if (descriptor !== STDOUT) return writeSync(descriptor, bytes, offset);
    written.push(Buffer.from(bytes.subarray(offset)));
    return bytes.length - offset;
  };
  // A pipe says that it has no size.
  const stat = (descriptor: number): object => (descriptor === STDIN ? { size: 0 } : fstatSync(descriptor));
  const replace = (functions: object): void => {
    Object.assign(fs, functions);
    syncBuiltinESMExports();
  };
  replace({ readSync: read, writeSync: write, fstatSync: stat });
  return {
    written: () => Buffer.concat(written).toString('utf8'),
    restore: () => replace({ readSync, writeSync, fstatSync }),
  };
}
