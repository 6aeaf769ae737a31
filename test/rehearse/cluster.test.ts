// What a cluster adds to manifests: pods and addresses.

import { expect, test } from 'vitest';
import { DEFAULT_MESH_SETTINGS } from '../../src/mesh/mesh-config.js';
import { readCluster, withPods } from '../../src/rehearse/cluster.js';
import { meshNamed } from './meshes.js';

test('workloads get pods, and services addresses, the same in each run', () => {
  const { cluster } = meshNamed('strict');
  expect(cluster.members.map(({ name, account, ip }) => ({ name, account, ip }))).toEqual([
    { name: 'httpbin.bar', account: 'httpbin', ip: '10.244.0.2' },
    { name: 'httpbin.foo', account: 'httpbin', ip: '10.244.0.3' },
    { name: 'sleep.bar', account: 'sleep', ip: '10.244.0.4' },
    { name: 'sleep.foo', account: 'sleep', ip: '10.244.0.5' },
  ]);
  const httpbin = cluster.services.find(({ hostname }) => hostname === 'httpbin.foo.svc.cluster.local');
  expect(httpbin?.ip).toMatch(/^10\.96\./);
  expect([...(httpbin?.ports[0]?.targets ?? [])]).toEqual([['httpbin.foo', 80]]);
  expect(meshNamed('strict').cluster.members).toEqual(cluster.members);
});

test('pods of a running cluster keep their first address, and their endpoints are written anew', () => {
  const text = `
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop}
  spec: {clusterIP: 10.0.0.7, selector: {app: web}, ports: [{name: http, port: 80, targetPort: web}]}
- apiVersion: v1
  kind: Endpoints
  metadata: {name: web, namespace: shop}
  subsets: [{addresses: [{ip: 10.1.2.3}], ports: [{name: http, port: 8080}]}]
- apiVersion: v1
  kind: Pod
  metadata: {name: web-1, namespace: shop, labels: {app: web}}
  spec: {containers: [{name: web, ports: [{name: web, containerPort: 8080}]}]}
  status: {podIP: 10.1.2.3, phase: Running}
`;
  const { cluster, findings } = readCluster([{ name: 'dump.yaml', text }], DEFAULT_MESH_SETTINGS);
  expect(findings).toEqual([]);
  const [member] = cluster?.members ?? [];
  expect(member).toMatchObject({ name: 'web-1.shop', account: 'default', ip: '10.1.2.3', hasProxy: true });
  expect(cluster?.services[0]).toMatchObject({ ip: '10.0.0.7' });
  expect([...(cluster?.services[0]?.ports[0]?.targets ?? [])]).toEqual([['web-1.shop', 8080]]);
  const [manifests, pod] = withPods(cluster as NonNullable<typeof cluster>, [
    { member: member as NonNullable<typeof member>, generation: 2, ip: '10.9.9.9' },
  ]);
  expect(manifests?.text).not.toMatch(/kind: (?:Endpoints|Pod)/);
  expect(JSON.parse(pod?.text ?? '')).toMatchObject({
    kind: 'Pod',
    metadata: { name: 'web-1-2', namespace: 'shop', labels: { app: 'web' } },
    status: { podIP: '10.9.9.9' },
  });
});

test('only the workloads that are named take part', () => {
  const { cluster } = meshNamed('strict', ['sleep.foo', 'httpbin.bar']);
  expect(cluster.members.map(({ name }) => name)).toEqual(['httpbin.bar', 'sleep.foo']);
  expect(cluster.services.map(({ hostname }) => hostname)).toEqual([
    'httpbin.bar.svc.cluster.local',
    'sleep.foo.svc.cluster.local',
  ]);
});

test('a workload that is none is told what was meant', () => {
  const { inputs, settings } = meshNamed('strict');
  const { cluster, findings } = readCluster(inputs, settings, ['slep.foo']);
  expect(cluster).toBeUndefined();
  expect(findings).toMatchObject([{ code: 'no-such-proxy', suggestion: 'sleep.foo' }]);
});
