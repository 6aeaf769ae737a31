// The API as ts-proto should see it: what the JSON form has, or what is sent, and no more.

import { clone, isFieldSet, toBinary } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

/**
 * A copy of the descriptor set in which `bytes` fields are `string` fields, since JSON holds them
 * as base64 text (ts-proto has only Uint8Array for them), and no custom options are left, which
 * would take the types that they are made of along.
 *
 * @param {{ set: import('@bufbuild/protobuf/wkt').FileDescriptorSet }} descriptors
 * @returns {Uint8Array} a google.protobuf.FileDescriptorSet
 */
export function jsonImage({ set }) {
  const image = clone(FileDescriptorSetSchema, set);
  for (const file of image.file) {
    dropCustomOptions(file);
    file.messageType.forEach(convertMessage);
    file.enumType.forEach(convertEnum);
    // No configuration holds a service.
    file.service = [];
  }
  return toBinary(FileDescriptorSetSchema, image);
}

/**
 * A copy of the descriptor set without custom options, for the binary form.
 *
 * @param {{ set: import('@bufbuild/protobuf/wkt').FileDescriptorSet }} descriptors
 * @returns {Uint8Array} a google.protobuf.FileDescriptorSet
 */
export function wireImage({ set }) {
  const image = clone(FileDescriptorSetSchema, set);
  for (const file of image.file) {
    dropCustomOptions(file);
    file.messageType.forEach(dropMessageOptions);
    file.enumType.forEach(convertEnum);
    for (const service of file.service) {
      dropCustomOptions(service);
      service.method.forEach(dropCustomOptions);
    }
  }
  return toBinary(FileDescriptorSetSchema, image);
}

function convertMessage(message) {
  dropMessageOptions(message);
  convertBytes(message);
}

function convertBytes(message) {
  for (const field of message.field)
    if (field.type === FieldDescriptorProto_Type.BYTES) field.type = FieldDescriptorProto_Type.STRING;
  message.nestedType.forEach(convertBytes);
}

function dropMessageOptions(message) {
  dropCustomOptions(message);
  message.oneofDecl.forEach(dropCustomOptions);
  message.field = membersTogether(message.field);
  // A field that is gone from the newest API is there, and its name is reserved.
  message.reservedRange = [];
  message.reservedName = [];
  message.field.forEach(dropCustomOptions);
  message.nestedType.forEach(dropMessageOptions);
  message.enumType.forEach(convertEnum);
}

/** The fields with the members of each oneof in a row, as buf wants them. */
function membersTogether(fields) {
  // Where it is not set, reading it gives the default of descriptor.proto.
  const isMember = (field) => isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex);
  const first = new Map();
  for (const field of fields)
    if (isMember(field) && !first.has(field.oneofIndex)) first.set(field.oneofIndex, field);
  return fields.flatMap((field) => {
    if (!isMember(field)) return [field];
    return first.get(field.oneofIndex) === field
      ? fields.filter((other) => isMember(other) && other.oneofIndex === field.oneofIndex)
      : [];
  });
}

function convertEnum(enumeration) {
  dropCustomOptions(enumeration);
  enumeration.value.forEach(dropCustomOptions);
}

/**
 * Custom options are extensions, which the parser keeps as unknown fields.
 *
 * @param {{ options?: import('@bufbuild/protobuf').Message | undefined }} descriptor
 */
function dropCustomOptions({ options }) {
  if (options) delete options.$unknown;
}
