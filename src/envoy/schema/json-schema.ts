// JSON Schema (draft 2020-12) of the API's messages, for editors and other tools: derived from the same table
// and rules that the schema check reads. Names are taken in both spellings; an Any is dispatched on `@type`.
//
// What a schema cannot say, and the check does: lengths in bytes are bounds on characters, a duration's bounds
// other than zero are left to the description, and so are uniqueness across forms, null for an absent field,
// and enum values in the cases that only Envoy reads.

import { compareText } from '../../collections/compare-text.js';
import { quoted } from '../../secrecy/quoted.js';
import { type FieldInfo, type MessageInfo, message, messageNames } from '../api-table.js';
import type { Api } from '../detect.js';
import { describedMember, describedType } from './descriptions.js';
import { type FieldRules, rulesOf, type ValueRules } from './rules.js';
import { isRequired, Op, valueShape } from './shape.js';
import { apiOfType, ROOTS, simpleName, typeNamed } from './type-names.js';
import { javaScriptPattern, ruleText, sizeText } from './value-rules.js';
import type { Comparable } from './well-known.js';

/** A JSON Schema, or a part of one. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** A message's schema, or why there is none. */
export type NamedSchema =
  | { readonly schema: JsonSchema }
  | { readonly problem: string; readonly suggestion?: string };

/**
 * The JSON Schema of a message, with the definitions of all that it can hold.
 *
 * @param name as in `Cluster`, `auth.Secret`, or a full name
 * @param api the version of the API; by default v3, or v2 where only that has the message
 */
export function jsonSchema(name: string, api?: Api): NamedSchema {
  const versions: readonly Api[] = api === undefined ? ['v3', 'v2'] : [api];
  for (const version of versions) {
    const found = typeNamed(name, version);
    if ('type' in found)
      return { schema: messageDocument(found.type, apiOfType(found.type.name) ?? version) };
    if ('candidates' in found)
      return { problem: `${name} may be several messages: ${found.candidates.join(', ')}` };
  }
  const found = typeNamed(name, versions[0] as Api);
  const near = 'near' in found ? found.near : undefined;
  return {
    problem: `no message of Envoy's API is called ${quoted(name)}`,
    ...(near !== undefined && { suggestion: near }),
  };
}

function messageDocument(type: MessageInfo, api: Api): JsonSchema {
  return { ...heading(type.name), $ref: reference(type.name), $defs: definitions([type.name], api) };
}

/** A file of JSON. */
export interface SchemaFile {
  readonly name: string;
  readonly content: JsonSchema;
}

/** The file with the definitions that the others refer to. */
const DEFINITIONS = 'envoy.json';

/** The schema files of a version of the API: the definitions, and one for each message that a file can be. */
export function schemaFiles(api: Api): SchemaFile[] {
  const roots = ROOTS[api];
  return [
    {
      name: DEFINITIONS,
      content: { $schema: DIALECT, title: `Envoy's ${api} API`, $defs: definitions(roots, api) },
    },
    ...roots.map((name) => ({
      name: `${simpleName(name)}.json`,
      content: { ...heading(name), $ref: `${DEFINITIONS}${reference(name)}` },
    })),
  ];
}

function heading(name: string): { readonly [keyword: string]: unknown } {
  const description = describedType(name);
  return { $schema: DIALECT, title: name, ...(description !== undefined && { description }) };
}

function reference(name: string): string {
  return `#/$defs/${name}`;
}

/** The definitions of messages and of all that they can hold, by full name, in the order of the names. */
function definitions(roots: readonly string[], api: Api): Record<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const queue = [...roots];
  const refer = (name: string): JsonSchema => {
    if (!found.has(name)) queue.push(name);
    return { $ref: reference(name) };
  };
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.set(name, true); // it may refer to itself
    found.set(name, definition(name, refer, api));
  }
  return Object.fromEntries([...found].sort(([a], [b]) => compareText(a, b)));
}

/** Makes a reference to a definition, which is then made too. */
type Refer = (name: string) => JsonSchema;

function definition(name: string, refer: Refer, api: Api): JsonSchema {
  if (name === 'google.protobuf.Any') return anySchema(refer, api);
  return WELL_KNOWN[name] ?? messageSchema(message(name) as MessageInfo, refer);
}

const INTEGER_TEXT = '^-?[0-9]+$';
const DURATION = '^-?[0-9]+(\\.[0-9]{1,9})?s$';

const WELL_KNOWN: Readonly<Record<string, JsonSchema>> = {
  'google.protobuf.Struct': { type: 'object' },
  'google.protobuf.Value': true,
  'google.protobuf.ListValue': { type: 'array' },
  'google.protobuf.Empty': { type: 'object', additionalProperties: false },
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.FieldMask': { type: 'string' },
};

/** An Any: each known `@type` has its message's schema; an unknown one passes. */
function anySchema(refer: Refer, api: Api): JsonSchema {
  const types = anyTypes(api);
  const withValue = ['Duration', 'Timestamp', 'Struct', 'Value', 'ListValue', 'FieldMask'];
  return {
    type: 'object',
    properties: {
      '@type': {
        type: 'string',
        pattern: '/',
        anyOf: [{ enum: types.map(urlOf) }, { pattern: '/' }],
      },
    },
    anyOf: [{ required: ['@type'] }, { maxProperties: 0 }],
    allOf: [
      ...types.map((name) => ({
        if: { properties: { '@type': { const: urlOf(name) } }, required: ['@type'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: refer(name),
      })),
      {
        if: {
          properties: {
            '@type': { enum: withValue.map((name) => urlOf(`google.protobuf.${name}`)) },
          },
          required: ['@type'],
        },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { required: ['value'] },
      },
    ],
  };
}

function urlOf(name: string): string {
  return `type.googleapis.com/${name}`;
}

/** The messages that a version's Anys hold: those that are declared by themselves, but for those of services. */
function anyTypes(api: Api): string[] {
  return messageNames().filter(
    (name) =>
      apiOfType(name) === api &&
      !/\.[A-Z]\w*\.[A-Z]/.test(name) &&
      (/^envoy\.(?:config|extensions|api\.v2|admin)\./.test(name) || /^(?:xds|istio\.envoy)\./.test(name)),
  );
}

function messageSchema(type: MessageInfo, refer: Refer): JsonSchema {
  const rules = rulesOf(type.name);
  const properties: Record<string, JsonSchema> = {};
  const demands: JsonSchema[] = [];
  const apart: Record<string, JsonSchema> = {};
  for (const field of type.fields) {
    const fieldRules = rules.fields?.[field.name] ?? {};
    const schema = fieldSchema(field, fieldRules, refer);
    properties[field.name] = described(schema, type, field, fieldRules);
    if (field.jsonName !== field.name) properties[field.jsonName] = schema;
    if (isRequired(field, fieldRules)) demands.push(present([field]));
    else if (field.oneof !== undefined) {
      const others = type.fields.filter((other) => other.oneof === field.oneof && other !== field);
      const absent = Object.fromEntries(others.flatMap(spellings).map((name) => [name, false]));
      if (others.length > 0) for (const name of spellings(field)) apart[name] = { properties: absent };
    }
    if (field.jsonName !== field.name) {
      apart[field.jsonName] = merged(apart[field.jsonName], { properties: { [field.name]: false } });
    }
  }
  for (const oneof of rules.required ?? [])
    demands.push(present(type.fields.filter((field) => field.oneof === oneof)));
  const description = describedType(type.name);
  // The message may stand in an Any, with its type beside its fields.
  properties['@type'] = { type: 'string' };
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties,
    additionalProperties: false,
    ...(demands.length > 0 && { allOf: demands }),
    ...(Object.keys(apart).length > 0 && { dependentSchemas: apart }),
  };
}

function merged(one: JsonSchema | undefined, other: { readonly properties: object }): JsonSchema {
  const known = typeof one === 'object' ? (one.properties as object) : {};
  return { properties: { ...known, ...other.properties } };
}

function spellings({ name, jsonName }: FieldInfo): string[] {
  return name === jsonName ? [name] : [name, jsonName];
}

/** That one of the fields is there, in either spelling. */
function present(fields: readonly FieldInfo[]): JsonSchema {
  const names = fields.flatMap(spellings);
  const [only] = names;
  return names.length === 1 && only !== undefined
    ? { required: [only] }
    : { anyOf: names.map((name) => ({ required: [name] })) };
}

function described(schema: JsonSchema, type: MessageInfo, field: FieldInfo, rules: FieldRules): JsonSchema {
  const text = describedMember(type.name, field.name);
  const words = field.repeated || field.map !== undefined ? sizeText(rules) : ruleText(rules);
  const description = [text, words === '' ? undefined : `Rule: ${words}.`].filter(Boolean).join('\n\n');
  return {
    ...(schema === true ? {} : (schema as object)),
    ...(description !== '' && { description }),
    ...(field.deprecated && { deprecated: true, deprecationMessage: `${field.name} is deprecated` }),
  };
}

function fieldSchema(field: FieldInfo, rules: FieldRules, refer: Refer): JsonSchema {
  if (field.repeated) {
    return {
      type: 'array',
      items: oneSchema(field, rules.items, refer),
      ...bounds('minItems', rules.minItems),
      ...bounds('maxItems', rules.maxItems),
      ...(rules.unique === true && { uniqueItems: true }),
    };
  }
  if (field.map === undefined) return oneSchema(field, rules, refer);
  const keys = keySchema(field, rules.keys);
  return {
    type: 'object',
    ...(keys !== undefined && { propertyNames: keys }),
    additionalProperties: oneSchema(field, rules.values, refer),
    ...bounds('minProperties', rules.minPairs),
    ...bounds('maxProperties', rules.maxPairs),
  };
}

function keySchema({ map }: FieldInfo, rules: ValueRules | undefined): JsonSchema | undefined {
  if (map === 'bool') return { enum: ['true', 'false'] };
  if (map !== 'string') return { pattern: INTEGER_TEXT };
  return rules === undefined ? undefined : stringSchema(rules);
}

/** One value of a field: a list's item, a map's value. */
function oneSchema(field: FieldInfo, rules: ValueRules | undefined, refer: Refer): JsonSchema {
  const value = valueShape(field, rules);
  switch (value.op) {
    case Op.String:
      return stringSchema(value.rules ?? {});
    case Op.Bytes:
      return {
        type: 'string',
        pattern: '^[A-Za-z0-9+/_\\-\\s]*={0,2}\\s*$',
        ...bounds('minLength', value.rules?.minLen),
      };
    case Op.Bool:
      return value.rules?.const === undefined ? { type: 'boolean' } : { const: value.rules.const };
    case Op.Integer:
      return integerSchema(value.least, value.most, value.rules ?? {});
    case Op.Float:
      return numberSchema(value.rules ?? {});
    case Op.Enum:
      return enumSchema(value.values?.values ?? [], value.values?.name ?? '', value.rules ?? {});
    case Op.Duration:
      return { type: 'string', pattern: durationPattern(value.rules ?? {}) };
    default:
      return refer(field.type as string);
  }
}

function stringSchema(rules: ValueRules): JsonSchema {
  const { in: allowed, const: only, pattern, prefix, suffix, contains, format, ignoreEmpty } = rules;
  const patterns = [
    pattern === undefined ? undefined : javaScriptPattern(pattern),
    prefix === undefined ? undefined : `^${escaped(prefix)}`,
    suffix === undefined ? undefined : `${escaped(suffix)}$`,
    contains === undefined ? undefined : escaped(contains),
    format === 'http-header-name' && rules.strict !== false
      ? "^:?[0-9a-zA-Z!#$%&'*+,\\-.\\^_|~`]+$"
      : format === 'http-header-name' || (format === 'http-header-value' && rules.strict === false)
        ? '^[^\\u0000\\u000A\\u000D]*$'
        : format === 'http-header-value'
          ? '^[^\\u0000-\\u0008\\u000A-\\u001F\\u007F]*$'
          : undefined,
  ].filter((one) => one !== undefined);
  const [first, ...others] = patterns;
  const schema = {
    type: 'string',
    ...bounds('minLength', rules.minLen ?? fewest(rules.minBytes)),
    ...bounds('maxLength', rules.maxLen ?? rules.maxBytes),
    ...(first !== undefined && { pattern: first }),
    ...(others.length > 0 && { allOf: others.map((one) => ({ pattern: one })) }),
    ...(allowed !== undefined && { enum: allowed }),
    ...(only !== undefined && { const: only }),
    ...(rules.notIn !== undefined && { not: { enum: rules.notIn } }),
  };
  return ignoreEmpty === true ? { anyOf: [{ const: '' }, schema] } : schema;
}

/** As many characters as a number of bytes has at least. */
function fewest(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : Math.ceil(bytes / 4);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function integerSchema(least: Comparable, most: Comparable, rules: ValueRules): JsonSchema {
  const { gt, gte, lt, lte } = rules;
  const number = {
    type: 'integer',
    // Of a rule that zero may break, the type's own bounds are given here.
    ...bounds('minimum', Number(gte ?? least)),
    ...bounds('exclusiveMinimum', gt),
    ...bounds('maximum', Number(lte ?? most)),
    ...bounds('exclusiveMaximum', lt),
    ...(rules.in !== undefined && { enum: rules.in }),
    ...(rules.notIn !== undefined && { not: { enum: rules.notIn } }),
  };
  const text = { type: 'string', pattern: least < 0 ? INTEGER_TEXT : '^[0-9]+$' };
  return { anyOf: [number, ...(rules.ignoreEmpty === true ? [{ const: 0 }] : []), text] };
}

function numberSchema({ gt, gte, lt, lte }: ValueRules): JsonSchema {
  const number = {
    type: 'number',
    ...bounds('minimum', gte),
    ...bounds('exclusiveMinimum', gt),
    ...bounds('maximum', lte),
    ...bounds('exclusiveMaximum', lt),
  };
  return {
    anyOf: [number, { type: 'string', pattern: '^(NaN|-?Infinity|-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?)$' }],
  };
}

function enumSchema(
  values: readonly { readonly name: string; readonly number: number }[],
  type: string,
  rules: ValueRules,
): JsonSchema {
  const allowed = values.filter(
    ({ number }) =>
      (rules.in?.includes(number) ?? true) &&
      !rules.notIn?.includes(number) &&
      (rules.const === undefined || rules.const === number),
  );
  const names = allowed.map(({ name }) => name);
  const texts = names.map((name) => describedMember(type, name) ?? '');
  const closed = rules.definedOnly === true || rules.in !== undefined || rules.const !== undefined;
  const number = closed
    ? { enum: [...new Set(allowed.map(({ number }) => number))] }
    : { type: 'integer', ...(rules.notIn !== undefined && { not: { enum: rules.notIn } }) };
  return {
    anyOf: [{ enum: names, ...(texts.some((text) => text !== '') && { enumDescriptions: texts }) }, number],
  };
}

/** The form of a duration that is not negative, or above zero, where its rules say so. */
function durationPattern({ gt, gte }: ValueRules): string {
  const lower = gt ?? gte;
  if (lower === undefined) return DURATION;
  const positive = DURATION.replace('-?', '');
  return gt === '0s' || (gt === undefined && lower !== '0s')
    ? positive.replace('^', '^(?!0+(\\.0+)?s$)')
    : positive;
}

function bounds(keyword: string, bound: number | string | undefined): object {
  return typeof bound === 'number' ? { [keyword]: bound } : {};
}
