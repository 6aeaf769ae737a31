// What a message stands in.

import type { Message } from '../../envoy/message.js';

/** The nearest message around another that is of one of these types. */
export function enclosing(message: Message, types: readonly string[]): Message | undefined {
  for (let at = message.around; at !== undefined; at = at.around) if (types.includes(at.type.name)) return at;
  return undefined;
}
