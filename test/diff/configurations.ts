// Configurations to compare: a listener, its clusters and what stands around them, built from parts.

// biome-ignore lint/suspicious/noExplicitAny: parts go anywhere into a configuration
export type Json = any;

/** The verdict that a pair must have: `same` trust, or not; `any` must only not fail. */
type Expected = 'same' | 'diff' | 'any';
export type Pair = readonly [name: string, expected: Expected, old: Json, now: Json];

export const anyOf = (t: Json, v: Json = {}) => ({ '@type': `type.googleapis.com/${t}`, ...v });
export const SOCKETS = 'envoy.extensions.transport_sockets';
const clone = (x: Json) => JSON.parse(JSON.stringify(x));
export const upstream = (o: Json = {}) => ({
  name: 'tls',
  typed_config: anyOf(`${SOCKETS}.tls.v3.UpstreamTlsContext`, {
    common_tls_context: {
      tls_certificates: [
        { certificate_chain: { filename: o.cert ?? '/c.pem' }, private_key: { filename: o.key ?? '/k.pem' } },
      ],
      ...(o.noval
        ? {}
        : {
            validation_context: {
              trusted_ca: { filename: o.ca ?? '/ca.pem' },
              match_typed_subject_alt_names: (o.san ?? ['spiffe://td/a']).map((exact: Json) => ({
                san_type: 'URI',
                matcher: { exact },
              })),
            },
          }),
    },
    sni: o.sni ?? 'a.x',
  }),
});
export const downstream = (o: Json = {}) => ({
  name: 'tls',
  typed_config: anyOf(`${SOCKETS}.tls.v3.DownstreamTlsContext`, {
    common_tls_context: {
      tls_certificates: [
        {
          certificate_chain: { filename: o.cert ?? '/s.pem' },
          private_key: { filename: o.key ?? '/sk.pem' },
        },
      ],
      ...(o.noval ? {} : { validation_context: { trusted_ca: { filename: o.ca ?? '/ca.pem' } } }),
    },
    ...(o.noval ? {} : { require_client_certificate: true }),
  }),
});
export const endpoint = (address: Json = '10.0.0.1', port: Json = 443, metadata?: Json) => ({
  endpoint: { address: { socket_address: { address, port_value: port } } },
  ...(metadata && { metadata: { filter_metadata: { 'envoy.transport_socket_match': metadata } } }),
});
export const cluster = (name: Json, sock?: Json, more: Json = {}) => ({
  name,
  type: 'STATIC',
  connect_timeout: '1s',
  load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [endpoint()] }] },
  ...(sock && { transport_socket: sock }),
  ...more,
});
export const tcp = (cluster?: Json, more: Json = {}) => ({
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: anyOf('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: 't',
    ...(cluster && { cluster }),
    ...more,
  }),
});
export const route = (cluster: Json, match: Json = { prefix: '/' }, more: Json = {}) => ({
  match,
  route: { cluster, ...more },
});
export const host = (routes: Json, domains: Json = ['*'], name: Json = 'v', more: Json = {}) => ({
  name,
  domains,
  routes,
  ...more,
});
export const hcm = (vhs: Json, more: Json = {}) => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: anyOf('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'h',
    ...(Array.isArray(vhs) ? { route_config: { name: 'r', virtual_hosts: vhs } } : vhs),
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: anyOf('envoy.extensions.filters.http.router.v3.Router'),
      },
    ],
    ...more,
  }),
});
export const chain = (o: Json = {}) => ({
  ...(o.name && { name: o.name }),
  ...(o.match && { filter_chain_match: o.match }),
  filters: o.filters ?? [tcp('b')],
  ...(o.sock && { transport_socket: o.sock }),
});
export const INSPECTOR = {
  name: 'envoy.filters.listener.tls_inspector',
  typed_config: anyOf('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'),
};
export const ORIGINAL_DST = {
  name: 'envoy.filters.listener.original_dst',
  typed_config: anyOf('envoy.extensions.filters.listener.original_dst.v3.OriginalDst'),
};
export const listener = (name: Json, chains: Json, more: Json = {}) => ({
  name,
  address: { socket_address: { address: '0.0.0.0', port_value: 10443 } },
  listener_filters: [INSPECTOR],
  filter_chains: chains,
  ...more,
});
export const bootstrap = (o: Json) => ({
  node: { id: 'n', cluster: 'c' },
  static_resources: { listeners: o.l ?? [], clusters: o.c ?? [], ...(o.s && { secrets: o.s }) },
  ...(o.more ?? {}),
});
export const response = (type: Json, list: Json) => ({ resources: list.map((x: Json) => anyOf(type, x)) });
export const CLUSTERS = [
  cluster('b', upstream()),
  cluster('plain'),
  cluster('b2', upstream({ ca: '/ca2.pem' })),
  cluster('bs', upstream()),
];
export const withChains = (chains: Json, more?: Json, cs: Json = CLUSTERS) =>
  bootstrap({ l: [listener('in', chains, more)], c: cs });
export const SNI_A = { server_names: ['a'] };
export const TWO_CHAINS = [
  chain({ name: '1', match: SNI_A, sock: downstream() }),
  chain({ name: '2', sock: downstream({ noval: 1 }) }),
];
export const PORT_CHAINS = [
  chain({ name: '1', match: { destination_port: 8443 }, sock: downstream() }),
  chain({ name: '2', sock: downstream({ noval: 1 }) }),
];
export const chosenByMatcher = (n: Json) => ({
  filter_chain_matcher: {
    on_no_match: { action: { name: n, typed_config: anyOf('google.protobuf.StringValue', { value: n }) } },
  },
});
export const withRoutes = (vhs: Json, more?: Json) => withChains([chain({ filters: [hcm(vhs, more)] })]);
export const rds = (n: Json) => ({
  rds: { route_config_name: n, config_source: { ads: {}, resource_api_version: 'V3' } },
});
export const routes = (n: Json, c: Json) =>
  anyOf('envoy.config.route.v3.RouteConfiguration', { name: n, virtual_hosts: [host([route(c)])] });
export const jwks = (c: Json) => ({
  http_filters: [
    {
      name: 'j',
      typed_config: anyOf('envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
        providers: {
          p: { issuer: 'i', remote_jwks: { http_uri: { uri: 'https://x', cluster: c, timeout: '1s' } } },
        },
      }),
    },
  ],
});
const sdsSocket = (src: Json, o: Json = {}) => ({
  name: 'tls',
  typed_config: anyOf(`${SOCKETS}.tls.v3.DownstreamTlsContext`, {
    common_tls_context: {
      tls_certificate_sds_secret_configs: [{ name: o.n ?? 'cert', ...(src && { sds_config: src }) }],
      combined_validation_context: {
        default_validation_context: {},
        validation_context_sds_secret_config: { name: o.r ?? 'ca', ...(src && { sds_config: src }) },
      },
    },
    require_client_certificate: true,
  }),
});
export const sdsThrough = (c: Json) => ({
  api_config_source: {
    api_type: 'GRPC',
    transport_api_version: 'V3',
    grpc_services: [{ envoy_grpc: { cluster_name: c } }],
  },
  resource_api_version: 'V3',
});
export const sdsAt = (u: Json, more: Json = {}) => ({
  api_config_source: {
    api_type: 'GRPC',
    grpc_services: [{ google_grpc: { target_uri: u, stat_prefix: 's', ...more } }],
  },
});
export const socketCluster = (n: Json, path: Json) => ({
  name: n,
  load_assignment: {
    cluster_name: n,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path } } } }] }],
  },
});
export const withSds = (src: Json, cs: Json = [], o?: Json, s?: Json) =>
  bootstrap({ l: [listener('in', [chain({ sock: sdsSocket(src, o) })])], c: [...CLUSTERS, ...cs], s });
export const servedRoot = (ca: Json) => ({
  resources: [
    anyOf(`${SOCKETS}.tls.v3.Secret`, { name: 'ca', validation_context: { trusted_ca: { filename: ca } } }),
  ],
});
export const adsFrom = (svc: Json) =>
  bootstrap({
    c: CLUSTERS,
    more: { dynamic_resources: { ads_config: { api_type: 'GRPC', grpc_services: [svc] } } },
  });
export const google = (u: Json, more?: Json) => ({
  google_grpc: { target_uri: u, stat_prefix: 's', ...more },
});
export const checked = (x: Json = {}) => ({
  channel_credentials: { ssl_credentials: { root_certs: { filename: '/r' }, ...x } },
});
export const selecting = (entries: Json, eps: Json, more: Json = {}) =>
  bootstrap({
    c: [
      cluster('b', upstream(), {
        transport_socket_matches: entries,
        load_assignment: { cluster_name: 'b', endpoints: [{ lb_endpoints: eps }] },
        ...more,
      }),
    ],
  });
export const MTLS_ENTRY = { name: 'm', match: { mtls: true }, transport_socket: upstream() };
export const PLAIN_ENTRY = {
  name: 'p',
  match: { mtls: false },
  transport_socket: { name: 'raw', typed_config: anyOf(`${SOCKETS}.raw_buffer.v3.RawBuffer`) },
};
export const editedContext = (f: Json, d: Json = downstream()) => {
  const x = clone(d);
  f(x.typed_config);
  return withChains([chain({ sock: x })]);
};
export const withOptions = (o: Json, extra: Json = {}) =>
  bootstrap({
    c: [
      cluster('b', upstream(), {
        ...extra,
        ...(o && {
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': anyOf(
              'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
              { upstream_http_protocol_options: o, explicit_http_config: { http_protocol_options: {} } },
            ),
          },
        }),
      }),
    ],
  });
export const FORWARD_PROXY = {
  cluster_type: {
    name: 'envoy.clusters.dynamic_forward_proxy',
    typed_config: anyOf('envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig', {
      allow_insecure_cluster_options: true,
      dns_cache_config: { name: 'd' },
    }),
  },
};
export const withSocket = (s: Json) => bootstrap({ c: [cluster('b', s)] });
export const wrapped = (type: Json, inner: Json, more: Json = {}) => ({
  name: 'w',
  typed_config: anyOf(SOCKETS + type, { transport_socket: inner, ...more }),
});
export const authorizing = (p: Json) => ({
  http_filters: [
    {
      name: 'rbac',
      typed_config: anyOf('envoy.extensions.filters.http.rbac.v3.RBAC', {
        rules: { policies: { p: { permissions: [{ any: true }], principals: [p] } } },
      }),
    },
  ],
});

/** One configuration, or several files of a side. */
export function side(value: Json): { name: string; text: string }[] {
  const all: Json[] = Array.isArray(value) ? value : [value];
  return all.map((one, i) => ({ name: `${i}.json`, text: JSON.stringify(one) }));
}
