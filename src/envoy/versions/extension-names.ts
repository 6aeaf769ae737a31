// The extensions that the newest Envoy registers: their names, and the messages of their configurations. From a
// table that `npm run generate` takes from proto/history/extensions.txt.

import table from '../generated/extension-names.data.js';

/** The messages that configure the extension of a registered name; empty where none is known. */
export function configurationsOf(name: string): readonly string[] {
  const line = table.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? [] : line.split(' ').slice(1);
}

/** The registered names, in the order of the alphabet. */
export function registeredNames(): readonly string[] {
  return table.split('\n').map((line) => line.split(' ')[0] as string);
}
