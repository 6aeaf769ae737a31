// Findings as lines of text: `file:line:column: level: message [code]`, which editors and terminals link, and
// below it what helps to mend it.

import type { Finding } from '../finding/finding.js';
import { visible } from '../secrecy/visible.js';
import { shownFinding } from './shown-finding.js';

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

/**
 * One finding, on as many lines as it needs.
 *
 * @param frame lines that show its place, without a line break at the end
 */
export function findingText(finding: Finding, paint: Paint, frame?: string): string {
  const { region, level, message, code, suggestion, expected, remedy, path } = shownFinding(finding);
  const place =
    region === undefined
      ? ''
      : `${paint.strong(`${visible(region.file)}:${region.line}:${region.column}`)}: `;
  const word = level === 'error' ? paint.error(level) : level === 'warning' ? paint.warning(level) : level;
  const lines = [`${place}${word}: ${message} ${paint.faint(`[${code}]`)}`];
  if (frame !== undefined) lines.push(frame);
  if (path !== undefined && path !== '') lines.push(`  at ${path}`);
  if (suggestion !== undefined) lines.push(`  did you mean ${paint.good(suggestion)}?`);
  else if (expected !== undefined) lines.push(`  expected ${expected}`);
  if (remedy !== undefined) lines.push(`  ${remedy}`);
  return lines.join('\n');
}
