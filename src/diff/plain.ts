// Meanings as plain values, for reports. What may not be shown never appears in one: its length stands for it.

import { type Shown, shownScalar } from '../disclosure/shown-value.js';
import { shownName } from '../secrecy/quoted.js';
import type { Meaning, MessageMeaning } from './meaning/meaning.js';

/** What JSON can hold. */
export type Plain = Shown;

/** A meaning as a value, without what is so by default. */
export function plain(meaning: Meaning): Plain {
  switch (meaning.shape) {
    case 'scalar':
      return shownScalar(meaning.reader.document, meaning.node, meaning.value);
    case 'list':
      return meaning.items.map(plain);
    case 'map':
      return Object.fromEntries(
        [...meaning.members].map(([name, member]) => [shownName(name), plain(member)]),
      );
    case 'message':
      return plainMessage(meaning);
  }
}

function plainMessage(message: MessageMeaning): Plain {
  const value: Record<string, Plain> = {};
  for (const name of message.members.keys()) {
    const member = message.get(name);
    if (member !== undefined) value[shownName(name)] = plain(member);
  }
  return value;
}
