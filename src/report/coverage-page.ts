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
      '| what changes | class | fixture |',
      '| --- | --- | --- |',
      ...covered.filter((one) => one.part === part).map(rowOf),
    ]),
    '',
  ].join('\n');
}

function rowOf({ change, classes, fixture }: Covered): string {
  const told =
    typeof classes === 'string' ? classes : classes.map((one) => `\`${one}\``).join(', ') || 'none';
  return `| ${change} | ${told} | [${fixture}](../fixtures/diff/${fixture}) |`;
}
