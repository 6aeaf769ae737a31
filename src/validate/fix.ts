// Mends findings: the edits that they bring, as far as they do not overlap.

import { addToGroup } from '../collections/grouped.js';
import type { Finding } from '../finding/finding.js';
import { applyEdits, type Edit, sortEdits } from '../source/edit.js';

/** Texts with what could be mended, in their order, and how many findings that were. */
export interface Fixed {
  readonly texts: readonly string[];
  readonly fixed: number;
}

/** Applies the edits of findings to the files that they are about. */
export function applyFixes(
  files: readonly { readonly name: string; readonly text: string }[],
  findings: readonly Finding[],
): Fixed {
  const byFile = new Map<string, (readonly Edit[])[]>();
  for (const { edits, region } of findings) {
    if (edits === undefined || region === undefined) continue;
    addToGroup(byFile, region.file, edits);
  }
  let fixed = 0;
  const texts = files.map(({ name, text }) => {
    const { edits, count } = compatible(byFile.get(name) ?? []);
    fixed += count;
    return [...applyEdits(text, edits)].join('');
  });
  return { texts, fixed };
}

/** Of the edits of several findings those that do not overlap, in the order of the text, and of how many findings they are. */
export function compatible(groups: readonly (readonly Edit[])[]): {
  readonly edits: readonly Edit[];
  readonly count: number;
} {
  const taken: Edit[] = [];
  let count = 0;
  for (const edits of groups) {
    // A second finding about the same text is looked at in the next run.
    if (edits.some((edit) => taken.some((other) => edit.start < other.end && other.start < edit.end)))
      continue;
    taken.push(...edits);
    count++;
  }
  return { edits: sortEdits(taken), count };
}
