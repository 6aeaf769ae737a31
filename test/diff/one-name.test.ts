// Several resources of one kind and name on one side: which of them Envoy takes is not known.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';

const cluster = (common_tls_context: object): object => ({
  '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  name: 'out',
  transport_socket: {
    name: 'envoy.transport_sockets.tls',
    typed_config: { '@type': `${TLS}.UpstreamTlsContext`, common_tls_context },
  },
});

const checks = (...names: string[]): object =>
  cluster({
    validation_context: {
      trusted_ca: { filename: '/ca.pem' },
      match_typed_subject_alt_names: names.map((exact) => ({ san_type: 'DNS', matcher: { exact } })),
    },
  });

const secret = (chain: string): object => ({
  '@type': `${TLS}.Secret`,
  name: 'own',
  tls_certificate: { certificate_chain: { filename: chain }, private_key: { filename: '/key' } },
});

const side = (...resources: object[]) => [{ name: 'a.json', text: JSON.stringify({ resources }) }];

test('one more that trusts others is told', () => {
  const [old, now] = [side(checks('a.example')), side(checks('a.example'), checks())];
  const classes = (result: ReturnType<typeof diff>) => result.changes.map(({ tls }) => tls?.class ?? '-');
  expect(classes(diff(old, now))).toEqual(['-', 'loosened']);
  expect(classes(diff(now, old))).toEqual(['-', 'tightened']);
});

test('Secrets of one name in several files tell of none', () => {
  const files = cluster({
    tls_certificates: [{ certificate_chain: { filename: '/a' }, private_key: { filename: '/key' } }],
  });
  const sds = cluster({ tls_certificate_sds_secret_configs: [{ name: 'own' }] });
  const trust = (...secrets: object[]) => diff(side(files), side(sds, ...secrets)).verdict.trust;
  expect(trust(secret('/a'))).toBe('same');
  expect(trust(secret('/a'), secret('/a'))).toBe('same');
  expect(trust(secret('/a'), secret('/b'))).toBe('unknown');
  expect(trust(secret('/b'), secret('/a'))).toBe('unknown');
});
