// Standard error: what is said on it, and in which colours.

import { styleText } from 'node:util';
import { type Paint, PLAIN } from '../report/finding-text.js';
import { tame } from '../secrecy/tame.js';

type Style = Parameters<typeof styleText>[0];

let isGuarded = false;

/** Draws over the line that standard error ends with. */
export function draw(text: string): void {
  process.stderr.write(`\r\x1b[K${text}`);
}

/** Writes to standard error; what looks like a secret is covered. Nobody can be told that nobody reads it, so that is no error. */
export function say(text: string): void {
  if (!isGuarded) process.stderr.on('error', () => {});
  isGuarded = true;
  process.stderr.write(tame(text));
}

/** Colours on a terminal that has them; NO_COLOR forbids them, and FORCE_COLOR wins over both. */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const coloured =
    FORCE_COLOR !== undefined
      ? FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
      : (stream.isTTY ?? false) && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
  if (!coloured) return PLAIN;
  const style = (name: Style) => (text: string) => styleText(name, text, { validateStream: false });
  return {
    error: style(['bold', 'red']),
    warning: style('yellow'),
    good: style('green'),
    faint: style('dim'),
    strong: style('bold'),
  };
}
