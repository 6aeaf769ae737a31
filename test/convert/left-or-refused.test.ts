// What convert and --to v3 must never do silently: drop what protects a connection, leave half of an extension, give two
// files one name, or write what a dump covers.

import { describe, expect, test } from 'vitest';
import { type ConvertOptions, convert } from '../../src/convert/convert.js';
import { type DeliveryOptions, deliver } from '../../src/convert/delivery.js';

function run(value: unknown, options: Partial<ConvertOptions>, delivery?: DeliveryOptions) {
  const delivered = delivery === undefined ? undefined : deliver(delivery);
  if (delivered !== undefined && 'problem' in delivered) throw new Error(delivered.problem);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const result = convert([{ name: 'in.json', text }], { ...delivered, ...options });
  const errors = result.findings.filter(({ level }) => level === 'error').map(({ code }) => code);
  return { ...result, errors, text: [...(result.files[0]?.chunks() ?? [])].join('') };
}

const cluster = (name: string, common: object) => ({
  '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  name,
  transport_socket: {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      common_tls_context: common,
    },
  },
});
const root = (filename: string) => ({ validation_context: { trusted_ca: { filename } } });

describe('--on-unknown drop', () => {
  const drop = (value: unknown) => run(value, { to: 'v3', onUnknown: 'drop' });

  test('takes an extension out as a whole', () => {
    const logs = [{ name: 'acme.log', typed_config: { '@type': 'type.googleapis.com/acme.Log' } }];
    const { errors, text } = drop({
      name: 'l',
      filter_chains: [
        {
          filters: [
            { name: 'envoy.tcp_proxy', config: { stat_prefix: 'x', cluster: 'c', access_log: logs } },
          ],
        },
      ],
    });
    expect(errors).toEqual([]);
    expect(text).not.toContain('acme');
  });

  test.each([{ config: { x: 1 } }, { typed_config: { '@type': 'type.googleapis.com/acme.Tls' } }])(
    'never takes a transport socket out: %o',
    (config) => {
      expect(
        drop({ name: 'c', hosts: [], transport_socket: { name: 'acme.tls', ...config } }).errors,
      ).toEqual(['no-counterpart']);
    },
  );

  test('never takes a filter out that keeps peers out', () => {
    const filters = [{ name: 'sni_verifier' }];
    expect(drop({ name: 'l', filter_chains: [{ filters }] }).errors).toEqual(['no-counterpart']);
  });
});

test('--on-unknown keep changes nothing when run again', () => {
  const route = {
    match: { prefix: '/' },
    route: { cluster: 'c' },
    per_filter_config: { 'acme.quota': { limit: 3 } },
  };
  const text = JSON.stringify({ name: 'r', virtual_hosts: [{ name: 'v', domains: ['*'], routes: [route] }] });
  const { errors, files } = run(text, { to: 'v3', api: 'v2', onUnknown: 'keep' });
  expect(errors).toEqual([]);
  expect(files[0]?.changed).toBe(false);
});

describe('v2 configs of other types', () => {
  const filters = (typed_config: object) =>
    run(
      { name: 'l', filter_chains: [{ filters: [{ name: 'envoy.tcp_proxy', typed_config }] }] },
      { to: 'v3' },
    ).text;

  test('a Struct is what config is', () => {
    const text = filters({
      '@type': 'type.googleapis.com/google.protobuf.Struct',
      value: { stat_prefix: 'x', cluster: 'c' },
    });
    expect(JSON.parse(text).filter_chains[0].filters[0].typed_config).toEqual({
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
      stat_prefix: 'x',
      cluster: 'c',
    });
  });

  test('a Struct of TLS is found without an upgrade', () => {
    const value = { common_tls_context: root('/etc/certs/root-cert.pem') };
    const typed_config = { '@type': 'type.googleapis.com/google.protobuf.Struct', value };
    const { contexts } = run(
      { name: 'c', hosts: [], transport_socket: { name: 'envoy.transport_sockets.tls', typed_config } },
      {},
      { provider: 'istio' },
    );
    expect(contexts).toMatchObject([{ state: 'converted', secrets: ['ROOTCA'] }]);
  });

  test('a reference without a name cannot go to v3', () => {
    const common_tls_context = { tls_certificate_sds_secret_configs: [{ sds_config: { path: '/s.yaml' } }] };
    expect(run({ name: 'c', hosts: [], tls_context: { common_tls_context } }, { to: 'v3' }).errors).toEqual([
      'no-counterpart',
    ]);
  });
});

describe('names', () => {
  test.each(['/etc/b/ca.pem'])('that the input asks for are taken: %s', (path) => {
    const used = { validation_context_sds_secret_config: { name: 'ROOTCA', sds_config: { ads: {} } } };
    const { contexts } = run(
      { resources: [cluster('b', root(path)), cluster('a', used)] },
      {},
      { provider: 'spire', sdsCluster: 'spire_agent' },
    );
    expect(contexts[0]?.left).toMatchObject([{ reason: 'ambiguous-name' }]);
  });

  test('of Secret files are not given twice', () => {
    const used = {
      validation_context_sds_secret_config: {
        name: 'ROOTCA',
        sds_config: { path_config_source: { path: '/s/ROOTCA.yaml' } },
      },
    };
    const { contexts } = run(
      { resources: [cluster('a', used), cluster('b', root('/etc/certs/root-cert.pem'))] },
      {},
      { provider: 'files', secretsDir: '/s' },
    );
    expect(contexts[1]?.secrets[0]).toMatch(/^ROOTCA-[\da-f]{8}$/);
  });

  test('are not made from what a dump covers', () => {
    const { contexts, secretFiles } = run(
      {
        resources: [
          cluster('a', {
            tls_certificates: [
              { certificate_chain: { filename: '/c.pem' }, private_key: { filename: '[redacted]' } },
            ],
          }),
        ],
      },
      {},
      { provider: 'files', secretsDir: '/s' },
    );
    expect(contexts[0]?.left).toMatchObject([{ reason: 'redacted' }]);
    expect(secretFiles).toEqual([]);
  });
});

test('a context of the wrong direction stays, with the reason', () => {
  const one = cluster('a', root('/etc/certs/root-cert.pem'));
  one.transport_socket.typed_config['@type'] =
    'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';
  expect(run({ resources: [one] }, {}, { provider: 'istio' }).contexts[0]?.left).toMatchObject([
    { reason: 'wrong-direction' },
  ]);
});

test('files need a node as servers of SDS do', () => {
  const bootstrap = { static_resources: { clusters: [cluster('a', root('/ca.pem'))] } };
  const files: DeliveryOptions = { provider: 'files', secretsDir: '/s' };
  expect(run(bootstrap, {}, files).findings).toMatchObject([{ code: 'node-missing', level: 'warning' }]);
  const { findings, text } = run(bootstrap, { node: { id: 'n', cluster: 'c' } }, files);
  expect(findings).toEqual([]);
  expect(JSON.parse(text).node).toEqual({ id: 'n', cluster: 'c' });
  const lone = run({ resources: [cluster('a', root('/ca.pem'))] }, {}, files).findings;
  expect(lone[0]?.remedy).toContain('--service-node');
});
