// Writes what the API's options say beside names and types: validate rules, required oneofs, fields that are
// disallowed, unfinished or have presence. src/envoy/schema/rules.ts reads it and describes the form.

import { getOption, hasOption } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';

/** Rules of a list's items and a map's keys and values, which are FieldRules again. */
const INNER = new Set(['items', 'keys', 'values']);
/** validate.KnownRegex. */
const KNOWN_REGEX = { 1: 'http-header-name', 2: 'http-header-value' };
/** The options of validate.StringRules that are formats. */
const FORMATS = new Set(['email', 'hostname', 'ip', 'ipv4', 'ipv6', 'uri', 'uri_ref', 'address', 'uuid']);

/**
 * Encodes the rules of the messages that a table has.
 *
 * @param {{ registry: import('@bufbuild/protobuf').FileRegistry }} descriptors
 * @param {ReadonlySet<string>} names the messages, by full name
 * @returns {string} a line for each message that has something to say
 * @throws an Error when there is a rule of a kind that the reader does not know
 */
export function encodeSchemaRules({ registry }, names) {
  /** @returns {any} */
  const option = (type, name) => {
    const extension = registry.getExtension(name);
    return extension !== undefined && hasOption(type, extension) ? getOption(type, extension) : undefined;
  };
  return [...names]
    .sort()
    .flatMap((name) => {
      const message = registry.getMessage(name);
      const rules = message === undefined ? {} : messageRules(message);
      return Object.keys(rules).length === 0 ? [] : [`${name} ${JSON.stringify(rules)}`];
    })
    .join('\n');

  function isInProgress(type, name) {
    return option(type, name)?.workInProgress === true;
  }

  function messageRules(message) {
    if (option(message, 'validate.disabled') || option(message, 'validate.ignored')) return {};
    const fields = Object.fromEntries(
      message.fields.flatMap((field) => {
        const rules = fieldRules(field);
        return Object.keys(rules).length === 0 ? [] : [[field.name, rules]];
      }),
    );
    const oneofs = message.oneofs.filter((oneof) => option(oneof, 'validate.required'));
    const isUnfinished =
      isInProgress(message, 'xds.annotations.v3.message_status') ||
      isInProgress(message.file, 'xds.annotations.v3.file_status');
    return {
      ...(Object.keys(fields).length > 0 && { fields }),
      ...(oneofs.length > 0 && { required: oneofs.map((oneof) => oneof.name) }),
      ...(isUnfinished && { unfinished: true }),
    };
  }

  function fieldRules(field) {
    const rules = option(field, 'validate.rules');
    return {
      ...(rules !== undefined && flatRules(registry, rules, field)),
      ...(field.proto.proto3Optional && { presence: true }),
      ...(option(field, 'envoy.annotations.disallowed_by_default') && { disallowed: true }),
      ...(isInProgress(field, 'xds.annotations.v3.field_status') && { unfinished: true }),
    };
  }
}

/** The rules without the level that tells the type of the field, which is known; `field` is for messages. */
export function flatRules(registry, rules, field) {
  const result = {};
  if (rules.message?.required) result.required = true;
  if (rules.message?.skip) result.skip = true;
  if (rules.type.case === undefined) return result;
  const typed = rules.type.value;
  const desc = registry.getMessage(typed.$typeName);
  if (desc === undefined) throw new Error(`${field}: rules of an unknown type ${typed.$typeName}`);
  const view = reflect(desc, typed);
  for (const rule of desc.fields) {
    if (!view.isSet(rule)) continue;
    const value = rule.oneof ? typed[rule.oneof.localName].value : typed[rule.localName];
    if (INNER.has(rule.name)) result[rule.name] = flatRules(registry, value, field);
    else if (FORMATS.has(rule.name)) result.format = rule.name.replace('_', '-');
    else if (rule.name === 'well_known_regex') {
      if (KNOWN_REGEX[value] === undefined) throw new Error(`${field}: unknown regex ${value}`);
      result.format = KNOWN_REGEX[value];
    } else result[rule.localName] = plain(value, field);
  }
  return result;
}

/** A bound as JSON has it: 64-bit integers as text where no double holds them, durations as `1.5s`. */
function plain(value, field) {
  if (Array.isArray(value)) return value.map((item) => plain(item, field));
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value?.$typeName === 'google.protobuf.Duration') {
    const nanos = value.nanos === 0 ? '' : `.${String(value.nanos).padStart(9, '0').replace(/0+$/, '')}`;
    return `${value.seconds}${nanos}s`;
  }
  if (typeof value === 'object') throw new Error(`${field}: no form for a rule of ${value.$typeName}`);
  return value;
}
