// Each proof of a rehearsal, broken on purpose: it fails, and names what is wrong.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { NormalValue } from '../../src/envoy/normal-value.js';
import { expectedCalls, policiesOf } from '../../src/rehearse/expected-calls.js';
import { Load, type Loaded } from '../../src/rehearse/load.js';
import { ON_FILES } from '../../src/rehearse/migration.js';
import { callsProof, type MadeCall, makeCalls } from '../../src/rehearse/proofs/calls.js';
import { configurationProof } from '../../src/rehearse/proofs/configuration.js';
import { identitiesProof } from '../../src/rehearse/proofs/identities.js';
import { agentProof, caProof } from '../../src/rehearse/proofs/outages.js';
import { refusalsProof } from '../../src/rehearse/proofs/refusals.js';
import { rotationProof } from '../../src/rehearse/proofs/rotation.js';
import { secretsProof } from '../../src/rehearse/proofs/secrets.js';
import { type PodForm, Stage } from '../../src/rehearse/stage.js';
import { meshNamed, type TestMesh } from '../rehearse/meshes.js';
import { ENVOY, NO_ENVOY } from './envoy.js';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

interface Played {
  readonly stage: Stage;
  readonly mesh: TestMesh;
  readonly made: readonly MadeCall[];
  readonly loaded: readonly Loaded[];
}

/** Two workloads of a mesh run, and have called each other. */
async function play(name = 'strict', only = ['sleep.foo', 'httpbin.bar'], form?: PodForm): Promise<Played> {
  const mesh = meshNamed(name, only);
  stage = await Stage.create({
    cluster: mesh.cluster,
    envoy: ENVOY as string,
    keyType: 'ec-p256',
    patience: 6000,
  });
  await stage.startAgent();
  await stage.startPods(stage.firstPods(), form);
  const calls = expectedCalls(mesh.cluster, policiesOf(mesh.inputs, mesh.cluster), new Map());
  const made = await makeCalls(stage, calls);
  const loaded = made.flatMap(({ connection, result: { outcome } }): Loaded[] =>
    outcome === 'mtls' || outcome === 'plain' ? [{ connection, outcome }] : [],
  );
  return { stage, mesh, made, loaded };
}

describe.skipIf(ENVOY === undefined)(`a broken rehearsal (${ENVOY ?? NO_ENVOY})`, { timeout: 90_000 }, () => {
  test('configuration: another SAN', async () => {
    const { stage } = await play();
    const [pod] = stage.pods;
    const text = JSON.stringify(pod?.rewritten.get('cds.json')).replaceAll(
      'ns/foo/sa/sleep',
      'ns/foo/sa/other',
    );
    (pod as NonNullable<typeof pod>).rewritten = new Map(pod?.rewritten).set(
      'cds.json',
      JSON.parse(text) as NormalValue,
    );
    const { ok, problems } = configurationProof(stage);
    expect(ok).toBe(false);
    expect(problems.join()).toMatch(/httpbin\.bar: .*trust changed/);
  });

  test('calls: a call that ends otherwise, and one of which nothing is known', async () => {
    const { stage, made } = await play();
    const [first, second, ...others] = made as [MadeCall, MadeCall, ...MadeCall[]];
    const { ok, failed, problems } = callsProof(stage, [
      { ...first, expected: { outcome: 'denied', why: 'the test says so' } },
      { ...second, expected: { outcome: undefined, why: 'a policy says more' } },
      ...others,
    ]);
    expect({ ok, failed }).toEqual({ ok: false, failed: 2 });
    expect(problems[0]).toMatch(/^httpbin\.bar → httpbin\.bar:8000: expected denied/);
    expect(problems[1]).toMatch(/--expect$/);
    expect(callsProof(stage, []).ok).toBe(false);
  });

  test('identities: another client than expected, and no call with mTLS', async () => {
    const { stage, made } = await play();
    const [first] = made as [MadeCall];
    const other = stage.cluster.members.find((one) => one !== first.connection.client);
    const wrong = {
      ...first,
      connection: { ...first.connection, client: other as NonNullable<typeof other> },
    };
    const { ok, problems } = await identitiesProof(stage, [wrong]);
    expect(ok).toBe(false);
    expect(problems).toEqual([
      expect.stringContaining('the client showed spiffe://cluster.local/ns/bar/sa/httpbin'),
    ]);
    expect((await identitiesProof(stage, [])).ok).toBe(false);
  });

  test('refusals: a server that takes plain text where the policies want mTLS', async () => {
    const { stage, made } = await play('permissive', ['sleep.foo', 'httpbin.foo']);
    const strict = meshNamed('strict');
    const { ok, problems } = await refusalsProof(stage, made, policiesOf(strict.inputs, strict.cluster));
    expect(ok).toBe(false);
    expect(problems).toEqual(['httpbin.foo:8000 accepts plain text']);
  });

  test('rotation: an Envoy that ends under load', async () => {
    const { stage, loaded } = await play();
    const proof = rotationProof(stage, loaded);
    await pause(200);
    process.kill(stage.podOf('httpbin.bar').envoy?.pid as number, 'SIGKILL');
    const { ok, failed, problems } = await proof;
    expect(ok).toBe(false);
    expect(failed).toBeGreaterThan(0);
    expect(problems.join('\n')).toMatch(
      /sleep\.foo → httpbin\.bar:8000: \d+ of \d+ lost, the first with 503/,
    );
    expect(problems.join('\n')).toMatch(
      /the Envoy of httpbin\.bar was started anew|did not get a new certificate/,
    );
  });

  test('a pod that is ended without drain loses requests, and is named', async () => {
    const { stage, loaded } = await play();
    const load = new Load(
      stage,
      loaded.filter(({ connection }) => connection.client.name === 'sleep.foo'),
    );
    await pause(300);
    const old = stage.podOf('httpbin.bar');
    const next = stage.successorOf(old);
    await stage.stopPods([old]);
    await stage.startPods([next]);
    stage.push();
    await pause(500);
    const { failed, problems } = await load.end();
    expect(failed).toBeGreaterThan(0);
    expect(problems).toEqual([expect.stringMatching(/^sleep\.foo → httpbin\.bar:8000: \d+ of \d+ lost/)]);
  });

  test('a root that is removed while certificates lead to it is seen, and named', async () => {
    const { stage, made } = await play('strict', ['sleep.foo', 'httpbin.bar'], ON_FILES);
    const client = stage.podOf('sleep.foo');
    const next = stage.successorOf(client);
    await stage.own.renew();
    await stage.startPods([next], ON_FILES);
    stage.push();
    await stage.stopPods([client]);
    const across = made.filter(({ connection }) => connection.client.name === 'sleep.foo');
    const { ok, problems } = callsProof(stage, await makeCalls(stage, across));
    expect(ok).toBe(false);
    expect(problems).toEqual([
      expect.stringMatching(/^sleep\.foo → httpbin\.bar:8000: expected mtls, .*refused \(503/),
    ]);
  });

  test('agent: one that does not come back', async () => {
    const { stage, loaded } = await play();
    stage.startAgent = async () => {};
    const { ok, failed, problems } = await agentProof(stage, loaded);
    expect({ ok, failed }).toEqual({ ok: false, failed: 0 });
    expect(problems).toEqual([
      'the proxy of httpbin.bar did not get a new certificate',
      'the proxy of sleep.foo did not get a new certificate',
    ]);
  });

  test('ca: one that stays down, and one that never was', async () => {
    const { stage, loaded } = await play();
    Object.defineProperty(stage.ca, 'isDown', { get: () => true, set: () => {}, configurable: true });
    expect((await caProof(stage, loaded)).problems).toContain(
      'the proxy of sleep.foo did not get a new certificate',
    );
    Object.defineProperty(stage.ca, 'isDown', { get: () => false, set: () => {} });
    const { ok, problems } = await caProof(stage, loaded);
    expect(ok).toBe(false);
    expect(problems).toContain('no renewal met the CA while it was down');
  });

  test('secrets: a key in a file, as text and in base64', async () => {
    const { stage } = await play('strict', ['sleep.foo']);
    expect((await secretsProof(stage)).ok).toBe(true);
    // Built here, so that no key stands in the sources.
    const key = ['-----BEGIN PRIVATE', 'KEY-----'].join(' ');
    writeFileSync(join(stage.folder, 'a.pem'), key);
    for (const offset of [0, 1, 2])
      writeFileSync(
        join(stage.folder, `b${offset}.json`),
        Buffer.from(`${'x'.repeat(offset)}${key}`).toString('base64'),
      );
    const { ok, problems } = await secretsProof(stage);
    expect(ok).toBe(false);
    expect([...problems].sort()).toEqual(
      ['a.pem', 'b0.json', 'b1.json', 'b2.json'].map((one) => `${one} holds a private key`),
    );
  });

  test('secrets: a configuration that names files', async () => {
    const { stage } = await play('strict', ['sleep.foo'], ON_FILES);
    const { ok, problems } = await secretsProof(stage);
    expect(ok).toBe(false);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join('\n')).not.toContain('PRIVATE KEY');
  });
});
