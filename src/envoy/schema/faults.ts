// What the schema check has to say, in words: one function for each kind of fault.

import type { Finding, Level } from '../../finding/finding.js';
import { isSlip, nearName } from '../../finding/near-name.js';
import { quoted, quotedValue } from '../../secrecy/quoted.js';
import type { Kind } from '../../source/tape.js';
import type { FieldInfo, MessageInfo } from '../api-table.js';
import { bothSpellings, inSpellingOf, itemWithoutList, noSuchField, wrongKindOf } from '../field-faults.js';
import { nearField } from '../near-field.js';
import { SNAPSHOT } from '../snapshot.js';
import { predecessorOf, successorOf } from '../upgrade/correspondence.js';
import { replacementOf } from './replacements.js';
import type { FieldRules } from './rules.js';
import { type MessageShape, Op, type Slot, type ValueShape } from './shape.js';
import { simpleName } from './type-names.js';
import { ruleText, sizeText } from './value-rules.js';

/** A finding that does not know its place yet. */
export type Fault = Omit<Finding, 'region' | 'path'>;

/** What helps where a value is wrong: what was meant, or what to do. */
export type Help = Pick<Fault, 'suggestion' | 'remedy'>;

/** A map, list or scalar stands where another is read. */
export function wrongKind(value: ValueShape, kind: Kind, help: Help = {}): Fault {
  return { ...wrongKindOf(value.field.name, kind, expectedValue(value)), ...help };
}

/** A field with many values has one, of a wrong kind. */
export function notMany(field: FieldInfo, kind: Kind): Fault {
  const expected = `a ${field.map === undefined ? 'list' : 'map'} of ${plural(field)}`;
  return wrongKindOf(field.name, kind, expected);
}

/** One item stands without its list. */
export function singleItem(shape: MessageShape, field: FieldInfo, kind: Kind): Fault {
  return itemWithoutList(shape.type, field, kind);
}

/** Lists in a list. */
export function nestedList(field: FieldInfo): Fault {
  return {
    code: 'single-item',
    level: 'warning',
    message: `${field.name} has a list in its list`,
    expected: `items: ${plural(field)}`,
    remedy: 'write one list: Envoy reads it so, other tools may not',
  };
}

/** Lists and maps hold values, and null is none. */
export function nullItem(field: FieldInfo, level: Level): Fault {
  return {
    code: 'null-item',
    level,
    message: `${field.name} holds a null`,
    expected: `${expectedOne(field)}; a null in a ${field.map === undefined ? 'list' : 'map'} is not a value`,
    ...(level === 'warning' && { remedy: 'remove it, or write the value: Envoy reads an empty one' }),
  };
}

/** What becomes of what Envoy does not know. */
const DROPPED = 'Envoy ignores it, since this comes by discovery';

/**
 * A name that the message type does not have.
 *
 * @param wanted the field that was probably meant
 * @param place where a field of this name belongs
 */
export function unknownField(
  shape: MessageShape,
  name: string,
  wanted: FieldInfo | undefined,
  place: string | undefined,
  level: Level,
): Fault {
  const isLater = successorOf(shape.type.name)?.field(name) !== undefined;
  const suggestion = wanted && inSpellingOf(name, wanted);
  // A name that some message nearby has is more telling than one that is only like it.
  const meant =
    place !== undefined && !(suggestion !== undefined && isSlip(name, suggestion)) ? undefined : suggestion;
  const remedy =
    shape.closed && isLater
      ? 'v3 has this field, v2 has not'
      : meant === undefined && place !== undefined
        ? `move it to ${place}`
        : level === 'warning'
          ? DROPPED
          : undefined;
  return {
    ...noSuchField(shape.type, name, level),
    ...(meant !== undefined && { suggestion: meant }),
    ...(remedy !== undefined && { remedy }),
  };
}

/** The merge key of YAML 1.1, which Envoy reads as a field. */
export function mergeKey({ type }: MessageShape, level: Level): Fault {
  return {
    ...noSuchField(type, '<<', level),
    remedy: 'write the members out: Envoy does not merge maps',
  };
}

/** A field of v2 in the v3 message that took the place of its own; undefined where it is none. */
export function fieldOfV2(shape: MessageShape, name: string, level: Level): Fault | undefined {
  const { name: type } = shape.type;
  const bare = name.replace(/^hidden_envoy_deprecated_/, '');
  const field = shape.closed ? undefined : predecessorOf(type)?.field(bare);
  return field === undefined ? undefined : removedField(type, field, level);
}

function removedField(type: string, { name }: FieldInfo, level: Level): Fault {
  const instead = replacementOf(type, name);
  return {
    code: 'removed-field',
    level,
    message: `${name} is no longer a field of ${type}`,
    ...(instead !== undefined && { expected: instead }),
    remedy: 'replace it: only Envoys of about the version that wrote this read it',
  };
}

/** The field of a message type that a name is near to. */
export function fieldNear({ type, near }: MessageShape, name: string): FieldInfo | undefined {
  if (!near.has(name)) {
    near.set(name, nearField(type, name));
  }
  return near.get(name);
}

/** Names of a message that are unknown like those before them. */
export function moreUnknownFields({ type }: MessageShape, level: Level): Fault {
  return { code: 'unknown-field', level, message: `more fields that ${type.name} does not have` };
}

/** Both spellings of one field. */
export function fieldTwice(name: string, other: string): Fault {
  return {
    ...bothSpellings(name, other, 'warning'),
    remedy: 'remove one of them: in YAML either may count, from start to start',
  };
}

/** A field again, which Envoy refuses to read again: a member of a oneof, or an Any. */
export function refusedTwice(name: string): Fault {
  return {
    code: 'field-twice',
    level: 'error',
    message: `${name} is given twice in JSON, and Envoy refuses to read it twice`,
    expected: 'the field once',
    remedy: 'remove one of them',
  };
}

/** Two members of a oneof. */
export function oneofConflict(slot: Slot, other: FieldInfo): Fault {
  return {
    code: 'oneof-conflict',
    level: 'error',
    message: `${slot.field.name} and ${other.name} exclude each other`,
    expected: `one of the two: both are a ${slot.field.oneof}`,
    remedy: 'remove one of them',
  };
}

/** A field that must be there is not. */
export function missingField(shape: MessageShape, { field, rules, value }: Slot): Fault {
  const words =
    field.repeated || field.map !== undefined
      ? `a ${field.repeated ? 'list' : 'map'} with ${sizeText(rules)}`
      : expectedValue(value);
  return {
    code: 'missing-field',
    level: 'error',
    message: `${field.name} is missing in this ${simpleName(shape.type.name)}`,
    expected: words,
  };
}

/** None of the members of a oneof is there, and one must be. */
export function missingOneof(shape: MessageShape, oneof: string): Fault {
  const members = shape.type.fields.filter((field) => field.oneof === oneof && !field.deprecated);
  return {
    code: 'missing-field',
    level: 'error',
    message: `this ${simpleName(shape.type.name)} says no ${oneof}`,
    expected: `${members.length === 1 ? '' : 'one of '}${members.map(({ name }) => name).join(', ')}`,
  };
}

/** A text that is not in the form of its type; `shown` is how messages show it. */
export function badForm(value: ValueShape, shown: string, help: Help = {}): Fault {
  return {
    code: 'bad-value',
    level: 'error',
    message: `${value.field.name} is ${shown}`,
    expected: expectedValue(value),
    ...help,
  };
}

/** A duration that protobuf takes, and Envoy does not. */
export function unfitDuration({ field }: ValueShape, isNegative: boolean): Fault {
  return {
    code: 'unfit-duration',
    level: 'error',
    message: isNegative
      ? `${field.name} is negative, and Envoy takes no negative duration`
      : `${field.name} is longer than Envoy can count`,
    expected: isNegative ? 'a duration of 0s or more' : 'a duration below 9223372036s',
  };
}

/** A value that is in its form and breaks a rule. */
export function ruleBroken(value: ValueShape, shown: string): Fault {
  return {
    code: 'broken-rule',
    level: 'error',
    message: `${value.field.name} is ${shown}`,
    expected: expectedValue(value),
  };
}

/** A map's key that is not in the form of its type, or breaks a rule. */
export function badKey(
  code: 'bad-value' | 'broken-rule',
  field: FieldInfo,
  text: string,
  expected: string,
): Fault {
  return { code, level: 'error', message: `a key of ${field.name} is ${shown(text)}`, expected };
}

/** Too few or too many. */
export function wrongSize(field: FieldInfo, rules: FieldRules, size: number): Fault {
  const unit = field.repeated ? 'item' : 'pair';
  return {
    code: 'broken-rule',
    level: 'error',
    message: `${field.name} has ${size === 0 ? 'no' : size} ${unit}${size === 1 ? '' : 's'}`,
    expected: sizeText(rules),
  };
}

/** The same item again. */
export function itemTwice(field: FieldInfo): Fault {
  return {
    code: 'broken-rule',
    level: 'error',
    message: `duplicate item in ${field.name}`,
    expected: 'unique items',
    remedy: 'remove it',
  };
}

/** A word that the enum does not have. */
export function unknownValue(value: ValueShape, text: string, level: Level): Fault {
  const names = value.values?.values.map(({ name }) => name) ?? [];
  const suggestion = nearName(text, names) ?? names.find((name) => wordsOf(text).endsWith(name));
  return {
    code: 'unknown-value',
    level,
    message: `${value.field.name} is ${shown(text)}, which ${value.values?.name} does not have`,
    expected: names.length > 12 ? `a value of ${value.values?.name}` : `one of ${names.join(', ')}`,
    ...(suggestion !== undefined && { suggestion }),
    ...(level === 'warning' && { remedy: DROPPED }),
  };
}

/** A text in the form of an enum's names, so that a type before a name does not hide it. */
function wordsOf(text: string): string {
  return text.toUpperCase().replace(/[^A-Z\d]+/g, '_');
}

/** An enum's value in a case that only Envoy reads. */
export function enumCase(value: ValueShape, text: string, name: string): Fault {
  return {
    code: 'enum-case',
    level: 'note',
    message: `${value.field.name} is ${shown(text)}; its name is ${name}`,
    expected: name,
    suggestion: name,
    remedy: 'write the name as it is declared: Envoy reads it in any case, other tools do not',
  };
}

/** A form that Envoy reads and the JSON form of protobuf does not have. */
export function looseForm(value: ValueShape, what: string): Fault {
  return {
    code: 'loose-form',
    level: 'warning',
    message: `${value.field.name} is ${what}`,
    expected: expectedValue(value),
    remedy: 'write it as expected: some Envoys accept it as it is, other tools do not',
  };
}

/** An Any without its type. */
export function missingType(field: FieldInfo): Fault {
  return {
    code: 'missing-type',
    level: 'error',
    message: `${field.name} has no @type`,
    expected: '"@type": type.googleapis.com/ and the name of a message',
  };
}

/** A message says its type where that is known anyway. */
export function needlessType(type: MessageInfo): Fault {
  return {
    code: 'loose-form',
    level: 'warning',
    message: `this ${simpleName(type.name)} has an @type, where no other message is allowed`,
    remedy: 'remove it: Envoy dumps it so in some versions, and does not read it',
  };
}

/** The configuration of an extension in the form of before v2. */
export function versionOne(field: FieldInfo): Fault {
  return {
    code: 'removed-field',
    level: 'warning',
    message: `this ${field.name} is written for the v1 API, so it is not checked`,
    remedy: 'write it anew: Envoy 1.9 was the last to read it',
  };
}

/** A member beside the `value` of a well-known type. */
export function besideValue(type: string, member: string): Fault {
  return {
    code: 'unknown-field',
    level: 'error',
    message: `${quoted(member)} is given beside the @type of a ${type}`,
    expected: `@type and value, the JSON form of ${type}`,
  };
}

/** A type URL that is none; `name` is the message that it ends with, where there is one. */
export function badTypeUrl(field: FieldInfo, url: string, name: string | undefined): Fault {
  return {
    code: 'bad-value',
    level: 'error',
    message: `the @type of ${field.name} is ${shown(url)}`,
    expected: 'type.googleapis.com/ and the name of a message',
    ...(name !== undefined && { suggestion: `type.googleapis.com/${name}` }),
  };
}

/** A message of a type that configures nothing, where an extension is configured. */
export function noConfig(name: string): Fault {
  return {
    code: 'missing-config',
    level: 'error',
    message: `a ${name} configures no extension`,
    expected: "the message of the extension's configuration in @type",
    remedy: 'name its message: Envoy finds extensions by the type of their configuration, not by their name',
  };
}

/** An extension without its configuration. */
export function missingConfig(type: MessageInfo): Fault {
  return {
    code: 'missing-config',
    level: 'error',
    message: `this ${simpleName(type.name)} has no typed_config`,
    expected: "typed_config, with the message of the extension's configuration in @type",
    remedy: 'add it: Envoy finds extensions by the type of their configuration, not by their name',
  };
}

/** A message of v2 among messages of v3. */
export function typeOfV2(name: string): Fault {
  const successor = successorOf(name);
  return {
    code: 'removed-type',
    level: 'error',
    message: `${name} is of the v2 API, and no Envoy reads it beside v3 since 1.18`,
    ...(successor !== undefined && { suggestion: successor.name }),
    remedy: '`xdsc convert --to v3` upgrades it',
  };
}

/** Packages of Envoy's v3 API and of what it imports, and names without a message at their end. */
const OF_ENVOY =
  /^\s*(?:(?:udpa|xds|cel|google\.protobuf)\.|envoy\.(?:(?:admin|config|data|extensions|service|type|watchdog)\.(?:\w+\.)*v3(?:alpha)?\.|[\w.]*\.[a-z]\w*$))/;

/**
 * A message of a type that is not in the API: an error where it is one that only Envoy itself could have. Others
 * put messages below `envoy.` too.
 *
 * @param near one that is there, of a like name
 */
export function unknownType(name: string, near: string | undefined): Fault {
  const own = OF_ENVOY.test(name) || near !== undefined;
  return {
    code: 'unknown-extension',
    level: own ? 'error' : 'warning',
    message: own
      ? `Envoy has no message ${quoted(name)}`
      : `${name} is not a message of Envoy, so it is not checked`,
    ...(near !== undefined && { suggestion: near }),
    remedy: own ? `xdsc knows ${SNAPSHOT} and v2's last` : 'only an Envoy that this was built into reads it',
  };
}

/** Why a field is pointed out. */
export function remark(shape: MessageShape, slot: Slot, unknownLevel: Level): Fault {
  const { field } = slot;
  switch (slot.remark) {
    case 'earlier':
      return removedField(shape.type.name, field, shape.closed ? 'warning' : unknownLevel);
    case 'disallowed':
      return {
        code: 'deprecated-field',
        level: 'warning',
        message: `${field.name} of ${shape.type.name} is deprecated, and Envoy refuses it by default`,
        ...expectedInstead(shape, field),
        remedy: 'replace it, or set the runtime key envoy.features.enable_all_deprecated_features',
      };
    case 'unfinished':
      return {
        code: 'work-in-progress',
        level: 'note',
        message: `${field.name} of ${shape.type.name} is work in progress: it may change without notice`,
      };
    default:
      return {
        code: 'deprecated-field',
        level: shape.closed ? 'note' : 'warning',
        message: `${field.name} of ${shape.type.name} is deprecated`,
        ...expectedInstead(shape, field),
        remedy: `\`xdsc explain ${simpleName(shape.type.name)}.${field.name}\` says more`,
      };
  }
}

function expectedInstead({ type }: MessageShape, { name }: FieldInfo): Pick<Fault, 'expected'> {
  const instead = replacementOf(type.name, name);
  return instead === undefined ? {} : { expected: instead };
}

/** A message type that is not finished. */
export function unfinishedType(type: MessageInfo): Fault {
  return {
    code: 'work-in-progress',
    level: 'note',
    message: `${type.name} is work in progress: it may change without notice`,
  };
}

const EXPECTED: Readonly<Record<Op, string>> = {
  [Op.Message]: 'a map',
  [Op.Any]: 'a map with an @type',
  [Op.Struct]: 'a map',
  [Op.Value]: 'any value',
  [Op.ListValue]: 'a list',
  [Op.String]: 'a string',
  [Op.Bytes]: 'bytes in base64',
  [Op.Bool]: 'true or false',
  [Op.Integer]: 'a whole number',
  [Op.Float]: 'a number',
  [Op.Enum]: 'a value of',
  [Op.Duration]: 'a duration in seconds, as in 0.25s',
  [Op.Timestamp]: 'a time, as in 2020-01-31T12:00:00Z',
  [Op.FieldMask]: 'field names in lowerCamelCase, between commas',
};

/** What a value has to be, in words. */
export function expectedValue(value: ValueShape): string {
  const { op, field, rules, least, most, ranged, values } = value;
  if (ranged) return `a whole number from ${least} to ${most}`;
  const words =
    op === Op.Message
      ? `a map: ${simpleName(field.type as string)}`
      : op === Op.Enum
        ? enumWords(values?.name ?? '', values?.values.map(({ name }) => name) ?? [])
        : EXPECTED[op];
  // The values of an enum are named already.
  const rule = rules === undefined ? '' : ruleText(op === Op.Enum ? { ...rules, definedOnly: false } : rules);
  return rule === '' ? words : `${words}, ${rule}`;
}

function enumWords(type: string, names: readonly string[]): string {
  return names.length > 12 ? `a value of ${type}` : `one of ${names.join(', ')}`;
}

function expectedOne(field: FieldInfo): string {
  return field.type === undefined ? `a ${field.scalar}` : `a ${simpleName(field.type)}`;
}

function plural(field: FieldInfo): string {
  return field.type === undefined ? `${field.scalar}s` : `${simpleName(field.type)}s`;
}

/** A text that is not what it must be, as messages show it. */
export function shown(text: string): string {
  return text === '' ? 'empty' : quotedValue(text);
}

/** What is said of a value that may be a secret. */
export const SECRET = 'not what it must be';
