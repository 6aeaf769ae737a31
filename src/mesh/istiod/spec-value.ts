// Messages of Istio's API as values whose durations are in protobuf's JSON form: Istio's YAML also has those of
// Go (`1m30s`), and what is compiled is compared as text.

import { memo } from '../../collections/memo.js';
import { type FieldInfo, type MessageInfo, message } from '../../envoy/api-table.js';
import type { Message } from '../../envoy/message.js';
import { normalDuration } from '../duration.js';

const DURATION = 'google.protobuf.Duration';

type Fields = { [name: string]: unknown };

/** A message's value. */
export function specValue(read: Message): object {
  const value = read.toValue() as Fields;
  normalize(read.type, value);
  return value;
}

function normalize(type: MessageInfo, value: Fields): void {
  for (const field of timedFields(type)) {
    const given = value[field.name];
    if (given !== undefined) value[field.name] = normalField(field, given);
  }
}

function normalField(field: FieldInfo, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => normalItem(field, item));
  if (field.map !== undefined && isFields(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalItem(field, item)]));
  return normalItem(field, value);
}

function normalItem(field: FieldInfo, value: unknown): unknown {
  if (field.type === DURATION) return typeof value === 'string' ? normalDuration(value) : value;
  const type = message(field.type ?? '');
  if (type !== undefined && isFields(value)) normalize(type, value);
  return value;
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const timed = new Map<MessageInfo, readonly FieldInfo[]>();

/** The fields of a message that are durations or may hold some. */
function timedFields(type: MessageInfo): readonly FieldInfo[] {
  return memo(timed, type, () => type.fields.filter((field) => holdsDuration(field, new Set())));
}

function holdsDuration(field: FieldInfo, seen: Set<string>): boolean {
  if (field.type === DURATION) return true;
  if (field.kind !== 'message' || field.type === undefined || seen.has(field.type)) return false;
  seen.add(field.type);
  if (field.type.startsWith('google.protobuf.')) return false;
  return message(field.type)?.fields.some((inner) => holdsDuration(inner, seen)) ?? false;
}
