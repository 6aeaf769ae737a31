// The order in which findings are told.

import type { Finding } from './finding.js';

/** Findings in the order of files and of the text in them; what is said of one place in the same words only once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  const once = findings.filter(({ code, message, region }) => {
    const key = `${region?.file}\n${region?.start}\n${code}\n${message}`;
    return !seen.has(key) && seen.add(key);
  });
  return once.sort((a, b) => {
    const byFile = compare(a.region?.file ?? '', b.region?.file ?? '');
    return byFile !== 0 ? byFile : (a.region?.start ?? 0) - (b.region?.start ?? 0);
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
