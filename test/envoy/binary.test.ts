// The API read out of a binary: out of the descriptor set, whose files stand in it as they do in Envoy, among
// other bytes, and out of a real Envoy where one is installed.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { enumeration, message, messageNames } from '../../src/envoy/api-table.js';
import { checkSchema } from '../../src/envoy/schema/check.js';
import { type BinaryApi, readBinaryApi } from '../../src/envoy/versions/binary.js';
import { versionsOfBinary } from '../../src/envoy/versions/of-binary.js';
import { readSource } from '../../src/source/document.js';

const INSTALLED = new URL('../../.envoy/envoy/_bin/envoy', import.meta.url);
const descriptors = readFileSync(new URL('../../src/envoy/generated/descriptors.binpb', import.meta.url));

const V3 = messageNames().filter((name) => /^envoy\..*\.v3\./.test(name));

/** Messages of which a binary has other fields than the API table. */
function different(api: BinaryApi, names: readonly string[], withGone: boolean): string[] {
  return names.filter((name) => {
    const fields = message(name)?.fields.filter(({ last }) => withGone || last === undefined) ?? [];
    return (
      [...(api.get(name) ?? [])].sort().join() !==
      fields
        .map((field) => field.name)
        .sort()
        .join()
    );
  });
}

describe('a binary', () => {
  const noise = Buffer.from('\n\u0005a.protox.proto\u0012\n\u0007b.proto\u0000 envoy/config.proto');

  it('holds every message and enum of the descriptors in it', () => {
    const api = readBinaryApi(Buffer.concat([noise, descriptors, noise]));
    expect(different(api, V3, true)).toEqual([]);
    const policy = enumeration('envoy.config.cluster.v3.Cluster.LbPolicy');
    expect([...(api.get(policy?.name ?? '') ?? [])]).toEqual(policy?.values.map(({ name }) => name));
  });

  it('holds nothing where there are no descriptors', () => {
    expect(readBinaryApi(noise).size).toBe(0);
  });

  it('decides what a configuration may use', () => {
    const own: BinaryApi = new Map([
      ['envoy.config.cluster.v3.Cluster', new Set(['name', 'lb_policy'])],
      ['envoy.config.cluster.v3.Cluster.LbPolicy', new Set(['ROUND_ROBIN'])],
    ]);
    const [document] = readSource('a.yaml', 'name: a\nlb_policy: MAGLEV\nalt_stat_name: b\n').documents;
    const type = message('envoy.config.cluster.v3.Cluster');
    if (document === undefined || type === undefined) throw new Error('cannot be read');
    const found = checkSchema(document, [{ type, node: 0 }], { versions: versionsOfBinary(own, 'my-envoy') });
    expect(found.map(({ message: text }) => text).sort()).toEqual([
      'my-envoy does not have MAGLEV of envoy.config.cluster.v3.Cluster.LbPolicy',
      'my-envoy does not have alt_stat_name of envoy.config.cluster.v3.Cluster',
    ]);
  });

  it.skipIf(!existsSync(INSTALLED))('of a real Envoy 1.40 has the API of 1.40', () => {
    const api = readBinaryApi(readFileSync(INSTALLED));
    const built = V3.filter((name) => api.has(name));
    expect(built.length).toBeGreaterThan(1300);
    expect(different(api, built, false)).toEqual([]);
  });
});
