// What is said of a run's findings.

import type { Finding } from '../finding/finding.js';
import { sortFindings } from '../finding/sort.js';
import { findingText } from '../report/finding-text.js';
import { statusOf } from './exit.js';
import { paintFor, say } from './terminal.js';

/** Says what was found, and gives the status that follows from it: where it is not done, nothing is written. */
export function tell(findings: readonly Finding[]): number {
  const paint = paintFor(process.stderr);
  for (const finding of sortFindings(findings)) say(`${findingText(finding, paint)}\n`);
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (errors > 0)
    say(`${paint.error(`${errors} ${errors === 1 ? 'error' : 'errors'}`)}: nothing was written\n`);
  return statusOf(findings);
}
