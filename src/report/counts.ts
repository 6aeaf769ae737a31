// How many findings there are of each level, as reports say it.

import type { Finding, Level } from '../finding/finding.js';
import { plural } from '../finding/plural.js';

/** From the gravest on. */
export const LEVELS: readonly Level[] = ['error', 'warning', 'note'];

/** How many findings there are of each level. */
export function countLevels(findings: readonly Finding[]): Record<Level, number> {
  const counts: Record<Level, number> = { error: 0, warning: 0, note: 0 };
  for (const { level } of findings) counts[level]++;
  return counts;
}

/** As in `2 errors, 1 warning`; `no findings` where there are none. */
export function countsText(findings: readonly Finding[]): string {
  const counts = countLevels(findings);
  const parts = LEVELS.filter((level) => counts[level] > 0).map((level) => plural(counts[level], level));
  return parts.join(', ') || 'no findings';
}

/** Whether a level is as grave as another or graver. */
export function isAtLeast(level: Level, bound: Level | 'never'): boolean {
  return bound !== 'never' && LEVELS.indexOf(level) <= LEVELS.indexOf(bound);
}
