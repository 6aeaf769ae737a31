// What decided the TLS of a cluster or listener, with the place of each thing that had a say.

import { describe, expect, it } from 'vitest';
import { compileInputs } from '../../src/compile/compile.js';
import { explainTls } from '../../src/compile/explain/explain.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { PLAIN } from '../../src/report/finding-text.js';
import { tlsExplanationText } from '../../src/report/tls-explanation.js';
import { istio, pod, service } from './mesh-of.js';

const CART = 'cart.shop.svc.cluster.local';

/** The explanation as text, where places are `line:column` and each resource begins after `---`. */
function explained(
  resources: readonly string[],
  name: string,
  { mesh = 'sdsUdsPath: unix:/sds\n', proxy = 'client-1.shop' } = {},
): string {
  const { settings } = readMeshConfig('mesh.yaml', mesh);
  const { compiled, context, findings } = compileInputs(
    [{ name: 'in.yaml', text: resources.join('\n---\n') }],
    { ...(settings !== undefined && { settings }), proxy },
  );
  if (compiled === undefined || context === undefined)
    throw new Error(findings.map(({ message }) => message).join('\n'));
  const explanation = explainTls(context, compiled, name);
  return 'code' in explanation
    ? `${explanation.message} | ${explanation.suggestion ?? ''} | ${explanation.expected ?? ''}`
    : tlsExplanationText(explanation, PLAIN);
}

/** The reasons alone, each with its place. */
function reasons(...args: Parameters<typeof explained>): string[] {
  const [, because = ''] = explained(...args).split('\nbecause\n');
  return because
    .trimEnd()
    .replaceAll('\n    ', ' @')
    .split('\n')
    .map((line) => line.trim());
}

const BASE = [service('cart', 80), pod('cart', '10.1.0.2'), pod('client', '10.1.0.1')];
const MUTUAL = '{tls: {mode: ISTIO_MUTUAL}}';

describe('a cluster', () => {
  it('that no rule is for', () => {
    expect(explained(BASE, `outbound|80||${CART}`)).toBe(`cluster outbound|80||${CART}
  is what the proxy sends to port 80 of ${CART}

no TLS

because
  Service ${CART} has the port 80 (http), which is HTTP
    in.yaml:1:1
  no DestinationRule of shop, the client's own namespace, has a host that fits
  no DestinationRule of istio-system, the mesh's root namespace, has a host that fits
  so nobody asks for TLS
`);
  });

  it('with mTLS from SDS, and the account of the pod behind it', () => {
    const rule = istio('DestinationRule', 'cart', `{host: cart, trafficPolicy: ${MUTUAL}}`);
    const text = explained([...BASE, rule], `outbound|80||${CART}`);
    expect(text).toContain(`TLS
  it shows the secret default from SDS
  it trusts the secret ROOTCA from SDS for the certificate of the server
  which has to be for spiffe://cluster.local/ns/shop/sa/
  the server name is outbound_.80_._.${CART}
  it offers istio
`);
    expect(reasons([...BASE, rule], `outbound|80||${CART}`)).toEqual([
      `Service ${CART} has the port 80 (http), which is HTTP @in.yaml:1:1`,
      `DestinationRule cart.shop, of the client's own namespace, has the host ${CART}, which fits best @in.yaml:21:14`,
      'it says ISTIO_MUTUAL @in.yaml:21:41',
      'the mesh has sdsUdsPath unix:/sds, so the workload has its certificate from SDS @mesh.yaml:1:13',
      'Pod cart-1.shop serves it as spiffe://cluster.local/ns/shop/sa/ @in.yaml:6:1',
    ]);
  });

  it('whose port has settings of its own, which a subset overrides', () => {
    const rule = istio(
      'DestinationRule',
      'cart',
      `{host: cart, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE, caCertificates: /ca.pem}}]}, subsets: [{name: v1, trafficPolicy: {tls: {mode: DISABLE}}}]}`,
    );
    expect(reasons([...BASE, rule], `outbound|80||${CART}`).slice(2)).toEqual([
      expect.stringMatching(/^it, in its settings for port 80 alone, says SIMPLE @in\.yaml:21:\d+$/),
      'it says no subjectAltNames, so any name is taken',
    ]);
    expect(reasons([...BASE, rule], `outbound|80|v1|${CART}`).slice(2)).toEqual([
      expect.stringMatching(/^it, in its settings for port 80 alone, says SIMPLE @/),
      expect.stringMatching(/^its subset v1 says DISABLE @in\.yaml:21:\d+$/),
      'so there is no TLS',
    ]);
  });

  it('whose subset comes from another rule for the same host', () => {
    const first = istio('DestinationRule', 'a', `{host: cart, trafficPolicy: ${MUTUAL}}`);
    const second = istio('DestinationRule', 'b', '{host: cart, subsets: [{name: v1, labels: {app: cart}}]}');
    expect(reasons([...BASE, first, second], `outbound|80|v1|${CART}`)).toContainEqual(
      expect.stringMatching(/^DestinationRule b\.shop's subset v1 says nothing of TLS @in\.yaml:26:/),
    );
  });

  it('with MUTUAL that cannot be, and with names that the rule gives', () => {
    const incomplete = istio('DestinationRule', 'cart', '{host: cart, trafficPolicy: {tls: {mode: MUTUAL}}}');
    expect(reasons([...BASE, incomplete], `outbound|80||${CART}`)).toContainEqual(
      expect.stringMatching(/^it says MUTUAL without a certificate and a key, which changes nothing @/),
    );
    const named = istio(
      'DestinationRule',
      'cart',
      '{host: cart, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: [a]}}}',
    );
    expect(reasons([...BASE, named], `outbound|80||${CART}`, { mesh: '{}' }).slice(-2)).toEqual([
      'the mesh has no sdsUdsPath, so the workload has its certificate in files @mesh.yaml:1:1',
      'the subjectAltNames are those that it says',
    ]);
  });
});

describe('a listener', () => {
  const own = (resources: readonly string[]) =>
    reasons([...BASE, ...resources], '10.1.0.2_80', { proxy: 'cart-1.shop' }).slice(1);

  it.each([
    ['without a policy', [], ['no Policy of shop is for it, and there is no MeshPolicy default: plain text']],
    [
      'under the mesh policy',
      [istio('MeshPolicy', 'default', '{peers: [{mtls: {}}]}')],
      [
        /^MeshPolicy default is for the whole mesh, and no Policy is nearer @in\.yaml:18:1$/,
        /^its peers ask for mTLS, STRICT: .* @in\.yaml:21:\d+$/,
        /sdsUdsPath/,
      ],
    ],
    [
      "under its namespace's",
      [istio('MeshPolicy', 'default', '{peers: [{mtls: {}}]}'), istio('Policy', 'default', '{}')],
      [/^Policy default\.shop is for its whole namespace/, /^it asks for no mTLS: plain text @/],
    ],
    [
      'under its own',
      [
        istio('Policy', 'default', '{}'),
        istio('Policy', 'cart', '{targets: [{name: cart}], peers: [{mtls: {mode: PERMISSIVE}}]}'),
      ],
      [/^Policy cart\.shop targets the service @/, /^its peers ask for mTLS, PERMISSIVE: /, /sdsUdsPath/],
    ],
  ] as const)('%s', (_, resources, expected) => {
    expect(own([...resources])).toEqual(
      expected.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))),
    );
  });

  it('with two kinds of chains', () => {
    const policy = istio('MeshPolicy', 'default', '{peers: [{mtls: {mode: PERMISSIVE}}]}');
    const text = explained([...BASE, policy], '10.1.0.2_80', { proxy: 'cart-1.shop' });
    expect(text).toContain('TLS for the protocol istio\n  it shows the secret default from SDS\n');
    expect(text).toContain('\nno TLS for the rest\n');
  });

  it("of a gateway, by its Gateway's servers", () => {
    const gateway = istio(
      'Gateway',
      'front',
      '{selector: {app: cart}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.example], tls: {mode: SIMPLE, serverCertificate: /c, privateKey: /k}}]}',
    );
    const routes = istio(
      'VirtualService',
      'a',
      '{hosts: [a.example], gateways: [front], http: [{route: [{destination: {host: cart}}]}]}',
    );
    expect(reasons([...BASE, gateway, routes], '0.0.0.0_443', { proxy: 'cart-1.shop' })).toEqual([
      expect.stringMatching(
        /^Gateway shop\/front, for a\.example, says SIMPLE; its certificate is in files @in\.yaml:21:/,
      ),
    ]);
  });

  it('of what the application calls leads to clusters', () => {
    expect(reasons([...BASE, service('db', 3306, 'tcp')], '10.0.0.2_3306')).toContain(
      'it leads to outbound|3306||db.shop.svc.cluster.local, which is explained by its own name',
    );
  });
});

it('a name that is not there is told what it may have been', () => {
  expect(explained(BASE, 'cart')).toBe(
    `the proxy has no cluster and no listener "cart" | outbound|80||${CART} | one of outbound|80||${CART}`,
  );
  expect(explained(BASE, 'BlackHoleClustr')).toContain('| BlackHoleCluster |');
});
