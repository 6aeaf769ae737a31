// `--envoy` and `envoy:` of the project file: the version of Envoy that a run is for.

import { NEWEST_ENVOY } from '../envoy/snapshot.js';
import { type EnvoyTarget, readTarget } from '../envoy/versions/target.js';
import type { Versions } from '../envoy/versions/versions.js';
import { Failure } from './exit.js';

/** The target that a text names; undefined for none. */
export function targetNamed(text: string | undefined): EnvoyTarget | undefined {
  if (text === undefined) return undefined;
  const target = readTarget(text, NEWEST_ENVOY);
  if (typeof target === 'string') throw new Failure(`--envoy: ${target}`);
  return target;
}

/** What the named version says of what a configuration uses; loads the history only where one is named. */
export async function versionsFor(text: string | undefined): Promise<Versions | undefined> {
  const target = targetNamed(text);
  if (target === undefined) return undefined;
  const { versionsOf } = await import('../envoy/versions/of-target.js');
  return versionsOf(target);
}
