// The entries of map fields.

import type { FieldInfo } from '../../envoy/api-table.js';
import type { Message } from '../../envoy/message.js';

/** An entry of a map whose values are messages. */
export interface MapEntry {
  readonly key: string;
  /** The node of the key. */
  readonly node: number;
  readonly value: Message;
}

/** The entries of a map field, in the order of the text. */
export function mapEntries(at: Message, field: string): MapEntry[] {
  const info = at.type.field(field) as FieldInfo;
  const { tape } = at.reader;
  const map = at.value(field);
  const entries: MapEntry[] = [];
  if (map < 0) return entries;
  for (let node = map + 1; node < (tape.links[map] as number); node = tape.next(node + 1)) {
    const value = at.open(info, tape.resolve(node + 1), -1);
    if (value !== undefined) entries.push({ key: tape.name(node), node, value });
  }
  return entries;
}
