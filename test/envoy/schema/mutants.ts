// Faults made on purpose, one at a time, in a message of every type of the API: what a check has to find, and
// where.

import type { FieldInfo, MessageInfo } from '../../../src/envoy/api-table.js';
import { untypedAny } from '../../../src/envoy/earlier-fields.js';
import { rulesOf } from '../../../src/envoy/schema/rules.js';
import { isRequired, Op, valueShape } from '../../../src/envoy/schema/shape.js';
import { stringKeeps } from '../../../src/envoy/schema/value-rules.js';
import {
  brokenValues,
  type Fields,
  fieldValue,
  type Json,
  oneRules,
  rulesFor,
  specimen,
} from './specimen.js';

/** A message with one fault. */
export interface Mutant {
  readonly type: MessageInfo;
  readonly kind: string;
  /** The members in the order of the text: a name may stand twice. */
  readonly members: readonly (readonly [string, Json])[];
  /** The codes that the fault may be found as. */
  readonly codes: readonly string[];
  /** Where, within the message. */
  readonly path: string;
  /** The number of the member that has the fault; -1 for the message as a whole. */
  readonly member: number;
}

/** All mutants of a message type. */
export function* mutantsOf(type: MessageInfo): Generator<Mutant> {
  const whole = (kind: string, fields: Fields, path: string): Mutant => ({
    type,
    kind,
    members: Object.entries(fields),
    codes: ['missing-field'],
    path,
    member: -1,
  });
  const at = (
    kind: string,
    codes: readonly string[],
    fields: Fields,
    extra: readonly [string, Json],
    path: string,
  ): Mutant => ({
    type,
    kind,
    members: [...Object.entries(fields), extra],
    codes,
    path,
    member: Object.keys(fields).length,
  });
  const base = specimen(type);
  yield at('an unknown name', ['unknown-field'], base, ['qqzzqq', 1], 'qqzzqq');
  for (const oneof of rulesOf(type.name).required ?? []) {
    const members = new Set(type.fields.filter((field) => field.oneof === oneof).map(({ name }) => name));
    yield whole(
      'no member of a oneof',
      without(base, (name) => members.has(name)),
      '',
    );
  }
  for (const field of type.fields) {
    const others = without(specimen(type, field), (name) => name === field.name);
    const rules = rulesFor(type, field);
    const good = fieldValue(type, field);
    if (isRequired(field, rules)) yield whole('a field that is dropped', others, field.name);
    const wrong = wrongKind(field);
    if (wrong !== undefined)
      yield at('a wrong kind', ['wrong-kind'], others, [field.name, wrong], field.name);
    if (field.jsonName !== field.name)
      yield at(
        'both spellings',
        ['field-twice'],
        { ...others, [field.name]: good },
        [field.jsonName, good],
        field.name,
      );
    if (field.oneof !== undefined) {
      for (const sibling of type.fields
        .filter((one) => one.oneof === field.oneof && one !== field)
        .slice(0, 3)) {
        const value = fieldValue(type, sibling);
        yield at(
          'two of a oneof',
          ['oneof-conflict'],
          { ...others, [field.name]: good },
          [sibling.name, value],
          sibling.name,
        );
      }
    }
    const shape = valueShape(field, oneRules(field, rules));
    const wrap = (value: Json): Json =>
      field.repeated
        ? [value]
        : field.map === undefined
          ? value
          : { [Object.keys(good as Fields)[0] ?? '']: value };
    const inside = field.repeated
      ? `${field.name}[0]`
      : field.map === undefined
        ? field.name
        : `${field.name}["${Object.keys(good as Fields)[0]}"]`;
    if (!(field.repeated && (rules.minItems ?? 0) > 1)) {
      for (const broken of brokenValues(shape))
        yield at('a broken rule', ['broken-rule'], others, [field.name, wrap(broken)], inside);
      for (const [codes, bad] of badForms(shape.op)) {
        if (codes.includes('missing-type') && untypedAny(type, field, false) !== undefined) continue;
        const place = shape.op === Op.Any && codes.includes('bad-value') ? `${inside}.@type` : inside;
        yield at('a bad form', codes, others, [field.name, wrap(bad)], place);
      }
      if ((field.repeated || field.map !== undefined) && shape.op !== Op.Value)
        yield at('a null item', ['null-item'], others, [field.name, wrap(null)], inside);
    }
    if (field.repeated) {
      const item = (good as Json[])[0] ?? null;
      if ((rules.minItems ?? 0) > 0)
        yield at(
          'too few items',
          ['broken-rule'],
          others,
          [field.name, Array((rules.minItems as number) - 1).fill(item)],
          field.name,
        );
      if (rules.maxItems !== undefined)
        yield at(
          'too many items',
          ['broken-rule'],
          others,
          [field.name, Array(rules.maxItems + 1).fill(item)],
          field.name,
        );
      if (rules.unique === true && item !== null)
        yield at('an item twice', ['broken-rule'], others, [field.name, [item, item]], `${field.name}[1]`);
    }
    if (field.map !== undefined) {
      const value = Object.values(good as Fields)[0] ?? null;
      if ((rules.minPairs ?? 0) > 0)
        yield at('too few pairs', ['broken-rule'], others, [field.name, {}], field.name);
      const badKey = rules.keys !== undefined && stringKeeps('', rules.keys) ? 'A KEY' : '';
      if (rules.keys !== undefined || field.map !== 'string')
        yield at(
          'a bad key',
          [rules.keys === undefined ? 'bad-value' : 'broken-rule'],
          others,
          [field.name, { [badKey]: value }],
          `${field.name}[${JSON.stringify(badKey)}]`,
        );
    }
  }
}

function without(fields: Fields, drop: (name: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !drop(name)));
}

function wrongKind(field: FieldInfo): Json | undefined {
  const { op, kinds } = valueShape(field, undefined);
  if (op === Op.Value && !field.repeated && field.map === undefined) return undefined;
  if (field.map !== undefined) return 'text';
  if (!field.repeated) return (kinds & (1 << MAP)) !== 0 ? 'text' : op === Op.ListValue ? 'text' : [[]];
  return op === Op.Value || op === Op.ListValue ? undefined : (kinds & (1 << MAP)) !== 0 ? 'text' : {};
}

/** Kind.Map. */
const MAP = 4;

/** Texts and numbers that are not in the form of a type. */
function badForms(op: Op): readonly (readonly [readonly string[], Json])[] {
  switch (op) {
    case Op.String:
      return [[['wrong-kind'], 5]];
    case Op.Bool:
      return [
        [['wrong-kind'], 'on'],
        [['wrong-kind'], 1],
      ];
    case Op.Integer:
      return ['abc', '', ' 1', 1.5, 1e30].map((value) => [['bad-value'], value] as const);
    case Op.Float:
      return ['abc', '', '1e'].map((value) => [['bad-value'], value] as const);
    case Op.Enum:
      return [
        [['unknown-value'], 'QQ_ZZ_QQ'],
        [['bad-value'], 1.5],
      ];
    case Op.Duration:
      return ['5', '1.5', '1 s', '.5s', '1e3s', '315576000001s', '1.0000000001s'].map(
        (value) => [['bad-value'], value] as const,
      );
    case Op.Timestamp:
      return ['now', '2020-02-30T00:00:00Z', '2020-01-01'].map((value) => [['bad-value'], value] as const);
    case Op.Bytes:
      return [[['bad-value'], '!!!']];
    case Op.Any:
      return [
        [['missing-type'], { a: 1 }],
        [['bad-value'], { '@type': 'no-slash' }],
      ];
    default:
      return [];
  }
}
