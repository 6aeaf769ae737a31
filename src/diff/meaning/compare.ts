// Compares two messages by meaning and reports each change once, at the smallest place that holds it.

import type { FieldInfo } from '../../envoy/api-table.js';
import { canonical } from './canonical.js';
import { isDefault, type MapMeaning, type Meaning, type MessageMeaning } from './meaning.js';
import { identity, pair } from './pairing.js';
import { sameText } from './same-text.js';

/** A place below what is compared, as a list of steps that grows downwards. */
export interface Path {
  readonly above: Path | undefined;
  readonly step: string;
}

/** A difference and where it is; one side is missing where something was added or removed. */
export interface Difference {
  readonly path: Path | undefined;
  readonly old: Meaning | undefined;
  readonly new: Meaning | undefined;
  /** The message that holds the field, on the side that has it; the newer where both do. */
  readonly holder: MessageMeaning | undefined;
  readonly field: FieldInfo | undefined;
  readonly moved?: { readonly from: number; readonly to: number };
}

/** Who takes what the comparison finds. */
export interface Sink {
  /** Takes two messages whole, to compare them in another way; false leaves them to the comparison. */
  takes(old: Meaning, now: Meaning, path: Path | undefined): boolean;
  report(difference: Difference): void;
}

/** A path as text: `filter_chains[0].filters[envoy.tcp_proxy]`. */
export function pathText(path: Path | undefined): string {
  const steps: string[] = [];
  for (let at = path; at !== undefined; at = at.above) steps.push(at.step);
  return steps.reverse().join('').replace(/^\./, '');
}

/** The names of the fields on the way to a place, the nearest first. */
export function fieldsAbove(path: Path | undefined): readonly string[] {
  // Of one difference much is asked.
  if (path === undefined) return [];
  if (last.path === path) return last.names;
  const names: string[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.above)
    if (at.step.startsWith('.')) names.push(at.step.slice(1));
  last = { path, names };
  return names;
}

let last: { readonly path: Path | undefined; readonly names: readonly string[] } = {
  path: undefined,
  names: [],
};

/** Compares what two sides say at one place. */
export function compare(
  old: Meaning,
  now: Meaning,
  path: Path | undefined,
  sink: Sink,
  holder?: MessageMeaning,
  field?: FieldInfo,
): void {
  if (sameText(old, now) && sameKind(old, now)) return;
  if (sink.takes(old, now, path)) return;
  if (old.shape === 'message' && now.shape === 'message' && old.type === now.type) {
    compareMessages(old, now, path, sink);
  } else if (old.shape === 'list' && now.shape === 'list') {
    compareLists(old.items, now.items, now.order, path, sink, holder, field);
  } else if (old.shape === 'map' && now.shape === 'map') {
    compareMaps(old, now, path, sink, holder, field);
  } else if (old.shape !== 'scalar' || now.shape !== 'scalar' || old.value !== now.value) {
    if (canonical(old) !== canonical(now)) sink.report({ path, old, new: now, holder, field });
  }
}

/** The same text may be of two types. */
function sameKind(old: Meaning, now: Meaning): boolean {
  return old.shape === now.shape && (old.shape !== 'message' || old.type === (now as MessageMeaning).type);
}

function compareMessages(old: MessageMeaning, now: MessageMeaning, path: Path | undefined, sink: Sink): void {
  for (const [name, member] of now.members) {
    const before = old.members.get(name);
    if (before === undefined) {
      const meaning = member.meaning();
      if (meaning === undefined || isDefault(now.type, member.field, meaning)) continue;
      const place = { above: path, step: `.${member.field?.name ?? name}` };
      sink.report({ path: place, old: undefined, new: meaning, holder: now, field: member.field });
      continue;
    }
    if (
      before.field === member.field &&
      sameText({ reader: old.reader, node: before.node }, { reader: now.reader, node: member.node })
    )
      continue;
    const place = { above: path, step: `.${member.field?.name ?? name}` };
    const was = old.get(name);
    const is = now.get(name);
    if (was !== undefined && is !== undefined) compare(was, is, place, sink, now, member.field);
    else if (was !== undefined || is !== undefined)
      sink.report({
        path: place,
        old: was,
        new: is,
        holder: is === undefined ? old : now,
        field: member.field,
      });
  }
  for (const [name, member] of old.members) {
    if (now.members.has(name)) continue;
    const meaning = member.meaning();
    if (meaning === undefined || isDefault(old.type, member.field, meaning)) continue;
    const place = { above: path, step: `.${member.field?.name ?? name}` };
    sink.report({ path: place, old: meaning, new: undefined, holder: old, field: member.field });
  }
}

function compareMaps(
  old: MapMeaning,
  now: MapMeaning,
  path: Path | undefined,
  sink: Sink,
  holder: MessageMeaning | undefined,
  field: FieldInfo | undefined,
): void {
  const step = (name: string): Path => ({
    above: path,
    step: /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${name}]`,
  });
  for (const [name, is] of now.members) {
    const was = old.members.get(name);
    if (was === undefined) sink.report({ path: step(name), old: was, new: is, holder, field });
    else compare(was, is, step(name), sink, holder, field);
  }
  for (const [name, was] of old.members) {
    if (!now.members.has(name)) sink.report({ path: step(name), old: was, new: undefined, holder, field });
  }
}

function compareLists(
  old: readonly Meaning[],
  now: readonly Meaning[],
  order: 'any' | 'ordered',
  path: Path | undefined,
  sink: Sink,
  holder: MessageMeaning | undefined,
  field: FieldInfo | undefined,
): void {
  if (old.length === now.length && old.every((item, i) => sameText(item, now[i] as Meaning))) return;
  const { pairs, removed, added, moved } = pair(old, now, order);
  const step = (items: readonly Meaning[], i: number): Path => ({
    above: path,
    step: `[${nameOf(items[i] as Meaning) ?? i}]`,
  });
  for (const i of removed) sink.report({ path: step(old, i), old: old[i], new: undefined, holder, field });
  for (const j of added) sink.report({ path: step(now, j), old: undefined, new: now[j], holder, field });
  for (const [i, j] of pairs)
    compare(old[i] as Meaning, now[j] as Meaning, step(now, j), sink, holder, field);
  for (const [i, j] of moved) {
    const [was, is] = [old[i], now[j]];
    sink.report({ path: step(now, j), old: was, new: is, holder, field, moved: { from: i, to: j } });
  }
}

/** What an item of a list is called in a path: its name, where it is short and has one. */
function nameOf(item: Meaning): string | undefined {
  const name = identity(item);
  return name !== undefined && name !== '' && name.length <= 80 && /^[^{}[\]"]+$/.test(name)
    ? name
    : undefined;
}
