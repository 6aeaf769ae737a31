// Meanings as plain values, for reports. A secret never appears in one: its digest stands for it.

import { createHash } from 'node:crypto';
import { looksSecret } from './meaning/confidential.js';
import type { Meaning, MessageMeaning, ScalarMeaning } from './meaning/meaning.js';

/** What JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** A meaning as a value, without what is so by default. */
export function plain(meaning: Meaning): Plain {
  switch (meaning.shape) {
    case 'scalar':
      return plainScalar(meaning);
    case 'list':
      return meaning.items.map(plain);
    case 'map':
      return Object.fromEntries([...meaning.members].map(([name, member]) => [name, plain(member)]));
    case 'message':
      return plainMessage(meaning);
  }
}

function plainMessage(message: MessageMeaning): Plain {
  const value: Record<string, Plain> = {};
  for (const name of message.members.keys()) {
    const member = message.get(name);
    if (member !== undefined) value[name] = plain(member);
  }
  return value;
}

function plainScalar({ value, isSecret }: ScalarMeaning): Plain {
  if (value === '' || value === null) return value;
  const hides = isSecret === true || (typeof value === 'string' && looksSecret(value));
  return hides ? `sha256:${createHash('sha256').update(String(value)).digest('hex')}` : value;
}
