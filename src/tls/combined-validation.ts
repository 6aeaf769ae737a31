// A combined validation context: what the context says by default, with what a secret delivers.

import type { Fragment } from '../source/fragment.js';
import { TRUSTED_CA } from './fields.js';
import type { Validation } from './settings.js';

/**
 * How peers are checked once SDS has delivered a Secret's validation context: Envoy merges it into the default,
 * so that what is there once is the Secret's, and lists are the default's with the Secret's after them.
 *
 * @param validation a context's, with a root from SDS
 * @param delivered the Secret's
 */
export function withDelivered(validation: Validation, delivered: Validation): Validation {
  const { [TRUSTED_CA]: ownRoot, ...own } = fieldsOf(validation.rest);
  const rest = merged(own, fieldsOf(delivered.rest));
  if (delivered.root !== undefined) return { root: validation.root, rest };
  // The root of the default stays where the Secret brings none.
  return ownRoot === undefined
    ? { root: undefined, rest }
    : { root: validation.root, rest: { ...rest, [TRUSTED_CA]: ownRoot } };
}

type Fields = { readonly [name: string]: Fragment };

function fieldsOf(value: Fragment | undefined): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function merged(own: Fields, delivered: Fields): Fields {
  const all: { [name: string]: Fragment } = { ...own };
  for (const [name, value] of Object.entries(delivered)) {
    const before = own[name];
    all[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
  return all;
}
