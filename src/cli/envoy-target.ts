// `--envoy` and `envoy:` of the project file: the version of Envoy that a run is for.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { NEWEST_ENVOY } from '../envoy/snapshot.js';
import { type EnvoyTarget, readTarget } from '../envoy/versions/target.js';
import type { Versions } from '../envoy/versions/versions.js';
import { quoted } from '../secrecy/quoted.js';
import { Failure } from './exit.js';

/** The target that a text names; undefined for none. */
export function targetNamed(text: string | undefined): EnvoyTarget | undefined {
  if (text === undefined) return undefined;
  const target = readTarget(text, NEWEST_ENVOY);
  if (typeof target === 'string') throw new Failure(`--envoy: ${target}`);
  return target;
}

/** What an Envoy binary says of what a configuration uses: exactly what it was built with. */
export async function versionsOfFile(path: string): Promise<Versions> {
  const { readBinaryApi } = await import('../envoy/versions/binary.js');
  const { versionsOfBinary } = await import('../envoy/versions/of-binary.js');
  const api = readBinaryApi(readBinary(path));
  if (!api.has('envoy.config.bootstrap.v3.Bootstrap'))
    throw new Failure(`--envoy-binary: ${quoted(path)} does not contain the API of an Envoy`);
  return versionsOfBinary(api, basename(path));
}

function readBinary(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure(
      `--envoy-binary: ${quoted(path)} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    );
  }
}

/** What the named version says of what a configuration uses; loads the history only where one is named. */
export async function versionsFor(text: string | undefined): Promise<Versions | undefined> {
  const target = targetNamed(text);
  if (target === undefined) return undefined;
  const { versionsOf } = await import('../envoy/versions/of-target.js');
  return versionsOf(target);
}
