// A place as a reader sees it: its line, the line before, and a mark below what is meant.

import type { Region } from '../finding/finding.js';
import type { Positions } from '../source/position.js';
import type { Paint } from './finding-text.js';

/** More than this of a line is not shown: minified JSON has only one. */
const WIDTH = 100;

/** The lines of a place, with a mark below it. */
export function codeFrame(positions: Positions, region: Region, paint: Paint): string {
  const { line, column, endLine, endColumn } = region;
  const shown = positions.line(line);
  const end = endLine === line ? endColumn : shown.length + 1;
  const gutter = String(line).length;
  const from = Math.max(0, Math.min(column - 1 - WIDTH / 2, shown.length - WIDTH));
  const cut = (text: string): string => printable(text.slice(from, from + WIDTH));
  const row = (number: string, text: string): string =>
    `  ${paint.faint(`${number.padStart(gutter)} |`)}${text === '' ? '' : ` ${text}`}`;
  const before = cut(shown.slice(0, column - 1));
  const width = Math.max(1, Math.min(end, from + WIDTH + 1) - column);
  const lines = [
    row(String(line), cut(shown)),
    row('', `${before.replace(/[^\t]/g, ' ')}${paint.error('^'.repeat(width))}`),
  ];
  // What stands above tells which of many this is.
  const above = line > 1 ? positions.line(line - 1) : '';
  if (from === 0 && above.trim() !== '' && above.length <= WIDTH)
    lines.unshift(row(String(line - 1), printable(above)));
  return lines.join('\n');
}

/** A terminal takes control characters for commands. */
function printable(text: string): string {
  return text.replace(/(?!\t)\p{Cc}/gu, '\ufffd');
}
