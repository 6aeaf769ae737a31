// A mesh on the loopback is the mesh that was compiled, with other addresses.

import { expect, test } from 'vitest';
import type { NormalValue } from '../../src/envoy/normal-value.js';
import { withPods } from '../../src/rehearse/cluster.js';
import { compileProxy } from '../../src/rehearse/compiled.js';
import { Loopback, rewrite } from '../../src/rehearse/loopback.js';
import { differences } from '../../src/rehearse/proofs/configuration.js';
import { meshNamed } from './meshes.js';

const PATHS = new Map([['/var/run/sds/uds_path', '/dev/shm/x/uds_path']]);

function onLoopback() {
  const { cluster, settings } = meshNamed('strict');
  const pods = cluster.members.map((member) => ({ member, generation: 1, ip: member.ip }));
  const loopback = new Loopback(64);
  for (const [number, { ip }] of pods.entries()) loopback.seat({ number, ip });
  const { files } = compileProxy(withPods(cluster, pods), 'httpbin-1.foo', settings, 'sds');
  const names = loopback.namesFor({ number: 1, ip: '10.244.0.3', paths: PATHS }, files);
  const rewritten = new Map([...files].map(([path, content]) => [path, rewrite(content, names)]));
  return { files, names, rewritten };
}

test('the verdict on what was rewritten is "same trust"', () => {
  const { files, names, rewritten } = onLoopback();
  expect(differences(files, rewritten, names)).toEqual([]);
});

test('what is rewritten besides is seen', () => {
  const { files, names, rewritten } = onLoopback();
  const text = JSON.stringify(rewritten.get('cds.json')).replaceAll('sa/httpbin', 'sa/other');
  rewritten.set('cds.json', JSON.parse(text) as NormalValue);
  expect(differences(files, rewritten, names)).toEqual([expect.stringMatching(/^trust changed/)]);
});

test('no address leads beyond this machine, and each listener binds its port', () => {
  const text = JSON.stringify([...onLoopback().rewritten.values()]);
  const addresses = [...text.matchAll(/"address": ?"([^"]+)"/g)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(10);
  expect(addresses.filter((address) => !address?.startsWith('127.'))).toEqual([]);
  expect(text).not.toContain('bind_to_port');
  expect(text).not.toMatch(/"port_value": ?\d{1,3}\D/);
  expect(text).toContain('unix:/dev/shm/x/uds_path');
});

test('a port below 1024 does not move to one that is in use', () => {
  const loopback = new Loopback(64);
  const content = [{ port_value: 80 }, { port_value: 20_080 }];
  const { ports } = loopback.namesFor(
    { number: 0, ip: '10.0.0.1', paths: PATHS },
    new Map([['lds.json', content]]),
  );
  expect([...ports]).toEqual([
    ['80', '21104'],
    ['20080', '20080'],
  ]);
});
