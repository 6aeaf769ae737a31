// A place as a reader sees it: its line, the line before, and a mark below what is meant. What may be a secret
// is covered, since a report goes where a configuration may not.

import type { Region } from '../finding/finding.js';
import type { Positions } from '../source/position.js';
import type { Paint } from './finding-text.js';

/** More than this of a line is not shown: minified JSON has only one. */
const WIDTH = 100;

/** The lines of a place, with a mark below it. */
export function codeFrame(positions: Positions, region: Region, paint: Paint): string {
  const { line, column, endLine, endColumn } = region;
  const shown = covered(positions.line(line), column - 1);
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
  // What stands above tells which of many this is; without a key it is part of a longer text.
  const above = line > 1 ? covered(positions.line(line - 1), 0) : '';
  if (from === 0 && /^[^:]*:/.test(above) && above.length <= WIDTH)
    lines.unshift(row(String(line - 1), printable(above)));
  return lines.join('\n');
}

/** A terminal takes control characters for commands. */
function printable(text: string): string {
  return text.replace(/(?!\t)\p{Cc}/gu, '\ufffd');
}

/** How far from a place is looked for secrets on its line. */
const REACH = 20_000;

/** Fields whose values are secrets, or may be, up to the value. */
const SECRET =
  /((?:inline_?string|inline_?bytes|access_?token|json_?token|password|passphrase|client_?secret)["']?\s*:\s*)("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s{["'|>&*][^,}\]]*)/gi;

/** A line with dots in the place of secrets, as long as it was. */
function covered(line: string, at: number): string {
  const from = Math.max(0, at - REACH);
  const near = line
    .slice(from, at + REACH)
    .replace(SECRET, (_, key: string, value: string) => key + '\u2022'.repeat(value.length));
  return line.slice(0, from) + near + line.slice(at + REACH);
}
