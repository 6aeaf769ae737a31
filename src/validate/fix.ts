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
    const taken: Edit[] = [];
    for (const edits of byFile.get(name) ?? []) {
      // A second finding about the same text is looked at in the next run.
      if (edits.some((edit) => taken.some((other) => edit.start < other.end && other.start < edit.end)))
        continue;
      taken.push(...edits);
      fixed++;
    }
    return [...applyEdits(text, sortEdits(taken))].join('');
  });
  return { texts, fixed };
}
