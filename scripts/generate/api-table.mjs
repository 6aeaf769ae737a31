// Writes the compact table of the API that src/envoy/api-table.ts reads; the format is described there.

import { getOption, ScalarType } from '@bufbuild/protobuf';
import { extension } from './descriptors.mjs';

/**
 * What a configuration can hold, itself or in an Any; the types that these refer to come along. What is sent to
 * Istio's CA is not configuration.
 */
const PACKAGES = /^(envoy|istio(?!\.v1\.auth)|udpa|xds)\./;
/** Options of .proto files, which no configuration holds. */
const ANNOTATIONS = /^(envoy|udpa|xds)\.annotations\b/;
/** Files of types with a JSON form of their own: they are there whether or not the API refers to them. */
const WELL_KNOWN = /^google\/protobuf\/(any|duration|empty|field_mask|struct|timestamp|wrappers)$/;

/**
 * Encodes the messages and enums of the API.
 *
 * @param {{
 *   registry: import('@bufbuild/protobuf').FileRegistry,
 *   additions: { last: ReadonlyMap<string, number>, contrib: ReadonlySet<string> },
 * }} descriptors
 * @returns {string} the table, the same for the same descriptors in whatever order of files
 * @throws an Error when a field has something that the table has no place for
 */
export function encodeApiTable({ registry, additions }) {
  const packages = packagesOf(registry);
  const places = new Map();
  for (const [packageNumber, { types }] of packages.entries()) {
    for (const [number, type] of types.entries()) places.set(type, { packageNumber, number });
  }
  const sensitive = extension(registry, 'udpa.annotations.sensitive');

  return packages.map(packageBlock).join('\n#');

  function packageBlock({ name: packageName, types }, packageNumber) {
    const lines = types.map((type) => {
      const local = type.typeName.slice(packageName.length + 1);
      const name = local + goneType(type.typeName) + (additions.contrib.has(type.typeName) ? ' +' : '');
      return type.kind === 'enum' ? enumLine(name, type) : messageLine(name, type, packageNumber);
    });
    return [packageName, ...lines].join('\n');
  }

  function messageLine(name, message, packageNumber) {
    const oneofs = message.oneofs.map((oneof) => oneof.name);
    const fields = [...message.fields].sort((a, b) => a.number - b.number);
    const items = fields.map((field) => fieldItem(field, oneofs, packageNumber));
    return [name, oneofs.join(','), ...items].join(';');
  }

  function fieldItem(field, oneofs, packageNumber) {
    if (field.jsonName !== lowerCamelCase(field.name)) {
      throw new Error(`${field} has a json_name of its own, for which the table has no place`);
    }
    const flags = [
      field.fieldKind === 'list' ? '*' : '',
      field.deprecated ? '!' : '',
      getOption(field, sensitive) ? '$' : '',
      field.fieldKind === 'map' ? `%${scalarLetter(field.mapKey)}` : '',
      gone(`${field.parent.typeName}.${field.name}`).trimStart(),
      field.oneof ? `/${oneofs.indexOf(field.oneof.name)}` : '',
    ].join('');
    return [field.name, field.number, valueType(field, packageNumber), flags].join(' ').trimEnd();
  }

  /** The mark of what the newest API no longer has: the last minor version that had it. */
  function gone(name) {
    const last = additions.last.get(name);
    return last === undefined ? '' : ` ~${last.toString(36)}`;
  }

  /** The same for a type, which goes with the message that it is in. */
  function goneType(name) {
    if (name === '') return '';
    return gone(name) || goneType(name.slice(0, Math.max(0, name.lastIndexOf('.'))));
  }

  function valueType(field, fromPackage) {
    if (field.scalar) return scalarLetter(field.scalar);
    const { packageNumber, number } = places.get(field.message ?? field.enum);
    const elsewhere = packageNumber === fromPackage ? '' : `@${packageNumber.toString(36)}`;
    return `.${number.toString(36)}${elsewhere}`;
  }
}

function enumLine(name, enumeration) {
  const values = enumeration.values.map(
    (value) => `${value.name} ${value.number}${value.deprecated ? ' !' : ''}`,
  );
  return [`=${name}`, ...values].join(';');
}

/**
 * The full names of the messages that the table has.
 *
 * @param {{ registry: import('@bufbuild/protobuf').FileRegistry }} descriptors
 */
export function messagesOf({ registry }) {
  return new Set(
    [...typesOf(registry)].filter(({ kind }) => kind === 'message').map((type) => type.typeName),
  );
}

/** The packages of the table with their types, both in code unit order of their names. */
function packagesOf(registry) {
  const packages = new Map();
  for (const type of typesOf(registry)) {
    const name = type.file.proto.package;
    if (!packages.has(name)) packages.set(name, []);
    packages.get(name).push(type);
  }
  return [...packages]
    .map(([name, types]) => ({ name, types: types.sort((a, b) => order(a.typeName, b.typeName)) }))
    .sort((a, b) => order(a.name, b.name));
}

const order = (a, b) => (a < b ? -1 : 1);

/** The messages and enums that are in the table, each once; map entries are not. */
function typesOf(registry) {
  const found = new Set();
  for (const type of registry) {
    if (type.kind !== 'message' && type.kind !== 'enum') continue;
    if (type.kind === 'message' && type.proto.options?.mapEntry) continue;
    const wanted = PACKAGES.test(type.typeName) && !ANNOTATIONS.test(type.typeName);
    if (wanted || WELL_KNOWN.test(type.file.name)) add(type);
  }
  return found;

  function add(type) {
    if (found.has(type)) return;
    found.add(type);
    if (type.kind === 'enum') return;
    for (const field of type.fields) {
      const refersTo = field.message ?? field.enum;
      if (refersTo) add(refersTo);
    }
  }
}

/** `a` for TYPE_DOUBLE, which is 1, and so on in the order of descriptor.proto. */
const scalarLetter = (scalar) => String.fromCharCode('a'.charCodeAt(0) + scalar - ScalarType.DOUBLE);

/** The JSON name that a field has unless it says otherwise, as descriptor.proto defines it. */
const lowerCamelCase = (name) => name.replace(/_+(.?)/g, (_, letter) => letter.toUpperCase());
