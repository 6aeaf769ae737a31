// The v3 API against ../shared/facts/envoy-v3: nothing is short or different, and what is more is marked as
// gone. Where the facts are not present, the comparison is skipped.

import { existsSync, readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { message } from '../../src/envoy/api-table.js';
import { readV3Descriptors } from './read-v3-descriptors.js';
import { readV3Facts } from './read-v3-facts.js';

const root = new URL('../../', import.meta.url);
const facts = new URL('../shared/facts/envoy-v3/', root);

describe.skipIf(!existsSync(facts))('the v3 API', () => {
  const registry = createFileRegistry(
    fromBinary(FileDescriptorSetSchema, readFileSync(new URL('src/envoy/generated/descriptors.binpb', root))),
  );
  const read = (name: string) => readV3Facts(readFileSync(new URL(name, facts), 'utf8'));

  it.each([
    ['api-1.40.txt', 6000],
    ['contrib.txt', 400],
  ])('has what %s lists, and marks what is more', (name, least) => {
    const expected = read(name);
    const paths = [...expected.keys()].flatMap((key) => (key.startsWith('file ') ? [key.slice(5)] : []));
    const declared = readV3Descriptors(registry, paths);
    expect(expected.size).toBeGreaterThan(least);
    const wrong = [...expected].flatMap(([key, text]) =>
      declared.get(key) === text ? [] : [`${key}: ${text}, and not ${declared.get(key)}`],
    );
    expect(wrong).toEqual([]);
    const more = [...declared.keys()].filter((key) => !expected.has(key) && !isGone(key));
    expect(more).toEqual([]);
  });
});

/** Whether a declaration is marked as gone, itself or with what it is in. */
function isGone(key: string): boolean {
  const [kind, name = ''] = key.split(' ');
  const [, holder = '', member = ''] = /^(.*)\.(\w+)$/.exec(name) ?? [];
  if (kind === 'field' && message(holder)?.field(member)?.last !== undefined) return true;
  if (kind === 'service') return true;
  for (let at = name; at.includes('.'); at = at.slice(0, at.lastIndexOf('.')))
    if (message(at)?.last !== undefined) return true;
  return false;
}
