// What is written alike means the same: most of two configurations needs no more than a look at the text.

import type { MessageReader } from '../../envoy/message-reader.js';
import { Style } from '../../source/tape.js';

interface Place {
  readonly reader: MessageReader;
  readonly node: number;
}

/** Whether two places hold the same text, and that text cannot mean two things. */
export function sameText(a: Place, b: Place): boolean {
  const [one, other] = [a.reader.tape, b.reader.tape];
  const start = one.start(a.node);
  const from = other.start(b.node);
  const length = one.end(a.node) - start;
  if (other.end(b.node) - from !== length) return false;
  // An alias means what its anchor says, and that stands elsewhere.
  if (one.isOverridden || other.isOverridden) return false;
  if (one.aliases.length > 0 || other.aliases.length > 0) return false;
  if (a.reader.document.format !== b.reader.document.format) return false;
  if (one.kind(a.node) !== other.kind(b.node)) return false;
  // Earlier copies of it stand elsewhere.
  if (one.has(a.node, Style.Scattered) || other.has(b.node, Style.Scattered)) return false;
  // The same lines of a block may belong elsewhere at another depth.
  if (one.has(a.node, Style.Block) && column(one.text, start) !== column(other.text, from)) return false;
  return one.text.slice(start, start + length) === other.text.slice(from, from + length);
}

function column(text: string, offset: number): number {
  return offset - text.lastIndexOf('\n', offset - 1);
}
