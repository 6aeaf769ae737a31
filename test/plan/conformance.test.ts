// Plans for the conformance meshes: every wave keeps every connection, and what the plan takes clients to do is
// what Pilot 1.1.7 sends them.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import type { PlanModel } from '../../src/plan/model.js';
import { readModel } from '../../src/plan/read-model.js';
import { simulate } from '../../src/plan/simulate.js';
import { type WaveOptions, wavesOf } from '../../src/plan/waves.js';
import { sharedFolder } from '../shared.js';
import { planOptions } from './mesh-text.js';

const folders = ['conformance/istio-1.1.7', 'conformance/istio-1.1.7-random'].flatMap(
  (name) => sharedFolder(name) ?? [],
);
const cases = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /-legacy$/.test(name) && existsSync(join(folder, name, 'input')))
    .map((name) => [name, join(folder, name)] as const),
);

function modelOf(folder: string, root: 'old' | 'new'): PlanModel {
  const { settings } = readMeshConfig('mesh.yaml', readFileSync(join(folder, 'mesh.yaml'), 'utf8'));
  const inputs = readdirSync(join(folder, 'input')).map((name) => ({
    name,
    text: readFileSync(join(folder, 'input', name), 'utf8'),
  }));
  const { model, findings } = readModel(inputs, {
    ...planOptions(),
    ...(settings !== undefined && { settings }),
    sdsRoot: root,
  });
  if (model === undefined) throw new Error(JSON.stringify(findings.filter(({ level }) => level === 'error')));
  return model;
}

const OPTIONS: WaveOptions = { switch: 'mesh', trust: 'both', throughPlaintext: false, waveSize: 2 };

/** What Pilot's clusters for a host do: as a client of the mesh, with files of a rule, or without TLS. */
function sentTo(folder: string): Map<string, Set<string>> {
  const clusters = JSON.parse(readFileSync(join(folder, 'expected/clusters.json'), 'utf8'));
  const sent = new Map<string, Set<string>>();
  for (const { name, tls_context } of clusters.resources ?? clusters) {
    const [direction, port, , host] = String(name).split('|');
    if (direction !== 'outbound') continue;
    const alpn = tls_context?.common_tls_context.alpn_protocols ?? [];
    const certificates = tls_context?.common_tls_context.tls_certificates ?? [];
    const how =
      tls_context === undefined
        ? 'plain'
        : alpn.includes('istio')
          ? 'istio'
          : certificates.length > 0
            ? 'files'
            : 'simple';
    const key = `${host}:${port}`;
    sent.set(key, (sent.get(key) ?? new Set()).add(how));
  }
  return sent;
}

describe.skipIf(cases.length === 0)('the conformance meshes', () => {
  let connections = 0;
  let checked = 0;
  let compared = 0;

  test.each(cases)('%s', (_, folder) => {
    for (const root of ['old', 'new'] as const) {
      const model = modelOf(folder, root);
      // Files of a rule are trusted by nobody else, so their clients cannot follow to another root.
      const fixed = model.connections.some(({ tls, mode }) => tls === 'files' && mode === 'strict');
      for (const how of ['mesh', 'workload'] as const) {
        const waves = wavesOf(model, { ...OPTIONS, switch: how });
        const simulation = simulate(model, waves);
        if (!(fixed && root === 'new')) expect(simulation.violations).toEqual([]);
        connections += simulation.mutual;
        checked += simulation.checked;
        // All who may have moved, and a step back is a step between the same states.
        for (const { id, keepsSecret } of model.workloads) {
          const state = simulation.final.get(id);
          expect(state?.config).toBe('sds');
          expect(state?.secret).toBe(keepsSecret !== undefined);
        }
      }
    }
    const model = modelOf(folder, 'old');
    const proxy = JSON.parse(readFileSync(join(folder, 'proxy.json'), 'utf8'));
    const id = model.workloads.find(
      ({ id: one }) => one === proxy.id.replace(/^(.*)\.([^.]*)$/, '$2/$1'),
    )?.id;
    const sent = sentTo(folder);
    for (const { client, tls, hosts, purpose } of model.connections) {
      if (client !== id || purpose !== 'service') continue;
      for (const host of hosts) {
        if (!sent.has(host)) continue;
        expect([host, [...(sent.get(host) ?? [])].includes(tls)]).toEqual([host, true]);
        compared++;
      }
    }
  });

  test('all cases exist and have mTLS connections', () => {
    console.log(
      `${cases.length} meshes, ${connections} connections with mTLS, ${checked} states, ${compared} compared with Pilot's clusters`,
    );
    expect(cases.length).toBeGreaterThanOrEqual(29);
    expect(connections).toBeGreaterThan(1000);
    expect(compared).toBeGreaterThan(50);
  });
});
