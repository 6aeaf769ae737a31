// The edits that mend findings, in the style of the text around them. Where a message is put together by merge
// keys, or shown by aliases in several places, a person has to do it.

import type { Message } from '../envoy/message.js';
import type { Edit } from '../finding/finding.js';
import type { Fragment } from '../source/fragment.js';
import { appendMembers, insertFirstMember, replaceMember } from '../source/map-edit.js';

type Mending = { readonly edits?: readonly Edit[] };

/** Puts another value in the place of a field's. */
export function replacing(message: Message, field: string, value: Fragment): Mending {
  const { tape } = message.reader;
  const key = message.key(field);
  if (!isMendable(message) || key < 0) return {};
  return { edits: [replaceMember(tape, message.node, key, tape.name(key), value)] };
}

/** Puts fields behind the others of a message. */
export function appending(message: Message, fields: { readonly [name: string]: Fragment }): Mending {
  const isFree = Object.keys(fields).every((name) => keyOf(message, name) === undefined);
  if (!isMendable(message) || !isFree) return {};
  return { edits: [appendMembers(message.reader.tape, message.node, fields)] };
}

/** The key of a member, also of one that is null and therefore absent. */
function keyOf(message: Message, name: string): number | undefined {
  const { reader, node } = message;
  const { tape } = reader;
  for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
    if ((reader.field(message.type, key)?.name ?? tape.name(key)) === name) return key;
  }
  return undefined;
}

/** Says that a field of each message has a value: in the place of the one that it has, else before the others. */
export function setting(
  fields: readonly { readonly message: Message; readonly field: string; readonly value: Fragment }[],
): Mending {
  if (!fields.every(({ message }) => isMendable(message))) return {};
  return {
    edits: fields.map(({ message, field, value }) => {
      const { tape } = message.reader;
      const key = keyOf(message, field);
      return key === undefined
        ? insertFirstMember(tape, message.node, field, value)
        : replaceMember(tape, message.node, key, tape.name(key), value);
    }),
  };
}

/** Whether a message stands by itself at one place, and is not empty. */
function isMendable(message: Message): boolean {
  const { tape } = message.reader;
  return (
    tape.aliases.length === 0 && message.unmerged() && (tape.links[message.node] as number) > message.node + 1
  );
}
