// `manifests` and `plan` as they are run: what goes where, and the exit statuses.

import { describe, expect, test } from 'vitest';
import { MTLS, workload } from '../plan/mesh-text.js';
import { at, put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

describe('manifests', () => {
  test('go to standard output, or to a file', async () => {
    const { status, stdout, stderr } = await xdsc(['manifests', 'sds-agent', '--ca', 'citadel']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^# The SDS agent/);
    expect((await xdsc(['manifests', 'sds-agent', '--ca', 'citadel', '-o', at('agent.yaml')])).status).toBe(
      0,
    );
    expect(tree()).toEqual({ 'agent.yaml': stdout });
  });

  test.each([
    [['manifests', 'sds-agnet', '--ca', 'citadel'], 'did you mean sds-agent?'],
    [['manifests', 'sds-agent'], 'no CA is specified'],
    [['manifests', 'sds-agent', '--ca', 'citadel', '--integration', 'citadle'], 'did you mean citadel?'],
    [['manifests', 'sds-agent', '--ca', 'citadel', '--option', 'x'], 'Expected KEY=VALUE.'],
    [['manifests', 'sds-agent', '--ca', 'citadel', '--option', 'X=@nothing.pem'], 'no such file'],
    [['manifests', 'sds-agent', '--ca', 'citadel', '--values', 'nothing.yaml'], 'no such file'],
    [['manifests', 'sds-agent', '--ca', 'citadel', '--kubernetes', '2'], 'is not a Kubernetes version'],
  ])('%j is usage', async (args, message) => {
    const { status, stderr } = await xdsc(args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(tree()).toEqual({});
  });
});

describe('plan', () => {
  const MESH = { 'm/a.yaml': workload('a'), 'm/b.yaml': workload('b'), 'm/mtls.yaml': MTLS };

  test('is Markdown or JSON, and the same each time', async () => {
    put(MESH);
    const { status, stdout, stderr } = await xdsc(['plan', 'm']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^# From mounted certificates to SDS\n/);
    expect((await xdsc(['plan', 'm/b.yaml', 'm/mtls.yaml', 'm/a.yaml'])).stdout).toBe(stdout);
    const { stdout: json } = await xdsc(['plan', 'm', '--format', 'json']);
    expect(JSON.parse(json)).toMatchObject({ result: 'plan', simulation: { mutual: 4 } });
  });

  test('takes the mesh from its ConfigMap among the inputs', async () => {
    const mesh =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata: {mesh: "trustDomain: example.org"}\n';
    put({ ...MESH, 'm/istio.yaml': mesh });
    expect((await xdsc(['plan', 'm'])).stdout).toContain(
      'xdsc convert --trust-domain example.org --keep-secret',
    );
  });

  test('ends with 1 where there is no order, and still tells', async () => {
    put(MESH);
    const { status, stdout } = await xdsc(['plan', 'm', '--ca', 'vault', '--trust', 'one']);
    expect(status).toBe(1);
    expect(stdout).toContain('No order keeps every connection');
  });

  test.each([
    [['plan', 'nothing'], 2, 'no such file'],
    [['plan', 'm', '--kubernetes', 'x'], 2, 'is not a version'],
    [['plan', 'm', '--wave-size', '0'], 2, 'Expected a number, 1 or greater.'],
    [['plan', 'm', '--swich', 'mesh'], 2, 'did you mean --switch?'],
    [['plan', 'bad'], 1, 'did you mean traffic_policy'],
  ])('%j ends with %i', async (args, status, message) => {
    put({ ...MESH, 'bad/rule.yaml': MTLS.replace('trafficPolicy', 'trafficPolciy') });
    const ended = await xdsc(args);
    expect(ended.stderr).toMatch(
      new RegExp(message.replace(/[?.]/g, '\\$&').replace('traffic_policy', 'traffic_?[pP]olicy')),
    );
    expect(ended.status).toBe(status);
  });

  test('is carried out by convert: pods that keep the secret, then pods without it', async () => {
    put(MESH);
    await xdsc(['convert', '--keep-secret', '-w', 'm']);
    const both = tree()['m/a.yaml'] ?? '';
    expect(both).toMatch(/istio-certs[\s\S]*sds-uds-path/);
    await xdsc(['convert', '-w', 'm']);
    const after = tree()['m/a.yaml'] ?? '';
    expect(after).not.toContain('istio-certs');
    expect(after).toContain('sds-uds-path');
    // What comes out is what one step would have given, but for the order.
    const lines = (text: string) => text.split('\n').sort();
    put(MESH);
    await xdsc(['convert', '-w', 'm']);
    expect(lines(after)).toEqual(lines(tree()['m/a.yaml'] ?? ''));
  });
});
