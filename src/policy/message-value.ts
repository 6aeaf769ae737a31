// A message of a configuration as a value of CEL: fields by their proto names, the defaults of proto3 where a field
// is absent, `has()` for what is there. Enums are their names, integers are ints, durations are durations, and an
// Any is the message in it. Read from the text when it is asked for.

import { type CelMap, type CelValue, celList, celMap } from '@bufbuild/cel';
import { create } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { enumeration, type FieldInfo, type MessageInfo, message } from '../envoy/api-table.js';
import type { Message } from '../envoy/message.js';
import { type NormalValue, WRAPPED_SCALARS } from '../envoy/normal-value.js';

const NOTHING: CelMap = celMap(new Map());

/** A message as a value. */
export function messageValue(at: Message): CelMap {
  const values = at.toValue();
  return typedMap(at.type, values);
}

/** A message in normal form as a value of its type. */
function typedMap(type: MessageInfo, values: { readonly [name: string]: NormalValue }): CelMap {
  const names = Object.keys(values);
  const get = (key: CelValue): CelValue | undefined => {
    if (typeof key !== 'string') return undefined;
    if (key === '@type') return typeof values[key] === 'string' ? (values[key] as string) : undefined;
    const field = type.field(key);
    if (field === undefined || field.name !== key) return undefined;
    const value = values[key];
    return value === undefined ? defaultOf(field) : fieldValue(field, value);
  };
  return mapOf(names, get, (key) => names.includes(String(key)));
}

/** A map of CEL whose members are made when they are asked for. */
function mapOf(
  names: readonly string[],
  get: (key: CelValue) => CelValue | undefined,
  has: (key: CelValue) => boolean,
): CelMap {
  const entries = (): [string, CelValue][] => names.map((name) => [name, get(name) as CelValue]);
  // What is not replaced, as the mark of a map, comes from a map that is one.
  return Object.defineProperties(Object.create(NOTHING) as CelMap, {
    size: { value: names.length },
    get: { value: get },
    has: { value: has },
    keys: { value: () => names[Symbol.iterator]() },
    values: {
      value: () =>
        entries()
          .map(([, value]) => value)
          [Symbol.iterator](),
    },
    entries: { value: () => entries()[Symbol.iterator]() },
    [Symbol.iterator]: { value: () => entries()[Symbol.iterator]() },
    forEach: {
      value: (call: (value: CelValue, key: string) => void) => {
        for (const [key, value] of entries()) call(value, key);
      },
    },
  });
}

function fieldValue(field: FieldInfo, value: NormalValue): CelValue {
  if (field.map !== undefined) return plainMap(value, (one) => itemValue(field, one));
  if (field.repeated) return celList((value as readonly NormalValue[]).map((one) => itemValue(field, one)));
  return itemValue(field, value);
}

function itemValue(field: FieldInfo, value: NormalValue): CelValue {
  if (field.kind === 'enum') return String(value);
  const scalar = field.scalar ?? WRAPPED_SCALARS.get(field.type as string);
  if (scalar !== undefined) return scalarValue(scalar, value);
  if (field.type === 'google.protobuf.Duration') return duration(String(value));
  const type = typeOf(field, value);
  return type === undefined || !isMap(value) ? plain(value) : typedMap(type, value);
}

/** The type of a message in a field; undefined for what has no fields of its own, and for an Any of an unknown type. */
function typeOf(field: FieldInfo, value: NormalValue): MessageInfo | undefined {
  if (field.type !== 'google.protobuf.Any')
    return field.type?.startsWith('google.protobuf.') ? undefined : message(field.type as string);
  const url = isMap(value) ? value['@type'] : undefined;
  return typeof url === 'string' ? message(url.slice(url.lastIndexOf('/') + 1)) : undefined;
}

function scalarValue(scalar: string, value: NormalValue): CelValue {
  switch (scalar) {
    case 'bool':
      return value === true;
    case 'string':
      return String(value);
    case 'bytes':
      return Buffer.from(String(value), 'base64');
    case 'double':
    case 'float':
      return Number(value);
    default:
      return /^-?\d+$/.test(String(value)) ? BigInt(String(value)) : 0n;
  }
}

/** What an absent field is in proto3; of a wrapper null. */
function defaultOf(field: FieldInfo): CelValue {
  if (field.map !== undefined) return NOTHING;
  if (field.repeated) return celList([]);
  if (field.kind === 'enum') return enumeration(field.type as string)?.values[0]?.name ?? '';
  if (field.scalar !== undefined) return scalarValue(field.scalar, field.scalar === 'string' ? '' : 0);
  if (WRAPPED_SCALARS.has(field.type as string)) return null;
  if (field.type === 'google.protobuf.Duration') return duration('0s');
  const type = typeOf(field, null);
  return type === undefined ? NOTHING : typedMap(type, {});
}

function duration(text: string): CelValue {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(text) ?? [];
  const seconds = BigInt(`${sign}${whole}`);
  const nanos = Number(`${sign}${fraction.padEnd(9, '0')}`);
  return reflect(DurationSchema, create(DurationSchema, { seconds, nanos }));
}

/** What no type is known of: as JSON has it. */
function plain(value: NormalValue): CelValue {
  if (Array.isArray(value)) return celList(value.map(plain));
  if (isMap(value)) return plainMap(value, plain);
  return value as null | boolean | number | string;
}

function plainMap(value: NormalValue, one: (value: NormalValue) => CelValue): CelMap {
  return celMap(
    isMap(value) ? new Map(Object.entries(value).map(([key, item]) => [key, one(item)])) : new Map(),
  );
}

function isMap(value: NormalValue): value is { readonly [name: string]: NormalValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
