// Names in configurations that would act on a report: on a terminal, in a table, or on the order of what is said.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import { diffMarkdown } from '../../src/report/diff-markdown.js';
import { diffText } from '../../src/report/diff-text.js';
import { PLAIN } from '../../src/report/finding-text.js';
import { escaped } from '../../src/report/markdown-text.js';

const NAMES = [
  'a|b',
  'a\\|b',
  'a\nb',
  '\u001b[31mred',
  '\u009b1m',
  '\u202ednetxet',
  '`code`',
  '@octocat',
  '<b>',
];

const side = (names: readonly string[], more: boolean) => [
  {
    name: 'a.json',
    text: JSON.stringify({
      resources: names.map((name) => ({
        '@type': 'type.googleapis.com/envoy.api.v2.Cluster',
        name,
        alt_stat_name: more ? name : '',
        tls_context: {
          common_tls_context: {
            validation_context: {
              trusted_ca: { filename: name },
              verify_subject_alt_name: more ? ['own', name] : ['own'],
            },
          },
        },
      })),
    }),
  },
];

const compared = (names: readonly string[]) => diff(side(names, true), side(names, false));

/** The cells of a row as GitHub takes them: a backslash keeps the mark behind it. */
const cells = (row: string): string[] => row.match(/(?:\\[!-/:-@[-`{-~]|[^|])+/g) ?? [];

test('nothing acts on a terminal', () => {
  const text = diffText(compared(NAMES), PLAIN);
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  expect(text).toContain('~ cluster \\u001b[31mred\n');
  expect(text).toContain('~ cluster a\\nb\n');
});

test('a table stays one', () => {
  const rows = diffMarkdown(compared(NAMES))
    .split('\n')
    .filter((line) => line.startsWith('| **'));
  expect(rows).toHaveLength(NAMES.length);
  for (const row of rows) expect(cells(row)).toHaveLength(3);
});

test.each(['|', '&', '\\|', '\ud83d\ude00', 'x'])('long names of %s fit into a comment', (part) => {
  const names = Array.from({ length: 100 }, (_, i) => `${i}${part.repeat(4000)}`);
  const report = diffMarkdown(compared(names));
  expect(report.length).toBeLessThan(65_536);
  // No half of a pair of surrogates.
  expect(report).not.toMatch(/\p{Cs}/u);
});

test('nothing in a text is a mark of Markdown or a mention', () => {
  expect(escaped('@a <b> |c| `d` \u202e')).toBe('&#64;a &#60;b&#62; &#124;c&#124; &#96;d&#96; &#92;u202e');
});

test('the gravest is told first', () => {
  const two = (now: boolean) => [
    ...side(['first'], !now),
    ...side(['second'], now).map((input) => ({ ...input, name: 'b.json' })),
  ];
  const { reasons } = diff(two(false), two(true)).verdict;
  expect(reasons.map(({ tls }) => tls?.class)).toEqual(['loosened', 'tightened']);
});
