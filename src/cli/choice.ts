// Options that take one of a few words: their help names them, and a misspelt one is told what was meant.

import { InvalidArgumentError, Option } from 'commander';
import { nearName } from '../finding/near-name.js';

/** An option with these values. Where there is only one, the flags name it. */
export function choice(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(
    flags,
    values.length > 1 ? `${description}: ${either(values)}` : description,
  ).argParser((value: string) => {
    if (values.includes(value)) return value;
    // Every version is near to every other.
    const meant = /\d/.test(value) ? undefined : nearName(value, values);
    throw new InvalidArgumentError(
      `Expected ${either(values)}.${meant === undefined ? '' : `\n  did you mean ${meant}?`}`,
    );
  });
  // For completion in shells.
  option.argChoices = [...values];
  return option;
}

function either(values: readonly string[]): string {
  return [values.slice(0, -1).join(', '), values.at(-1)].filter(Boolean).join(' or ');
}
