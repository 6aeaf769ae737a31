// Options that may be given again and again, each time with one NAME=VALUE.

import { InvalidArgumentError } from 'commander';

/** Adds a setting to those that were given before. */
export function addSetting(
  text: string,
  settings: { readonly [name: string]: string },
): { readonly [name: string]: string } {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('Expected NAME=VALUE.');
  return { ...settings, [text.slice(0, equals)]: text.slice(equals + 1) };
}
