// Rehearsals with real Envoys: the meshes of fixtures/rehearse, and what is left of a rehearsal that is ended.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectionName, connectionsOf } from '../../src/rehearse/calls.js';
import { type ExpectedOutcomes, readExpected } from '../../src/rehearse/expected-file.js';
import { PROOFS, type ProofName, type Rehearsal } from '../../src/rehearse/proof.js';
import { rehearse } from '../../src/rehearse/rehearse.js';
import { program, Running, useProgram } from '../cli/program.js';
import { MATRIX, MESHES, meshNamed, withMatrix } from '../rehearse/meshes.js';
import { ENVOY, NO_ENVOY } from './envoy.js';

useProgram();

function rehearsalOf(
  mesh: string,
  proofs: readonly ProofName[] = PROOFS,
  migrate = false,
  expected: ExpectedOutcomes = new Map(),
): Promise<Rehearsal> {
  const { cluster, inputs } = meshNamed(mesh);
  return rehearse({
    cluster,
    inputs,
    envoy: { path: ENVOY as string, version: 'of the tests' },
    keyType: 'ec-p256',
    proofs,
    expected,
    migrate,
    begin: () => {},
    signal: new AbortController().signal,
  });
}

function matrixOf(mesh: string): ExpectedOutcomes {
  const names = connectionsOf(meshNamed(mesh).cluster).map(connectionName);
  return readExpected(MATRIX, readFileSync(join(MESHES, mesh, MATRIX), 'utf8'), names).expected;
}

const STRICT = ['rehearse', `${MESHES}/strict`, '--mesh', `${MESHES}/strict/mesh.yaml`];

/** Processes and folders of the rehearsals of a process. */
function leftOf(folders: readonly string[]): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => folders.some((folder) => commandOf(pid).includes(folder)));
  return [...processes, ...foldersNow().filter((folder) => folders.includes(folder))];
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function foldersNow(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith('xdsc-rehearse-'));
}

describe.skipIf(ENVOY === undefined)(`rehearse (${ENVOY ?? NO_ENVOY})`, () => {
  test('all proofs of the strict mesh hold', { timeout: 120_000 }, async () => {
    const { ok, proofs } = await rehearsalOf('strict');
    expect(proofs.flatMap(({ problems }) => problems)).toEqual([]);
    expect(ok).toBe(true);
    expect(proofs.map(({ name }) => name)).toEqual([...PROOFS]);
    expect(proofs.find(({ name }) => name === 'calls')).toMatchObject({ requests: 16, failed: 0 });
    const rotation = proofs.find(({ name }) => name === 'rotation');
    expect(rotation?.requests).toBeGreaterThanOrEqual(2000);
    expect(rotation?.failed).toBe(0);
  });

  test('the strict mesh moves to SDS, and back and forth, without a lost request', {
    timeout: 120_000,
  }, async () => {
    const { ok, proofs } = await rehearsalOf('strict', ['calls', 'secrets'], true);
    expect(proofs.flatMap(({ problems }) => problems)).toEqual([]);
    expect(ok).toBe(true);
    expect(proofs.map(({ name }) => name)).toEqual([
      'before',
      'wave 1: agent',
      'wave 2: pods',
      'wave 3: config',
      'wave 3: roll back',
      'wave 3: again',
      'wave 4: secret',
      'calls',
      'secrets',
    ]);
    const steps = proofs.filter(({ name }) => name.startsWith('wave'));
    for (const { requests, failed } of steps) {
      expect(requests).toBeGreaterThan(50);
      expect(failed).toBe(0);
    }
  });

  test.each(withMatrix())(
    'the calls of the mesh %s end as its matrix says',
    { timeout: 60_000 },
    async (mesh) => {
      const wanted: ProofName[] = mesh === 'plain' ? ['calls'] : ['calls', 'identities', 'refusals'];
      const { ok, proofs } = await rehearsalOf(mesh, ['configuration', ...wanted], false, matrixOf(mesh));
      expect(proofs.flatMap(({ problems }) => problems)).toEqual([]);
      expect(ok).toBe(true);
    },
  );

  test('the command prints what it proved as JSON', { timeout: 60_000 }, () => {
    const { status, stdout, stderr } = program(
      [...STRICT, '--proof', 'calls', '--key', 'ec-p256', '--format', 'json'],
      {
        env: { ENVOY_BIN: ENVOY as string },
      },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      proofs: [{ name: 'calls', ok: true, requests: 16 }],
    });
    expect(status).toBe(0);
  });

  test('it ends at once where it is ended under load', { timeout: 60_000 }, async () => {
    const { cluster, inputs } = meshNamed('strict');
    const ended = new AbortController();
    const before = foldersNow();
    let aborted = 0;
    const running = rehearse({
      cluster,
      inputs,
      envoy: { path: ENVOY as string, version: 'of the tests' },
      keyType: 'ec-p256',
      proofs: ['rotation'],
      expected: new Map(),
      migrate: false,
      begin: (what) => {
        if (what !== 'rotation') return;
        setTimeout(() => {
          aborted = performance.now();
          ended.abort(new Error('ended by the test'));
        }, 500);
      },
      signal: ended.signal,
    });
    await expect(running).rejects.toThrow('ended by the test');
    expect(performance.now() - aborted).toBeLessThan(5000);
    // What still ran under load ends with the stage, and without an unhandled rejection.
    await new Promise((done) => setTimeout(done, 500));
    expect(leftOf(foldersNow().filter((folder) => !before.includes(folder)))).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'nothing is left after %s',
    { timeout: 60_000 },
    async (signal) => {
      const before = new Set(foldersNow());
      const running = Running.start([...STRICT, '--envoy', ENVOY as string]);
      let own: string[] = [];
      await expect
        .poll(
          () => {
            own = foldersNow().filter((folder) => !before.has(folder) && commandsIn(folder) >= 2);
            return own.length;
          },
          { timeout: 20_000 },
        )
        .toBeGreaterThan(0);
      expect(await running.end(signal)).toBe(signal === 'SIGKILL' ? null : 2);
      await expect.poll(() => leftOf(own), { timeout: 5000 }).toEqual([]);
    },
  );
});

/** How many Envoys of a rehearsal run. */
function commandsIn(folder: string): number {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`${folder}/pods`))
    .length;
}
