// What Istio 1.1's validation refuses: errors in `validate`, and warnings in `compile`, since Pilot takes it.

import { expect, test } from 'vitest';
import { compileInputs } from '../../src/compile/compile.js';
import { validate } from '../../src/validate/validate.js';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec: {serviceAccountName: a, containers: [{name: a, image: a}]}
status: {podIP: 10.0.0.1}
`;

function said(text: string): readonly [validate: string[], compile: string[]] {
  const inputs = [{ name: 'a.yaml', text }];
  const compiled = compileInputs([...inputs, { name: 'pod.yaml', text: POD }], { proxy: 'a.shop' });
  const lines = (
    findings: readonly { level: string; message: string; region?: { line: number; file: string } }[],
  ) =>
    findings
      .filter(({ region }) => region?.file === 'a.yaml')
      .map(({ level, message, region }) => `${level} ${region?.line}: ${message}`);
  return [lines(validate(inputs).findings), lines(compiled.findings)];
}

const gateway = (port: string, tls: string): string =>
  `apiVersion: networking.istio.io/v1alpha3\nkind: Gateway\nmetadata: {name: a, namespace: shop}\nspec:\n  servers:\n  - port: {number: 443, name: p, protocol: ${port}}\n    hosts: ["*"]\n${tls === '' ? '' : `    tls: ${tls}\n`}`;

test.each<[what: string, text: string, expected: readonly string[]]>([
  [
    'MUTUAL without files',
    'apiVersion: networking.istio.io/v1alpha3\nkind: DestinationRule\nmetadata: {name: a, namespace: shop}\nspec:\n  host: "*.local"\n  trafficPolicy:\n    tls: {mode: MUTUAL}\n',
    ['7: clientCertificate is missing', '7: privateKey is missing'],
  ],
  ['HTTPS without tls', gateway('HTTPS', ''), ['6: tls is missing']],
  [
    'tls for HTTP',
    gateway('HTTP', '{mode: SIMPLE, serverCertificate: /c, privateKey: /k}'),
    ['8: tls cannot be set for a port with HTTP, except for httpsRedirect'],
  ],
  [
    'SIMPLE without a key',
    gateway('HTTPS', '{mode: SIMPLE, serverCertificate: /c}'),
    ['8: privateKey is missing'],
  ],
  [
    'a MeshPolicy of another name',
    'apiVersion: authentication.istio.io/v1alpha1\nkind: MeshPolicy\nmetadata: {name: mesh}\nspec: {peers: [{mtls: {}}]}\n',
    ['3: "mesh" is not a name that Istio 1.1 takes for a MeshPolicy'],
  ],
])('%s', (_, text, expected) => {
  const [validated, compiled] = said(text);
  expect(validated).toEqual(expected.map((line) => `error ${line}`));
  for (const line of expected) expect(compiled).toContain(`warning ${line}`);
});

test.each([
  ['tls that redirects', gateway('HTTP', '{httpsRedirect: true}')],
  ['a certificate by name', gateway('HTTPS', '{mode: SIMPLE, credentialName: c}')],
  ['TLS that passes', gateway('TLS', '{mode: PASSTHROUGH}')],
])('%s is fine', (_, text) => {
  expect(said(text)[0]).toEqual([]);
});

test('objects without apiVersion are errors in both, also in lists', () => {
  const text =
    'kind: MeshPolicy\nmetadata: {name: default}\nspec: {peers: [{mtls: {}}]}\n---\napiVersion: v1\nkind: List\nitems:\n- kind: Service\n  metadata: {name: a}\n';
  const expected = [
    'error 1: apiVersion is missing, so this MeshPolicy is not read',
    'error 8: apiVersion is missing, so this Service is not read',
  ];
  const [validated, compiled] = said(text);
  expect(validated).toEqual(expected);
  expect(compiled).toEqual(expect.arrayContaining(expected));
});
