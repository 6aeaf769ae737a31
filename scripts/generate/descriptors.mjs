// Reads the descriptor set that buf built, once as the messages of descriptor.proto and once
// as a registry of @bufbuild/protobuf.

import { createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/**
 * @param {Uint8Array} bytes a google.protobuf.FileDescriptorSet in which each file comes after those that it imports
 * @returns {{ set: import('@bufbuild/protobuf/wkt').FileDescriptorSet, registry: import('@bufbuild/protobuf').FileRegistry }}
 */
export function readDescriptors(bytes) {
  const set = fromBinary(FileDescriptorSetSchema, bytes);
  return { set, registry: createFileRegistry(set) };
}

/**
 * The descriptor set in binary form, without comments and places.
 *
 * @param {{ set: import('@bufbuild/protobuf/wkt').FileDescriptorSet }} descriptors
 */
export function withoutSourceInfo({ set }) {
  const file = set.file.map((one) => ({ ...one, sourceCodeInfo: undefined }));
  return toBinary(FileDescriptorSetSchema, { ...set, file });
}
