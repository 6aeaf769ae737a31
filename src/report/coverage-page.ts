// docs/verdict.md: what the verdict on trust covers, and where each is shown.

import type { Covered } from '../diff/coverage.js';

/** The page, in Markdown. */
export function coveragePage(covered: readonly Covered[]): string {
  const parts = [...new Set(covered.map(({ part }) => part))];
  return [
    '# What the verdict covers',
    '',
    'This page is generated from the code. Each row has a fixture: a pair of configurations with the report that `xdsc diff` gives for it.',
    '',
    'The classes are those of [diff](diff.md#the-verdict). Another root or another identity counts as `loosened` too.',
    ...parts.flatMap((part) => [
      '',
      `## ${part}`,
      '',
      ...tableOf(covered.filter((one) => one.part === part).map(rowOf)),
    ]),
    '',
  ].join('\n');
}

const HEAD = ['what changes', 'class', 'fixture'];

function rowOf({ change, classes, fixture }: Covered): string[] {
  const told =
    typeof classes === 'string' ? classes : classes.map((one) => `\`${one}\``).join(', ') || 'none';
  return [change, told, `[${fixture}](../fixtures/diff/${fixture})`];
}

/** A table whose columns are as wide as their widest cell, as formatters of Markdown write them. */
function tableOf(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
