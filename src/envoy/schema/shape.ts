// How messages of a type are checked in one document: which field each of the document's names is, what its
// values have to be, and what must be there. Made while the document is walked, for what it holds.

import type { Tape } from '../../source/tape.js';
import { Kind } from '../../source/tape.js';
import { type EnumInfo, enumeration, type FieldInfo, type MessageInfo, message } from '../api-table.js';
import { earlierFields, fieldNamed } from '../earlier-fields.js';
import { isExtensionPoint } from '../extensions/typed-extensions.js';
import type { VersionFault, Versions } from '../versions/versions.js';
import { type FieldRules, type MessageRules, rulesOf, type ValueRules } from './rules.js';
import { enumKeeps, numberKeeps, sizeKeeps, stringKeeps } from './value-rules.js';
import { type Comparable, rangeOf } from './well-known.js';

/** How a value is checked. */
export const Op = {
  Message: 0,
  Any: 1,
  Struct: 2,
  Value: 3,
  ListValue: 4,
  String: 5,
  Bytes: 6,
  Bool: 7,
  Integer: 8,
  Float: 9,
  Enum: 10,
  Duration: 11,
  Timestamp: 12,
  FieldMask: 13,
} as const;
export type Op = (typeof Op)[keyof typeof Op];

/** What one value of a field has to be: a list's item, a map's value. */
export interface ValueShape {
  readonly op: Op;
  /** The kinds of nodes that can say it, as bits. */
  readonly kinds: number;
  readonly field: FieldInfo;
  readonly rules: ValueRules | undefined;
  /** Of an integer: what its type can hold. */
  readonly range: readonly [Comparable, Comparable];
  /** Of an integer: what its type and its rules allow, where the rules are one range. */
  readonly least: Comparable;
  readonly most: Comparable;
  /** Whether that says all of a number's rules. */
  readonly ranged: boolean;
  /** Of a wrapper: old Envoys also read `{value: 1}`; of a duration: `{seconds: 1}`. */
  readonly wraps: MessageInfo | undefined;
  readonly values: EnumInfo | undefined;
  /** Whether a number has to fit into 32 bits. */
  readonly single: boolean;
  /** Whether the rules of a string say no more than that it is not empty. */
  readonly nonEmpty: boolean;
  /** Of a message: its shape, once it was met. */
  shape: MessageShape | undefined;
  /** The last value that was right, as it was written: most values are like the one before. */
  right: string;
}

/** A field of a message type. */
export interface Slot {
  readonly field: FieldInfo;
  /** Its place among the fields of its message that were met. */
  readonly index: number;
  /** The place of its oneof, behind those of the fields; -1 for none. */
  readonly oneof: number;
  readonly rules: FieldRules;
  readonly value: ValueShape;
  /** Whether a null says something: for google.protobuf.Value alone. */
  readonly nullable: boolean;
  /** Why it is pointed out where it is used; undefined for most. */
  readonly remark: 'earlier' | 'disallowed' | 'deprecated' | 'unfinished' | undefined;
  /** How often that was due. */
  remarks: number;
  /** What the version says of it: null for nothing, undefined where nobody asked. */
  version: VersionFault | null | undefined;
}

/** What must be there. */
interface RequiredField {
  readonly slot: Slot;
}

/** A oneof of which one member must be there. */
interface RequiredOneof {
  readonly name: string;
  readonly place: number;
}

/** A message type. */
export interface MessageShape {
  readonly type: MessageInfo;
  /** In the version that it is checked for. */
  readonly rules: MessageRules;
  /** By the number of the name on the tape: null for no field, undefined where nobody asked. */
  readonly slots: (Slot | null | undefined)[];
  /** How many places a check needs to mark fields and oneofs that are there. */
  readonly places: number;
  readonly required: readonly RequiredField[];
  readonly oneofs: readonly RequiredOneof[];
  /** Whether it is of an API that no longer grows: what is deprecated there stays. */
  readonly closed: boolean;
  readonly unfinished: boolean;
  /** Whether it configures an extension that its `typed_config` names. */
  readonly isExtension: boolean;
  /** The fields that unknown names are near to, for names that were met: files repeat their slips. */
  readonly near: Map<string, FieldInfo | undefined>;
}

/** The shapes of the message types that one document holds. */
export class Shapes {
  private readonly shapes = new Map<string, MessageShape>();
  private readonly fields = new Map<MessageShape, Map<FieldInfo, Slot>>();

  constructor(
    private readonly tape: Tape,
    private readonly versions: Versions,
  ) {}

  /** The shape of a message type. */
  of(type: MessageInfo): MessageShape {
    return this.shapes.get(type.name) ?? this.add(type);
  }

  private add(type: MessageInfo): MessageShape {
    const rules = this.versions.rules(type.name, rulesOf(type.name));
    const count = type.size + earlierFields(type).length;
    const required: RequiredField[] = [];
    const oneofs: RequiredOneof[] = [];
    const shape: MessageShape = {
      type,
      rules,
      slots: new Array(32),
      places: 2 * count,
      required,
      oneofs,
      closed: !type.isV3 && !type.name.startsWith('xds.'),
      unfinished: rules.unfinished ?? false,
      isExtension: isExtensionPoint(type.name),
      near: new Map(),
    };
    this.shapes.set(type.name, shape);
    this.fields.set(shape, new Map());
    for (const name of Object.keys(rules.fields ?? {})) {
      const field = type.field(name);
      if (field === undefined) continue;
      if (isRequired(field, (rules.fields as Record<string, FieldRules>)[name] as FieldRules))
        required.push({ slot: this.slot(shape, field) });
    }
    for (const name of rules.required ?? []) {
      const member = type.fields.find(({ oneof }) => oneof === name) as FieldInfo;
      oneofs.push({ name, place: this.slot(shape, member).oneof });
    }
    return shape;
  }

  /** The field that a key names in a message type; null for none. */
  resolve(shape: MessageShape, key: number): Slot | null {
    const field = fieldNamed(shape.type, this.tape.name(key));
    const slot = field === null ? null : this.slot(shape, field);
    shape.slots[this.tape.links[key] as number] = slot;
    return slot;
  }

  /** A field of a message type. */
  slot(shape: MessageShape, field: FieldInfo): Slot {
    const slots = this.fields.get(shape) as Map<FieldInfo, Slot>;
    let slot = slots.get(field);
    if (slot === undefined) {
      slot = slotOf(shape, field, slots);
      slots.set(field, slot);
    }
    return slot;
  }
}

function slotOf(shape: MessageShape, field: FieldInfo, others: ReadonlyMap<FieldInfo, Slot>): Slot {
  const half = shape.places / 2;
  const oneofs = new Map([...others.values()].map((other) => [other.field.oneof, other.oneof]));
  oneofs.delete(undefined);
  const oneof = field.oneof === undefined ? -1 : (oneofs.get(field.oneof) ?? half + oneofs.size);
  const rules: FieldRules = shape.rules.fields?.[field.name] ?? {};
  return {
    field,
    index: others.size,
    oneof,
    rules,
    value: valueShape(field, field.repeated ? rules.items : field.map === undefined ? rules : rules.values),
    nullable: field.type === 'google.protobuf.Value' && !field.repeated && field.map === undefined,
    remark:
      field.number === 0
        ? 'earlier'
        : rules.disallowed && !shape.closed
          ? 'disallowed'
          : field.deprecated
            ? 'deprecated'
            : rules.unfinished
              ? 'unfinished'
              : undefined,
    remarks: 0,
    version: undefined,
  };
}

const NO_RANGE = [0, 0] as const;

/** What a value of a field has to be, with these rules. */
export function valueShape(field: FieldInfo, given: ValueRules | undefined): ValueShape {
  const rules = given !== undefined && hasRules(given) ? given : undefined;
  const wraps = field.type === undefined ? undefined : wrapped(field.type);
  const inner = wraps === undefined ? field : (wraps.field('value') ?? field);
  const op = opOf(field, inner);
  const range = inner.scalar === undefined ? NO_RANGE : (rangeOf(inner.scalar) ?? NO_RANGE);
  const [least, most] = op === Op.Integer ? narrowed(range, rules) : NO_RANGE;
  return {
    op,
    kinds: KINDS[op],
    field,
    rules,
    range,
    least,
    most,
    ranged: op === Op.Integer && (rules === undefined || isRange(rules)),
    wraps,
    values: op === Op.Enum ? enumeration(field.type as string) : undefined,
    single: inner.scalar === 'float',
    nonEmpty: op === Op.String && rules !== undefined && isNonEmpty(rules),
    shape: undefined,
    right: '',
  };
}

/** Rules of the field that are not about its value. */
const NOT_OF_VALUES: ReadonlySet<string> = new Set([
  'required',
  'presence',
  'disallowed',
  'unfinished',
  'ignoreEmpty',
]);

function hasRules(rules: ValueRules): boolean {
  return Object.keys(rules).some((name) => !NOT_OF_VALUES.has(name));
}

const RANGE_RULES: ReadonlySet<string> = new Set(['gte', 'lte', 'gt', 'lt']);

/** Whether the rules are one range of numbers. */
function isRange(rules: ValueRules): boolean {
  const upper = rules.lt ?? rules.lte;
  const lower = rules.gt ?? rules.gte;
  if (upper !== undefined && lower !== undefined && upper < lower) return false;
  return Object.entries(rules).every(([name, bound]) =>
    RANGE_RULES.has(name) ? typeof bound === 'number' : NOT_OF_VALUES.has(name) && name !== 'ignoreEmpty',
  );
}

function isNonEmpty(rules: ValueRules): boolean {
  return Object.entries(rules).every(([name, bound]) =>
    name === 'minLen' || name === 'minBytes'
      ? bound === 1
      : NOT_OF_VALUES.has(name) && name !== 'ignoreEmpty',
  );
}

function narrowed(
  [least, most]: readonly [Comparable, Comparable],
  rules: ValueRules | undefined,
): readonly [Comparable, Comparable] {
  if (rules === undefined || !isRange(rules)) return [least, most];
  const low = typeof rules.gte === 'number' ? rules.gte : typeof rules.gt === 'number' ? rules.gt + 1 : least;
  const high = typeof rules.lte === 'number' ? rules.lte : typeof rules.lt === 'number' ? rules.lt - 1 : most;
  return [low > least ? low : least, high < most ? high : most];
}

const NUMBER_OR_STRING = (1 << Kind.Number) | (1 << Kind.String);

const KINDS: Readonly<Record<Op, number>> = {
  [Op.Message]: 1 << Kind.Map,
  [Op.Any]: 1 << Kind.Map,
  [Op.Struct]: 1 << Kind.Map,
  [Op.Value]: -1,
  [Op.ListValue]: 1 << Kind.List,
  [Op.String]: 1 << Kind.String,
  [Op.Bytes]: 1 << Kind.String,
  [Op.Bool]: (1 << Kind.Bool) | (1 << Kind.String),
  [Op.Integer]: NUMBER_OR_STRING,
  [Op.Float]: NUMBER_OR_STRING,
  [Op.Enum]: NUMBER_OR_STRING,
  [Op.Duration]: 1 << Kind.String,
  [Op.Timestamp]: 1 << Kind.String,
  [Op.FieldMask]: 1 << Kind.String,
};

const WELL_KNOWN: Readonly<Record<string, Op>> = {
  'google.protobuf.Any': Op.Any,
  'google.protobuf.Struct': Op.Struct,
  'google.protobuf.Value': Op.Value,
  'google.protobuf.ListValue': Op.ListValue,
  'google.protobuf.Duration': Op.Duration,
  'google.protobuf.Timestamp': Op.Timestamp,
  'google.protobuf.FieldMask': Op.FieldMask,
};

function opOf(field: FieldInfo, inner: FieldInfo): Op {
  if (field.kind === 'enum') return Op.Enum;
  if (inner.kind !== 'scalar') return WELL_KNOWN[field.type as string] ?? Op.Message;
  switch (inner.scalar) {
    case 'string':
      return Op.String;
    case 'bytes':
      return Op.Bytes;
    case 'bool':
      return Op.Bool;
    case 'double':
    case 'float':
      return Op.Float;
    default:
      return Op.Integer;
  }
}

function wrapped(type: string): MessageInfo | undefined {
  return /^google\.protobuf\.(?:\w+Value|Duration|Timestamp)$/.test(type) &&
    !/\.(?:List|Null)Value$/.test(type)
    ? message(type)
    : undefined;
}

/**
 * Whether a message without the field breaks its rules: `required` does, and so does a rule that the empty
 * value breaks, where empty and absent are the same. The members of a oneof are bound once they are chosen.
 */
export function isRequired(field: FieldInfo, rules: FieldRules): boolean {
  if (field.oneof !== undefined) return false;
  if (rules.required === true) return true;
  if (field.repeated || field.map !== undefined) return !sizeKeeps(0, rules);
  if (field.kind === 'message' || rules.presence === true || !hasRules(rules)) return false;
  return !emptyKeeps(field, rules);
}

/** Whether the empty value keeps the rules of a field, or of an item of it. */
export function emptyKeeps(field: FieldInfo, rules: ValueRules): boolean {
  if (field.kind === 'enum') {
    const values = enumeration(field.type as string);
    return enumKeeps(0, values?.byNumber(0) !== undefined, rules);
  }
  switch (field.scalar) {
    case 'string':
      return stringKeeps('', rules);
    case 'bytes':
      return (rules.minLen ?? rules.len ?? 0) === 0;
    case 'bool':
      return rules.const !== true;
    default:
      return numberKeeps(0, rules);
  }
}
