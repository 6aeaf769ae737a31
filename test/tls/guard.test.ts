// How a cluster or listener is guarded: as its least guarded way is.

import { describe, expect, test } from 'vitest';
import { takeInventory } from '../../src/report/html/inventory.js';
import type { Guard } from '../../src/tls/guard.js';

const MTLS = `
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
        require_client_certificate: true
        common_tls_context:
          tls_certificates: [{certificate_chain: {filename: /c}, private_key: {filename: /k}}]
          validation_context: {trusted_ca: {filename: /ca}}`;
const CLIENT = (rest: string) => `
    name: envoy.transport_sockets.tls
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      common_tls_context: {${rest}}`;
const LISTENER = '"@type": type.googleapis.com/envoy.config.listener.v3.Listener\nname: in\n';
const CLUSTER = '"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: out\n';
const RAW = `
    transport_socket:
      name: envoy.transport_sockets.raw_buffer
      typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer}`;

const CASES: readonly [what: string, text: string, guard: Guard][] = [
  ['one chain with mutual TLS', `${LISTENER}filter_chains:\n  - name: a${MTLS}\n`, 'mutual TLS'],
  [
    'a chain of raw_buffer beside one with mutual TLS',
    `${LISTENER}filter_chains:\n  - name: a${MTLS}\n  - name: b${RAW}\n`,
    'plain text',
  ],
  [
    'a default chain without a socket beside one with mutual TLS',
    `${LISTENER}filter_chains:\n  - name: a${MTLS}\ndefault_filter_chain: {name: c}\n`,
    'plain text',
  ],
  [
    'a required certificate that nothing checks',
    `${LISTENER}filter_chains:\n  - name: a${MTLS.replace(/\n.*validation_context.*/, '')}\n`,
    'TLS',
  ],
  ['a listener of v2 without TLS', 'name: in\naddress: {}\nfilter_chains: [{filters: []}]\n', 'plain text'],
  [
    'a socket that a match selects beside none',
    `${CLUSTER}transport_socket_matches:\n- name: a\n  transport_socket:${CLIENT('validation_context: {trusted_ca: {filename: /ca}}').replaceAll('\n', '\n  ')}\n`,
    'plain text',
  ],
  [
    'a cluster that checks its peer',
    `${CLUSTER}transport_socket:${CLIENT('validation_context: {trusted_ca: {filename: /ca}}')}\n`,
    'TLS',
  ],
  ['a cluster that checks nothing', `${CLUSTER}transport_socket:${CLIENT('')}\n`, 'unchecked TLS'],
];

describe('the least guarded way', () => {
  test.each(CASES)('%s', (_, text, guard) => {
    const { ways, findings } = takeInventory([{ name: 'in.yaml', text }]);
    expect(findings).toEqual([]);
    expect(ways.map(({ guarding }) => guarding)).toEqual([guard]);
  });
});
