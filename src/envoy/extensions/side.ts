// On which side of the proxy a message is: the configs of some extensions differ between the two.

import type { Message } from '../message.js';

/** Which end of a connection something is for: `upstream` as a client, `downstream` as a server. */
export type Side = 'upstream' | 'downstream';

/** The side of what is inside of a message, by the full name of its type; undefined where that is open. */
export function sideWithin(type: string): Side | undefined {
  if (/\.(?:FilterChain|Listener)$/.test(type)) return 'downstream';
  return type.endsWith('.Cluster') ? 'upstream' : undefined;
}

/** The side of a message among the types of the messages around it, from the inside out. */
export function sideAmong(types: Iterable<string>): Side {
  for (const type of types) {
    const side = sideWithin(type);
    if (side !== undefined) return side;
  }
  return 'upstream';
}

/** The side of a message. Outside of clusters and listeners it is taken for a client's. */
export function sideOf(message: Message): Side {
  return sideAmong(typesAround(message));
}

function* typesAround(message: Message): Generator<string> {
  for (let at: Message | undefined = message; at !== undefined; at = at.around) yield at.type.name;
}
