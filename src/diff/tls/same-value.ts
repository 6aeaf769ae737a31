// Whether two parts of messages say the same, in whatever words.

import { isUtf8 } from 'node:buffer';
import { posix } from 'node:path';
import type { Fragment } from '../../source/fragment.js';
import { TRUST_DOMAINS } from '../../tls/fields.js';

/** Whether two parts of messages say the same, in whatever words. */
export function sameValue(a: Fragment | undefined, b: Fragment | undefined): boolean {
  return a === b || sortedText(a) === sortedText(b);
}

/** Thousands of contexts share a block, which is read once. */
const sortedTexts = new WeakMap<object, string>();

/** One text for one meaning, whatever the order of members. */
export function sortedText(value: Fragment | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  let text = sortedTexts.get(value);
  if (text === undefined) {
    text = sorted(value);
    sortedTexts.set(value, text);
  }
  return text;
}

/** Lists of a known extension whose order means nothing: a SPIFFE validator looks its domain up by name. */
const SETS = new Set([TRUST_DOMAINS]);

function sorted(value: Fragment): string {
  return JSON.stringify(value, (name, part) => {
    if (name === 'filename' && typeof part === 'string') return posix.normalize(part);
    if (Array.isArray(part) && SETS.has(name)) return part.map(sorted).sort();
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(withInlineText(part))
        .filter(([, member]) => !saysNothing(member))
        .sort(([x], [y]) => (x < y ? -1 : 1)),
    );
  });
}

/** Absent, a switch that is off and what is empty are one. A number may be of a wrapper, whose zero says something. */
function saysNothing(value: Fragment): boolean {
  return value === false || value === '' || (Array.isArray(value) && value.length === 0);
}

type Fields = { readonly [name: string]: Fragment };

/** What is inline is the same as text and as bytes. */
function withInlineText(part: Fields): Fields {
  const { inline_bytes: encoded, ...others } = part;
  if (typeof encoded !== 'string') return part;
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes)
    ? { ...others, inline_string: bytes.toString() }
    : { ...others, inline_bytes: bytes.toString('base64') };
}
