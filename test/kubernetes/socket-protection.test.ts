// The protection of the SDS socket, evaluated in both its forms: on the pods of Istio's task, and on other
// ways to the same end.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { celEnv, parse as parseCel, plan } from '@bufbuild/cel';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesMinor, servedBy } from '../../src/kubernetes/api-versions.js';
import { sdsAgentManifests } from '../../src/kubernetes/manifests.js';
import { sharedFolder } from '../shared.js';
import { admitted, type PodSecurityPolicy, type TestPod } from './pod-security-policy.js';

// biome-ignore lint/suspicious/noExplicitAny: parsed manifests
type Any = any;

function manifests(kubernetes: string, udsPath?: string): Any[] {
  const values = { env: {}, ...(udsPath !== undefined && { udsPath }) };
  const { text } = sdsAgentManifests({ ca: 'citadel', kubernetes, values });
  return parseAllDocuments(text ?? '').map((document) => document.toJS());
}

const of = (objects: readonly Any[], kind: string): Any[] => objects.filter((one) => one.kind === kind);

/** The pods of a DaemonSet or Deployment as its controller makes them. */
function podOf(workload: Any, namespace = 'default'): Any {
  const { metadata, spec } = workload.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, namespace },
    spec: { serviceAccountName: 'default', ...spec },
  };
}

/** Whether the admission policies for a resource admit an object. */
function celAdmits(objects: readonly Any[], resource: string, object: Any, operation = 'CREATE'): boolean {
  const policies = of(objects, 'ValidatingAdmissionPolicy').filter(({ spec }) =>
    spec.matchConstraints.resourceRules.some(
      (rule: Any) => rule.resources.includes(resource) && rule.operations.includes(operation),
    ),
  );
  expect(policies.length).toBe(1);
  const bound = new Set(of(objects, 'ValidatingAdmissionPolicyBinding').map(({ spec }) => spec.policyName));
  return policies.every(({ metadata, spec }) => {
    expect(bound.has(metadata.name)).toBe(true);
    return spec.validations.every(({ expression }: { expression: string }) => {
      const value = plan(
        celEnv(),
        parseCel(expression),
      )({
        object,
        request: { namespace: object.metadata.namespace },
      });
      if (typeof value !== 'boolean') throw new Error(String(value));
      return value;
    });
  });
}

const OLD = manifests('1.13');
const OLD_POLICIES: PodSecurityPolicy[] = of(OLD, 'PodSecurityPolicy');
const pspOf = (name: string) => OLD_POLICIES.filter((policy: Any) => policy.metadata.name === name);
/** What a pod of an account may use: all accounts the general policy, the agent's its own as well. */
const pspAdmits = (pod: Any): boolean =>
  admitted(
    pod.metadata.namespace === 'istio-system' &&
      pod.spec.serviceAccountName === 'istio-nodeagent-service-account'
      ? OLD_POLICIES
      : pspOf('istio-sds-uds'),
    pod as TestPod,
  );

const VERSIONS = ['1.26', '1.28', '1.30', '1.33'].map((version) => [version, manifests(version)] as const);

/** A pod with one container that mounts a volume. */
function pod(volume: object, mount: object = {}, more: object = {}): Any {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'm', namespace: 'default' },
    spec: {
      serviceAccountName: 'default',
      containers: [{ name: 'm', image: 'm', volumeMounts: [{ name: 'v', mountPath: '/mnt', ...mount }] }],
      volumes: [{ name: 'v', ...volume }],
      ...more,
    },
  };
}

const host = (path: string, type?: string) => ({ hostPath: { path, ...(type !== undefined && { type }) } });

const MALICIOUS: readonly (readonly [string, Any])[] = [
  ['the folder', pod(host('/var/run/sds', ''))],
  ['the folder, said to be read-only by readOnly: false', pod(host('/var/run/sds'), { readOnly: false })],
  ['the socket', pod(host('/var/run/sds/uds_path', 'Socket'))],
  ['a file beside the socket', pod(host('/var/run/sds/other', 'FileOrCreate'))],
  ['a folder to be made', pod(host('/var/run/sds', 'DirectoryOrCreate'))],
  ['the folder around it', pod(host('/var/run', 'Directory'))],
  ['the folder around that', pod(host('/var'))],
  ['everything', pod(host('/'))],
  ['everything, read-only, with what is mounted below', pod(host('/'), { readOnly: true })],
  ['a sub-path of a folder around it', pod(host('/var'), { subPath: 'run/sds' })],
  ['a computed sub-path', pod(host('/var/run'), { subPathExpr: '$(S)' })],
  ['the folder by the other name', pod(host('/run/sds'))],
  ['the folder around it by the other name', pod(host('/run'))],
  ['a slash at the end', pod(host('/var/run/sds/'))],
  ['slashes in between', pod(host('//var///run//sds'))],
  ['parts that lead nowhere', pod(host('/./var/./run/sds/.'))],
  ['a way back', pod(host('/var/lib/../run/sds'))],
  ['a way back to the folder around it', pod(host('/var/run/x/..'))],
  ['a way back, read-only', pod(host('/home/../var/run/sds'), { readOnly: true })],
  [
    'an init container',
    pod(
      host('/var/run/sds'),
      { readOnly: true },
      { initContainers: [{ name: 'i', volumeMounts: [{ name: 'v', mountPath: '/m' }] }] },
    ),
  ],
  [
    'an ephemeral container',
    pod(
      host('/var/run/sds'),
      { readOnly: true },
      { ephemeralContainers: [{ name: 'e', volumeMounts: [{ name: 'v', mountPath: '/m' }] }] },
    ),
  ],
  [
    'a second mount of a volume that is mounted read-only as well',
    pod(
      host('/var/run/sds'),
      { readOnly: true },
      {
        containers: [
          { name: 'a', volumeMounts: [{ name: 'v', mountPath: '/a', readOnly: true }] },
          { name: 'b', volumeMounts: [{ name: 'v', mountPath: '/b' }] },
        ],
      },
    ),
  ],
  [
    "the agent's account in another namespace",
    pod(host('/var/run/sds'), {}, { serviceAccountName: 'istio-nodeagent-service-account' }),
  ],
  [
    "another account in the agent's namespace",
    { ...pod(host('/var/run/sds')), metadata: { name: 'm', namespace: 'istio-system' } },
  ],
];

const NORMAL: readonly (readonly [string, Any])[] = [
  [
    'a pod without volumes',
    { ...pod({}), spec: { serviceAccountName: 'default', containers: [{ name: 'n', image: 'n' }] } },
  ],
  ['a sidecar with the socket', pod(host('/var/run/sds/uds_path', 'Socket'), { readOnly: true })],
  ['a pod with the folder, read-only', pod(host('/var/run/sds'), { readOnly: true })],
  ['a pod with volumes of other kinds', pod({ secret: { secretName: 's' } })],
];

describe('pod security policies', () => {
  test.each(NORMAL)('admit %s', (_, one) => {
    expect(pspAdmits(one)).toBe(true);
  });

  test.each(MALICIOUS)('reject %s', (_, one) => {
    expect(pspAdmits(one)).toBe(false);
  });

  test('admit the agent', () => {
    const [agent] = of(OLD, 'DaemonSet');
    expect(pspAdmits(podOf(agent, 'istio-system'))).toBe(true);
    expect(pspAdmits(podOf(agent, 'default'))).toBe(false);
  });
});

describe.each(VERSIONS)('validating admission policies of Kubernetes %s', (_, objects) => {
  test.each(NORMAL)('admit %s', (__, one) => {
    expect(celAdmits(objects, 'pods', one)).toBe(true);
  });

  test.each(MALICIOUS)('reject %s', (__, one) => {
    expect(celAdmits(objects, 'pods', one)).toBe(false);
    expect(celAdmits(objects, 'pods/ephemeralcontainers', one, 'UPDATE')).toBe(false);
  });

  test.each([
    '/home',
    '/var/log',
    '/var/runs',
    '/var/run/sdsx',
    '/running',
    '/run/docker.sock',
    '/.var/run/sds',
    '/a/var/run/sds',
  ])('allow %s', (path) => {
    expect(celAdmits(objects, 'pods', pod(host(path)))).toBe(true);
  });

  test('admit only the agent', () => {
    const [agent] = of(objects, 'DaemonSet');
    expect(celAdmits(objects, 'pods', podOf(agent, 'istio-system'))).toBe(true);
    expect(celAdmits(objects, 'pods', podOf(agent, 'default'))).toBe(false);
  });

  test('reject persistent volumes for the directory', () => {
    const volume = (spec: object) => ({ kind: 'PersistentVolume', metadata: { name: 'p' }, spec });
    const admits = (spec: object) => celAdmits(objects, 'persistentvolumes', volume(spec));
    expect(admits(host('/var/run/sds'))).toBe(false);
    expect(admits({ local: { path: '/var/run/' } })).toBe(false);
    expect(admits({ local: { path: '/mnt/disk' } })).toBe(true);
    expect(admits({ nfs: { path: '/var/run/sds', server: 's' } })).toBe(true);
  });
});

test('since 1.31, a mount of the root may be recursively read-only', () => {
  const one = pod(host('/'), { readOnly: true, recursiveReadOnly: 'Enabled' });
  expect(celAdmits(manifests('1.31'), 'pods', one)).toBe(true);
  expect(celAdmits(manifests('1.30'), 'pods', one)).toBe(false);
});

test('a socket in another directory is protected there', () => {
  const objects = manifests('1.30', 'unix:///srv/a.b/uds_path');
  expect(celAdmits(objects, 'pods', pod(host('/srv/a.b')))).toBe(false);
  expect(celAdmits(objects, 'pods', pod(host('/srv')))).toBe(false);
  expect(celAdmits(objects, 'pods', pod(host('/srv/axb')))).toBe(true);
  expect(celAdmits(objects, 'pods', pod(host('/var/run/sds')))).toBe(true);
});

describe('the policy of each version', () => {
  test.each([
    ['1.10', 'policy/v1beta1', undefined],
    ['v1.24.3', 'policy/v1beta1', undefined],
    ['1.25', undefined, undefined],
    ['1.26.0', undefined, 'admissionregistration.k8s.io/v1alpha1'],
    ['1.29', undefined, 'admissionregistration.k8s.io/v1beta1'],
    ['1.30', undefined, 'admissionregistration.k8s.io/v1'],
    ['1.40', undefined, 'admissionregistration.k8s.io/v1'],
  ])('%s', (version, psp, policy) => {
    const minor = kubernetesMinor(version) ?? 0;
    expect(servedBy('PodSecurityPolicy', minor)?.apiVersion).toBe(psp);
    expect(servedBy('ValidatingAdmissionPolicy', minor)?.apiVersion).toBe(policy);
    const written = new Set(
      manifests(version)
        .filter(({ kind }) => /Policy/.test(kind))
        .map(({ apiVersion }) => apiVersion),
    );
    expect([...written]).toEqual([psp, policy].filter((one) => one !== undefined));
  });

  test('1.25 has neither, which is a warning', () => {
    const { text, findings } = sdsAgentManifests({ ca: 'citadel', kubernetes: '1.25' });
    expect(text).toBeDefined();
    expect(findings.map(({ code, level }) => [code, level])).toEqual([['no-protection', 'warning']]);
  });
});

const seeds = sharedFolder('seeds');

describe.skipIf(seeds === undefined)("Istio's own task", () => {
  const task = seeds === undefined ? '' : readFileSync(join(seeds, 'istio-1.2-sds-task-with-psp.md'), 'utf8');
  const objects: Any[] = [...task.matchAll(/<<EOF \| kubectl apply -f -\n([\s\S]*?)\n {4}EOF/g)].flatMap(
    ([, yaml]) => parseAllDocuments(String(yaml).replace(/^ {4}/gm, '')).map((document) => document.toJS()),
  );
  const named = (kind: string, name: string): Any =>
    objects.find((one) => one.kind === kind && one.metadata.name === name);

  test('has the pod security policies that are written here', () => {
    const specs = (list: readonly Any[]) =>
      Object.fromEntries(of(list, 'PodSecurityPolicy').map(({ metadata, spec }) => [metadata.name, spec]));
    expect(Object.keys(specs(objects)).length).toBe(2);
    expect(specs(OLD)).toEqual(specs(objects));
  });

  test('binds them to the same accounts', () => {
    for (const kind of ['RoleBinding', 'ClusterRoleBinding']) {
      const theirs = of(objects, kind);
      expect(theirs.length).toBe(1);
      for (const { metadata, roleRef, subjects } of theirs)
        expect(OLD).toContainEqual(expect.objectContaining({ kind, metadata, roleRef, subjects }));
    }
    for (const kind of ['Role', 'ClusterRole']) {
      const [{ metadata, rules }] = of(objects, kind);
      const ours = OLD.find((one) => one.kind === kind && one.metadata.name === metadata.name);
      expect(ours.metadata).toEqual(metadata);
      const withBothGroups = rules.map((rule: Any) => ({ ...rule, apiGroups: ['extensions', 'policy'] }));
      expect(ours.rules).toEqual(withBothGroups);
    }
  });

  test('both admit its normal pod and reject its malicious pod', () => {
    const normal = podOf(named('Deployment', 'normal'));
    const malicious = podOf(named('Deployment', 'malicious'));
    expect([pspAdmits(normal), pspAdmits(malicious)]).toEqual([true, false]);
    for (const [, policies] of VERSIONS)
      expect([celAdmits(policies, 'pods', normal), celAdmits(policies, 'pods', malicious)]).toEqual([
        true,
        false,
      ]);
  });
});
