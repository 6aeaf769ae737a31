// The order in which findings are told.

import type { Finding } from './finding.js';

/** Findings in the order of files and of the text in them. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => {
    const byFile = compare(a.region?.file ?? '', b.region?.file ?? '');
    return byFile !== 0 ? byFile : (a.region?.start ?? 0) - (b.region?.start ?? 0);
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
