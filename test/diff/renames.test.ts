// `--rename FILE`: what was renamed on purpose is read as if it were called so already, and the verdict says so.

import { describe, expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import { readRenames } from '../../src/diff/renames.js';

const tls = (folder: string) => ({
  transport_socket: {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      common_tls_context: { validation_context: { trusted_ca: { filename: `${folder}/ca.pem` } } },
    },
  },
});
const cluster = (name: string, folder = '/etc/certs', address = '10.0.0.1', port = 443) => ({
  '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  name,
  load_assignment: {
    cluster_name: name,
    endpoints: [
      { lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: port } } } }] },
    ],
  },
  ...tls(folder),
});
const side = (...resources: object[]) => [{ name: 'a.json', text: JSON.stringify({ resources }) }];
const renames = (text: string) => readRenames('renames.yaml', text).renames;

describe('renames', () => {
  const old = side(cluster('a'), cluster('b', '/etc/b'));
  test.each([
    ['paths', side(cluster('a', '/run/certs'), cluster('b', '/etc/b')), 'paths: {/etc/certs: /run/certs}'],
    ['names', side(cluster('a2'), cluster('b', '/etc/b')), 'names: {a: a2}'],
    ['names that are swapped', side(cluster('b'), cluster('a', '/etc/b')), 'names: {a: b, b: a}'],
    [
      'addresses and ports',
      side(cluster('a', '/etc/certs', '10.0.0.2', 8443), cluster('b', '/etc/b', '10.0.0.2', 8443)),
      'addresses: {10.0.0.1: 10.0.0.2}\nports: {443: 8443}',
    ],
  ])('%s', (_, now, text) => {
    const { verdict, changes } = diff(old, now, { renames: renames(text) });
    expect(changes).toEqual([]);
    expect(verdict.trust).toBe('same');
    expect(verdict.assumptions.join()).toContain('as --rename says');
  });

  test('what is not renamed counts as ever', () => {
    const now = side(cluster('a', '/run/other'), cluster('b', '/etc/b'));
    const { verdict } = diff(old, now, { renames: renames('paths: {/etc/certs: /run/certs}') });
    expect(verdict.trust).toBe('changed');
  });
});

test('what is wrong with the file is said', () => {
  const { findings } = readRenames('renames.yaml', 'path: {a: b}\nports: [1]\nnames: {a: {}}\n');
  expect(findings.map(({ message, suggestion }) => [message, suggestion])).toEqual([
    ['"path" is not a section of renames', 'paths'],
    ['ports is not a map', undefined],
    ['"a" in names has no new name', undefined],
  ]);
});
