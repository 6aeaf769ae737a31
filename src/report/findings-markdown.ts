// Findings as a comment on a pull request. GitHub takes 65,536 characters, so the list ends before that.

import type { Finding } from '../finding/finding.js';
import { plural } from '../finding/plural.js';
import { countsText } from './counts.js';
import type { FindingReport } from './finding-report.js';
import { COMMENT_LIMIT, codeSpan, escaped } from './markdown-text.js';

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
    if (length + text.length > COMMENT_LIMIT) {
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
