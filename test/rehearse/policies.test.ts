// The reading of policies that a rehearsal holds calls against.

import { describe, expect, test } from 'vitest';
import { type Call, Policies } from '../../src/rehearse/policies.js';

const MESH = { trustDomain: 'cluster.local', rootNamespace: 'istio-system' };
const CALL: Call = {
  client: { namespace: 'foo', account: 'sleep', hasProxy: true },
  server: { name: 'httpbin', namespace: 'bar', hasProxy: true },
  port: { name: 'http', port: 8000 },
};

function expectation(text: string, call: Partial<Call> = {}) {
  return new Policies([{ name: 'a.yaml', text }], MESH).expect({ ...CALL, ...call });
}

const policy = (spec: string, metadata = '{name: default, namespace: bar}', kind = 'Policy'): string =>
  `---\napiVersion: authentication.istio.io/v1alpha1\nkind: ${kind}\nmetadata: ${metadata}\nspec: ${spec}\n`;
const rule = (spec: string, namespace = 'istio-system', name = 'default'): string =>
  `---\napiVersion: networking.istio.io/v1alpha3\nkind: DestinationRule\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;

const STRICT = policy('{peers: [{mtls: {}}]}', '{name: default}', 'MeshPolicy');
const MUTUAL = rule("{host: '*.local', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}");

describe('both sides', () => {
  test.each([
    ['nothing says anything', '', 'plain'],
    ['both say mTLS', STRICT + MUTUAL, 'mtls'],
    ['the server alone', STRICT, 'refused'],
    ['the client alone', MUTUAL, 'refused'],
    ['a permissive server, plain client', policy('{peers: [{mtls: {mode: PERMISSIVE}}]}'), 'plain'],
    [
      'a permissive server, client with mTLS',
      policy('{peers: [{mtls: {mode: PERMISSIVE}}]}') + MUTUAL,
      'mtls',
    ],
    ['a policy without peers for the namespace', STRICT + policy('{}'), 'plain'],
    [
      'a policy for the port',
      STRICT + policy('{targets: [{name: httpbin, ports: [{number: 8000}]}]}', '{name: a, namespace: bar}'),
      'plain',
    ],
    [
      'a policy for another port',
      STRICT +
        MUTUAL +
        policy('{targets: [{name: httpbin, ports: [{number: 1}]}]}', '{name: a, namespace: bar}'),
      'mtls',
    ],
    [
      "the client's own rule",
      STRICT +
        MUTUAL +
        rule('{host: httpbin.bar.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}', 'foo'),
      'refused',
    ],
    [
      'the more specific host',
      STRICT + MUTUAL + rule('{host: "*.bar.svc.cluster.local"}', 'istio-system', 'b'),
      'refused',
    ],
    [
      'settings of the port',
      STRICT +
        rule(
          '{host: "*.local", trafficPolicy: {portLevelSettings: [{port: {number: 8000}, tls: {mode: ISTIO_MUTUAL}}]}}',
        ),
      'mtls',
    ],
    [
      'a rule that only its own namespace sees',
      STRICT +
        MUTUAL +
        rule('{host: httpbin, exportTo: ["."], trafficPolicy: {tls: {mode: DISABLE}}}', 'bar'),
      'mtls',
    ],
  ])('%s', (_, text, outcome) => {
    expect(expectation(text)).toMatchObject({ outcome });
  });

  test('a workload without a proxy sends and takes plain text', () => {
    const client = { ...CALL.client, hasProxy: false };
    const server = { ...CALL.server, hasProxy: false };
    expect(expectation(STRICT + MUTUAL, { client })).toMatchObject({ outcome: 'refused' });
    expect(expectation(STRICT + MUTUAL, { server })).toMatchObject({ outcome: 'refused' });
    expect(expectation(STRICT, { server })).toMatchObject({ outcome: 'plain' });
  });
});

describe('roles', () => {
  const on =
    '---\napiVersion: rbac.istio.io/v1alpha1\nkind: ClusterRbacConfig\nmetadata: {name: default}\nspec: {mode: ON}\n';
  const role = (rules: string): string =>
    `---\napiVersion: rbac.istio.io/v1alpha1\nkind: ServiceRole\nmetadata: {name: r, namespace: bar}\nspec: {rules: [${rules}]}\n`;
  const binding = (subject: string): string =>
    `---\napiVersion: rbac.istio.io/v1alpha1\nkind: ServiceRoleBinding\nmetadata: {name: b, namespace: bar}\nspec: {subjects: [${subject}], roleRef: {kind: ServiceRole, name: r}}\n`;
  const all = role("{services: ['*']}");
  const base = STRICT + MUTUAL + on;

  test.each([
    ['none', '', 'denied'],
    ['for the account', all + binding('{user: cluster.local/ns/foo/sa/sleep}'), 'mtls'],
    ['for another account', all + binding('{user: cluster.local/ns/foo/sa/other}'), 'denied'],
    ['for everyone', all + binding("{user: '*'}"), 'mtls'],
    ['for a namespace', all + binding('{properties: {source.namespace: foo}}'), 'mtls'],
    ['for another namespace', all + binding('{properties: {source.namespace: bar}}'), 'denied'],
    [
      'of another service',
      role("{services: ['x.bar.svc.cluster.local']}") + binding("{user: '*'}"),
      'denied',
    ],
    ['of POST', role("{services: ['*'], methods: [POST]}") + binding("{user: '*'}"), 'denied'],
    ['of other paths', role("{services: ['*'], paths: [/x, '/y*']}") + binding("{user: '*'}"), 'denied'],
    [
      'of paths that end so',
      role("{services: ['httpbin*'], paths: ['*/']}") + binding("{user: '*'}"),
      'mtls',
    ],
    [
      'that leave the namespace out',
      '---\napiVersion: rbac.istio.io/v1alpha1\nkind: ClusterRbacConfig\nmetadata: {name: default}\nspec: {mode: ON}\n',
      'denied',
    ],
  ])('%s', (_, text, outcome) => {
    expect(expectation(base + text)).toMatchObject({ outcome });
  });

  test.each([
    ['ON_WITH_INCLUSION', '{mode: ON_WITH_INCLUSION, inclusion: {namespaces: [foo]}}', 'mtls'],
    ['ON_WITH_EXCLUSION', '{mode: ON_WITH_EXCLUSION, exclusion: {namespaces: [foo]}}', 'denied'],
    ['OFF', '{mode: OFF}', 'mtls'],
  ])('%s', (_, spec, outcome) => {
    const config = `---\napiVersion: rbac.istio.io/v1alpha1\nkind: ClusterRbacConfig\nmetadata: {name: default}\nspec: ${spec}\n`;
    expect(expectation(STRICT + MUTUAL + config)).toMatchObject({ outcome });
  });

  test('an account is nobody in plain text', () => {
    const text = policy('{}') + on + all + binding('{user: cluster.local/ns/foo/sa/sleep}');
    expect(expectation(text)).toMatchObject({ outcome: 'denied' });
  });
});

test.each([
  ['TLS of its own', rule('{host: "*.local", trafficPolicy: {tls: {mode: SIMPLE}}}')],
  ['tokens', policy('{peers: [{mtls: {}}], origins: [{jwt: {issuer: a}}]}')],
  ['several rules for a host', MUTUAL + rule('{host: "*.local"}', 'istio-system', 'b')],
  [
    'routes',
    '---\napiVersion: networking.istio.io/v1alpha3\nkind: VirtualService\nmetadata: {name: a, namespace: bar}\nspec: {hosts: [httpbin]}\n',
  ],
])('%s: nothing is decided, with the reason', (_, text) => {
  const { outcome, why } = expectation(text);
  expect(outcome).toBeUndefined();
  expect(why).not.toBe('');
});
