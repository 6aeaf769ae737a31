// The socket that an endpoint gets, where the name that it must have comes from, and sockets other than TLS.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  anyOf,
  bootstrap,
  chain,
  cluster,
  downstream,
  endpoint,
  FORWARD_PROXY,
  MTLS_ENTRY,
  type Pair,
  PLAIN_ENTRY,
  SOCKETS,
  selecting,
  side,
  socketCluster,
  upstream,
  withChains,
  withOptions,
  withSocket,
  wrapped,
} from './configurations.js';

const PAIRS: readonly Pair[] = [
  [
    'metadata value',
    'diff',
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: false })]),
  ],
  [
    'bool vs string',
    'diff',
    selecting([PLAIN_ENTRY, MTLS_ENTRY], [endpoint('1.1.1.1', 1, { mtls: 'false' })]),
    selecting([PLAIN_ENTRY, MTLS_ENTRY], [endpoint('1.1.1.1', 1, { mtls: false })]),
  ],
  [
    'entry match widened',
    'diff',
    selecting([PLAIN_ENTRY, MTLS_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
    selecting([{ ...PLAIN_ENTRY, match: {} }, MTLS_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
  ],
  [
    'unused entry',
    'same',
    selecting([MTLS_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
  ],
  [
    'default socket unused plain',
    'any',
    selecting([MTLS_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
    selecting([MTLS_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })], { transport_socket: undefined }),
  ],
  [
    'entries to default',
    'diff',
    selecting([MTLS_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })], { transport_socket: undefined }),
    selecting([], [endpoint('1.1.1.1', 1, { mtls: true })], { transport_socket: undefined }),
  ],
  [
    'locality metadata',
    'diff',
    selecting([PLAIN_ENTRY, MTLS_ENTRY], [endpoint('1.1.1.1', 1)], {
      load_assignment: { cluster_name: 'b', endpoints: [{ lb_endpoints: [endpoint('1.1.1.1', 1)] }] },
    }),
    selecting([PLAIN_ENTRY, MTLS_ENTRY], [], {
      load_assignment: {
        cluster_name: 'b',
        endpoints: [
          {
            metadata: { filter_metadata: { 'envoy.transport_socket_match': { mtls: false } } },
            lb_endpoints: [endpoint('1.1.1.1', 1)],
          },
        ],
      },
    }),
  ],
  [
    'endpoint added plain',
    'diff',
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
    selecting(
      [MTLS_ENTRY, PLAIN_ENTRY],
      [endpoint('1.1.1.1', 1, { mtls: true }), endpoint('1.1.1.2', 1, { mtls: false })],
    ),
  ],
  [
    'endpoint added same',
    'same',
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
    selecting(
      [MTLS_ENTRY, PLAIN_ENTRY],
      [endpoint('1.1.1.1', 1, { mtls: true }), endpoint('1.1.1.2', 1, { mtls: true })],
    ),
  ],
  [
    'plain pipe to tcp',
    'diff',
    bootstrap({ c: [socketCluster('x', '/a')] }),
    bootstrap({ c: [cluster('x')] }),
  ],
  [
    'hc tls_options/criteria',
    'diff',
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })], {
      health_checks: [
        {
          timeout: '1s',
          interval: '1s',
          tcp_health_check: {},
          transport_socket_match_criteria: { mtls: true },
        },
      ],
    }),
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })], {
      health_checks: [
        {
          timeout: '1s',
          interval: '1s',
          tcp_health_check: {},
          transport_socket_match_criteria: { mtls: false },
        },
      ],
    }),
  ],
  [
    'matcher field unknown',
    'diff',
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })]),
    selecting([MTLS_ENTRY, PLAIN_ENTRY], [endpoint('1.1.1.1', 1, { mtls: true })], {
      transport_socket_matcher: { on_no_match: { action: { name: 'p' } } },
    }),
  ],
  [
    'san off',
    'diff',
    withOptions({ auto_sni: true, auto_san_validation: true }),
    withOptions({ auto_sni: true }),
  ],
  [
    'override header',
    'diff',
    withOptions({ auto_sni: true, auto_san_validation: true }),
    withOptions({ auto_sni: true, auto_san_validation: true, override_auto_sni_header: 'x' }),
  ],
  [
    'sni off san on',
    'diff',
    withOptions({ auto_sni: true, auto_san_validation: true }),
    withOptions({ auto_san_validation: true }),
  ],
  [
    'dfp explicit false',
    'diff',
    withOptions(undefined, FORWARD_PROXY),
    withOptions({ auto_sni: false, auto_san_validation: false }, FORWARD_PROXY),
  ],
  ['dfp empty options', 'diff', withOptions(undefined, FORWARD_PROXY), withOptions({}, FORWARD_PROXY)],
  [
    'dfp explicit true',
    'same',
    withOptions(undefined, FORWARD_PROXY),
    withOptions({ auto_sni: true, auto_san_validation: true }, FORWARD_PROXY),
  ],
  [
    'old spelling',
    'same',
    bootstrap({
      c: [
        cluster('b', upstream(), {
          upstream_http_protocol_options: { auto_sni: true, auto_san_validation: true },
        }),
      ],
    }),
    withOptions({ auto_sni: true, auto_san_validation: true }),
  ],
  [
    'tap',
    'diff',
    withSocket(upstream()),
    withSocket(
      wrapped('.tap.v3.Tap', upstream(), {
        common_config: {
          static_config: {
            match: { any_match: true },
            output_config: { sinks: [{ file_per_tap: { path_prefix: '/x' } }] },
          },
        },
      }),
    ),
  ],
  [
    'tap inner noval',
    'diff',
    withSocket(wrapped('.tap.v3.Tap', upstream())),
    withSocket(wrapped('.tap.v3.Tap', upstream({ noval: 1 }))),
  ],
  [
    'vendor added',
    'diff',
    withSocket(upstream()),
    withSocket({ name: 'acme', typed_config: anyOf('acme.Tls', { a: 1 }) }),
  ],
  [
    'vendor changed',
    'diff',
    withSocket({ name: 'acme', typed_config: anyOf('acme.Tls', { a: 1 }) }),
    withSocket({ name: 'acme', typed_config: anyOf('acme.Tls', { a: 2 }) }),
  ],
  [
    'vendor renamed',
    'diff',
    withSocket({ name: 'acme', typed_config: anyOf('acme.Tls', { a: 1 }) }),
    withSocket({ name: 'acme', typed_config: anyOf('acme.Tls2', { a: 1 }) }),
  ],
  [
    's2a',
    'diff',
    withSocket({
      name: 's',
      typed_config: anyOf(`${SOCKETS}.s2a.v3.S2AConfiguration`, { s2a_address: 'a' }),
    }),
    withSocket({
      name: 's',
      typed_config: anyOf(`${SOCKETS}.s2a.v3.S2AConfiguration`, { s2a_address: 'b' }),
    }),
  ],
  [
    'alts handshaker',
    'diff',
    withSocket({ name: 's', typed_config: anyOf(`${SOCKETS}.alts.v3.Alts`, { handshaker_service: 'a' }) }),
    withSocket({ name: 's', typed_config: anyOf(`${SOCKETS}.alts.v3.Alts`, { handshaker_service: 'b' }) }),
  ],
  [
    'http11proxy wrap',
    'same',
    withSocket(upstream()),
    withSocket(wrapped('.http_11_proxy.v3.Http11ProxyUpstreamTransport', upstream())),
  ],
  [
    'starttls inner',
    'diff',
    withSocket({
      name: 's',
      typed_config: anyOf(`${SOCKETS}.starttls.v3.UpstreamStartTlsConfig`, {
        tls_socket_config: upstream().typed_config,
      }),
    }),
    withSocket({
      name: 's',
      typed_config: anyOf(`${SOCKETS}.starttls.v3.UpstreamStartTlsConfig`, {
        tls_socket_config: upstream({ noval: 1 }).typed_config,
      }),
    }),
  ],
  ['name only tls', 'diff', withSocket(upstream()), withSocket({ name: 'envoy.transport_sockets.tls' })],
  [
    'quic root',
    'diff',
    withChains([
      chain({
        sock: {
          name: 'q',
          typed_config: anyOf(`${SOCKETS}.quic.v3.QuicDownstreamTransport`, {
            downstream_tls_context: downstream().typed_config,
          }),
        },
      }),
    ]),
    withChains([
      chain({
        sock: {
          name: 'q',
          typed_config: anyOf(`${SOCKETS}.quic.v3.QuicDownstreamTransport`, {
            downstream_tls_context: downstream({ ca: '/z' }).typed_config,
          }),
        },
      }),
    ]),
  ],
];

test.each(PAIRS)('%s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else if (expected === 'diff') expect(trust).not.toBe('same');
  else expect(['same', 'changed', 'unknown']).toContain(trust);
});
