// One text for one meaning: equal texts are equal in meaning, whatever the order of what has none. Made only
// where items of lists must be found again; what stands at the same place is compared as it is.

import { createHash } from 'node:crypto';
import type { Meaning, MessageMeaning } from './meaning.js';

const texts = new WeakMap<Meaning, string>();

/** The text of a meaning; long ones by digest. */
export function canonical(meaning: Meaning): string {
  const known = texts.get(meaning);
  if (known !== undefined) return known;
  const text = textOf(meaning);
  const short = text.length > 200 ? createHash('sha1').update(text).digest('base64') : text;
  texts.set(meaning, short);
  return short;
}

function textOf(meaning: Meaning): string {
  switch (meaning.shape) {
    case 'scalar':
      return JSON.stringify(meaning.value);
    case 'list': {
      const items = meaning.items.map(canonical);
      return `[${(meaning.order === 'any' ? items.sort() : items).join()}]`;
    }
    case 'map':
      return `{${[...meaning.members]
        .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
        .sort()
        .join()}}`;
    case 'message':
      return `${meaning.type.name}{${membersText(meaning)}}`;
  }
}

function membersText(message: MessageMeaning): string {
  const parts: string[] = [];
  for (const name of message.members.keys()) {
    const value = message.get(name);
    if (value === undefined) continue;
    parts.push(`${name}:${canonical(value)}`);
  }
  return parts.sort().join();
}
