// The messages and enums of Envoy's API (v2 and v3) and of Istio 1.1's, from a table that
// `npm run generate` derives from the descriptors (scripts/generate/api-table.mjs writes it).
// A descriptor registry knows the same and more, but takes some forty times as long to load.
//
// The table is text, so that loading it costs the loading of one string. A block for each package,
// `#` between blocks: a line with the package's name, then a line for each type:
//
//   message  Name.Nested;oneof,oneof;field;field       fields in the order of their numbers
//   field    name number type, and if there are any, flags: `*` repeated, `!` deprecated,
//            `$` sensitive, `%k` map with keys of scalar k, `~n` gone, `/n` in the nth oneof
//   enum     =Name.Nested;VALUE number;VALUE number !   `!` deprecated
//
// After a type's name and a space, `~n` says that the newest API no longer has it, with the last minor version
// that had it in base 36, and `+` that only contrib builds of Envoy have it.
//
// A field's type is a letter for a scalar: `a` for TYPE_DOUBLE and so on in the order of
// google.protobuf.FieldDescriptorProto.Type. Else it is `.`, the type's place in its package, from
// 0 in base 36, and, unless that is the message's own package, `@` and the package's place.

import table from './generated/api-table.data.js';

export type ScalarKind =
  | 'double'
  | 'float'
  | 'int64'
  | 'uint64'
  | 'int32'
  | 'fixed64'
  | 'fixed32'
  | 'bool'
  | 'string'
  | 'bytes'
  | 'uint32'
  | 'sfixed32'
  | 'sfixed64'
  | 'sint32'
  | 'sint64';

/** A field of a message. */
export interface FieldInfo {
  /** As the .proto file has it: snake_case. */
  readonly name: string;
  /** As protobuf's JSON form has it: lowerCamelCase. */
  readonly jsonName: string;
  readonly number: number;
  /** Of the field's value; of a list's item; of a map's value. */
  readonly kind: 'scalar' | 'enum' | 'message';
  /** When kind is scalar. */
  readonly scalar: ScalarKind | undefined;
  /** Full name, without a leading dot, when kind is enum or message. */
  readonly type: string | undefined;
  /** A list; not a map. */
  readonly repeated: boolean;
  /** The kind of the keys when the field is a map. */
  readonly map: ScalarKind | undefined;
  /** The oneof that the field is a member of. The oneof that stands behind `optional` is none. */
  readonly oneof: string | undefined;
  readonly deprecated: boolean;
  /** Its value must not be shown: `udpa.annotations.sensitive`. */
  readonly sensitive: boolean;
  /** The last minor version of Envoy that had it, where the newest no longer has it. */
  readonly last?: number;
}

/** A message type. */
export interface MessageInfo {
  /** Full name, without a leading dot. */
  readonly name: string;
  /** The last part of the name, the same in both versions of Envoy's API: `Cluster`, `CommonLbConfig`. */
  readonly shortName: string;
  /** Whether it is of a package of Envoy's API v3. */
  readonly isV3: boolean;
  /** The last minor version of Envoy that had it, where the newest no longer has it. */
  readonly last?: number;
  /** Whether only contrib builds of Envoy have it. */
  readonly contrib: boolean;
  /** In the order of their numbers. */
  readonly fields: readonly FieldInfo[];
  /** How many fields it has, told without decoding them. */
  readonly size: number;
  /** The field of this name in either spelling, or undefined. */
  field(name: string): FieldInfo | undefined;
}

/** A value of an enum. */
interface EnumValueInfo {
  readonly name: string;
  readonly number: number;
  readonly deprecated: boolean;
}

/** An enum type. */
export interface EnumInfo {
  /** Full name, without a leading dot. */
  readonly name: string;
  /** As declared; the first is the default. */
  readonly values: readonly EnumValueInfo[];
  /** The value of this name, or undefined. */
  byName(name: string): EnumValueInfo | undefined;
  /** The value of this number, the first declared if there are several, or undefined. */
  byNumber(number: number): EnumValueInfo | undefined;
}

/**
 * The message of this full name (no leading dot), the same object each time. Undefined where the
 * table has none: an unknown name, an enum, a map's entry, an option of .proto files.
 */
export function message(fullName: string): MessageInfo | undefined {
  const known = messages.get(fullName);
  if (known) return known;
  const type = findType(fullName);
  if (!type || type.isEnum) return undefined;
  const decoded = decodeMessage(fullName, type);
  messages.set(fullName, decoded);
  return decoded;
}

/** The enum of this full name (no leading dot), the same object each time, or undefined. */
export function enumeration(fullName: string): EnumInfo | undefined {
  const known = enums.get(fullName);
  if (known) return known;
  const type = findType(fullName);
  if (!type?.isEnum) return undefined;
  const decoded = decodeEnum(fullName, type);
  enums.set(fullName, decoded);
  return decoded;
}

/** The full names of all messages, package by package, in code unit order. */
export function messageNames(): readonly string[] {
  return packages.flatMap((scope) =>
    typesOf(scope)
      .filter((type) => !type.isEnum)
      .map(fullNameOf),
  );
}

/** A block of the table. */
interface Package {
  readonly name: string;
  readonly block: string;
  /** Once they were asked for. */
  types?: readonly Type[];
}

/** A line of the table, not decoded further than its name. */
interface Type {
  /** Without the package's. */
  readonly name: string;
  readonly isEnum: boolean;
  readonly last: number | undefined;
  readonly contrib: boolean;
  readonly scope: Package;
  /** What follows the name. */
  readonly items: string;
}

const packages: readonly Package[] = table
  .split('\n#')
  .map((block) => ({ name: block.slice(0, block.indexOf('\n')), block }));
const packagesByName: ReadonlyMap<string, Package> = new Map(packages.map((scope) => [scope.name, scope]));
const messages = new Map<string, MessageInfo>();
const enums = new Map<string, EnumInfo>();

function findType(fullName: string): Type | undefined {
  // The package is the longest that fits, since no package and message have the same name.
  for (let end = fullName.lastIndexOf('.'); end > 0; end = fullName.lastIndexOf('.', end - 1)) {
    const scope = packagesByName.get(fullName.slice(0, end));
    if (scope) {
      const name = fullName.slice(end + 1);
      return typesOf(scope).find((type) => type.name === name);
    }
  }
  return undefined;
}

function typesOf(scope: Package): readonly Type[] {
  scope.types ??= scope.block
    .split('\n')
    .slice(1)
    .map((line) => {
      const isEnum = line.startsWith('=');
      const end = line.indexOf(';');
      const [name = '', ...marks] = line.slice(isEnum ? 1 : 0, end).split(' ');
      const last = lastOf(marks[0] ?? '');
      return { name, isEnum, last, contrib: marks.includes('+'), scope, items: line.slice(end + 1) };
    });
  return scope.types;
}

function fullNameOf({ scope, name }: Type): string {
  return `${scope.name}.${name}`;
}

/** A field is decoded when it is asked for: a configuration has few of the fields that it could have. */
function decodeMessage(name: string, { scope, items, last, contrib }: Type): MessageInfo {
  const [oneofs = '', ...fieldItems] = items.split(';');
  const oneofNames = oneofs.split(',');
  const known = new Map<string, FieldInfo>();
  let all: readonly FieldInfo[] | undefined;

  const decode = (item: string): FieldInfo => {
    const field = known.get(nameOf(item)) ?? decodeField(item, oneofNames, scope);
    known.set(field.name, field).set(field.jsonName, field);
    return field;
  };
  const decodeAll = (): readonly FieldInfo[] => {
    all ??= fieldItems.map(decode);
    return all;
  };
  return {
    name,
    shortName: name.slice(name.lastIndexOf('.') + 1),
    isV3: /\.v3(?:alpha)?\./.test(name),
    ...(last !== undefined && { last }),
    contrib,
    size: fieldItems.length,
    get fields() {
      return decodeAll();
    },
    field(name) {
      const field = known.get(name);
      // Once all are decoded, what is not known is not there.
      if (field || all) return field;
      const item = fieldItems.find((item) => nameOf(item) === name);
      if (item) return decode(item);
      decodeAll();
      return known.get(name);
    },
  };
}

function nameOf(item: string): string {
  return item.slice(0, item.indexOf(' '));
}

function decodeField(item: string, oneofs: readonly string[], scope: Package): FieldInfo {
  const [name = '', number, valueType = '', flags = ''] = item.split(' ');
  const type = valueType.startsWith('.') ? typeAt(valueType, scope) : undefined;
  const key = flags.indexOf('%');
  const oneof = flags.indexOf('/');
  const last = lastOf(flags);
  return {
    name,
    jsonName: lowerCamelCase(name),
    number: Number(number),
    kind: type === undefined ? 'scalar' : type.isEnum ? 'enum' : 'message',
    scalar: type === undefined ? scalarOf(valueType) : undefined,
    type: type && fullNameOf(type),
    repeated: flags.includes('*'),
    map: key < 0 ? undefined : scalarOf(flags.charAt(key + 1)),
    oneof: oneof < 0 ? undefined : oneofs[Number(flags.slice(oneof + 1))],
    deprecated: flags.includes('!'),
    sensitive: flags.includes('$'),
    ...(last !== undefined && { last }),
  };
}

/** The version after `~` in flags or marks. */
function lastOf(flags: string): number | undefined {
  const at = flags.indexOf('~');
  return at < 0 ? undefined : Number.parseInt(/^\w+/.exec(flags.slice(at + 1))?.[0] ?? '', 36);
}

function typeAt(reference: string, scope: Package): Type | undefined {
  const [place = '', elsewhere] = reference.slice(1).split('@');
  const home = elsewhere === undefined ? scope : packages[Number.parseInt(elsewhere, 36)];
  return home && typesOf(home)[Number.parseInt(place, 36)];
}

function decodeEnum(name: string, { items }: Type): EnumInfo {
  const values = items.split(';').map((item): EnumValueInfo => {
    const [valueName = '', number, flags = ''] = item.split(' ');
    return { name: valueName, number: Number(number), deprecated: flags.includes('!') };
  });
  return {
    name,
    values,
    byName: (name) => values.find((value) => value.name === name),
    byNumber: (number) => values.find((value) => value.number === number),
  };
}

/** By google.protobuf.FieldDescriptorProto.Type, from 1; groups, messages and enums are no scalars. */
const SCALARS: readonly (ScalarKind | undefined)[] = [
  'double',
  'float',
  'int64',
  'uint64',
  'int32',
  'fixed64',
  'fixed32',
  'bool',
  'string',
  undefined,
  undefined,
  'bytes',
  'uint32',
  undefined,
  'sfixed32',
  'sfixed64',
  'sint32',
  'sint64',
];

function scalarOf(letter: string): ScalarKind | undefined {
  return SCALARS[letter.charCodeAt(0) - 'a'.charCodeAt(0)];
}

/** The JSON name of a field; the table's writer makes sure that no field has another. */
function lowerCamelCase(name: string): string {
  const [first, ...rest] = name.split('_');
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
