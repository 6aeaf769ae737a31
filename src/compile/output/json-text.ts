// Compiled resources as indented JSON. What many resources share is one object, by identity, and is turned
// into text once: most of a mesh's configuration is the same SDS block and the same access log.

import { oncePer } from '../../collections/once-per.js';
import { SECRET_FIELDS } from '../../tls/write.js';

/** Members whose values are shared between resources. */
const SHARED: ReadonlySet<string> = new Set(['access_log', 'circuit_breakers', ...SECRET_FIELDS]);

/** Texts of shared values, by how far they are indented. */
const textsOf = oncePer((_value: object): string[] => []);

/**
 * The text of a value, as `JSON.stringify(value, null, 1)` has it with all lines but the first indented.
 *
 * @param depth by how many spaces
 * @param first a member, written already, that an object begins with
 */
export function jsonText(value: unknown, depth: number, first = ''): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = depth + 1;
  const line = linePad(inner);
  if (Array.isArray(value)) {
    let text = '';
    for (const item of value) text += `${text === '' ? '' : ','}${line}${jsonText(item ?? null, inner)}`;
    return text === '' ? '[]' : `[${text}${linePad(depth)}]`;
  }
  let text = first === '' ? '' : `${line}${first}`;
  const keys = keysAt(inner);
  const fields = value as { readonly [name: string]: unknown };
  for (const name in fields) {
    const field = fields[name];
    if (field === undefined) continue;
    let key = keys.get(name);
    if (key === undefined) {
      key = flat(`${line}${quoted(name)}: `);
      // Names of fields are few; those of maps may be many.
      if (keys.size < MOST_KEYS) keys.set(name, key);
    }
    const written =
      field !== null && typeof field === 'object' && SHARED.has(name)
        ? sharedText(field, inner)
        : jsonText(field, inner);
    text += text === '' ? key + written : `,${key}${written}`;
  }
  return text === '' ? '{}' : `{${text}${linePad(depth)}}`;
}

const MOST_KEYS = 1000;

const keyTexts: Map<string, string>[] = [];

/** What is before the value of a member, by its name, at a depth. */
function keysAt(depth: number): Map<string, string> {
  keyTexts[depth] ??= new Map();
  return keyTexts[depth];
}

function sharedText(value: object, depth: number): string {
  const known = textsOf(value);
  known[depth] ??= flat(jsonText(value, depth));
  return known[depth];
}

/** The same text in one piece: what `+` puts together is a tree, to be walked again by all who copy it. */
export function flat(text: string): string {
  return Buffer.from(text).toString();
}

const pads: string[] = [];

/** A line break and an indentation. */
export function linePad(depth: number): string {
  pads[depth] ??= `\n${' '.repeat(depth)}`;
  return pads[depth];
}

/** Characters that JSON writes otherwise, and halves of characters, which it escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;

function quoted(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`;
}
