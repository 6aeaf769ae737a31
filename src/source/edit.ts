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

/**
 * Finds where an offset of the edited text was in the text before; inside of what an edit put in, where the
 * edit begins.
 *
 * @param edits in the order of the text
 */
export function offsetBefore(edits: readonly Edit[]): (after: number) => number {
  // For each edit, where it begins and ends afterwards.
  const starts = new Float64Array(edits.length);
  let shift = 0;
  edits.forEach((edit, i) => {
    starts[i] = edit.start + shift;
    shift += edit.text.length - (edit.end - edit.start);
  });
  return (after) => {
    let low = 0;
    let high = edits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= after) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return after;
    const edit = edits[low - 1] as Edit;
    const into = after - (starts[low - 1] as number);
    return into < edit.text.length ? edit.start : edit.end + into - edit.text.length;
  };
}

/** How many bytes longer the text becomes, in UTF-8. */
export function byteGrowth(text: string, edits: readonly Edit[]): number {
  let sum = 0;
  for (const edit of edits)
    sum += Buffer.byteLength(edit.text) - Buffer.byteLength(text.slice(edit.start, edit.end));
  return sum;
}
