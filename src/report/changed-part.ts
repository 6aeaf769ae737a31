// Long texts on two sides, scripts, bodies and formats, shortened to the part that changed.

import { structuredPatch } from 'diff';

/** Texts up to this length are shown whole. */
const WHOLE = 72;
/** How much is shown before and behind what changed on a line. */
const AROUND = 24;
/** How much of what changed on a line is shown. */
const CHANGED = 96;

/** What two texts say differently, in lines for each side; undefined where both are short. */
export function changedPart(old: string, now: string): readonly [string[], string[]] | undefined {
  if (old.length <= WHOLE && now.length <= WHOLE) return undefined;
  if (!old.includes('\n') && !now.includes('\n')) {
    const [before, after] = changedInLine(old, now);
    return [[JSON.stringify(before)], [JSON.stringify(after)]];
  }
  // Texts that have little in common are told by their first lines.
  const patch = structuredPatch('', '', old, now, '', '', { context: 0, maxEditLength: 2_000 });
  if (patch === undefined) return [old.split('\n').map(shortened), now.split('\n').map(shortened)];
  const { hunks } = patch;
  const lines = (sign: '-' | '+'): string[] =>
    hunks.flatMap((hunk) =>
      hunk.lines.filter((line) => line.startsWith(sign)).map((line) => shortened(line.slice(1))),
    );
  return [lines('-'), lines('+')];
}

/** A line that is too long to be shown, without its end. */
export function shortened(line: string): string {
  const most = CHANGED + 2 * AROUND;
  return line.length <= most ? line : `${line.slice(0, most)}…`;
}

function changedInLine(old: string, now: string): readonly [string, string] {
  const least = Math.min(old.length, now.length);
  let start = 0;
  while (start < least && old[start] === now[start]) start++;
  let end = 0;
  while (end < least - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const part = (text: string): string => {
    const from = Math.max(0, start - AROUND);
    const to = Math.min(text.length, text.length - end + AROUND, start + CHANGED);
    return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
  };
  return [part(old), part(now)];
}
