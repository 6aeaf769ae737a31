// What stands around TLS contexts and changes whom a resource trusts: sockets that wrap others, what chooses
// among sockets and filter chains, the options that check names, and the credentials of gRPC clients.

import { describe, expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';

// biome-ignore lint/suspicious/noExplicitAny: edits reach anywhere into a configuration
type Json = any;

const any = (type: string, value: Json = {}): Json => ({
  '@type': `type.googleapis.com/${type}`,
  ...value,
});
const SOCKETS = 'envoy.extensions.transport_sockets';

const validation = (names: readonly string[]): Json => ({
  common_tls_context: {
    validation_context: {
      trusted_ca: { filename: '/ca.pem' },
      match_typed_subject_alt_names: names.map((exact) => ({ san_type: 'DNS', matcher: { exact } })),
    },
  },
});

const tls = (names: readonly string[] = ['a.example', 'b.example']): Json => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: any(`${SOCKETS}.tls.v3.UpstreamTlsContext`, validation(names)),
});
const plain: Json = { name: 'one', typed_config: any(`${SOCKETS}.raw_buffer.v3.RawBuffer`) };
const wrapped = (transport_socket: Json, version = 'V1'): Json => ({
  name: 'envoy.transport_sockets.upstream_proxy_protocol',
  typed_config: any(`${SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport`, {
    config: { version },
    transport_socket,
  }),
});
const startTls = (tls_socket_config: Json = validation(['a.example', 'b.example'])): Json => ({
  name: 'envoy.transport_sockets.starttls',
  typed_config: any(`${SOCKETS}.starttls.v3.UpstreamStartTlsConfig`, { tls_socket_config }),
});
const alts = (...peer_service_accounts: string[]): Json => ({
  name: 'envoy.transport_sockets.alts',
  typed_config: any(`${SOCKETS}.alts.v3.Alts`, { handshaker_service: 'x', peer_service_accounts }),
});

const custom = (name: string): Json => ({ name: 'mine', typed_config: any('mine.Socket', { name }) });

const cluster = (more: Json): Json => any('envoy.config.cluster.v3.Cluster', { name: 'out', ...more });
const socket = (transport_socket: Json): Json => cluster({ transport_socket });

const mutual: Json = {
  name: 'envoy.transport_sockets.tls',
  typed_config: any(`${SOCKETS}.tls.v3.DownstreamTlsContext`, {
    ...validation(['a.example']),
    require_client_certificate: true,
  }),
};
const chain = (more: Json): Json => ({ filters: [], ...more });
const listener = (more: Json): Json => any('envoy.config.listener.v3.Listener', { name: 'in', ...more });
const quic = (context: Json): Json => ({
  name: 'envoy.transport_sockets.quic',
  typed_config: any(`${SOCKETS}.quic.v3.QuicDownstreamTransport`, { downstream_tls_context: context }),
});

const matches = (...entries: Json[]): Json => cluster({ transport_socket_matches: entries });
const mtls = { name: 'mtls', match: { mode: 'mtls' }, transport_socket: tls() };
const rest = { name: 'rest', match: {}, transport_socket: plain };

const endpoint = (metadata: Json): Json => ({
  endpoint: { address: { socket_address: { address: '10.0.0.1', port_value: 80 } } },
  metadata,
});
const endpoints = (metadata: Json): Json =>
  any('envoy.config.endpoint.v3.ClusterLoadAssignment', {
    cluster_name: 'out',
    endpoints: [{ lb_endpoints: [endpoint(metadata)] }],
  });
const mode = (value: string): Json => ({
  filter_metadata: { 'envoy.transport_socket_match': { mode: value } },
});

const chosen = (name: string, first: Json = mutual): Json =>
  listener({
    filter_chains: [chain({ name: 'one', transport_socket: first }), chain({ name: 'two' })],
    filter_chain_matcher: {
      on_no_match: {
        action: { name: 'x', typed_config: any('google.protobuf.StringValue', { value: name }) },
      },
    },
  });

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const options = (upstream_http_protocol_options: Json): Json =>
  cluster({
    typed_extension_protocol_options: {
      [HTTP_OPTIONS]: any(HTTP_OPTIONS, {
        upstream_http_protocol_options,
        explicit_http_config: { http_protocol_options: {} },
      }),
    },
  });

const grpc = (channel_credentials: Json): Json =>
  cluster({
    eds_cluster_config: {
      eds_config: {
        api_config_source: {
          api_type: 'GRPC',
          grpc_services: [{ google_grpc: { target_uri: 'xds', stat_prefix: 'xds', channel_credentials } }],
        },
      },
    },
  });
const ssl = (more: Json = {}): Json => ({
  ssl_credentials: {
    root_certs: { filename: '/ca.pem' },
    private_key: { filename: '/key.pem' },
    cert_chain: { filename: '/cert.pem' },
    ...more,
  },
});

const sites = (count: number, transport_socket?: Json): Json =>
  listener({
    filter_chains: Array.from({ length: count }, (_, i) =>
      chain({ filter_chain_match: { server_names: [`${i}.example`] }, transport_socket }),
    ),
  });

const times = (count: number, kind: string): string[] => Array.from({ length: count }, () => kind);

/** What changes, the classes that it is told as, and those of the way back; `-` is no matter of TLS. */
const CHANGES: readonly (readonly [string, Json, Json, readonly string[], readonly string[]])[] = [
  // Sockets.
  ['a socket that wraps TLS', socket(tls()), socket(wrapped(tls())), ['other'], ['other']],
  [
    'a socket that wraps TLS of fewer names',
    socket(tls()),
    socket(wrapped(tls(['a.example']))),
    ['other', 'tightened'],
    ['loosened', 'other'],
  ],
  [
    'a socket that wraps TLS of any name',
    socket(tls()),
    socket(wrapped(tls([]))),
    ['loosened', 'other'],
    ['other', 'tightened'],
  ],
  ['TLS gone in a wrapper', socket(wrapped(tls())), socket(wrapped(plain)), ['loosened'], ['tightened']],
  ['a wrapper around plain text', socket(plain), socket(wrapped(plain)), ['other'], ['other']],
  ['another wrapper', socket(wrapped(plain)), socket(wrapped(plain, 'V2')), ['other'], ['other']],
  ['a socket that is not known', socket(custom('a')), socket(custom('b')), ['unknown'], ['unknown']],
  ['a raw buffer of any name', cluster({}), socket(plain), [], []],
  ['TLS only when it is asked for', socket(tls()), socket(startTls()), ['loosened'], ['tightened']],
  ['not even when it is asked for', socket(startTls()), socket(plain), ['loosened'], ['tightened']],
  ['plain text for ALTS', socket(alts()), socket(plain), ['loosened'], ['tightened']],
  ['ALTS for TLS', socket(tls()), socket(alts()), ['loosened'], ['tightened']],
  ['ALTS for fewer', socket(alts('a', 'b')), socket(alts('b')), ['tightened'], ['loosened']],
  ['ALTS for all', socket(alts('a')), socket(alts()), ['loosened'], ['tightened']],
  ['ALTS in another order', socket(alts('a', 'b')), socket(alts('b', 'a')), [], []],
  [
    'QUIC in the place of TLS, without client certificates',
    listener({ filter_chains: [chain({ transport_socket: mutual })] }),
    listener({ filter_chains: [chain({ transport_socket: quic(validation(['a.example'])) })] }),
    ['loosened', 'other'],
    ['other', 'tightened'],
  ],
  // What chooses a socket.
  [
    'another socket first',
    matches(mtls, rest),
    matches(rest, mtls),
    ['loosened', 'other'],
    ['other', 'tightened'],
  ],
  [
    'an entry for others',
    matches(mtls, rest),
    matches({ ...mtls, match: { mode: 'other' } }, rest),
    ['-', 'loosened', 'tightened'],
    ['-', 'loosened', 'tightened'],
  ],
  [
    'an entry for fewer',
    matches(mtls, rest),
    matches({ ...mtls, match: { mode: 'mtls', zone: 'a' } }, rest),
    ['-', 'loosened'],
    ['-', 'tightened'],
  ],
  [
    'an endpoint for another socket',
    endpoints(mode('mtls')),
    endpoints({}),
    ['-', 'loosened'],
    ['-', 'loosened'],
  ],
  [
    'an endpoint with another value',
    endpoints(mode('mtls')),
    endpoints(mode('none')),
    ['-', 'loosened'],
    ['-', 'loosened'],
  ],
  // Filter chains.
  [
    'another filter chain is chosen',
    chosen('one'),
    chosen('two'),
    ['-', 'loosened', 'loosened'],
    ['-', 'tightened', 'tightened'],
  ],
  ['among chains that are alike', chosen('one', plain), chosen('two', plain), ['-'], ['-']],
  [
    'a plain chain in the place of one with TLS',
    listener({ filter_chains: [chain({ name: 'a', transport_socket: mutual })] }),
    listener({
      filter_chains: [
        {
          name: 'b',
          filter_chain_match: { destination_port: 1 },
          filters: [
            {
              name: 'envoy.filters.network.echo',
              typed_config: any('envoy.extensions.filters.network.echo.v3.Echo'),
            },
          ],
        },
      ],
    }),
    ['loosened', 'loosened', 'other', 'other'],
    ['other', 'other', 'tightened', 'tightened'],
  ],
  ['TLS gone from 60 chains', sites(60, mutual), sites(60), times(60, 'loosened'), times(60, 'tightened')],
  [
    'a match that is no matter of TLS',
    listener({ filter_chains: [chain({ transport_socket: mutual })] }),
    listener({
      filter_chains: [chain({ filter_chain_match: { destination_port: 1 }, transport_socket: mutual })],
    }),
    ['-'],
    ['-'],
  ],
  [
    'no TLS inspector, whatever its name',
    listener({
      listener_filters: [
        { name: 'x', typed_config: any('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector') },
      ],
      filter_chains: [chain({ transport_socket: mutual })],
    }),
    listener({ filter_chains: [chain({ transport_socket: mutual })] }),
    ['other'],
    ['other'],
  ],
  // Names that are checked by other means.
  [
    'the server name is not checked',
    options({ auto_sni: true, auto_san_validation: true }),
    options({ auto_sni: true }),
    ['-', 'loosened'],
    ['-', 'tightened'],
  ],
  [
    'no options that check the server name',
    options({ auto_sni: true, auto_san_validation: true }),
    cluster({}),
    ['-', 'loosened'],
    ['-', 'tightened'],
  ],
  [
    'options under their earlier name',
    cluster({ upstream_http_protocol_options: { auto_sni: true, auto_san_validation: true } }),
    options({ auto_sni: true, auto_san_validation: true }),
    [],
    [],
  ],
  [
    'a setting of a later API',
    socket(tls()),
    socket({ ...tls(), typed_config: { ...tls().typed_config, auto_sni_san_validation: true } }),
    ['tightened'],
    ['loosened'],
  ],
  // gRPC clients.
  [
    'another root for a gRPC server',
    grpc(ssl()),
    grpc(ssl({ root_certs: { filename: '/x' } })),
    ['-', 'root'],
    ['-', 'root'],
  ],
  [
    'another certificate for a gRPC server',
    grpc(ssl()),
    grpc(ssl({ cert_chain: { filename: '/x' } })),
    ['-', 'identity'],
    ['-', 'identity'],
  ],
  ['a gRPC server is not checked', grpc(ssl()), grpc(undefined), ['-', 'loosened'], ['-', 'tightened']],
  [
    'a gRPC server that is local',
    grpc(ssl()),
    grpc({ local_credentials: {} }),
    ['-', '-', 'loosened'],
    ['-', '-', 'tightened'],
  ],
];

const side = (value: Json) => [{ name: 'a.json', text: JSON.stringify(value) }];
const classes = (old: Json, now: Json): string[] =>
  diff(side(old), side(now))
    .changes.map(({ tls: change }) => change?.class ?? '-')
    .sort();

describe.each(CHANGES)('%s', (_, old, now, expected, opposite) => {
  test('there', () => expect(classes(old, now)).toEqual([...expected].sort()));
  test('and back', () => expect(classes(now, old)).toEqual([...opposite].sort()));
});

test('among endpoints of a cluster, the guards of its sockets tell', () => {
  const one = (metadata: Json, ...entries: Json[]): Json =>
    cluster({
      transport_socket: tls(),
      transport_socket_matches: entries,
      load_assignment: { cluster_name: 'out', endpoints: [{ lb_endpoints: [endpoint(metadata)] }] },
    });
  expect(classes(one(mode('mtls'), mtls), one({}, mtls))).toEqual(['-']);
  // Without metadata the last entry, which fits all, gives it plain text.
  expect(classes(one(mode('mtls'), mtls, rest), one({}, mtls, rest))).toEqual(['-', 'loosened']);
});

test('what a route asks of a connection is no transport socket', () => {
  const routes = (tls_context: Json): Json =>
    any('envoy.config.route.v3.RouteConfiguration', {
      name: 'r',
      virtual_hosts: [
        {
          name: 'v',
          domains: ['*'],
          routes: [{ match: { prefix: '/', tls_context }, route: { cluster: 'c' } }],
        },
      ],
    });
  const { changes } = diff(side(routes({ presented: true })), side(routes(undefined)));
  expect(changes.map(({ path, tls: change }) => [path, change])).toEqual([
    ['virtual_hosts[v].routes[0].match.tls_context', undefined],
  ]);
});
