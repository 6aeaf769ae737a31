// Which version of the API a configuration without any type is of, as the names of its fields tell: both
// versions' messages are read side by side, and what only one of them has decides.

import { Kind, type Tape } from '../source/tape.js';
import { type FieldInfo, type MessageInfo, message } from './api-table.js';

/** The same place as messages of the two versions. */
export interface BothVersions {
  readonly v2: MessageInfo;
  readonly v3: MessageInfo;
  readonly node: number;
}

/** The version of which there are fields; v2 where there are of both, undefined where there are of neither. */
export function versionByFields(tape: Tape, roots: readonly BothVersions[]): 'v2' | 'v3' | undefined {
  const open = [...roots];
  /** What aliases stand for is looked at once. */
  const shared = new Set<number>();
  let found: 'v3' | undefined;
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { v2, v3, node } = place;
    for (let key = node + 1; key < (tape.links[node] as number); key = tape.next(key + 1)) {
      const name = tape.name(key);
      const [before, now] = [v2.field(name), v3.field(name)];
      if (before !== undefined && now === undefined) return 'v2';
      if (before === undefined && now !== undefined) found = 'v3';
      if (before === undefined || now === undefined) continue;
      const types = { v2: typeOf(before), v3: typeOf(now) };
      if (types.v2 === undefined || types.v3 === undefined || types.v2 === types.v3) continue;
      for (const at of valuesOf(tape, before, key + 1)) {
        const inner = tape.resolve(at);
        if (tape.kind(inner) !== Kind.Map || (inner !== at && shared.has(inner))) continue;
        if (inner !== at) shared.add(inner);
        open.push({ v2: types.v2, v3: types.v3, node: inner });
      }
    }
  }
  return found;
}

function typeOf({ kind, type }: FieldInfo): MessageInfo | undefined {
  return kind === 'message' && type !== undefined ? message(type) : undefined;
}

/** The values of a field: a list's items, a map's values, or the one that it is. */
function* valuesOf(tape: Tape, field: FieldInfo, value: number): Iterable<number> {
  const node = tape.resolve(value);
  const end = tape.links[node] as number;
  if (field.map !== undefined && tape.kind(node) === Kind.Map)
    for (let key = node + 1; key < end; key = tape.next(key + 1)) yield key + 1;
  else if (field.repeated && tape.kind(node) === Kind.List)
    for (let item = node + 1; item < end; item = tape.next(item)) yield item;
  else yield value;
}
