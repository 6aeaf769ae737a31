// A place as a reader sees it: its line, the line before, and a mark below what is meant. Values that are not
// known to be harmless are masked, since a report goes where a configuration may not.

import type { MaskedText } from '../disclosure/masked-text.js';
import type { Region } from '../finding/finding.js';
import { visible } from '../secrecy/visible.js';
import type { Positions } from '../source/position.js';
import type { Paint } from './finding-text.js';

/** More than this of a line is not shown: minified JSON has only one. */
const WIDTH = 100;

/** The lines of a place, with a mark below it. */
export function codeFrame(positions: Positions, text: MaskedText, region: Region, paint: Paint): string {
  const { line, column, endLine, endColumn } = region;
  const { length } = positions.line(line);
  const end = endLine === line ? endColumn : length + 1;
  const gutter = String(line).length;
  const from = Math.max(0, Math.min(column - 1 - WIDTH / 2, length - WIDTH));
  const start = positions.lineStart(line);
  const shown = text.slice(start + from, start + Math.min(length, from + WIDTH));
  const row = (number: string, text: string): string =>
    `  ${paint.faint(`${number.padStart(gutter)} |`)}${text === '' ? '' : ` ${text}`}`;
  const before = printable(shown.slice(0, Math.max(0, column - 1 - from)));
  const width = Math.max(1, Math.min(end, from + WIDTH + 1) - column);
  const lines = [
    row(String(line), printable(shown)),
    row('', `${before.replace(/[^\t]/g, ' ')}${paint.error('^'.repeat(width))}`),
  ];
  // What stands above tells which of many this is; without a key it is part of a longer text.
  const above = line > 1 ? positions.line(line - 1).length : 0;
  if (from === 0 && above > 0 && above <= WIDTH) {
    const first = positions.lineStart(line - 1);
    const shown = text.slice(first, first + above);
    if (/^[^:]*:/.test(shown)) lines.unshift(row(String(line - 1), printable(shown)));
  }
  return lines.join('\n');
}

/** Characters that act have one in their place, so that the mark below stays where it belongs. */
function printable(text: string): string {
  return [...text].map((character) => (visible(character) === character ? character : '\ufffd')).join('');
}
