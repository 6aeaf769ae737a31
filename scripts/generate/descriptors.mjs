// Reads the descriptor set that buf built, adds what proto/additions declares, and gives it as the messages of
// descriptor.proto and as a registry of @bufbuild/protobuf.

import { createFileRegistry, fromBinary, getOption, toBinary } from '@bufbuild/protobuf';
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
 * An option that the API declares.
 *
 * @param {import('@bufbuild/protobuf').FileRegistry} registry
 * @param {string} name its full name
 * @throws an Error when the API has no such option
 */
export function extension(registry, name) {
  const found = registry.getExtension(name);
  if (found === undefined) throw new Error(`the API has no option ${name}`);
  return found;
}

/**
 * The full name of the message that a message was in the API before; empty where it is new.
 *
 * @param {import('@bufbuild/protobuf').FileRegistry} registry
 * @param {import('@bufbuild/protobuf').DescMessage} message
 */
export function previousName(registry, message) {
  const versioning = extension(registry, 'udpa.annotations.versioning');
  const said = /** @type {{ readonly previousMessageType: string }} */ (getOption(message, versioning));
  return said.previousMessageType;
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
