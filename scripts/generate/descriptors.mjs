// Reads the descriptor set that buf built, adds what proto/additions declares, and gives it as the messages of
// descriptor.proto and as a registry of @bufbuild/protobuf.

import { createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { applyAdditions } from './additions.mjs';

/**
 * @param {Uint8Array} bytes a google.protobuf.FileDescriptorSet in which each file comes after those that it imports
 * @param {readonly { name: string, text: string }[]} additions the files of proto/additions
 * @returns {{
 *   set: import('@bufbuild/protobuf/wkt').FileDescriptorSet,
 *   registry: import('@bufbuild/protobuf').FileRegistry,
 *   additions: ReturnType<typeof applyAdditions>,
 * }}
 */
export function readDescriptors(bytes, additions) {
  const set = fromBinary(FileDescriptorSetSchema, bytes);
  const applied = applyAdditions(set, additions);
  return { set, registry: createFileRegistry(set), additions: applied };
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
