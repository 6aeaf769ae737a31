// What is said of a run's findings.

import type { Finding } from '../finding/finding.js';
import { plural } from '../finding/plural.js';
import { sortFindings } from '../finding/sort.js';
import { findingText } from '../report/finding-text.js';
import { statusOf } from './exit.js';
import { paintFor, say } from './terminal.js';

/** How many findings of one code and level are shown: enough to see what they have in common. */
const SHOWN_ALIKE = 10;

/** Says what was found, and gives the status that follows from it: where it is not done, nothing is written. */
export function tell(findings: readonly Finding[]): number {
  list(findings);
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (errors > 0) say(`${paintFor(process.stderr).error(plural(errors, 'error'))}: nothing was written\n`);
  return statusOf(findings);
}

/** Says what was found; of many alike the first ones, and how many more there are. */
export function list(findings: readonly Finding[]): void {
  const paint = paintFor(process.stderr);
  const alike = new Map<string, { readonly first: Finding; count: number }>();
  for (const finding of sortFindings(findings)) {
    const { code, level } = finding;
    const seen = alike.get(`${level} ${code}`) ?? { first: finding, count: 0 };
    alike.set(`${level} ${code}`, seen);
    if (++seen.count <= SHOWN_ALIKE) say(`${findingText(finding, paint)}\n`);
  }
  for (const { first, count } of alike.values())
    if (count > SHOWN_ALIKE)
      say(`${paint.faint(`… and ${plural(count - SHOWN_ALIKE, `more ${first.level}`)} of ${first.code}`)}\n`);
}
