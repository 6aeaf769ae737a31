// The value of a node that is neither a map nor a list.

import { isTrue } from './plain-kind.js';
import { Kind, type Tape } from './tape.js';

/** A number whose digits would not survive, as those of many 64-bit integers, stays a string. */
export function scalarValue(tape: Tape, node: number): null | boolean | number | string {
  switch (tape.kind(node)) {
    case Kind.Null:
      return null;
    case Kind.Bool:
      return isTrue(tape.string(node));
    case Kind.Number: {
      const text = tape.string(node);
      const number = Number(text);
      return String(number) === text ? number : text;
    }
    default:
      return tape.string(node);
  }
}
