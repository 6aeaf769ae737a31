// What `compile` says about wrong input: every error of a run, each at its place.

import { describe, expect, it } from 'vitest';
import { compileInputs } from '../../src/compile/compile-inputs.js';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: a, namespace: foo}
spec: {serviceAccountName: a}
status: {podIP: 10.0.0.1}
`;

function messages(text: string, proxy = 'a.foo'): string[] {
  const { compiled, findings } = compileInputs([{ name: 'in.yaml', text: `${POD}---\n${text}` }], { proxy });
  expect(compiled === undefined).toBe(findings.some(({ level }) => level === 'error'));
  return findings.map(
    ({ region, message, suggestion }) =>
      `${(region?.line ?? 0) - POD.split('\n').length}:${region?.column ?? 0} ${message}${suggestion === undefined ? '' : ` (${suggestion}?)`}`,
  );
}

describe('errors of a resource', () => {
  it('are all told, at their lines', () => {
    expect(
      messages(`apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: x}
spec:
  hosst: a
  trafficPolicy:
    tls:
      mode: MUTAL
    connectionPool:
      tcp:
        maxConnections: many
        connectTimeout: soon
`),
    ).toEqual([
      '8:13 mode is "MUTAL" (MUTUAL?)',
      '11:25 maxConnections is "many"'.replace('maxConnections', 'max_connections'),
      '12:25 connectTimeout is "soon"'.replace('connectTimeout', 'connect_timeout'),
      '5:3 istio.networking.v1alpha3.DestinationRule has no field "hosst" (host?)',
    ]);
  });

  it('name a resource without a name', () => {
    expect(
      messages(
        'apiVersion: networking.istio.io/v1alpha3\nkind: Gateway\nmetadata: {}\nspec: {servers: []}\n',
      ),
    ).toEqual(['1:1 this Gateway has no name']);
  });
});

it('warns of what a resource misses', () => {
  expect(
    messages(`apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: v, namespace: foo}
spec: {hosts: [a], gateways: [gw], tcp: [{route: [{destination: {host: nowhere}}]}]}
---
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRoleBinding
metadata: {name: b, namespace: foo}
spec: {subjects: [], roleRef: {kind: ServiceRole, name: r}}
`),
  ).toEqual([
    '1:1 VirtualService v: there is no Gateway foo/gw',
    '1:1 VirtualService v: it leads to nowhere.foo.svc.cluster.local, which no service is',
    '6:1 ServiceRoleBinding b: there is no ServiceRole r in foo',
  ]);
});

it('says that there is no such workload, and which is near', () => {
  expect(messages('', 'b.foo')).toEqual([
    `${-POD.split('\n').length}:0 there is no workload "b.foo" among the inputs (a.foo?)`,
  ]);
});

it('ignores other kinds and counts them', () => {
  const { ignored } = compileInputs(
    [{ name: 'in.yaml', text: `${POD}---\napiVersion: batch/v1beta1\nkind: Queue\nmetadata: {name: j}\n` }],
    { proxy: 'a.foo' },
  );
  expect([...ignored]).toEqual([['Queue', 1]]);
});
