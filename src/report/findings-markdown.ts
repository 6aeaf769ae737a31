// Findings as a comment on a pull request. GitHub takes 65,536 characters, so the list ends before that.

import type { Finding } from '../finding/finding.js';
import { countsText, plural } from './counts.js';
import type { FindingReport } from './finding-report.js';

/** GitHub's limit, with room for the last line. */
const LIMIT = 65_000;
/** One value of a configuration can be longer than all else. */
const TEXT_LIMIT = 500;

/** The report as Markdown: the gravest first. */
export function findingsAsMarkdown({ files, findings, silenced }: FindingReport): string {
  const head = [
    `### xdsc validate: ${countsText(findings)}`,
    '',
    `${plural(files.length, 'file')} checked${silenced > 0 ? `, ${plural(silenced, 'finding')} silenced` : ''}.`,
    '',
  ];
  if (findings.length === 0) return `${head.slice(0, 3).join('\n')}\n`;
  const lines = [...head, '| level | place | finding |', '|---|---|---|'];
  let length = lines.join('\n').length;
  const rows = (['error', 'warning', 'note'] as const).flatMap((level) =>
    findings.filter((finding) => finding.level === level).map(row),
  );
  for (const [index, text] of rows.entries()) {
    if (length + text.length > LIMIT) {
      lines.push('', `… and ${rows.length - index} more.`);
      break;
    }
    lines.push(text);
    length += text.length + 1;
  }
  return `${lines.join('\n')}\n`;
}

function row({ level, code, message, region, expected, suggestion, remedy }: Finding): string {
  const place = region === undefined ? '' : codeSpan(`${region.file}:${region.line}`);
  const hint = suggestion !== undefined ? `Did you mean ${codeSpan(suggestion)}?` : (remedy ?? expected);
  const text = [
    `${escaped(message)} (${codeSpan(code)})`,
    ...(hint === undefined ? [] : [suggestion === undefined ? escaped(hint) : hint]),
  ];
  return `| ${level} | ${place} | ${text.join('<br>')} |`;
}

/** Text that Markdown takes as it stands: no table, no HTML, no mention of a person. */
function escaped(text: string): string {
  return bounded(text)
    .replace(/[&\\`*_[\]<>#|~]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll('@', '&#64;')
    .replace(/\s+/g, ' ');
}

function codeSpan(text: string): string {
  return `\`${bounded(text).replaceAll('`', "'").replaceAll('|', '\\|').replace(/\s+/g, ' ')}\``;
}

function bounded(text: string): string {
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
}
