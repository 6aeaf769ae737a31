// Values in normal form: what `JSON.parse` would give for a message, whatever way it was written.

import { isTrue } from '../source/plain-kind.js';
import { Kind, type Tape } from '../source/tape.js';
import { enumeration, type FieldInfo } from './api-table.js';

/** A value in normal form: what `JSON.parse` would give, with proto field names and enum names. */
export type NormalValue =
  | null
  | boolean
  | number
  | string
  | readonly NormalValue[]
  | { readonly [name: string]: NormalValue };

/** A node as `JSON.parse` would read it, untyped: for Structs and unknown extensions. */
export function plainValue(tape: Tape, node: number): NormalValue {
  const at = tape.resolve(node);
  switch (tape.kind(at)) {
    case Kind.Map: {
      const value: Record<string, NormalValue> = {};
      for (let key = at + 1; key < (tape.links[at] as number); key = tape.next(key + 1)) {
        value[tape.name(key)] = plainValue(tape, key + 1);
      }
      return value;
    }
    case Kind.List: {
      const items: NormalValue[] = [];
      for (let item = at + 1; item < (tape.links[at] as number); item = tape.next(item)) {
        items.push(plainValue(tape, item));
      }
      return items;
    }
    case Kind.Null:
      return null;
    case Kind.Bool:
      return isTrue(tape.string(at));
    case Kind.Number: {
      const text = tape.string(at);
      // What a double cannot hold stays text, as protobuf's JSON form has 64-bit integers.
      const value = Number(text.replaceAll('_', ''));
      return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
        ? value
        : text;
    }
    default:
      return tape.string(at);
  }
}

/** The scalars that wrappers wrap: their absence can be told from zero. */
export const WRAPPED_SCALARS: ReadonlyMap<string, string> = new Map(
  [
    ['BoolValue', 'bool'],
    ['StringValue', 'string'],
    ['BytesValue', 'bytes'],
    ['DoubleValue', 'double'],
    ['FloatValue', 'float'],
    ['Int32Value', 'int32'],
    ['Int64Value', 'int64'],
    ['UInt32Value', 'uint32'],
    ['UInt64Value', 'uint64'],
  ].map(([name, scalar]) => [`google.protobuf.${name}`, scalar as string]),
);

/** A scalar, also where a switch or a number is written as text, or a wrapper as a message with its `value`. */
export function normalScalar(tape: Tape, at: number, scalar: string): NormalValue {
  const node = tape.kind(at) === Kind.Map ? tape.get(at, 'value') : at;
  const isText = scalar === 'string' || scalar === 'bytes';
  if (node < 0) return isText ? '' : scalar === 'bool' ? false : 0;
  const text = tape.string(node);
  if (isText) return text;
  // Integers of 64 bits are text in protobuf's JSON form.
  if (tape.kind(node) !== Kind.String || scalar.endsWith('64')) return plainValue(tape, node);
  if (scalar === 'bool') return text === 'true' || (text === 'false' ? false : text);
  const value = Number(text);
  const isNumber =
    /^-?\d/.test(text) && (Number.isInteger(value) ? Number.isSafeInteger(value) : !Number.isNaN(value));
  return isNumber ? value : text;
}

const DURATION = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;

/** A duration in seconds, without zeros that say nothing; what is no duration as it is written. */
export function normalDurationText(tape: Tape, node: number): string {
  if (tape.kind(node) === Kind.Map) {
    const part = (name: string): string => {
      const value = tape.get(node, name);
      return value < 0 ? '0' : tape.string(value);
    };
    return seconds('', part('seconds'), part('nanos').padStart(9, '0'));
  }
  const text = tape.string(node);
  const [, sign = '', whole, fraction = ''] = DURATION.exec(text) ?? [];
  return whole === undefined ? text : seconds(sign, whole, fraction);
}

function seconds(sign: string, whole: string, fraction: string): string {
  const rest = fraction.replace(/0+$/, '');
  return `${sign}${whole.replace(/^0+(?=\d)/, '')}${rest === '' ? '' : `.${rest}`}s`;
}

/**
 * The name of an enum's value, also where its number is written, or the name in another case: Envoy reads any.
 * Envoys of v2 also read `-` for `_`.
 */
export function enumText(tape: Tape, node: number, field: FieldInfo): string {
  const text = tape.string(node);
  if (field.type === undefined) return text;
  const values = enumeration(field.type);
  if (/^-?\d+$/.test(text)) return values?.byNumber(Number(text))?.name ?? text;
  const known = values?.byName(text);
  if (known !== undefined) return known.name;
  const folded = (field.type.includes('.v3.') ? text : text.replaceAll('-', '_')).toLowerCase();
  return values?.values.find(({ name }) => name.toLowerCase() === folded)?.name ?? text;
}
