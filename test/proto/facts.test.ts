// proto/ against ../shared/facts, file by file and in both directions. Where the facts are not
// present, the comparison is skipped.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { readDescriptor } from './read-descriptors.js';
import { readApiFacts, readValidateFacts } from './read-facts.js';

const root = new URL('../../', import.meta.url);
const facts = new URL('../shared/facts/', root);

/** Imports whose options only direct generators, and what statuses are made of: nothing of them is declared. */
const NOT_IMPORTED = [
  'gogoproto/gogo.proto',
  'google/api/field_behavior.proto',
  'analysis/v1/message.proto',
  'meta/v1/status.proto',
];

describe.skipIf(!existsSync(facts))('proto/ declares what ../shared/facts lists', () => {
  const descriptors = readFileSync(new URL('src/envoy/generated/descriptors.binpb', root));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
  const expected = existsSync(facts) ? readFacts() : new Map();

  it('has the same files', () => {
    const declared = [...protoFiles('proto/', ['envoy/', 'validate/']), ...protoFiles('proto/istio/', [''])];
    expect(declared.sort()).toEqual([...expected.keys()].sort());
  });

  it.each([...expected.keys()])('%s', (path) => {
    const file = registry.getFile(path);
    expect(file && readDescriptor(file, registry)).toEqual(expected.get(path));
  });
});

function readFacts() {
  const read = (name: string) => readFileSync(new URL(name, facts), 'utf8');
  const files = new Map([
    ...readApiFacts(read('envoy-v2-api.txt')),
    ...readApiFacts(read('istio-1.1-api.txt')),
    ...readApiFacts(underOneVersion(read('istio-1.29/istio-api-1.29.txt'))),
  ]);
  for (const file of files.values()) dropStatus(file);
  files.delete('meta/v1/status.proto');
  for (const file of files.values())
    file.imports = file.imports.filter((path) => !NOT_IMPORTED.includes(path));

  const validate = readValidateFacts(read('validate-rules.txt'));
  const imports = ['descriptor', 'duration', 'timestamp'].map((name) => `google/protobuf/${name}.proto`);
  return files.set('validate/validate.proto', { ...validate, imports });
}

/** Istio 1.29's API under the names that proto/ gives it: its packages are those of 1.1 but hold other messages. */
function underOneVersion(text: string): string {
  return text
    .replace(
      /\bistio\.(networking|security|telemetry|type|mesh|meta|analysis)\.v1(?:alpha|beta)\d/g,
      'istio.$1.v1',
    )
    .replace(/ {2}deprecated$/gm, ' deprecated')
    .replace(/\b(networking|security|telemetry|type|mesh|meta|analysis)\/v1(?:alpha|beta)\d\//g, '$1/v1/');
}

/** Drops the messages of a ServiceEntry's status, which is read without them. */
function dropStatus({ messages }: { messages: Record<string, unknown> }): void {
  delete messages['istio.networking.v1.ServiceEntryStatus'];
  delete messages['istio.networking.v1.ServiceEntryAddress'];
}

/** The .proto files of a module, by import path, that are in one of these folders of it. */
function protoFiles(module: string, folders: string[]): string[] {
  return readdirSync(new URL(module, root), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.proto') && folders.some((folder) => path.startsWith(folder)));
}
