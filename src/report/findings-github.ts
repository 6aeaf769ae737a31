// Findings as workflow commands of GitHub Actions, which shows them at their lines in the pull request.

import type { Finding } from '../finding/finding.js';
import { plural } from '../finding/plural.js';
import { countsText, LEVELS } from './counts.js';
import type { FindingReport } from './finding-report.js';
import { type Property, workflowCommand } from './workflow-command.js';

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const;

/** GitHub shows ten of a kind for each step; more only make the log long. */
const SHOWN = 50;

/** The report as workflow commands, the gravest first, and a last line for the log. */
export function findingsAsGithub({ files, findings }: FindingReport): string {
  const lines = LEVELS.flatMap((level) => {
    const all = findings.filter((finding) => finding.level === level);
    const more = all.length - SHOWN;
    return [
      ...all.slice(0, SHOWN).map(command),
      ...(more > 0 ? [`… and ${plural(more, `more ${level}`)}`] : []),
    ];
  });
  return `${[...lines, `xdsc: ${plural(files.length, 'file')}: ${countsText(findings)}`].join('\n')}\n`;
}

function command({ level, code, message, region, expected, suggestion, remedy, path }: Finding): string {
  const properties: Property[] = [];
  if (region !== undefined) {
    const { file, line, column, endLine, endColumn } = region;
    properties.push(['file', file], ['line', line], ['endLine', endLine], ['col', column]);
    // Columns of two lines mean nothing to GitHub.
    if (endLine === line) properties.push(['endColumn', endColumn]);
  }
  properties.push(['title', `xdsc ${code}`]);
  const text = [
    message,
    ...(path === undefined ? [] : [`at ${path}`]),
    ...(suggestion !== undefined
      ? [`did you mean ${suggestion}?`]
      : expected !== undefined
        ? [`expected ${expected}`]
        : []),
    ...(remedy === undefined ? [] : [remedy]),
  ].join('\n');
  return workflowCommand(COMMANDS[level], properties, text);
}
