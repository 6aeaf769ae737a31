// The lifetime of an element of the API, in words: for `xdsc explain`.

import { isIn, type Lifetime, lastOf, OLDEST_ENVOY, sinceOf } from './history.js';
import type { EnvoyTarget } from './target.js';

/** Since when, until when, and since when it is deprecated. With a target, also whether that has it. */
export function lifetimeWords(life: Lifetime, target: EnvoyTarget | undefined): string {
  const since = sinceOf(life);
  const last = lastOf(life);
  const words = [
    since === undefined ? `since 1.${OLDEST_ENVOY} or before` : `since 1.${since}`,
    ...(last === undefined ? [] : [`until 1.${last}`]),
    ...(life.contrib.length === 0 ? [] : ['in contrib builds only']),
    ...firstOf('deprecated', life.deprecated),
    ...firstOf('refused by default', life.disallowed),
  ].join(', ');
  if (target === undefined) return words;
  return `${words}; ${target.name} ${isIn(life.present, target.minor) ? 'has it' : 'does not have it'}`;
}

function firstOf(what: string, ranges: Lifetime['deprecated']): string[] {
  const first = ranges.at(-1)?.first;
  return first === undefined ? [] : [`${what} since 1.${first}`];
}
