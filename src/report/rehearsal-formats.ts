// The forms that the result of a rehearsal takes.

import { plural } from '../finding/plural.js';
import type { Proof, Rehearsal } from '../rehearse/proof.js';
import { visibleJson } from '../secrecy/visible.js';
import type { Paint } from './finding-text.js';
import { suitesAsJunit } from './junit.js';
import { escaped } from './markdown-text.js';

const FORMATTERS = {
  pretty: asText,
  json: asJson,
  junit: asJunit,
  markdown: asMarkdown,
} satisfies Record<string, (rehearsal: Rehearsal, paint: Paint) => string>;

export type RehearsalFormat = keyof typeof FORMATTERS;

export const REHEARSAL_FORMATS = Object.keys(FORMATTERS) as RehearsalFormat[];

/** The result in a form, with a line break at its end. */
export function formatRehearsal(rehearsal: Rehearsal, format: RehearsalFormat, paint: Paint): string {
  return FORMATTERS[format](rehearsal, paint);
}

/** How many problems of a proof are shown; the JSON has all. */
const SHOWN = 10;

function asText({ setting, proofs, ok }: Rehearsal, paint: Paint): string {
  const width = Math.max(...proofs.map(({ name }) => name.length));
  const lines = proofs.flatMap((proof) => {
    const mark = proof.ok ? paint.good('✓') : paint.error('✗');
    return [
      `${mark} ${paint.strong(proof.name.padEnd(width))}  ${[figuresOf(proof), proof.detail].filter(Boolean).join('; ')}`,
      ...shownProblems(proof).map((problem) => `    ${problem}`),
    ];
  });
  const last = ok ? paint.good(verdictOf(proofs)) : paint.error(verdictOf(proofs));
  return `${paint.faint(setting)}\n${lines.join('\n')}\n${last}\n`;
}

function asJson({ ok, setting, proofs }: Rehearsal): string {
  const entries = proofs.map(({ name, ok, requests, failed, milliseconds, detail, problems }) => ({
    name,
    ok,
    ...(requests !== undefined && { requests }),
    ...(failed !== undefined && { failed }),
    ...(milliseconds !== undefined && { milliseconds }),
    detail,
    ...(problems.length > 0 && { problems }),
  }));
  return `${visibleJson({ ok, setting, proofs: entries }, 2)}\n`;
}

function asJunit({ setting, proofs }: Rehearsal): string {
  return suitesAsJunit([
    {
      name: 'rehearsal',
      said: setting,
      tests: proofs.map((proof) => ({
        group: 'rehearsal',
        name: proof.name,
        ...(!proof.ok && {
          failure: {
            message: proof.problems[0] ?? proof.detail,
            type: 'failed',
            text: [proof.detail, ...proof.problems].join('\n'),
          },
        }),
      })),
    },
  ]);
}

function asMarkdown({ setting, proofs }: Rehearsal): string {
  const rows = proofs.map(
    (proof) =>
      `| ${proof.ok ? '✅' : '❌'} | ${escaped(proof.name)} | ${escaped(figuresOf(proof))} | ${escaped(proof.detail)} |`,
  );
  const problems = proofs
    .filter(({ ok }) => !ok)
    .flatMap((proof) => [
      `\n**${escaped(proof.name)}**\n`,
      ...shownProblems(proof).map((problem) => `- ${escaped(problem)}`),
    ]);
  return `${[
    `**${verdictOf(proofs)}** (${escaped(setting)})`,
    '',
    '| | proof | figures | detail |',
    '| --- | --- | --- | --- |',
    ...rows,
    ...problems,
  ].join('\n')}\n`;
}

function verdictOf(proofs: readonly Proof[]): string {
  const failed = proofs.filter(({ ok }) => !ok).length;
  if (failed > 0) return `${failed} of ${plural(proofs.length, 'proof')} failed`;
  return proofs.length === 1 ? 'the proof holds' : `all ${proofs.length} proofs hold`;
}

function figuresOf({ requests, failed, milliseconds }: Proof): string {
  return [
    ...(requests === undefined ? [] : [`${plural(requests, 'request')}, ${failed ?? 0} failed`]),
    ...(milliseconds === undefined ? [] : [`${milliseconds} ms`]),
  ].join(', ');
}

function shownProblems({ problems }: Proof): string[] {
  const more = problems.length - SHOWN;
  return [...problems.slice(0, SHOWN), ...(more > 0 ? [`… and ${more} more`] : [])];
}
