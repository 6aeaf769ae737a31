// A meaning as a plain fragment of configuration, for what is compared as such.

import type { Fragment } from '../../source/fragment.js';
import type { Meaning } from './meaning.js';

/** A message as a plain value by field name; undefined for what is no message. */
export function plainFragment(meaning: Meaning | undefined): Fragment | undefined {
  return meaning?.shape === 'message' ? (meaning.message.toValue() as Fragment) : undefined;
}
