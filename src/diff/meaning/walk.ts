// Visiting what is below a meaning.

import type { Meaning } from './meaning.js';

/** Visits a meaning and what is below it, until the visitor says not to go on. */
export function walk(meaning: Meaning | undefined, visit: (meaning: Meaning) => boolean): void {
  if (meaning === undefined || !visit(meaning)) return;
  if (meaning.shape === 'list') for (const item of meaning.items) walk(item, visit);
  else if (meaning.shape === 'map') for (const member of meaning.members.values()) walk(member, visit);
  else if (meaning.shape === 'message')
    for (const name of meaning.members.keys()) walk(meaning.get(name), visit);
}
