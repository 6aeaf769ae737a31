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
  it('without a rule', () => {
    expect(explained(BASE, `outbound|80||${CART}`)).toBe(`cluster outbound|80||${CART}
  is for traffic to port 80 of ${CART}

no TLS

because
  Service ${CART} has port 80 (http), which uses HTTP
    in.yaml:1:1
  no DestinationRule in shop, the client's own namespace, has a matching host
  no DestinationRule in istio-system, the mesh's root namespace, has a matching host
  so TLS is not configured
`);
  });

  it("with mTLS from SDS, and the account of the service's pod", () => {
    const rule = istio('DestinationRule', 'cart', `{host: cart, trafficPolicy: ${MUTUAL}}`);
    const text = explained([...BASE, rule], `outbound|80||${CART}`);
    expect(text).toContain(`TLS
  it presents the secret default from SDS
  it trusts the secret ROOTCA from SDS for the certificate of the server
  which must be for spiffe://cluster.local/ns/shop/sa/
  the server name is outbound_.80_._.${CART}
  it offers istio
`);
    expect(reasons([...BASE, rule], `outbound|80||${CART}`)).toEqual([
      `Service ${CART} has port 80 (http), which uses HTTP @in.yaml:1:1`,
      `DestinationRule cart.shop, in the client's own namespace, has the most specific matching host, ${CART} @in.yaml:21:14`,
      'it sets TLS mode ISTIO_MUTUAL @in.yaml:21:41',
      "the mesh sets sdsUdsPath unix:/sds, so the workload's certificate comes from SDS @mesh.yaml:1:13",
      'Pod cart-1.shop serves it as spiffe://cluster.local/ns/shop/sa/ @in.yaml:6:1',
    ]);
  });

  it('with port settings, which a subset overrides', () => {
    const rule = istio(
      'DestinationRule',
      'cart',
      `{host: cart, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE, caCertificates: /ca.pem}}]}, subsets: [{name: v1, trafficPolicy: {tls: {mode: DISABLE}}}]}`,
    );
    expect(reasons([...BASE, rule], `outbound|80||${CART}`).slice(2)).toEqual([
      expect.stringMatching(/^it, in its settings for port 80, sets TLS mode SIMPLE @in\.yaml:21:\d+$/),
      'it sets no subjectAltNames, so any name is accepted',
    ]);
    expect(reasons([...BASE, rule], `outbound|80|v1|${CART}`).slice(2)).toEqual([
      expect.stringMatching(/^it, in its settings for port 80, sets TLS mode SIMPLE @/),
      expect.stringMatching(/^its subset v1 sets TLS mode DISABLE @in\.yaml:21:\d+$/),
      'so there is no TLS',
    ]);
  });

  it('with a subset from another rule for the same host', () => {
    const first = istio('DestinationRule', 'a', `{host: cart, trafficPolicy: ${MUTUAL}}`);
    const second = istio('DestinationRule', 'b', '{host: cart, subsets: [{name: v1, labels: {app: cart}}]}');
    expect(reasons([...BASE, first, second], `outbound|80|v1|${CART}`)).toContainEqual(
      expect.stringMatching(/^DestinationRule b\.shop's subset v1 does not set TLS @in\.yaml:26:/),
    );
  });

  it('with an incomplete MUTUAL rule, and with names from the rule', () => {
    const incomplete = istio('DestinationRule', 'cart', '{host: cart, trafficPolicy: {tls: {mode: MUTUAL}}}');
    expect(reasons([...BASE, incomplete], `outbound|80||${CART}`)).toContainEqual(
      expect.stringMatching(
        /^it sets TLS mode MUTUAL without a certificate and a key, which has no effect @/,
      ),
    );
    const named = istio(
      'DestinationRule',
      'cart',
      '{host: cart, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: [a]}}}',
    );
    expect(reasons([...BASE, named], `outbound|80||${CART}`, { mesh: '{}' }).slice(-2)).toEqual([
      "the mesh sets no sdsUdsPath, so the workload's certificate is in files @mesh.yaml:1:1",
      'the accepted names are its subjectAltNames',
    ]);
  });
});

describe('a listener', () => {
  const own = (resources: readonly string[]) =>
    reasons([...BASE, ...resources], '10.1.0.2_80', { proxy: 'cart-1.shop' }).slice(1);

  it.each([
    [
      'without a policy',
      [],
      ['no Policy in shop applies to it, and there is no MeshPolicy default, so it accepts plaintext'],
    ],
    [
      'under the mesh policy',
      [istio('MeshPolicy', 'default', '{peers: [{mtls: {}}]}')],
      [
        /^MeshPolicy default applies to the whole mesh, and no Policy is more specific @in\.yaml:18:1$/,
        /^its peers set mTLS mode STRICT: .* @in\.yaml:21:\d+$/,
        /sdsUdsPath/,
      ],
    ],
    [
      "under its namespace's",
      [istio('MeshPolicy', 'default', '{peers: [{mtls: {}}]}'), istio('Policy', 'default', '{}')],
      [
        /^Policy default\.shop applies to its whole namespace/,
        /^it does not require mTLS, so the listener accepts plaintext @/,
      ],
    ],
    [
      'under its own',
      [
        istio('Policy', 'default', '{}'),
        istio('Policy', 'cart', '{targets: [{name: cart}], peers: [{mtls: {mode: PERMISSIVE}}]}'),
      ],
      [/^Policy cart\.shop targets the service @/, /^its peers set mTLS mode PERMISSIVE: /, /sdsUdsPath/],
    ],
  ] as const)('%s', (_, resources, expected) => {
    expect(own([...resources])).toEqual(
      expected.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))),
    );
  });

  it('with two kinds of chains', () => {
    const policy = istio('MeshPolicy', 'default', '{peers: [{mtls: {mode: PERMISSIVE}}]}');
    const text = explained([...BASE, policy], '10.1.0.2_80', { proxy: 'cart-1.shop' });
    expect(text).toContain('TLS for the protocol istio\n  it presents the secret default from SDS\n');
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
        /^Gateway shop\/front, for a\.example, sets TLS mode SIMPLE; its certificate is in files @in\.yaml:21:/,
      ),
    ]);
  });

  it('for outbound traffic forwards to clusters', () => {
    expect(reasons([...BASE, service('db', 3306, 'tcp')], '10.0.0.2_3306')).toContain(
      'it forwards to cluster outbound|3306||db.shop.svc.cluster.local, which has an explanation of its own',
    );
  });
});

it('suggests a name for an unknown one', () => {
  expect(explained(BASE, 'cart')).toBe(
    `the proxy has no cluster or listener "cart" | outbound|80||${CART} | one of outbound|80||${CART}`,
  );
  expect(explained(BASE, 'BlackHoleClustr')).toContain('| BlackHoleCluster |');
});
