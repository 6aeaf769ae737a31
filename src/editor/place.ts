// What stands at an offset of a text: a field of which message, and whether its name or its value. What an
// editor shows, offers and jumps to depends on it.

import type { FieldInfo } from '../envoy/api-table.js';
import { structConfig } from '../envoy/extensions/extension-config.js';
import type { Message } from '../envoy/message.js';
import { Kind, type Tape } from '../source/tape.js';
import type { EnvoyConfig } from '../tls/configs.js';
import { innerOffset } from './inner-offset.js';

/** A place in a message. */
export interface Place {
  readonly config: EnvoyConfig;
  readonly message: Message;
  /** The field; undefined for a name that the message does not have, and for `@type`. */
  readonly field: FieldInfo | undefined;
  /** The key's node. */
  readonly key: number;
  /** Whether the offset is in the key or in the value. */
  readonly part: 'key' | 'value';
  /** The node that the offset is in: the key, the value, or an item of it. */
  readonly node: number;
  /** Whether the offset is in an Any that does not say its type, or none that is known: the field is the Any's. */
  readonly isInUntyped: boolean;
}

/** The place at an offset of a file; undefined where none of its configurations has a field there. */
export function placeAt(configs: readonly EnvoyConfig[], offset: number): Place | undefined {
  for (const config of configs) {
    const inner = innerOffset(config.document.source, offset);
    if (inner === undefined) continue;
    for (const { type, node } of config.detected.roots) {
      const root = config.reader.read(type, node);
      const place = root === undefined ? undefined : within(config, root, inner);
      if (place !== undefined) return place;
    }
  }
  return undefined;
}

/** Whether an offset is in a node, or right behind it, where the cursor is while one types. */
function covers(tape: Tape, node: number, offset: number): boolean {
  return tape.start(node) <= offset && offset <= tape.end(node);
}

function within(config: EnvoyConfig, message: Message, offset: number): Place | undefined {
  const { reader, node: map } = message;
  const { tape } = reader;
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    const field = reader.field(message.type, key) ?? undefined;
    if (covers(tape, key, offset))
      return { config, message, field, key, part: 'key', node: key, isInUntyped: false };
    if (!covers(tape, key + 1, offset)) continue;
    const place = { config, message, field, key, part: 'value' as const, isInUntyped: false };
    if (field === undefined) return { ...place, node: key + 1 };
    if (field.map !== undefined) return inMap(place, field, offset);
    if (field.repeated && tape.kind(key + 1) === Kind.List) return inList(place, field, offset);
    return inValue(place, field, key + 1, -1, offset);
  }
  return undefined;
}

type Around = Omit<Place, 'node'>;

function inList(place: Around, field: FieldInfo, offset: number): Place | undefined {
  const { tape } = place.message.reader;
  const list = place.key + 1;
  let index = 0;
  for (let item = list + 1; item < (tape.links[list] as number); item = tape.next(item), index++)
    if (covers(tape, item, offset)) return inValue(place, field, item, index, offset);
  return undefined;
}

function inMap(place: Around, field: FieldInfo, offset: number): Place | undefined {
  const { tape } = place.message.reader;
  const map = place.key + 1;
  if (tape.kind(map) !== Kind.Map) return { ...place, node: map };
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    if (covers(tape, key, offset)) return undefined;
    if (covers(tape, key + 1, offset)) return inValue(place, field, key + 1, -1, offset);
  }
  return undefined;
}

function inValue(
  place: Around,
  field: FieldInfo,
  node: number,
  index: number,
  offset: number,
): Place | undefined {
  const { tape } = place.message.reader;
  // What an alias shows stands elsewhere.
  if (tape.kind(node) !== Kind.Map) return { ...place, node };
  const inner = place.message.open(field, node, index) ?? structAt(place.message, node);
  if (inner !== undefined) return within(place.config, inner, offset);
  return field.type === 'google.protobuf.Any' ? inUntyped(place, node, offset) : undefined;
}

function inUntyped(place: Around, map: number, offset: number): Place | undefined {
  const { tape } = place.message.reader;
  for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
    if (covers(tape, key, offset)) return { ...place, key, part: 'key', node: key, isInUntyped: true };
    if (covers(tape, key + 1, offset)) return { ...place, key, node: key + 1, isInUntyped: true };
  }
  return undefined;
}

/** The message that a Struct of v2 stands for. */
function structAt(holder: Message, node: number): Message | undefined {
  const config = structConfig(holder);
  return config?.node === node ? config : undefined;
}
