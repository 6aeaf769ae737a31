// Edits: what convert, upgrade and --fix return instead of a printed document. Everything outside of them
// stays as it was, byte for byte.

import type { Edit } from '../finding/finding.js';

export type { Edit } from '../finding/finding.js';

/** Brings edits into the order of the text. Two edits at the same place keep their order. */
export function sortEdits(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/**
 * Applies edits to a text and yields the result in chunks, so that it may be longer than a string can be.
 *
 * @param edits in the order of the text; overlapping ones are a bug and throw
 */
export function* applyEdits(text: string, edits: readonly Edit[]): Generator<string> {
  let position = 0;
  for (const edit of edits) {
    if (edit.start < position) throw new Error(`edits overlap at offset ${edit.start}`);
    if (edit.start > position) yield text.slice(position, edit.start);
    if (edit.text !== '') yield edit.text;
    position = edit.end;
  }
  if (position < text.length) yield text.slice(position);
}

/** How many bytes longer the text becomes, in UTF-8. */
export function byteGrowth(text: string, edits: readonly Edit[]): number {
  let sum = 0;
  for (const edit of edits)
    sum += Buffer.byteLength(edit.text) - Buffer.byteLength(text.slice(edit.start, edit.end));
  return sum;
}
