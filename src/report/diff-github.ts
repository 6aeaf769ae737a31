// What a comparison found as workflow commands of GitHub Actions: the verdict in the log, and what it rests on
// at its lines in the newer files.

import type { DiffResult } from '../diff/diff.js';
import { type Change, changeRegion } from '../diff/tls/change.js';
import { resourceText, TRUST_CLASSES, verdictText } from '../diff/verdict.js';
import { plural } from '../finding/plural.js';
import { authorizationText, diffCountsText } from './diff-counts.js';
import { type Property, workflowCommand } from './workflow-command.js';

/** GitHub shows ten of a kind for each step; more only make the log long. */
const SHOWN = 50;

/** The report as workflow commands, the gravest first, behind the verdict. */
export function diffGithub(result: DiffResult): string {
  const authorized = authorizationText(result);
  const lines = [
    verdictText(result.verdict),
    diffCountsText(result),
    ...(authorized === undefined ? [] : [authorized]),
  ];
  for (const level of ['error', 'warning', 'notice'] as const) {
    // That secrets arrive in another way is what a move is for; one line tells of all of them.
    const all = result.changes.filter(
      (change) => change.tls?.class !== 'delivery' && levelOf(change) === level,
    );
    lines.push(...all.slice(0, SHOWN).map((change) => command(change, level)));
    if (all.length > SHOWN) lines.push(`… and ${plural(all.length - SHOWN, `more ${level}`)}`);
  }
  return `${lines.join('\n')}\n`;
}

function levelOf({ tls }: Change): 'error' | 'warning' | 'notice' {
  if (tls === undefined) return 'notice';
  return TRUST_CLASSES.has(tls.class) ? 'error' : 'warning';
}

function command(
  { resource, path, kind, tls, oldPlace, newPlace }: Change,
  level: 'error' | 'warning' | 'notice',
): string {
  const place = newPlace ?? oldPlace;
  const properties: Property[] = [];
  if (place !== undefined) {
    const { file, line, column, endLine } = changeRegion(place);
    properties.push(['file', file], ['line', line], ['endLine', endLine], ['col', column]);
  }
  properties.push(['title', `xdsc ${tls?.class ?? kind}`]);
  const sides =
    tls?.old === undefined && tls?.new === undefined
      ? []
      : [`${tls.old ?? 'absent'} → ${tls.new ?? 'absent'}`];
  const text = [
    tls?.message ?? `${path === '' ? 'the resource' : path} ${kind === 'moved' ? 'moved' : `was ${kind}`}`,
    `in ${resourceText(resource)}${path === '' ? '' : ` at ${path}`}`,
    ...sides,
  ].join('\n');
  return workflowCommand(level, properties, text);
}
