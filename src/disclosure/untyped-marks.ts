// Values whose type is not known: Structs, unknown extensions and fields, values of a wrong kind. Their keys
// and structure are shown, and switches and short numbers; no text.

import { mayNameSecret } from '../secrecy/secret-names.js';
import { Kind } from '../source/tape.js';
import type { Marks } from './marks.js';

/** Longer numbers may be account numbers, or secrets in decimal. */
const NUMBER_LENGTH = 8;
const TYPE_URL = /^[\w.-]+\/(?:envoy|google|istio|udpa|xds)(?:\.\w+)+$/;

/**
 * Marks what is at and below a node.
 *
 * @param name the key that it stands under, which may tell a secret
 * @param except maps that are left to others
 */
export function markUntyped(marks: Marks, at: number, name: string, except?: ReadonlySet<number>): void {
  const { tape } = marks;
  const node = tape.resolve(at);
  if (except?.has(node)) return;
  switch (tape.kind(node)) {
    case Kind.Map:
      for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
        const inner = tape.name(key);
        marks.key(key);
        markUntyped(marks, key + 1, mayNameSecret(name) && name !== '' ? name : inner, except);
      }
      return;
    case Kind.List:
      for (let item = node + 1; item < (tape.links[node] as number); item = tape.next(item))
        markUntyped(marks, item, name, except);
      return;
    case Kind.String:
      marks.mark(node, name === '@type' && TYPE_URL.test(tape.string(node)));
      return;
    case Kind.Number:
      marks.mark(node, !mayNameSecret(name) && tape.string(node).length <= NUMBER_LENGTH);
      return;
    default:
      marks.mark(node, !mayNameSecret(name));
  }
}
