// A migration plan as Markdown, and as a value for machines.

import { plural } from '../finding/plural.js';
import type { Plan, PlannedViolation, PlannedWave } from '../plan/plan.js';
import type { Blocker } from '../plan/read-model.js';

/** How many lines of one kind are shown; the JSON has all. */
const SHOWN = 20;

/** The plan as people read it. */
export function planMarkdown(plan: Plan): string {
  const blocks = [
    '# From mounted certificates to SDS',
    summary(plan),
    ...blockerBlocks(plan.blockers),
    ...keepsBlocks(plan),
    ...brokenBlocks(plan),
    ...(plan.result === 'no-order' ? noOrder(plan) : plan.waves.map(waveBlock)),
  ];
  return `${blocks.join('\n\n')}\n`;
}

const TOOLS =
  'The commands use kubectl, istioctl, git and [yq 4](https://mikefarah.gitbook.io/yq). Run them where this plan was made. Commit the changed files after each wave: `git checkout` in Back restores the files of the wave before.';

function summary({ result, workloads, waves, simulation, options }: Plan): string {
  const { connections, mutual, checked } = simulation;
  const mesh = `${plural(workloads.length, 'workload')}, ${plural(connections, 'connection')} between them, ${mutual} with mTLS; the CA behind SDS (${options.ca}) has ${options.root === 'same' ? 'the same root' : 'another root'}.`;
  switch (result) {
    case 'moved':
      return `${mesh} Everything is on SDS already.`;
    case 'no-order':
      return `${mesh}\n\n**No order keeps every connection.** What breaks, and what would help, is below.`;
    case 'plan':
      return `${mesh} ${plural(waves.length, 'wave')}: at every step of each, also while only some of its pods have changed, everyone who could talk can talk${options.throughPlaintext ? ', **for a while in plain text**' : ', with mTLS wherever there was mTLS'} (${checked} states of connections looked at). Take a wave only when the checks of the one before have passed.\n\n${TOOLS}`;
  }
}

function blockerBlocks(blockers: readonly Blocker[]): string[] {
  const block = (effect: Blocker['effect'], title: string): string[] => {
    const found = blockers.filter((blocker) => blocker.effect === effect);
    return found.length === 0 ? [] : [`## ${title}`, list(found.map(blockerLine))];
  };
  return [...block('blocks', 'What blocks the move'), ...block('stays', 'What stays on files')];
}

function blockerLine({ code, message, remedy, region }: Blocker): string {
  const place = region === undefined ? '' : `${region.file}:${region.line}: `;
  return `${place}${message} (\`${code}\`)${remedy === undefined ? '' : `: ${remedy}`}`;
}

function keepsBlocks({ keeps }: Plan): string[] {
  if (keeps.length === 0) return [];
  return ['## Workloads that keep the secret', list(keeps.map(({ id, why }) => `\`${id}\`: ${why}`))];
}

function brokenBlocks({ simulation }: Plan): string[] {
  const { broken } = simulation;
  if (broken.length === 0) return [];
  return [
    '## Connections that fail today',
    'Their rules and policies do not allow them, so the plan does not cover them.',
    list(broken.map(({ client, server, hosts }) => `\`${client}\` to \`${server}\` (${hosts.join(', ')})`)),
  ];
}

function noOrder({ violations, ways }: Plan): string[] {
  return [
    '## What would break',
    list(violations.map(violationLine)),
    '## What would make an order possible',
    ways.length === 0
      ? 'Nothing that this program knows: see the blockers above.'
      : list(ways.map((way) => way)),
  ];
}

function violationLine({ client, server, hosts, phase, was, now, changed }: PlannedViolation): string {
  const who = changed.length === 2 ? 'both have changed' : `the ${changed[0]} has changed`;
  const what = now === 'plain' ? 'loses mTLS' : `fails, which had ${was === 'mtls' ? 'mTLS' : 'plain text'}`;
  return `\`${client}\` to \`${server}\` (${hosts.join(', ')}) ${what}, when ${who} in the phase \`${phase}\``;
}

function waveBlock({ number, title, why, workloads, commands, checks, undo }: PlannedWave): string {
  const lines = [`## ${number}. ${title}`, why];
  if (workloads.length > 3)
    lines.push(
      `<details><summary>${plural(workloads.length, 'workload')}</summary>\n\n${workloads.map((id) => `\`${id}\``).join(', ')}\n\n</details>`,
    );
  lines.push(code(commands), `Look:\n\n${code(checks)}`, `Back:\n\n${code(undo)}`);
  return lines.join('\n\n');
}

function code(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

function list(lines: readonly string[]): string {
  const more = lines.length - SHOWN;
  return [
    ...lines.slice(0, SHOWN).map((line) => `- ${line}`),
    ...(more > 0 ? [`- … and ${more} more; --format json has all`] : []),
  ].join('\n');
}
