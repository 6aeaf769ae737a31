// Fields of v2 in v3 messages: Envoy refuses them in static configuration and drops them in dynamic configuration,
// so that nothing tells what a side that has one means.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';

const side = (value: object) => [{ name: 'a.json', text: JSON.stringify(value) }];
const names = { verify_subject_alt_name: ['spiffe://a/b'] };
const typed = { match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { exact: 'spiffe://a/b' } }] };
const context = (validation: object) => ({
  common_tls_context: { validation_context: { trusted_ca: { filename: '/ca.pem' }, ...validation } },
});
const socket = (validation: object) => ({
  transport_socket: {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      ...context(validation),
    },
  },
});
const v3 = (more: object) => ({
  '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  name: 'a',
  ...more,
});
const v2 = { '@type': 'type.googleapis.com/envoy.api.v2.Cluster', name: 'a', tls_context: context(names) };

/** A text that leaves its version open but for a socket of v3. */
const mixed = (more: object) => ({
  static_resources: {
    clusters: [
      { name: 'a', ...more },
      { name: 'b', ...socket(typed) },
    ],
  },
});

test.each<[string, object, object, string]>([
  ['names of v2 in v3', v3(socket(typed)), v3(socket(names)), 'unknown'],
  ['names of v2 in v3, from v2', v2, v3(socket(names)), 'unknown'],
  ['names that were upgraded', v2, v3(socket(typed)), 'same'],
  ['a context of v2 in v3', v3(socket(typed)), v3({ tls_context: context(names) }), 'unknown'],
  ['a context of v2 in v3, from v2', v2, v3({ tls_context: context(names) }), 'unknown'],
  [
    'as Envoys that still read it dump it',
    v2,
    v3({ hidden_envoy_deprecated_tls_context: context(names) }),
    'same',
  ],
  ['on both sides', v3(socket(names)), v3({ ...socket(names), connect_timeout: '1s' }), 'same'],
  [
    'a context of v2 beside v3, from v3',
    mixed(socket(typed)),
    mixed({ tls_context: context(names) }),
    'unknown',
  ],
  [
    'a context of v2 beside v3, to v3',
    mixed({ tls_context: context(names) }),
    mixed(socket(typed)),
    'unknown',
  ],
  [
    'a context of v2 beside v3 on both sides',
    mixed({ tls_context: context(names) }),
    mixed({ tls_context: context(names), connect_timeout: '1s' }),
    'same',
  ],
])('%s', (_, old, now, trust) => {
  expect(diff(side(old), side(now)).verdict.trust).toBe(trust);
});
