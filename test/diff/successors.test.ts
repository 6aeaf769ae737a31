// A deprecated field and its successor say the same, within one version of the API and across them; what they
// say differently is told.

import { describe, expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';

// biome-ignore lint/suspicious/noExplicitAny: messages of any type
type Json = any;

const any = (type: string, value: Json) => ({ '@type': `type.googleapis.com/${type}`, ...value });
const address = (port: number) => ({ socket_address: { address: '10.0.0.1', port_value: port } });
const assignment = (port: number) => ({
  cluster_name: 'out',
  endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
});
const V2 = { cluster: 'envoy.api.v2.Cluster', routes: 'envoy.api.v2.RouteConfiguration' };
const V3 = {
  cluster: 'envoy.config.cluster.v3.Cluster',
  routes: 'envoy.config.route.v3.RouteConfiguration',
  http: 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
  file: 'envoy.extensions.access_loggers.file.v3.FileAccessLog',
  tls: 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
};
const cluster = (value: Json, type = V2.cluster) => any(type, { name: 'out', ...value });
const routes = (match: Json, type = V2.routes) =>
  any(type, {
    name: 'all',
    virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match, route: { cluster: 'out' } }] }],
  });
const header = (value: Json) => ({ prefix: '/', headers: [{ name: 'x', ...value }] });
const options = (value: Json) =>
  cluster({ typed_extension_protocol_options: { [V3.http]: any(V3.http, value) } }, V3.cluster);
const bootstrap = (admin: Json) => ({ static_resources: { clusters: [cluster({}, V3.cluster)] }, admin });
const fileLog = (path: string) => ({
  access_log: [{ name: 'envoy.access_loggers.file', typed_config: any(V3.file, { path }) }],
});
const tls = (word: string) => ({
  common_tls_context: { alpn_protocols: [word], tls_certificates: [{ private_key: { filename: '/key' } }] },
});
const socket = (value: Json) => ({ transport_socket: { name: 'envoy.transport_sockets.tls', ...value } });
const sans = (value: Json) =>
  cluster(
    socket({
      typed_config: any(V3.tls, {
        common_tls_context: { validation_context: { trusted_ca: { filename: '/ca' }, ...value } },
      }),
    }),
    V3.cluster,
  );
const typedSan = (san_type: string, exact: string) => ({
  match_typed_subject_alt_names: [{ san_type, matcher: { exact } }],
});
const eds = (source: Json, type = V3.cluster) =>
  cluster({ type: 'EDS', eds_cluster_config: { eds_config: source } }, type);

/** By what they are: the deprecated form, the successor, and the successor saying something else. */
const PAIRS: readonly [what: string, deprecated: Json, successor: Json, another: Json][] = [
  [
    'hosts and load_assignment',
    cluster({ hosts: [address(1)] }),
    cluster({ load_assignment: assignment(1) }),
    cluster({ load_assignment: assignment(2) }),
  ],
  [
    'tls_context and a typed transport socket',
    cluster({ tls_context: tls('h2') }),
    cluster(socket({ typed_config: any('envoy.api.v2.auth.UpstreamTlsContext', tls('h2')) })),
    cluster(socket({ typed_config: any('envoy.api.v2.auth.UpstreamTlsContext', tls('h3')) })),
  ],
  [
    'tls_context and a transport socket with a Struct',
    cluster({ tls_context: tls('h2') }),
    cluster(socket({ config: tls('h2') })),
    cluster(socket({ config: tls('h3') })),
  ],
  [
    'regex and safe_regex of a route',
    routes({ regex: '/a.*' }),
    routes({ safe_regex: { google_re2: {}, regex: '/a.*' } }),
    routes({ safe_regex: { google_re2: {}, regex: '/b.*' } }),
  ],
  [
    'regex_match and safe_regex_match of a header',
    routes(header({ regex_match: 'a+' })),
    routes(header({ safe_regex_match: { google_re2: {}, regex: 'a+' } })),
    routes(header({ safe_regex_match: { google_re2: {}, regex: 'b+' } })),
  ],
  [
    'exact_match and string_match of a header in v3',
    routes(header({ exact_match: 'a' }), V3.routes),
    routes(header({ string_match: { exact: 'a' } }), V3.routes),
    routes(header({ string_match: { exact: 'b' } }), V3.routes),
  ],
  [
    'access_log_path and access_log of the admin',
    bootstrap({ access_log_path: '/dev/null' }),
    bootstrap(fileLog('/dev/null')),
    bootstrap(fileLog('/dev/stdout')),
  ],
  [
    'http2_protocol_options and typed options in v3',
    cluster({ http2_protocol_options: { max_concurrent_streams: 9 } }, V3.cluster),
    options({ explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 9 } } }),
    options({ explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 8 } } }),
  ],
  [
    'path and path_config_source',
    eds({ path: '/etc/eds.yaml' }),
    eds({ path_config_source: { path: '/etc/eds.yaml' } }),
    eds({ path_config_source: { path: '/etc/other.yaml' } }),
  ],
  [
    'matchers and typed ones, DNS',
    sans({ match_subject_alt_names: [{ exact: 'a.example' }] }),
    sans(typedSan('DNS', 'a.example')),
    sans(typedSan('DNS', 'b.example')),
  ],
  [
    'v2 on one side, a deprecated field of v3 on the other',
    cluster({ http2_protocol_options: { max_concurrent_streams: 9 } }),
    cluster({ http2_protocol_options: { max_concurrent_streams: 9 } }, V3.cluster),
    cluster({ http2_protocol_options: { max_concurrent_streams: 8 } }, V3.cluster),
  ],
];

function changes(old: Json, now: Json) {
  const side = (name: string, value: Json) => [{ name, text: JSON.stringify(value) }];
  return diff(side('old.json', old), side('new.json', now)).changes.map(
    ({ kind, path }) => `${kind} ${path}`,
  );
}

describe.each(PAIRS)('%s', (_, deprecated, successor, another) => {
  test('say the same, either way', () => {
    expect(changes(deprecated, successor)).toEqual([]);
    expect(changes(successor, deprecated)).toEqual([]);
  });

  test('do not hide a change', () => {
    expect(changes(deprecated, another)).not.toEqual([]);
    expect(changes(another, deprecated)).not.toEqual([]);
  });
});

test('a folder that is watched now is a change', () => {
  const source = (more: Json) => eds({ path_config_source: { path: '/etc/eds/eds.yaml', ...more } });
  expect(changes(source({}), source({ watched_directory: { path: '/etc/eds' } }))).toHaveLength(1);
});

test('beside a field in other words a change is told at its own place', () => {
  const old = cluster({ hosts: [address(1)], connect_timeout: '1s' });
  const now = cluster({ load_assignment: assignment(1), connect_timeout: '2s' });
  expect(changes(old, now)).toEqual(['changed connect_timeout']);
});
