// Adds to the descriptors of the pinned package what Envoy's v3 API has today: the declarations of
// proto/additions. The package is Envoy 1.31's API and may not be shadowed by .proto files, so these are
// text files of their own, one for each version of Envoy (the version that brought an element, with the
// element as the newest version has it), one for contrib extensions and one for xds. One declaration a line:
//
//   file PATH[ package NAME]                 the file of what follows; a new one names its package
//     options JSON                           its custom options
//     gone KIND NAME                         the version no longer has it; it stays in the descriptors, marked
//   message NAME                             full name; is added, or opened where it exists
//     options JSON                           custom options, instead of those it has
//     oneof NAME[ required][ options JSON]
//     NUMBER [repeated ]TYPE NAME[ in ONEOF][ deprecated][ sensitive][ disallowed][ rules JSON][ options JSON]
//     reserved NUMBERS-OR-NAMES
//   enum NAME
//     NAME NUMBER[ deprecated][ disallowed]
//   service NAME
//     rpc NAME [stream ]TYPE returns [stream ]TYPE
//
// TYPE is a scalar, the full name of a message or enum, or map<KEY,TYPE>. A field that exists is declared
// anew. ` // ` begins the description of a message, field, enum or value. Imports follow from what is used.

import { create, createFileRegistry, createRegistry, fromJson } from '@bufbuild/protobuf';
import {
  DescriptorProto_ReservedRangeSchema,
  DescriptorProtoSchema,
  EnumDescriptorProto_EnumReservedRangeSchema,
  EnumDescriptorProtoSchema,
  EnumOptionsSchema,
  EnumValueDescriptorProtoSchema,
  EnumValueOptionsSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileOptionsSchema,
  MessageOptionsSchema,
  MethodDescriptorProtoSchema,
  OneofDescriptorProtoSchema,
  OneofOptionsSchema,
  ServiceDescriptorProtoSchema,
  ServiceOptionsSchema,
  SourceCodeInfo_LocationSchema,
  SourceCodeInfoSchema,
} from '@bufbuild/protobuf/wkt';

/** Numbers of fields in descriptor.proto, which make up the paths of source info. */
const PATH = { message: 4, enum: 5, field: 2, nestedMessage: 3, nestedEnum: 4, value: 2 };
/** What the files of Envoy's own API say of themselves, unless they say more. */
const ACTIVE = { 'udpa.annotations.file_status': { package_version_status: 'ACTIVE' } };

/**
 * Applies tables of additions to a descriptor set, in place.
 *
 * @param {import('@bufbuild/protobuf/wkt').FileDescriptorSet} set
 * @param {readonly { name: string, text: string }[]} tables by file name: `envoy-1.33.txt`, `contrib.txt`, `xds.txt`
 * @returns {{ since: Map<string, number>, last: Map<string, number>, contrib: Set<string> }} by full name: the
 *   minor version that brought an element, the last one that had it, and messages of contrib builds
 * @throws an Error that quotes a line that has none of the known forms
 */
export function applyAdditions(set, tables) {
  const additions = new Additions(set);
  for (const { name, text } of tables) additions.apply(name, text);
  additions.finish();
  return additions;
}

class Additions {
  since = new Map();
  last = new Map();
  contrib = new Set();
  /** Of the table that is applied; 0 for one that is not of a version. */
  minor = 0;
  /** Messages and enums by full name: the descriptor, its file and its path in it. */
  #types = new Map();
  #files = new Map();

  constructor(set) {
    this.set = set;
    this.registry = createRegistry(createFileRegistry(set));
    for (const file of set.file) {
      this.#files.set(file.name, file);
      this.#index(file, file.package, file.messageType, [PATH.message], file.enumType, [PATH.enum]);
    }
  }

  #index(file, scope, messages, messagePath, enums, enumPath) {
    for (const [i, proto] of enums.entries()) {
      this.#types.set(`${scope}.${proto.name}`, { kind: 'enum', proto, file, path: [...enumPath, i] });
    }
    for (const [i, proto] of messages.entries()) {
      const path = [...messagePath, i];
      const name = `${scope}.${proto.name}`;
      this.#types.set(name, { kind: 'message', proto, file, path });
      this.#index(file, name, proto.nestedType, [...path, PATH.nestedMessage], proto.enumType, [
        ...path,
        PATH.nestedEnum,
      ]);
    }
  }

  apply(tableName, text) {
    this.minor = Number(/^envoy-1\.(\d+)\.txt$/.exec(tableName)?.[1] ?? 0);
    this.isContrib = tableName === 'contrib.txt';
    this.file = undefined;
    this.open = undefined;
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const [declaration, description] = line.split(' // ');
      const words = declaration.trim();
      const added = line.startsWith('  ') ? this.#member(words) : this.#element(words);
      if (!added) throw new Error(`proto/additions/${tableName}: not understood: ${line}`);
      if (description !== undefined) this.#describe(added, description);
    }
  }

  /** A line that is not indented: what the indented lines after it belong to. */
  #element(text) {
    const file = /^file (\S+)(?: package (\S+))?$/.exec(text);
    if (file) return this.#openFile(file[1], file[2]);
    const [, kind, name] = /^(message|enum|service) (\S+)$/.exec(text) ?? [];
    if (kind === undefined || this.file === undefined) return undefined;
    this.open = kind === 'service' ? this.#addService(this.file, name) : this.#openType(kind, name);
    return this.open;
  }

  #openFile(path, packageName) {
    this.file = this.#files.get(path);
    if (this.file === undefined) {
      this.file = create(FileDescriptorProtoSchema, { name: path, package: packageName, syntax: 'proto3' });
      if (/^(contrib\/)?envoy\//.test(path)) this.file.options = this.#options(FileOptionsSchema, ACTIVE);
      this.#files.set(path, this.file);
    }
    this.open = { kind: 'file', proto: this.file, file: this.file };
    return this.open;
  }

  #openType(kind, name) {
    if (this.isContrib) this.contrib.add(name);
    const known = this.#types.get(name);
    if (known !== undefined) return { ...known, name };
    const holder = this.#types.get(name.slice(0, name.lastIndexOf('.')));
    const isMessage = kind === 'message';
    const proto = create(isMessage ? DescriptorProtoSchema : EnumDescriptorProtoSchema, {
      name: name.slice(name.lastIndexOf('.') + 1),
    });
    const [siblings, step] = isMessage
      ? holder
        ? [holder.proto.nestedType, [...holder.path, PATH.nestedMessage]]
        : [this.file.messageType, [PATH.message]]
      : holder
        ? [holder.proto.enumType, [...holder.path, PATH.nestedEnum]]
        : [this.file.enumType, [PATH.enum]];
    siblings.push(proto);
    const added = { kind, proto, file: this.file, path: [...step, siblings.length - 1], name };
    this.#types.set(name, added);
    this.#mark(name);
    return added;
  }

  #addService(file, name) {
    const proto = create(ServiceDescriptorProtoSchema, { name: name.slice(name.lastIndexOf('.') + 1) });
    file.service.push(proto);
    this.#mark(name);
    return { kind: 'service', proto, file, name };
  }

  #mark(name) {
    if (this.minor > 0) this.since.set(name, this.minor);
  }

  /** An indented line. */
  #member(text) {
    if (this.open === undefined) return undefined;
    const gone = /^gone \w+ (\S+)$/.exec(text);
    if (gone) {
      this.last.set(gone[1], this.minor - 1);
      return this.open;
    }
    const options = /^options (\{.*\})$/.exec(text);
    if (options) {
      const schema = {
        file: FileOptionsSchema,
        message: MessageOptionsSchema,
        enum: EnumOptionsSchema,
        service: ServiceOptionsSchema,
      }[this.open.kind];
      this.open.proto.options = this.#options(schema, JSON.parse(options[1]));
      return this.open;
    }
    if (/^reserved /.test(text)) return this.#reserve(text.split(' ').slice(1));
    switch (this.open.kind) {
      case 'message':
        return text.startsWith('oneof ') ? this.#oneof(text) : this.#field(text);
      case 'enum':
        return this.#value(text);
      case 'service':
        return this.#method(text);
      default:
        return undefined;
    }
  }

  #reserve(items) {
    const { proto, kind } = this.open;
    // Ends are exclusive in messages and inclusive in enums.
    const schema =
      kind === 'enum' ? EnumDescriptorProto_EnumReservedRangeSchema : DescriptorProto_ReservedRangeSchema;
    for (const item of items) {
      const [, start, end] = /^(\d+)(?:-(\d+))?$/.exec(item) ?? [];
      if (start === undefined) proto.reservedName.push(item);
      else {
        const last = Number(end ?? start);
        proto.reservedRange.push(
          create(schema, { start: Number(start), end: kind === 'enum' ? last : last + 1 }),
        );
      }
    }
    return this.open;
  }

  #oneof(text) {
    const [, name, required, options] = /^oneof (\w+)( required)?(?: options (\{.*\}))?$/.exec(text) ?? [];
    if (name === undefined) return undefined;
    const proto = this.open.proto.oneofDecl[this.#oneofIndex(name)];
    const custom = { ...(required && { 'validate.required': true }), ...(options && JSON.parse(options)) };
    proto.options = this.#options(OneofOptionsSchema, custom);
    return this.open;
  }

  #oneofIndex(name) {
    const { oneofDecl } = this.open.proto;
    const known = oneofDecl.findIndex((one) => one.name === name);
    return known >= 0 ? known : oneofDecl.push(create(OneofDescriptorProtoSchema, { name })) - 1;
  }

  #field(text) {
    const match =
      /^(\d+) (repeated )?(map<(\w+),([\w.]+)>|[\w.]+) (\w+)(?: in (\w+))?((?: deprecated| sensitive| disallowed)*)(?: rules (\{.*?\}))?(?: options (\{.*\}))?$/.exec(
        text,
      );
    if (!match) return undefined;
    const [, number, repeated, declaredType, mapKey, mapValue, name, oneof, flags, rules, options] = match;
    const type = mapKey === undefined ? declaredType : this.#addEntry(name, mapKey, mapValue);
    const custom = {
      ...(rules && { 'validate.rules': JSON.parse(rules) }),
      ...(flags.includes('sensitive') && { 'udpa.annotations.sensitive': true }),
      ...(flags.includes('disallowed') && { 'envoy.annotations.disallowed_by_default': true }),
      ...(options && JSON.parse(options)),
    };
    const plain = flags.includes('deprecated') ? { deprecated: true } : {};
    const field = create(FieldDescriptorProtoSchema, {
      name,
      jsonName: lowerCamelCase(name),
      number: Number(number),
      label:
        repeated || mapKey !== undefined
          ? FieldDescriptorProto_Label.REPEATED
          : FieldDescriptorProto_Label.OPTIONAL,
      ...this.#typeOf(type),
      ...(oneof !== undefined && { oneofIndex: this.#oneofIndex(oneof) }),
      options: this.#options(FieldOptionsSchema, custom, plain),
    });
    const fields = this.open.proto.field;
    const known = fields.findIndex((one) => one.name === name);
    if (known >= 0) fields[known] = field;
    else {
      fields.push(field);
      this.#mark(`${this.open.name}.${name}`);
    }
    const index = known >= 0 ? known : fields.length - 1;
    return { ...this.open, path: [...this.open.path, PATH.field, index] };
  }

  /** A map's entry, a message beside its field. */
  #addEntry(name, key, value) {
    const entry = `${upperCamelCase(name)}Entry`;
    const { nestedType } = this.open.proto;
    const field = (number, fieldName, type) =>
      create(FieldDescriptorProtoSchema, {
        name: fieldName,
        jsonName: fieldName,
        number,
        label: FieldDescriptorProto_Label.OPTIONAL,
        ...this.#typeOf(type),
      });
    nestedType.push(
      create(DescriptorProtoSchema, {
        name: entry,
        field: [field(1, 'key', key), field(2, 'value', value)],
        options: { mapEntry: true },
      }),
    );
    return `${this.open.name}.${entry}`;
  }

  /**
   * Names of types are looked up when all are there.
   *
   * @returns {{ typeName: string } | { type: FieldDescriptorProto_Type }}
   */
  #typeOf(type) {
    const upper = /** @type {keyof typeof FieldDescriptorProto_Type} */ (type.toUpperCase());
    /** @type {FieldDescriptorProto_Type | undefined} */
    const scalar = FieldDescriptorProto_Type[upper];
    return scalar === undefined ? { typeName: `.${type}` } : { type: scalar };
  }

  #value(text) {
    const [, name, number, flags] = /^(\w+) (-?\d+)((?: deprecated| disallowed)*)$/.exec(text) ?? [];
    if (name === undefined) return undefined;
    const custom = flags.includes('disallowed')
      ? { 'envoy.annotations.disallowed_by_default_enum': true }
      : {};
    const plain = flags.includes('deprecated') ? { deprecated: true } : {};
    const values = this.open.proto.value;
    const value = create(EnumValueDescriptorProtoSchema, {
      name,
      number: Number(number),
      options: this.#options(EnumValueOptionsSchema, custom, plain),
    });
    const known = values.findIndex((one) => one.name === name);
    if (known >= 0) values[known] = value;
    else {
      values.push(value);
      this.#mark(`${this.open.name}.${name}`);
    }
    const index = known >= 0 ? known : values.length - 1;
    return { ...this.open, path: [...this.open.path, PATH.value, index] };
  }

  #method(text) {
    const [, name, clientStreaming, input, serverStreaming, output] =
      /^rpc (\w+) (stream )?(\S+) returns (stream )?(\S+)$/.exec(text) ?? [];
    if (name === undefined) return undefined;
    this.open.proto.method.push(
      create(MethodDescriptorProtoSchema, {
        name,
        inputType: `.${input}`,
        outputType: `.${output}`,
        clientStreaming: clientStreaming !== undefined,
        serverStreaming: serverStreaming !== undefined,
      }),
    );
    return this.open;
  }

  /**
   * Options of descriptor.proto with custom ones; undefined for none.
   *
   * @template {import('@bufbuild/protobuf').DescMessage} Schema
   * @param {Schema} schema
   */
  #options(schema, custom, plain = {}) {
    const json = Object.fromEntries(Object.entries(custom).map(([name, value]) => [`[${name}]`, value]));
    const all = { ...plain, ...json };
    return Object.keys(all).length === 0 ? undefined : fromJson(schema, all, { registry: this.registry });
  }

  #describe({ file, path }, text) {
    file.sourceCodeInfo ??= create(SourceCodeInfoSchema);
    file.sourceCodeInfo.location.push(
      create(SourceCodeInfo_LocationSchema, { path, leadingComments: ` ${text}` }),
    );
  }

  /** Resolves the types of fields, completes imports, and puts the files in order. */
  finish() {
    for (const file of this.#files.values()) {
      const imports = new Set(file.dependency);
      for (const message of file.messageType) this.#resolve(message, imports);
      for (const { method } of file.service) {
        for (const { inputType, outputType } of method) {
          imports.add(this.#types.get(inputType.slice(1)).file.name);
          imports.add(this.#types.get(outputType.slice(1)).file.name);
        }
      }
      imports.delete(file.name);
      file.dependency = [...imports];
    }
    this.set.file = importsFirst(this.#files);
  }

  #resolve(message, imports) {
    for (const field of message.field) {
      if (field.typeName === '') continue;
      const type = this.#types.get(field.typeName.slice(1));
      if (type === undefined) {
        // A map's entry is in the message itself.
        field.type = FieldDescriptorProto_Type.MESSAGE;
        continue;
      }
      if (type.kind === 'enum') field.type = FieldDescriptorProto_Type.ENUM;
      else if (field.type !== FieldDescriptorProto_Type.GROUP) field.type = FieldDescriptorProto_Type.MESSAGE;
      imports.add(type.file.name);
    }
    for (const inner of message.nestedType) this.#resolve(inner, imports);
  }
}

/** The files, each after those that it imports. */
function importsFirst(files) {
  const sorted = new Set();
  const add = (file) => {
    if (sorted.has(file)) return;
    for (const path of file.dependency) add(files.get(path));
    sorted.add(file);
  };
  for (const file of files.values()) add(file);
  return [...sorted];
}

const lowerCamelCase = (name) => name.replace(/_+(.?)/g, (_, letter) => letter.toUpperCase());
const upperCamelCase = (name) => lowerCamelCase(`_${name}`);
