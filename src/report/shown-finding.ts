// A finding as reports show it: its texts are bounded, nothing in them acts on what shows them, and nothing in
// them looks like a secret. Messages are written so already; this holds for those that forgot.

import type { Edit, Finding } from '../finding/finding.js';
import { bounded } from '../secrecy/quoted.js';
import { visible } from '../secrecy/visible.js';

/** What of a finding may be shown. */
export function shownFinding(finding: Finding): Finding {
  const { message, expected, suggestion, remedy, path, edits, ...others } = finding;
  return {
    ...others,
    message: bounded(message),
    ...(expected !== undefined && { expected: bounded(expected) }),
    ...(suggestion !== undefined && { suggestion: visible(bounded(suggestion)) }),
    ...(remedy !== undefined && { remedy: bounded(remedy) }),
    ...(path !== undefined && { path: visible(bounded(path)) }),
    ...(edits?.every(isSmall) && { edits }),
  };
}

/** Edits put names and settings into a text; a larger one writes a whole text inside a string anew, with all its values. */
function isSmall({ start, end, text }: Edit): boolean {
  return (
    end - start <= 120 &&
    text.length <= 400 &&
    bounded(text.replaceAll('\n', ' ')) === text.replaceAll('\n', ' ')
  );
}
