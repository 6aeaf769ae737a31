// What a comparison found, as a tree by resource for people at a terminal.

import { stringify } from 'yaml';
import type { DiffResult } from '../diff/diff.js';
import { type Plain, plain } from '../diff/plain.js';
import type { Change } from '../diff/tls/change.js';
import { resourceText, TRUST_CLASSES, verdictText } from '../diff/verdict.js';
import { plural } from '../finding/plural.js';
import { visible } from '../secrecy/visible.js';
import { changedPart, shortened } from './changed-part.js';
import { authorizationText, diffCountsText } from './diff-counts.js';
import { type ChangeGroup, groupsOf } from './diff-groups.js';
import type { Paint } from './finding-text.js';

/** How many reasons are named below the verdict; the tree has all. */
const REASONS_SHOWN = 10;
/** How many lines of a value are shown. */
const LINES_SHOWN = 12;
/** How many resources that changed in the same way are named. */
const NAMES_SHOWN = 5;

/** The report as text. */
export function diffText(result: DiffResult, paint: Paint): string {
  const lines = [...headLines(result, paint)];
  for (const group of groupsOf(result.changes)) lines.push('', ...groupLines(group, paint));
  return `${lines.join('\n')}\n`;
}

function headLines(result: DiffResult, paint: Paint): string[] {
  const { verdict } = result;
  const paintVerdict = verdict.trust === 'same' ? paint.good : paint.error;
  const authorized = authorizationText(result);
  const lines = [paintVerdict(verdictText(verdict)), diffCountsText(result)];
  if (authorized !== undefined) lines.push(authorized);
  for (const { resource, path, tls } of verdict.reasons.slice(0, REASONS_SHOWN))
    lines.push(
      `  ${paintClass(tls?.class ?? '', paint)}: ${visible(resourceText(resource))}${path === '' ? '' : paint.faint(` ${visible(path)}`)}: ${visible(tls?.message ?? '')}`,
    );
  const more = verdict.reasons.length - REASONS_SHOWN;
  if (more > 0) lines.push(`  … and ${more} more`);
  for (const assumption of verdict.assumptions) lines.push(`  assumed: ${visible(assumption)}`);
  return lines;
}

/** A resource with its changes as a tree; of many that changed alike the first few are named. */
export function groupLines({ names, changes }: ChangeGroup, paint: Paint): string[] {
  const [first] = changes;
  const whole = first !== undefined && first.path === '' && changes.length === 1 ? first.kind : 'changed';
  const shown = names
    .slice(0, NAMES_SHOWN)
    .map((name) => `${sign(whole, paint)} ${paint.strong(visible(name))}`);
  const more = names.length - NAMES_SHOWN;
  if (more > 0) shown.push(`${sign(whole, paint)} … and ${plural(more, 'more resource')} in the same way`);
  if (whole !== 'changed') {
    const why = first?.tls === undefined ? [] : [`    ${paint.faint(visible(first.tls.message))}`];
    return [...shown, ...why];
  }
  return [...shown, ...treeLines(treeOf(changes), 2, paint)];
}

/** Changes below a step of their paths. */
interface Tree {
  readonly changes: Change[];
  readonly below: Map<string, Tree>;
}

function treeOf(changes: readonly Change[]): Tree {
  const root: Tree = { changes: [], below: new Map() };
  for (const change of changes) {
    let at = root;
    for (const step of change.path.match(/[^.[]+(?:\[[^\]]*\])*|\[[^\]]*\]/g) ?? []) {
      let next = at.below.get(step);
      if (next === undefined) {
        next = { changes: [], below: new Map() };
        at.below.set(step, next);
      }
      at = next;
    }
    at.changes.push(change);
  }
  return root;
}

function treeLines(tree: Tree, depth: number, paint: Paint): string[] {
  const lines: string[] = [];
  const pad = '  '.repeat(depth);
  for (const [step, below] of tree.below) {
    // What only leads on shares a line.
    let name = visible(step);
    let at = below;
    while (at.changes.length === 0 && at.below.size === 1) {
      const [next, deeper] = [...at.below][0] as [string, Tree];
      name = `${name}.${visible(next)}`;
      at = deeper;
    }
    if (at.changes.length === 0) lines.push(`${pad}${paint.faint(name)}`);
    for (const change of at.changes) lines.push(...changeLines(change, name, pad, paint));
    lines.push(...treeLines(at, depth + 1, paint));
  }
  return lines;
}

function changeLines(change: Change, name: string, pad: string, paint: Paint): string[] {
  const { kind, tls, moved } = change;
  const mark = sign(kind, paint);
  const why = tls === undefined ? '' : `  ${paintClass(tls.class, paint)}: ${visible(tls.message)}`;
  if (moved !== undefined)
    return [`${pad}${mark} ${name}  moved from ${moved.from + 1} to ${moved.to + 1}${why}`];
  const [old, now] = shownSides(change);
  if (old !== undefined && now !== undefined && old.length === 1 && now.length === 1)
    return [
      `${pad}${mark} ${name}: ${paint.error(old[0] as string)} → ${paint.good(now[0] as string)}${why}`,
    ];
  const only = old ?? now;
  if (only !== undefined && (old === undefined || now === undefined) && only.length === 1) {
    const colour = old === undefined ? paint.good : paint.error;
    return [`${pad}${mark} ${name}: ${colour(only[0] as string)}${why}`];
  }
  return [
    `${pad}${mark} ${name}${why}`,
    ...(old ?? []).map((line) => `${pad}    ${paint.error(`- ${line}`)}`),
    ...(now ?? []).map((line) => `${pad}    ${paint.good(`+ ${line}`)}`),
  ];
}

/** What each side says, in lines; undefined where it says nothing. */
function shownSides({ old, new: now, tls }: Change): readonly [string[] | undefined, string[] | undefined] {
  if (tls !== undefined && old === undefined && now === undefined)
    return [
      tls.old === undefined ? undefined : [visible(tls.old)],
      tls.new === undefined ? undefined : [visible(tls.new)],
    ];
  return valueSides(old && plain(old), now && plain(now));
}

/** Both sides of a change in lines, of long texts the part that changed; undefined for a side that says nothing. */
export function valueSides(
  old: Plain | undefined,
  now: Plain | undefined,
  most = LINES_SHOWN,
): readonly [string[] | undefined, string[] | undefined] {
  const parts = typeof old === 'string' && typeof now === 'string' ? changedPart(old, now) : undefined;
  if (parts !== undefined) return [firstLines(parts[0], most), firstLines(parts[1], most)];
  const lines = (value: Plain | undefined) => (value === undefined ? undefined : valueLines(value, most));
  return [lines(old), lines(now)];
}

/** A value on one line where it is short, else as YAML, without its end where it is long. */
function valueLines(value: Plain, most = LINES_SHOWN): string[] {
  const inline = JSON.stringify(value);
  if (inline.length <= 72) return [visible(inline)];
  if (typeof value !== 'string' && typeof value !== 'object') return [inline];
  if (typeof value === 'string' && !value.includes('\n')) return [visible(shortened(inline))];
  const text = typeof value === 'string' ? value : stringify(value, { lineWidth: 0 });
  return firstLines(text.trimEnd().split('\n').map(shortened), most);
}

function firstLines(all: string[], most: number): string[] {
  const lines = all.slice(0, most).map(visible);
  if (all.length <= most) return lines;
  return [...lines.slice(0, most - 1), `… ${plural(all.length - most + 1, 'more line')}`];
}

function sign(kind: Change['kind'], paint: Paint): string {
  switch (kind) {
    case 'added':
      return paint.good('+');
    case 'removed':
      return paint.error('-');
    default:
      return paint.warning('~');
  }
}

function paintClass(name: string, paint: Paint): string {
  if ((TRUST_CLASSES as ReadonlySet<string>).has(name)) return paint.error(name);
  return name === 'unknown' || name === 'disruptive' ? paint.warning(name) : paint.strong(name);
}
