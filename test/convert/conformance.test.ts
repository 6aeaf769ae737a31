// Converting what Pilot 1.1.7 sends with file mounts gives what it sends with SDS, as messages.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { convert } from '../../src/convert/convert.js';
import { deliver } from '../../src/convert/delivery.js';
import { readMeshSettings } from '../../src/convert/mesh-settings.js';
import { sharedFolder } from '../shared.js';

interface Pair {
  readonly legacy: string;
  readonly sds: string;
}

/** The folders that come as `X-legacy` and `X-sds-token`. */
function pairsIn(folder: string): Pair[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('-legacy'))
    .map((name) => ({
      legacy: join(folder, name),
      sds: join(folder, name.replace(/-legacy$/, '-sds-token')),
    }))
    .filter(({ sds }) => existsSync(sds));
}

function metadataOf(folder: string): Record<string, string> {
  return JSON.parse(readFileSync(join(folder, 'proxy.json'), 'utf8')).metadata ?? {};
}

function convertPair(
  { legacy, sds }: Pair,
  kind: string,
): { converted: unknown; expected: unknown; moved: number } {
  const mesh = readMeshSettings('mesh.yaml', readFileSync(join(sds, 'mesh.yaml'), 'utf8'));
  const token = metadataOf(sds).SDS_TOKEN_PATH;
  if (mesh.settings === undefined) throw new Error(JSON.stringify(mesh.findings));
  const delivery = deliver({ mesh: mesh.settings, ...(token !== undefined && { token }) });
  if ('problem' in delivery) throw new Error(delivery.problem);
  const input = { name: `${kind}.json`, text: readFileSync(join(legacy, `expected/${kind}.json`), 'utf8') };
  const result = convert([input], { provider: delivery.provider, mounts: ['/etc/certs'] });
  expect(result.findings).toEqual([]);
  return {
    converted: JSON.parse([...(result.files[0]?.chunks() ?? [])].join('')),
    expected: JSON.parse(readFileSync(join(sds, `expected/${kind}.json`), 'utf8')),
    moved: result.contexts.filter(({ state }) => state === 'converted').length,
  };
}

const folders = ['conformance/istio-1.1.7', 'conformance/istio-1.1.7-random'].flatMap(
  (name) => sharedFolder(name) ?? [],
);

describe.skipIf(folders.length === 0)('Pilot 1.1.7, from file mounts to SDS', () => {
  // With TLS_* metadata Pilot takes other files in one form and ignores them in the other.
  const pairs = folders
    .flatMap(pairsIn)
    .filter(({ legacy }) => !Object.keys(metadataOf(legacy)).some((name) => name.startsWith('TLS_')));
  let moved = 0;

  test.each(pairs)('$legacy', (pair) => {
    for (const kind of ['clusters', 'listeners']) {
      const result = convertPair(pair, kind);
      expect(result.converted).toEqual(result.expected);
      moved += result.moved;
    }
  });

  test('all pairs exist, and contexts in them were converted', () => {
    console.log(`${pairs.length} pairs converted to Pilot's own SDS form, ${moved} contexts moved`);
    expect(pairs.length).toBeGreaterThanOrEqual(34);
    expect(moved).toBeGreaterThan(100);
  });
});
