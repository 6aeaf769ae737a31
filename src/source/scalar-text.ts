// Scalars as text, so that every reader of JSON and YAML reads the same from it.

import { plainKind } from './plain-kind.js';
import { Kind } from './tape.js';

/** Words of letters, digits and signs that mean nothing in YAML; colons only inside. */
const SAFE = /^[A-Za-z_/][\w/.@|~+=%$-]*(?::[\w/.@|~+=%$-]+)*(?: [\w/.@|~+=%$-]+(?::[\w/.@|~+=%$-]+)*)*$/;
/** What begins with a digit is plain only if no version of YAML sees a number or date in it: `5s`. */
const SAFE_AMOUNT = /^\d+(?:\.\d+)?[A-Za-z]+$/;

/** A scalar as YAML has it, in quotes only where it must be. */
export function yamlScalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const safe = SAFE.test(value) || SAFE_AMOUNT.test(value);
  return safe && plainKind(value) === Kind.String ? value : quoted(value);
}

/** A scalar as JSON has it; YAML reads it too. */
export function jsonScalar(value: string | number | boolean | null): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

/** A string in double quotes, without the characters that JSON allows there and YAML does not. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Characters that YAML does not print, or that some reader takes for a line break. */
const UNFIT = /[^\n\t\x20-\x7e\xa0-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * A string as a literal block of YAML, from its `|` on; undefined where that cannot hold it.
 *
 * @param outer how deep the map or list is indented that it is in
 * @param inner how deep its lines are to be indented
 */
export function literalBlock(
  value: string,
  outer: number,
  inner: number,
  newline: string,
): string | undefined {
  // Spaces on the blank lines before the first line with text would be taken for indentation.
  if (UNFIT.test(value) || /^\n* +\n/.test(value)) return undefined;
  const indicator = /^\n* /.test(value) ? String(inner - outer) : '';
  const breaks = /\n*$/.exec(value)?.[0].length ?? 0;
  const lines = value.slice(0, breaks > 0 ? -1 : undefined).split('\n');
  const indented = lines.map((line) => (line === '' ? '' : ' '.repeat(inner) + line));
  return [`|${indicator}${breaks === 0 ? '-' : breaks > 1 ? '+' : ''}`, ...indented].join(newline);
}
