// Which kinds of values protobuf's JSON form has for a field, and their names in messages.

import { Kind } from '../source/tape.js';
import type { FieldInfo } from './api-table.js';

/** How protobuf's JSON form writes a value. */
export type JsonShape = 'map' | 'list' | 'scalar' | 'scalar or map' | 'free';

/** Old Envoys also read the fields of a Duration (`{seconds: 1}`) and of a wrapper (`{value: 1}`). */
const SHAPES: ReadonlyMap<string, JsonShape> = new Map<string, JsonShape>([
  ...(
    ['Duration', 'Timestamp', 'BoolValue', 'StringValue', 'BytesValue', 'DoubleValue', 'FloatValue'] as const
  ).map((name) => [`google.protobuf.${name}`, 'scalar or map'] as const),
  ...(['Int32Value', 'Int64Value', 'UInt32Value', 'UInt64Value'] as const).map(
    (name) => [`google.protobuf.${name}`, 'scalar or map'] as const,
  ),
  ['google.protobuf.FieldMask', 'scalar'],
  ['google.protobuf.ListValue', 'list'],
  ['google.protobuf.Value', 'free'],
]);

/** Whether a value of a kind is what protobuf's JSON form has for a field. */
export function kindFits(field: FieldInfo, kind: Kind): boolean {
  if (field.repeated) return kind === Kind.List;
  return shapeFits(field.map === undefined ? jsonShapeOf(field) : 'map', kind);
}

/** Whether a value of a kind has a shape. */
export function shapeFits(shape: JsonShape, kind: Kind): boolean {
  switch (shape) {
    case 'free':
      return true;
    case 'map':
      return kind === Kind.Map;
    case 'list':
      return kind === Kind.List;
    case 'scalar':
      return kind < Kind.Map;
    case 'scalar or map':
      return kind <= Kind.Map;
  }
}

/** How protobuf's JSON form writes one value of a field. */
export function jsonShapeOf(field: FieldInfo): JsonShape {
  if (field.kind !== 'message') return 'scalar';
  return SHAPES.get(field.type as string) ?? 'map';
}

/** What a field takes, in words. */
export function expectedOf(field: FieldInfo): string {
  const one = field.type ?? field.scalar ?? 'a value';
  if (field.map !== undefined) return `a map of ${one}`;
  return field.repeated ? `a list of ${one}` : one;
}

const KIND_NAMES = [
  'null',
  'a bool',
  'a number',
  'a string',
  'a map',
  'a list',
  'an alias',
  'a key',
] as const;

/** A kind in words. */
export function kindName(kind: Kind): string {
  return KIND_NAMES[kind];
}
