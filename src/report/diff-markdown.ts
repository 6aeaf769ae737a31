// What a comparison found as a comment on a pull request: the verdict with what it rests on, and behind a fold
// for each resource the rest.

import type { DiffResult } from '../diff/diff.js';
import type { Change } from '../diff/tls/change.js';
import { resourceText, verdictText } from '../diff/verdict.js';
import { plural } from '../finding/plural.js';
import { authorizationText, diffCountsText } from './diff-counts.js';
import { type ChangeGroup, groupsOf } from './diff-groups.js';
import { groupLines } from './diff-text.js';
import { PLAIN } from './finding-text.js';
import { COMMENT_LIMIT, codeSpan, escaped } from './markdown-text.js';

/** How many reasons the table above the folds names. */
const REASONS_SHOWN = 30;
/** Folds of up to this many lines are open. */
const OPEN_LINES = 12;

/** The report as Markdown, never longer than a comment may be. */
export function diffMarkdown(result: DiffResult): string {
  const { verdict } = result;
  const lines = [`### xdsc diff: ${verdictText(verdict)}`, '', `${escaped(diffCountsText(result))}.`];
  const authorized = authorizationText(result);
  if (authorized !== undefined) lines.push('', `${authorized}.`);
  if (verdict.reasons.length > 0) {
    const rows = verdict.reasons.slice(0, REASONS_SHOWN).map(rowOf);
    const shown = fitting(rows, COMMENT_LIMIT / 2);
    lines.push('', '| class | resource | what changed |', '|---|---|---|', ...shown);
    const more = verdict.reasons.length - shown.length;
    if (more > 0) lines.push(`| | | … and ${more} more |`);
  }
  const assumed = verdict.assumptions.map((assumption) => `\nAssumed: ${escaped(assumption)}.`);
  const shown = fitting(assumed, COMMENT_LIMIT / 4);
  lines.push(...shown);
  if (shown.length < assumed.length) lines.push('', `… and ${assumed.length - shown.length} more assumed.`);
  const groups = groupsOf(result.changes);
  let length = lines.join('\n').length;
  for (const [i, group] of groups.entries()) {
    const fold = foldOf(group);
    if (length + fold.length > COMMENT_LIMIT) {
      lines.push('', `… and changes of ${plural(groups.length - i, 'more resource')}.`);
      break;
    }
    lines.push('', fold);
    length += fold.length + 2;
  }
  return `${lines.join('\n')}\n`;
}

function rowOf({ resource, path, tls }: Change): string {
  const sides = [tls?.old, tls?.new].map((side) => codeSpan(side ?? 'absent')).join(' → ');
  const what = `${escaped(tls?.message ?? '')}<br>${sides}`;
  const where = `${codeSpan(resourceText(resource))}${path === '' ? '' : `<br>${codeSpan(path)}`}`;
  return `| **${tls?.class}** | ${where} | ${what} |`;
}

/** The first lines that are together no longer than is allowed. */
function fitting(lines: readonly string[], most: number): readonly string[] {
  const shown: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > most) break;
    shown.push(line);
  }
  return shown;
}

function foldOf({ names, changes }: ChangeGroup): string {
  const [name = ''] = names;
  const others = names.length > 1 ? ` and ${plural(names.length - 1, 'more resource')}` : '';
  const body = groupLines({ names, changes }, PLAIN);
  // A fence that is longer than any run of backticks inside keeps what is inside as text.
  const longest = Math.max(2, ...(body.join('\n').match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [
    body.length <= OPEN_LINES && names.length === 1 ? '<details open>' : '<details>',
    `<summary>${escaped(name)}${others}: ${plural(changes.length, 'change')}</summary>`,
    '',
    `${fence}diff`,
    ...body.map(markFirst),
    fence,
    '</details>',
  ].join('\n');
}

/** GitHub colours lines by their first character. */
function markFirst(line: string): string {
  const [, space = '', mark, rest] = /^(\s*)([-+~]) (.*)$/.exec(line) ?? [];
  if (mark === undefined) return ` ${line}`;
  return `${mark === '~' ? '!' : mark}${space} ${rest}`;
}
