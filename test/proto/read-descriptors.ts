// Reads what a file declares from its descriptor.

import {
  type AnyDesc,
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type DescService,
  type FileRegistry,
  getOption,
  hasOption,
  type Message,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import type { FieldModel, FileModel, MessageModel } from './model.js';

/**
 * @param registry where the options of validate.proto and of udpa's annotations are found
 * @throws an Error where a declaration has something that the model has no place for
 */
export function readDescriptor(file: DescFile, registry: FileRegistry): FileModel {
  const rules = extension('validate.rules');
  const required = extension('validate.required');
  const sensitive = extension('udpa.annotations.sensitive');

  const { dependency, publicDependency } = file.proto;
  const imports = dependency.map(
    (path, index) => path + (publicDependency.includes(index) ? ' (public)' : ''),
  );
  const model: FileModel = {
    package: file.proto.package,
    imports: imports.sort(),
    messages: {},
    enums: {},
    services: {},
    extensions: file.extensions.map((it) => `${it.extendee.typeName}: ${it.number} ${typeOf(it)} ${it.name}`),
  };
  refuseOtherOptions(file);
  file.messages.forEach(readMessage);
  file.enums.forEach(readEnum);
  for (const service of file.services) {
    refuseOtherOptions(service);
    refuseDeprecation(service);
    model.services[service.typeName] = service.methods.map((method) => {
      refuseOtherOptions(method);
      refuseDeprecation(method);
      const [input, output] = [method.proto.clientStreaming, method.proto.serverStreaming].map((stream) =>
        stream ? 'stream ' : '',
      );
      return `${method.name}(${input}${method.input.typeName}) -> ${output}${method.output.typeName}`;
    });
  }
  return model;

  function readMessage(message: DescMessage) {
    refuseOtherOptions(message);
    refuseDeprecation(message);
    const { reservedRange, reservedName } = message.proto;
    if (reservedName.length > 0) throw new Error(`${message} reserves names`);
    const reserved = reservedRange.flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, index) => start + index),
    );
    const result: MessageModel = {
      fields: Object.fromEntries(message.fields.map((field) => [field.name, readField(field)])),
      oneofs: Object.fromEntries(message.oneofs.map((oneof) => [oneof.name, readOneof(oneof)])),
      reserved: reserved.sort((a, b) => a - b),
    };
    model.messages[message.typeName] = result;
    message.nestedMessages.forEach(readMessage);
    message.nestedEnums.forEach(readEnum);
  }

  function readField(field: DescField): FieldModel {
    refuseOtherOptions(field, rules, sensitive);
    if (field.proto.proto3Optional || field.proto.defaultValue)
      throw new Error(`${field} is optional or has a default`);
    const flags = (field.deprecated ? ' deprecated' : '') + (getOption(field, sensitive) ? ' sensitive' : '');
    const declared = `${field.number} ${field.fieldKind === 'list' ? 'repeated ' : ''}${typeOf(field)}${flags}`;
    const value = getOption(field, rules) as Message | undefined;
    if (!rules.message || !hasOption(field, rules)) return { declared };
    return {
      declared,
      rules: toJson(rules.message, value as Message, { useProtoFieldName: true, registry }),
    };
  }

  function readOneof(oneof: DescOneof) {
    refuseOtherOptions(oneof, required);
    return {
      required: getOption(oneof, required) === true,
      members: oneof.fields.map((field) => field.name),
    };
  }

  function readEnum(enumeration: DescEnum) {
    refuseOtherOptions(enumeration);
    refuseDeprecation(enumeration);
    if (enumeration.proto.reservedRange.length > 0) throw new Error(`${enumeration} reserves numbers`);
    model.enums[enumeration.typeName] = enumeration.values.map((value) => {
      refuseOtherOptions(value);
      return `${value.name}=${value.number}${value.deprecated ? ' deprecated' : ''}`;
    });
  }

  function extension(name: string): DescExtension {
    const found = registry.getExtension(name);
    if (!found) throw new Error(`no extension ${name}`);
    return found;
  }
}

/** The facts know of no other custom options, so none may be there. */
function refuseOtherOptions(element: AnyDesc, ...known: readonly DescExtension[]) {
  for (const { no } of element.proto.options?.$unknown ?? []) {
    if (!known.some(({ number }) => number === no)) throw new Error(`${element} has an option ${no}`);
  }
}

/** Nor of a whole message, enum or service that is deprecated. */
function refuseDeprecation(element: DescMessage | DescEnum | DescService | DescMethod) {
  if (element.deprecated) throw new Error(`${element} is deprecated`);
}

function typeOf(field: DescField | DescExtension): string {
  const value = field.message?.typeName ?? field.enum?.typeName ?? scalarName(field.scalar);
  return field.fieldKind === 'map' ? `map<${scalarName(field.mapKey)}, ${value}>` : value;
}

function scalarName(scalar: ScalarType | undefined): string {
  return scalar === undefined ? 'unknown' : ScalarType[scalar].toLowerCase();
}
