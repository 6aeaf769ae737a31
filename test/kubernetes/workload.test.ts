import { describe, expect, test } from 'vitest';
import { podWorkloads } from '../../src/kubernetes/workload.js';
import { readSource } from '../../src/source/document.js';

const SPEC =
  'spec: {serviceAccountName: web, containers: [{name: app, volumeMounts: [{name: v, mountPath: /v}]}]}';

function workloads(text: string) {
  return readSource('w.yaml', text).documents.flatMap(podWorkloads);
}

describe('a workload is found', () => {
  test.each([
    ['Pod', 'v1', SPEC],
    ['Deployment', 'apps/v1', `spec: {template: {${SPEC}}}`],
    ['Deployment', 'extensions/v1beta1', `spec: {template: {${SPEC}}}`],
    ['StatefulSet', 'apps/v1', `spec: {template: {${SPEC}}}`],
    ['DaemonSet', 'apps/v1', `spec: {template: {${SPEC}}}`],
    ['ReplicaSet', 'apps/v1', `spec: {template: {${SPEC}}}`],
    ['Job', 'batch/v1', `spec: {template: {${SPEC}}}`],
    ['CronJob', 'batch/v1beta1', `spec: {jobTemplate: {spec: {template: {${SPEC}}}}}`],
  ])('as %s of %s', (kind, version, rest) => {
    const [found, ...more] = workloads(
      `apiVersion: ${version}\nkind: ${kind}\nmetadata: {name: w, namespace: shop}\n${rest}`,
    );
    expect(more).toEqual([]);
    expect([found?.kind, found?.name, found?.namespace]).toEqual([kind, 'w', 'shop']);
    expect(found?.pod.serviceAccount).toBe('web');
    expect(found?.pod.containers.map(({ name, mounts }) => [name, mounts[0]?.path])).toEqual([['app', '/v']]);
  });

  test('in Lists of Lists', () => {
    const pod = (name: string) => `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, ${SPEC}}`;
    const found = workloads(
      `apiVersion: v1\nkind: List\nitems:\n- ${pod('a')}\n- {apiVersion: v1, kind: PodList, items: [${pod('b')}]}`,
    );
    expect(found.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

test('similar objects are not workloads', () => {
  expect(workloads(`apiVersion: example.org/v1\nkind: Deployment\n${SPEC}`)).toEqual([]);
  expect(workloads(`apiVersion: v1\nkind: Service\n${SPEC}`)).toEqual([]);
  expect(workloads('apiVersion: apps/v1\nkind: Deployment\nspec: {template: }')).toEqual([]);
  expect(workloads('apiVersion: v1\nkind: Pod\nspec: 1')).toEqual([]);
});

test('volumes have their sources', () => {
  const [found] = workloads(`apiVersion: v1
kind: Pod
spec:
  volumes:
  - {name: a, secret: {secretName: istio.web}}
  - {name: b, hostPath: {path: /var/run/sds, type: Directory}}
  - name: c
    projected:
      sources:
      - secret: {name: istio.web}
      - serviceAccountToken: {path: istio-token, audience: cluster.local}
  - {name: d, emptyDir: {}}
`);
  expect(found?.pod.volumes.map(({ source }) => source)).toEqual([
    { kind: 'secret', secret: 'istio.web' },
    { kind: 'hostPath', path: '/var/run/sds', type: 'Directory' },
    {
      kind: 'projected',
      secrets: ['istio.web'],
      tokens: [{ path: 'istio-token', audience: 'cluster.local' }],
      tokensOnly: false,
    },
    { kind: 'other' },
  ]);
});

test('containers of all kinds have the secrets in their environment', () => {
  const [found] = workloads(`apiVersion: v1
kind: Pod
spec:
  containers:
  - name: a
    env: [{name: KEY, valueFrom: {secretKeyRef: {name: istio.web, key: key.pem}}}]
  initContainers:
  - {name: b, envFrom: [{secretRef: {name: istio.web}}], args: [proxy, router, 1]}
  ephemeralContainers:
  - {name: c}
`);
  expect(
    found?.pod.containers.map(({ list, name, args, secretsInEnv }) => [
      list,
      name,
      args,
      secretsInEnv.length,
    ]),
  ).toEqual([
    ['containers', 'a', [], 1],
    ['initContainers', 'b', ['proxy', 'router', '1'], 1],
    ['ephemeralContainers', 'c', [], 0],
  ]);
});
