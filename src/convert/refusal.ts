// What convert refuses to write: edits among line ends that it cannot keep, and results that do not read back.

import type { Finding } from '../finding/finding.js';
import type { Document } from '../source/document.js';
import { type Edit, sortEdits } from '../source/edit.js';
import { unfitLineEnds } from '../source/line-ends.js';
import { misread } from '../source/reread.js';

/** Why edits of a document must not be made, as an error finding at their place; undefined where they may. */
export function unfitEdits(document: Document, edits: readonly Edit[]): Finding | undefined {
  if (edits.length === 0) return undefined;
  const { source } = document;
  const lineEnds = unfitLineEnds(source);
  if (lineEnds !== undefined) return lineEnds;
  const offset = misread(document, sortEdits(edits));
  if (offset === undefined) return undefined;
  return {
    code: 'not-rewritable',
    level: 'error',
    message: 'what would be written here cannot be read back, so the file cannot be edited in place',
    expected: 'a text that is laid out in a usual way',
    remedy: 'reformat this part, or convert the file to JSON first',
    region: source.region(offset, offset),
  };
}
