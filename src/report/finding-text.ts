// Findings as lines of text: `file:line:column: level: message [code]`, which editors and terminals link, and
// below it what helps to mend it.

import type { Finding } from '../finding/finding.js';

/** Paints words; the plain one paints nothing. */
export interface Paint {
  error(text: string): string;
  warning(text: string): string;
  good(text: string): string;
  faint(text: string): string;
  strong(text: string): string;
}

const same = (text: string): string => text;

/** For output that is no terminal. */
export const PLAIN: Paint = { error: same, warning: same, good: same, faint: same, strong: same };

/** One finding, on as many lines as it needs. */
export function findingText(finding: Finding, paint: Paint): string {
  const { region, level, message, code, suggestion, expected, remedy, path } = finding;
  const place =
    region === undefined ? '' : `${paint.strong(`${region.file}:${region.line}:${region.column}`)}: `;
  const word = level === 'error' ? paint.error(level) : level === 'warning' ? paint.warning(level) : level;
  const lines = [`${place}${word}: ${message} ${paint.faint(`[${code}]`)}`];
  if (path !== undefined && path !== '') lines.push(`  at ${path}`);
  if (suggestion !== undefined) lines.push(`  did you mean ${paint.good(suggestion)}?`);
  else if (expected !== undefined) lines.push(`  expected ${expected}`);
  if (remedy !== undefined) lines.push(`  ${remedy}`);
  return lines.join('\n');
}

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
