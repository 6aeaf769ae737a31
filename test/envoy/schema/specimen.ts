// Values of every message of the API that keep all rules, as small as they can be, and values that break one.

import { enumeration, type FieldInfo, type MessageInfo, message } from '../../../src/envoy/api-table.js';
import { isExtensionPoint } from '../../../src/envoy/extensions/typed-extensions.js';
import { type FieldRules, rulesOf, type ValueRules } from '../../../src/envoy/schema/rules.js';
import { isRequired, Op, type ValueShape, valueShape } from '../../../src/envoy/schema/shape.js';
import { durationKeeps, enumKeeps, numberKeeps, stringKeeps } from '../../../src/envoy/schema/value-rules.js';
import { durationNanos } from '../../../src/envoy/schema/well-known.js';

/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What a message's fields may be. */
export type Fields = { [name: string]: Json };

export function rulesFor(type: MessageInfo, field: FieldInfo): FieldRules {
  return rulesOf(type.name).fields?.[field.name] ?? {};
}

/** The rules of one value of a field. */
export function oneRules(field: FieldInfo, rules: FieldRules): ValueRules | undefined {
  return field.repeated ? rules.items : field.map === undefined ? rules : rules.values;
}

class TooDeep extends Error {}

/** The smallest message of a type that keeps its rules; with a field if one is named. */
export function specimen(type: MessageInfo, wanted?: FieldInfo, depth = 0): Fields {
  if (depth > 12) throw new TooDeep(type.name);
  const value: Fields = {};
  for (const field of type.fields) {
    if (field === wanted || isRequired(field, rulesFor(type, field)))
      value[field.name] = fieldValue(type, field, depth);
  }
  const config = isExtensionPoint(type.name) ? type.field('typed_config') : undefined;
  if (config !== undefined && (config.oneof === undefined || config.oneof !== wanted?.oneof))
    value.typed_config = fieldValue(type, config, depth);
  for (const oneof of rulesOf(type.name).required ?? []) {
    const members = type.fields.filter((field) => field.oneof === oneof);
    if (wanted === undefined || !members.includes(wanted))
      Object.assign(value, firstMember(type, members, depth));
  }
  return value;
}

/** The member of a oneof that needs least: one may lead back to its own message. */
function firstMember(type: MessageInfo, members: readonly FieldInfo[], depth: number): Fields {
  const order = [...members].sort((a, b) => Number(a.kind === 'message') - Number(b.kind === 'message'));
  for (const member of order) {
    try {
      return { [member.name]: fieldValue(type, member, depth) };
    } catch (error) {
      if (!(error instanceof TooDeep)) throw error;
    }
  }
  throw new TooDeep(type.name);
}

/** A value for a field, a list or map with as many as its rules want. */
export function fieldValue(type: MessageInfo, field: FieldInfo, depth = 0): Json {
  const rules = rulesFor(type, field);
  const one = (): Json => goodValue(valueShape(field, oneRules(field, rules)), depth);
  if (field.repeated) return Array.from({ length: rules.minItems ?? 1 }, one);
  if (field.map === undefined) return one();
  return Object.fromEntries(
    Array.from({ length: rules.minPairs ?? 1 }, (_, i) => [keyText(field, i), one()]),
  );
}

function keyText(field: FieldInfo, i: number): string {
  return field.map === 'string' ? `key-${i}` : field.map === 'bool' ? String(i === 0) : String(i);
}

const TEXTS = [
  ...[
    'a',
    '/a',
    'http',
    'a.b',
    '127.0.0.1',
    'a@example.org',
    'https://example.org/a',
    '/{a}',
    'a/b',
    'a.mmdb',
    '%a%',
  ],
  ...[16, 44, 64, 95].map((length) => 'a'.repeat(length)),
];
const NUMBERS = [1, 0, 2, 3, 100, 200, 256, 400, 500, 1024, 4096, 16384, 65536, 1_000_000, -1, 0.5];
const DURATIONS = [
  '1s',
  '0.5s',
  '0.001s',
  '0s',
  '60s',
  '300s',
  '3600s',
  '-1s',
  '86400s',
  '4294967297s',
  '0.0000001s',
];

/** A value that keeps its rules. */
function goodValue(value: ValueShape, depth: number): Json {
  const rules = value.rules ?? {};
  switch (value.op) {
    case Op.String:
      return found([...((rules.in ?? []) as string[]), String(rules.const ?? 'a'), ...TEXTS], (text) =>
        stringKeeps(text, rules),
      );
    case Op.Integer:
      return found([...NUMBERS, Number(value.least), Number(value.most)], (number) => inRange(number, value));
    case Op.Float:
      return found(NUMBERS, (number) => numberKeeps(number, rules));
    case Op.Enum: {
      const numbers = enumeration(value.field.type as string)?.values ?? [];
      return found(numbers, ({ number }) => enumKeeps(number, true, rules)).name;
    }
    case Op.Duration:
      return found(DURATIONS, (text) => durationKeeps(durationNanos(text) as bigint, rules));
    case Op.Bool:
      return rules.const !== false;
    case Op.Bytes:
      return Buffer.alloc(rules.minLen ?? 1).toString('base64');
    case Op.Timestamp:
      return '2020-02-29T12:00:00.5Z';
    case Op.FieldMask:
      return 'a.b,c';
    case Op.Any:
      return { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct' };
    case Op.Struct:
      return { a: 1 };
    case Op.Value:
      return 'a';
    case Op.ListValue:
      return [1];
    default:
      return specimen(message(value.field.type as string) as MessageInfo, undefined, depth + 1);
  }
}

function inRange(number: number, value: ValueShape): boolean {
  return (
    Number.isSafeInteger(number) &&
    number >= value.least &&
    number <= value.most &&
    numberKeeps(number, value.rules ?? {})
  );
}

function found<T>(candidates: readonly T[], keeps: (candidate: T) => boolean): T {
  const value = candidates.find(keeps);
  if (value === undefined)
    throw new Error(`none of ${JSON.stringify(candidates).slice(0, 80)} keeps the rules`);
  return value;
}

/** Values of one field that break a rule of it, each by itself. */
export function brokenValues(value: ValueShape): Json[] {
  const { rules, op } = value;
  if (rules === undefined) return [];
  switch (op) {
    case Op.String: {
      const longest = Math.max(rules.maxBytes ?? 0, rules.maxLen ?? 0);
      const texts = [
        '',
        'zz none',
        'a\nb',
        '?#',
        'b',
        ...(longest > 0 ? ['a'.repeat(longest + 1), 'é'.repeat(longest)] : []),
      ];
      return texts.filter((text) => !stringKeeps(text, rules));
    }
    case Op.Integer:
      return [...NUMBERS, Number(value.least) - 1, Number(value.most) + 1].filter(
        (number) =>
          Number.isSafeInteger(number) &&
          number >= value.range[0] &&
          number <= value.range[1] &&
          !inRange(number, value),
      );
    case Op.Float:
      return [...NUMBERS, 1e9].filter((number) => !numberKeeps(number, rules));
    case Op.Enum: {
      const values = enumeration(value.field.type as string)?.values ?? [];
      return [
        ...values.map(({ name, number }) => ({ name, number, known: true })),
        { name: 987_654, number: 987_654, known: false },
      ]
        .filter(({ number, known }) => !enumKeeps(number, known, rules))
        .map(({ name }) => name);
    }
    case Op.Duration:
      return DURATIONS.filter((text) => !durationKeeps(durationNanos(text) as bigint, rules));
    case Op.Bool:
      return rules.const === undefined ? [] : [!rules.const];
    case Op.Bytes:
      return (rules.minLen ?? 0) > 0 ? [''] : [];
    default:
      return [];
  }
}
