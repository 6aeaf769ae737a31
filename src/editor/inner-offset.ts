// An offset of a file as one of a text inside it, as of a ConfigMap's value.

import type { Source } from '../source/document.js';

/** The offset in a text that may be inside a string of another one; undefined where the offset is outside of that. */
export function innerOffset(source: Source, offset: number): number | undefined {
  const { embedding, text } = source;
  if (embedding === undefined) return offset;
  const outer = innerOffset(embedding.document.source, offset);
  if (outer === undefined) return undefined;
  // What stands in base64 has no place of its own for its parts.
  const { tape } = embedding.document;
  const [start, end] = [embedding.outerOffset(0), embedding.outerOffset(text.length)];
  if (start === end || outer < tape.start(embedding.node) || outer > tape.end(embedding.node))
    return undefined;
  // The first place in the text that is not before the offset: the end of a line comes before its line break.
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (embedding.outerOffset(middle) < outer) low = middle + 1;
    else high = middle;
  }
  return low;
}
