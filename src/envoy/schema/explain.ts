// What the API says of a field, a message or an enum value, for `xdsc explain`: its type and rules, what it
// excludes, whether it is deprecated, and what it became in v3.

import { nearName } from '../../finding/near-name.js';
import { quoted } from '../../secrecy/quoted.js';
import { enumeration, type FieldInfo, type MessageInfo, message, messageNames } from '../api-table.js';
import type { Api } from '../detect.js';
import { fieldIn, successorOf } from '../upgrade/correspondence.js';
import { describedMember, describedType } from './descriptions.js';
import { expectedValue } from './faults.js';
import { replacementOf } from './replacements.js';
import { type FieldRules, rulesOf } from './rules.js';
import { isRequired, valueShape } from './shape.js';
import { apiOfType, ROOTS, simpleName, typeNamed } from './type-names.js';
import { ruleText, sizeText } from './value-rules.js';

/** A field in a list of them. */
interface FieldLine {
  readonly name: string;
  readonly type: string;
  readonly deprecated: boolean;
}

/** A value of an enum. */
interface ValueLine {
  readonly name: string;
  readonly number: number;
  readonly deprecated: boolean;
  readonly description?: string;
}

/** What is known of a path. */
export interface Explanation {
  /** In full: the message's full name, and the fields. */
  readonly path: string;
  readonly api: Api | undefined;
  /** The type in words, as in `list of envoy.api.v2.core.Address`. */
  readonly type: string;
  readonly description?: string;
  /** What it is in the API: a message or enum, and a field or value of it. */
  readonly element: { readonly type: string; readonly member?: string };
  /** What must hold, each in words. */
  readonly rules: readonly string[];
  /** Why it should not be used. */
  readonly deprecated?: string;
  /** The field's or message's name in v3, or what took its place. */
  readonly inV3?: string;
  /** The oneof that the field is a member of, with the members that it excludes. */
  readonly oneof?: {
    readonly name: string;
    readonly required: boolean;
    readonly siblings: readonly string[];
  };
  /** Of a message: its fields. */
  readonly fields?: readonly FieldLine[];
  /** Of an enum: its values. */
  readonly values?: readonly ValueLine[];
}

/** Why a path could not be explained. */
export interface Unexplained {
  readonly problem: string;
  /** The whole path as it was probably meant. */
  readonly suggestion?: string;
  /** How much of the path is known. */
  readonly known: number;
}

/**
 * Explains a path, as in `Cluster.tls_context.common_tls_context`: a message by its full name or the end of it,
 * and fields in either spelling; places in lists are passed over. A path without a message begins at Bootstrap.
 *
 * @param api the version; by default v3, or v2 where only that has the path
 */
export function explain(path: string, api?: Api): Explanation | Unexplained {
  if (api !== undefined) return explainIn(path, api);
  const now = explainIn(path, 'v3');
  if (!('problem' in now)) return now;
  const before = explainIn(path, 'v2');
  return 'problem' in before && before.known <= now.known ? now : before;
}

function explainIn(path: string, api: Api): Explanation | Unexplained {
  const parts = path
    .replace(/\[[^\]]*\]/g, '')
    .split('.')
    .filter((part) => part !== '');
  const start = startOf(parts, api);
  if ('problem' in start) return start;
  let { type } = start;
  let steps = type.name;
  let field: FieldInfo | undefined;
  let holder = type;
  for (let at = start.used; at < parts.length; at++) {
    const name = parts[at] as string;
    const value = field === undefined ? undefined : valueNamed(field, name);
    if (value !== undefined && at === parts.length - 1)
      return explainValue(field as FieldInfo, value, steps, api);
    if (field !== undefined && field.kind !== 'message') return tooFar(steps, field, at);
    if (field !== undefined && (type.name === ANY || type.name === STRUCT))
      return anyHolds(steps, type, name, at);
    const next = type.field(name);
    if (next === undefined) return unknownField(parts, at, type);
    field = next;
    holder = type;
    steps += `.${next.name}`;
    if (next.type !== undefined && next.kind === 'message') type = message(next.type) as MessageInfo;
  }
  return field === undefined ? explainMessage(type) : explainField(holder, field, steps);
}

const ANY = 'google.protobuf.Any';
const STRUCT = 'google.protobuf.Struct';

/** The message that a path begins at, and how many of its parts name that. */
function startOf(
  parts: readonly string[],
  api: Api,
): { readonly type: MessageInfo; readonly used: number } | Unexplained {
  for (let used = parts.length; used > 0; used--) {
    const found = typeNamed(parts.slice(0, used).join('.'), api);
    if ('type' in found) return { type: found.type, used };
  }
  const bootstrap = message(ROOTS[api][0] as string) as MessageInfo;
  const [first = ''] = parts;
  const only = parts.length === 1 && bootstrap.field(first) === undefined ? holdersOf(first, api) : [];
  if (only.length === 1 && holdersInV2Alone(first, api).length === 0)
    return { type: message(only[0] as string) as MessageInfo, used: 0 };
  if (bootstrap.field(first) !== undefined) return { type: bootstrap, used: 0 };
  const found = typeNamed(first, api);
  if ('candidates' in found) {
    const several = found.candidates.slice(0, 8).join(', ');
    return { problem: `${first} may be several messages: ${several}`, known: 0 };
  }
  const bare = parts.length === 1 ? holdersOf(first, api) : [];
  if (bare.length > 0) {
    const all = [
      ...bare.map((holder) => `${simpleName(holder)}.${first}`),
      ...holdersInV2Alone(first, api).map((holder) => `${simpleName(holder)}.${first} (v2 alone)`),
    ];
    const several = all.slice(0, 8);
    const more = all.length > several.length ? `, and ${all.length - several.length} more` : '';
    return { problem: `${first} is a field of several messages: ${several.join(', ')}${more}`, known: 0 };
  }
  const near = 'near' in found ? found.near : undefined;
  return {
    problem: `no message of the ${api} API is called ${quoted(first)}`,
    ...(near !== undefined && { suggestion: [near, ...parts.slice(1)].join('.') }),
    known: 0,
  };
}

/** The messages that have a field of a name; those that are not in the newest API are left out. */
function holdersOf(name: string, api: Api): readonly string[] {
  if (!/^[a-z]/.test(name)) return [];
  return messageNames().filter((full) => {
    const type = full.startsWith('envoy.') && apiOfType(full) === api ? message(full) : undefined;
    return type !== undefined && type.last === undefined && type.field(name) !== undefined;
  });
}

/** The messages of v2 that have a field which their successors in v3 have not. */
function holdersInV2Alone(name: string, api: Api): readonly string[] {
  if (api === 'v2') return [];
  return holdersOf(name, 'v2').filter((full) => {
    const successor = successorOf(full);
    return successor !== undefined && successor.field(name) === undefined;
  });
}

function unknownField(parts: readonly string[], at: number, type: MessageInfo): Unexplained {
  const name = parts[at] as string;
  const near = nearName(
    name,
    type.fields.map((field) => field.name),
  );
  return {
    problem: `${type.name} has no field ${quoted(name)}`,
    ...(near !== undefined && {
      suggestion: [...parts.slice(0, at), near, ...parts.slice(at + 1)].join('.'),
    }),
    known: at,
  };
}

function tooFar(steps: string, field: FieldInfo, known: number): Unexplained {
  return { problem: `${steps} is ${typeWords(field)} and has no fields`, known };
}

function anyHolds(steps: string, type: MessageInfo, name: string, known: number): Unexplained {
  const what = type.name === ANY ? 'any message' : 'any map';
  return {
    problem: `${steps} holds ${what}: begin with the message that has ${name}, as in UpstreamTlsContext.sni`,
    known,
  };
}

function valueNamed(field: FieldInfo, name: string): ValueLine | undefined {
  return field.kind === 'enum' ? valuesOf(field).find((value) => value.name === name) : undefined;
}

function valuesOf(field: FieldInfo): ValueLine[] {
  const type = field.type as string;
  return (enumeration(type)?.values ?? []).map(({ name, number, deprecated }) => {
    const description = describedMember(type, name);
    return { name, number, deprecated, ...(description !== undefined && { description }) };
  });
}

/** Explains a value of an enum by its name; undefined where it has none of that name. */
export function explainEnumValue(field: FieldInfo, name: string): Explanation | undefined {
  const value = valueNamed(field, name);
  return value === undefined ? undefined : explainValue(field, value, String(field.type), 'v3');
}

function explainValue(field: FieldInfo, value: ValueLine, steps: string, api: Api): Explanation {
  return {
    path: `${steps}.${value.name}`,
    api: apiOfType(field.type as string) ?? api,
    element: { type: field.type as string, member: value.name },
    type: `value ${value.number} of ${field.type}`,
    ...(value.description !== undefined && { description: value.description }),
    rules: [],
    ...(value.deprecated && { deprecated: 'it is deprecated' }),
  };
}

/** Explains a message. */
export function explainMessage(type: MessageInfo): Explanation {
  const rules = rulesOf(type.name);
  const api = apiOfType(type.name);
  const successor = api === 'v2' ? successorOf(type.name) : undefined;
  const description = describedType(type.name);
  return {
    path: type.name,
    api,
    element: { type: type.name },
    type: 'message',
    ...(description !== undefined && { description }),
    rules: (rules.required ?? []).map((oneof) => `a ${oneof}: ${membersOf(type, oneof).join(', ')}`),
    ...(rules.unfinished === true && { deprecated: 'it is work in progress and may change' }),
    ...(successor !== undefined && successor !== type && { inV3: successor.name }),
    fields: fieldLines(type),
  };
}

/**
 * Explains a field of a message.
 *
 * @param path what the explanation calls it
 */
export function explainField(
  holder: MessageInfo,
  field: FieldInfo,
  path = `${holder.name}.${field.name}`,
): Explanation {
  const messageRules = rulesOf(holder.name);
  const rules: FieldRules = messageRules.fields?.[field.name] ?? {};
  const description = describedMember(holder.name, field.name);
  const inV3 = apiOfType(holder.name) === 'v2' ? fieldInV3(holder, field) : undefined;
  const target = field.kind === 'message' ? message(field.type as string) : undefined;
  const siblings = field.oneof === undefined ? [] : membersOf(holder, field.oneof);
  const deprecated = deprecation(holder, field, rules);
  return {
    path,
    api: apiOfType(holder.name),
    element: { type: holder.name, member: field.name },
    type: typeWords(field),
    ...(description !== undefined && { description }),
    rules: ruleLines(field, rules),
    ...(deprecated !== undefined && { deprecated }),
    ...(inV3 !== undefined && { inV3 }),
    ...(field.oneof !== undefined && {
      oneof: {
        name: field.oneof,
        required: messageRules.required?.includes(field.oneof) ?? false,
        siblings: siblings.filter((name) => name !== field.name),
      },
    }),
    ...(target !== undefined &&
      !target.name.startsWith('google.protobuf.') && { fields: fieldLines(target) }),
    ...(field.kind === 'enum' && { values: valuesOf(field) }),
  };
}

function deprecation(holder: MessageInfo, field: FieldInfo, rules: FieldRules): string | undefined {
  if (rules.unfinished === true) return 'it is work in progress and may change';
  if (!field.deprecated) return undefined;
  const refused = rules.disallowed === true ? 'deprecated, and refused by default' : 'deprecated';
  const instead = apiOfType(holder.name) === 'v3' ? replacementOf(holder.name, field.name) : undefined;
  return instead === undefined ? refused : `${refused}: use ${instead}`;
}

function fieldInV3(holder: MessageInfo, field: FieldInfo): string | undefined {
  const successor = successorOf(holder.name);
  const instead = replacementOf(holder.name, field.name);
  if (successor === undefined || successor === holder) return instead;
  const same = fieldIn(successor, field);
  if (same !== undefined && !(same.deprecated && instead !== undefined))
    return `${successor.name}.${same.name}`;
  if (instead !== undefined) return `${successor.name}: ${instead}`;
  return `${successor.name} has no such field`;
}

function membersOf(type: MessageInfo, oneof: string): string[] {
  return type.fields.filter((field) => field.oneof === oneof).map(({ name }) => name);
}

function fieldLines(type: MessageInfo): FieldLine[] {
  return type.fields.map((field) => ({
    name: field.name,
    type: shortType(field),
    deprecated: field.deprecated,
  }));
}

/** A type in full. */
function typeWords(field: FieldInfo): string {
  return wrapped(field, field.type ?? field.scalar ?? '');
}

/** A type without its package. */
export function shortType(field: FieldInfo): string {
  return wrapped(field, field.type === undefined ? (field.scalar ?? '') : simpleName(field.type));
}

function wrapped(field: FieldInfo, name: string): string {
  if (field.map !== undefined) return `map of ${field.map} to ${name}`;
  return field.repeated ? `list of ${name}` : name;
}

function ruleLines(field: FieldInfo, rules: FieldRules): string[] {
  const lines: string[] = [];
  if (isRequired(field, rules)) lines.push('required');
  const many = field.repeated || field.map !== undefined;
  const size = many ? sizeText(rules) : '';
  if (size !== '') lines.push(size);
  if (!many) lines.push(...valueLines(field, rules));
  if (rules.items !== undefined)
    lines.push(...valueLines(field, rules.items).map((line) => `each item: ${line}`));
  if (rules.keys !== undefined && ruleText(rules.keys) !== '')
    lines.push(`each key: ${ruleText(rules.keys)}`);
  if (rules.values !== undefined)
    lines.push(...valueLines(field, rules.values).map((line) => `each value: ${line}`));
  return lines;
}

function valueLines(field: FieldInfo, rules: FieldRules): string[] {
  const value = valueShape(field, rules);
  if (field.kind === 'message' && field.type !== undefined && value.rules === undefined) return [];
  return value.rules === undefined || ruleText(value.rules) === '' ? [] : [expectedValue(value)];
}
