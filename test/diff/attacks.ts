// A proxy with all that trust rests on, and changes of it: those of which each changes whom it trusts, or what it
// presents or can no longer be known, and those that change nothing of this. Made for both versions of the API.

import type { Json } from './configurations.js';

/** A version's names of messages. */
interface Names {
  readonly upstream: string;
  readonly downstream: string;
  readonly hcm: string;
  readonly tcp: string;
  readonly cluster: string;
  readonly listener: string;
  readonly routes: string;
  readonly log: string;
  readonly rawBuffer: string;
  readonly inspector: string;
}

export const NAMES: Readonly<Record<'v2' | 'v3', Names>> = {
  v2: {
    upstream: 'envoy.api.v2.auth.UpstreamTlsContext',
    downstream: 'envoy.api.v2.auth.DownstreamTlsContext',
    hcm: 'envoy.config.filter.network.http_connection_manager.v2.HttpConnectionManager',
    tcp: 'envoy.config.filter.network.tcp_proxy.v2.TcpProxy',
    cluster: 'envoy.api.v2.Cluster',
    listener: 'envoy.api.v2.Listener',
    routes: 'envoy.api.v2.RouteConfiguration',
    log: 'envoy.config.accesslog.v2.HttpGrpcAccessLogConfig',
    rawBuffer: 'envoy.config.transport_socket.raw_buffer.v2.RawBuffer',
    inspector: 'envoy.config.filter.listener.tls_inspector.v2.TlsInspector',
  },
  v3: {
    upstream: 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    downstream: 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    hcm: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    tcp: 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
    cluster: 'envoy.config.cluster.v3.Cluster',
    listener: 'envoy.config.listener.v3.Listener',
    routes: 'envoy.config.route.v3.RouteConfiguration',
    log: 'envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig',
    rawBuffer: 'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
    inspector: 'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
  },
};

const any = (type: string, value: Json = {}) => ({ '@type': `type.googleapis.com/${type}`, ...value });
const address = (host: string, port = 443) => ({ socket_address: { address: host, port_value: port } });
const endpoint = (host: string, mode?: string) => ({
  endpoint: { address: address(host) },
  ...(mode && { metadata: { filter_metadata: { 'envoy.transport_socket_match': { mode } } } }),
});
const sds = (name: string, cluster = 'sds') => ({
  name,
  sds_config: {
    api_config_source: { api_type: 'GRPC', grpc_services: [{ envoy_grpc: { cluster_name: cluster } }] },
  },
});

/** The proxy, as one bootstrap. */
export function proxy(api: 'v2' | 'v3'): Json {
  const names = NAMES[api];
  const tls = (type: string, common: Json, more: Json = {}) => ({
    name: 'envoy.transport_sockets.tls',
    typed_config: any(type, { common_tls_context: common, ...more }),
  });
  const files = (who: string, san: string) => ({
    tls_certificates: [
      { certificate_chain: { filename: `/etc/${who}.pem` }, private_key: { filename: `/etc/${who}.key` } },
    ],
    validation_context: {
      trusted_ca: { filename: '/etc/ca.pem' },
      match_subject_alt_names: [{ exact: `spiffe://td/${san}` }],
    },
  });
  const upstream = (san: string) => tls(names.upstream, files('client', san), { sni: `${san}.example` });
  const cluster = (name: string, socket: Json, endpoints: Json, more: Json = {}) => ({
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] },
    ...(socket && { transport_socket: socket }),
    ...more,
  });
  const route = (cluster: string, prefix: string) => ({ match: { prefix }, route: { cluster } });
  const manager = {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: any(names.hcm, {
      stat_prefix: 'in',
      forward_client_cert_details: 'SANITIZE_SET',
      route_config: {
        name: 'local',
        virtual_hosts: [
          { name: 'shop', domains: ['shop.example'], routes: [route('pay', '/pay'), route('cart', '/')] },
          { name: 'all', domains: ['*'], routes: [route('cart', '/')] },
        ],
      },
      access_log: [
        {
          name: 'envoy.access_loggers.http_grpc',
          typed_config: any(names.log, {
            common_config: { log_name: 'l', grpc_service: { envoy_grpc: { cluster_name: 'logs' } } },
          }),
        },
      ],
      http_filters: [{ name: 'envoy.filters.http.router' }],
    }),
  };
  const tcp = (cluster: string) => ({
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: any(names.tcp, { stat_prefix: 't', cluster }),
  });
  const served = (root: string) =>
    tls(
      names.downstream,
      {
        tls_certificate_sds_secret_configs: [sds('server')],
        combined_validation_context: {
          default_validation_context: { match_subject_alt_names: [{ exact: 'spiffe://td/web' }] },
          validation_context_sds_secret_config: sds(root),
        },
      },
      { require_client_certificate: true },
    );
  return {
    node: { id: 'n', cluster: 'c' },
    static_resources: {
      listeners: [
        {
          name: 'in',
          address: address('0.0.0.0', 8443),
          listener_filters: [
            { name: 'envoy.filters.listener.tls_inspector', typed_config: any(names.inspector) },
          ],
          filter_chains: [
            {
              filter_chain_match: { server_names: ['shop.example'] },
              filters: [manager],
              transport_socket: served('root'),
            },
            {
              filter_chain_match: { server_names: ['partner.example'] },
              filters: [tcp('cart')],
              transport_socket: served('partner-root'),
            },
          ],
        },
        { name: 'local', address: address('127.0.0.1', 9000), filter_chains: [{ filters: [tcp('pay')] }] },
        {
          name: 'files',
          address: address('0.0.0.0', 8444),
          filter_chains: [
            {
              filters: [tcp('pay')],
              transport_socket: tls(
                names.downstream,
                {
                  tls_params: {
                    tls_minimum_protocol_version: 'TLSv1_2',
                    cipher_suites: ['ECDHE-RSA-AES256-GCM-SHA384'],
                  },
                  tls_certificates: [
                    {
                      certificate_chain: { filename: '/etc/s.pem' },
                      private_key: { filename: '/etc/s.key' },
                    },
                  ],
                  validation_context: {
                    trusted_ca: { filename: '/etc/ca.pem' },
                    crl: { filename: '/etc/crl.pem' },
                    verify_certificate_hash: ['aa'.repeat(32)],
                  },
                },
                { require_client_certificate: true },
              ),
            },
          ],
        },
      ],
      clusters: [
        cluster('pay', upstream('pay'), [endpoint('10.0.0.1')]),
        cluster('cart', upstream('cart'), [endpoint('10.0.0.2')]),
        cluster('mixed', upstream('mixed'), [endpoint('10.0.0.3', 'tls'), endpoint('10.0.0.4', 'tls2')], {
          transport_socket_matches: [
            { name: 'tls', match: { mode: 'tls' }, transport_socket: upstream('mixed') },
            { name: 'tls2', match: { mode: 'tls2' }, transport_socket: upstream('mixed') },
            {
              name: 'plain',
              match: { mode: 'plain' },
              transport_socket: {
                name: 'envoy.transport_sockets.raw_buffer',
                typed_config: any(names.rawBuffer),
              },
            },
          ],
        }),
        cluster('app', undefined, [endpoint('127.0.0.1')]),
        cluster('plain', undefined, [endpoint('10.0.0.9')]),
        cluster('logs', upstream('logs'), [endpoint('10.0.0.5')]),
        cluster('other-logs', upstream('other'), [endpoint('10.0.0.6')]),
        cluster('sds', undefined, [{ endpoint: { address: { pipe: { path: '/run/sds' } } } }], {
          http2_protocol_options: {},
        }),
        cluster('other-sds', undefined, [{ endpoint: { address: { pipe: { path: '/run/other' } } } }], {
          http2_protocol_options: {},
        }),
        cluster(
          'static',
          tls(names.upstream, {
            tls_certificate_sds_secret_configs: [{ name: 'held' }],
            validation_context_sds_secret_config: { name: 'held-root' },
          }),
          [endpoint('10.0.0.7')],
        ),
      ],
      secrets: [
        {
          name: 'held',
          tls_certificate: {
            certificate_chain: { filename: '/etc/h.pem' },
            private_key: { filename: '/etc/h.key' },
          },
        },
        { name: 'held-root', validation_context: { trusted_ca: { filename: '/etc/ca.pem' } } },
      ],
    },
  };
}

/** A change of the proxy in place. */
interface Attack {
  readonly name: string;
  readonly change: (proxy: Json, names: Names) => void;
  /** Only of this version. */
  readonly api?: 'v2' | 'v3';
  /** The way back takes something away that nothing else depends on, and leaves trust as it is. */
  readonly isOneWay?: true;
  /** It is of the words themselves, and not put in others. */
  readonly isOfWords?: true;
}

const listeners = (p: Json): Json => p.static_resources.listeners;
const clusters = (p: Json): Json => p.static_resources.clusters;
const cluster = (p: Json, name: string): Json => clusters(p).find((one: Json) => one.name === name);
const socketOf = (holder: Json): Json => holder.transport_socket.typed_config;
const common = (holder: Json): Json => socketOf(holder).common_tls_context;
const chains = (p: Json, i = 0): Json => listeners(p)[i].filter_chains;
const manager = (p: Json): Json => chains(p)[0].filters[0].typed_config;
const hosts = (p: Json): Json => manager(p).route_config.virtual_hosts;
const pay = (p: Json): Json => common(cluster(p, 'pay')).validation_context;
const filesCommon = (p: Json): Json => common(chains(p, 2)[0]);
const combined = (p: Json): Json => common(chains(p)[0]).combined_validation_context;
const source = (config: Json): Json => config.sds_config.api_config_source.grpc_services[0];
const server = (p: Json): Json => common(chains(p)[0]).tls_certificate_sds_secret_configs[0];

/** Each changes trust, or what is known of it. */
export const ATTACKS: readonly Attack[] = [
  { name: 'an upstream root goes', change: (p) => delete pay(p).trusted_ca },
  { name: 'another upstream root', change: (p) => (pay(p).trusted_ca.filename = '/etc/ca2.pem') },
  { name: 'an upstream root in place', change: (p) => (pay(p).trusted_ca = { inline_string: 'pem' }) },
  { name: 'no names', change: (p) => delete pay(p).match_subject_alt_names },
  { name: 'another name', change: (p) => (pay(p).match_subject_alt_names[0].exact = 'spiffe://td/x') },
  { name: 'one more name', change: (p) => pay(p).match_subject_alt_names.push({ exact: 'spiffe://td/x' }) },
  { name: 'a prefix', change: (p) => (pay(p).match_subject_alt_names = [{ prefix: 'spiffe://td/pay' }]) },
  {
    name: 'a name of other case',
    change: (p) => (pay(p).match_subject_alt_names[0].exact = 'spiffe://td/PAY'),
  },
  {
    name: 'a pattern',
    change: (p) => (pay(p).match_subject_alt_names = [{ safe_regex: { google_re2: {}, regex: '.*' } }]),
  },
  { name: 'case is ignored', change: (p) => (pay(p).match_subject_alt_names[0].ignore_case = true) },
  { name: 'expired certificates', change: (p) => (pay(p).allow_expired_certificate = true) },
  { name: 'untrusted certificates', change: (p) => (pay(p).trust_chain_verification = 'ACCEPT_UNTRUSTED') },
  { name: 'no validation', change: (p) => delete common(cluster(p, 'pay')).validation_context },
  {
    name: 'another client certificate',
    change: (p) => (common(cluster(p, 'pay')).tls_certificates[0].certificate_chain.filename = '/etc/x.pem'),
  },
  {
    name: 'another client key',
    change: (p) => (common(cluster(p, 'pay')).tls_certificates[0].private_key.filename = '/etc/x.key'),
  },
  { name: 'no client certificate', change: (p) => delete common(cluster(p, 'pay')).tls_certificates },
  { name: 'renegotiation', change: (p) => (socketOf(cluster(p, 'pay')).allow_renegotiation = true) },
  { name: 'key log', api: 'v3', change: (p) => (common(cluster(p, 'pay')).key_log = { path: '/tmp/keys' }) },
  {
    name: 'a custom validator',
    api: 'v3',
    change: (p) => (pay(p).custom_validator_config = { name: 'x', typed_config: any('acme.V') }),
  },
  {
    name: 'a custom handshaker',
    api: 'v3',
    change: (p) => (common(cluster(p, 'pay')).custom_handshaker = { name: 'x', typed_config: any('acme.V') }),
  },
  { name: 'the chain is verified less deep', api: 'v3', change: (p) => (pay(p).max_verify_depth = 1) },
  {
    name: 'system roots',
    api: 'v3',
    change: (p) => {
      delete pay(p).trusted_ca;
      pay(p).system_root_certs = {};
    },
  },
  {
    name: 'a root from a provider',
    api: 'v3',
    change: (p) => {
      delete pay(p).trusted_ca;
      pay(p).ca_certificate_provider_instance = { instance_name: 'a' };
    },
  },
  { name: 'no TLS upstream', change: (p) => delete cluster(p, 'pay').transport_socket },
  {
    name: 'a raw buffer upstream',
    change: (p, names) =>
      (cluster(p, 'pay').transport_socket = {
        name: 'envoy.transport_sockets.raw_buffer',
        typed_config: any(names.rawBuffer),
      }),
  },
  {
    name: 'a socket of a vendor',
    change: (p) => (cluster(p, 'pay').transport_socket = { name: 'acme', typed_config: any('acme.Socket') }),
  },
  {
    name: 'a tap',
    api: 'v3',
    change: (p) =>
      (cluster(p, 'pay').transport_socket = {
        name: 'tap',
        typed_config: any('envoy.extensions.transport_sockets.tap.v3.Tap', {
          common_config: {
            static_config: {
              match: { any_match: true },
              output_config: { sinks: [{ file_per_tap: { path_prefix: '/tmp/t' } }] },
            },
          },
          transport_socket: cluster(p, 'pay').transport_socket,
        }),
      }),
  },
  {
    name: 'STARTTLS',
    api: 'v3',
    change: (p) =>
      (cluster(p, 'pay').transport_socket = {
        name: 'starttls',
        typed_config: any('envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig', {
          tls_socket_config: socketOf(cluster(p, 'pay')),
        }),
      }),
  },
  {
    name: 'clients need no certificate',
    change: (p) => (socketOf(chains(p)[0]).require_client_certificate = false),
  },
  {
    name: 'client names go',
    change: (p) => delete combined(p).default_validation_context.match_subject_alt_names,
  },
  {
    name: 'another client name',
    change: (p) =>
      (combined(p).default_validation_context.match_subject_alt_names[0].exact = 'spiffe://td/x'),
  },
  { name: 'another SDS root', change: (p) => (combined(p).validation_context_sds_secret_config.name = 'x') },
  { name: 'another SDS certificate', change: (p) => (server(p).name = 'x') },
  {
    name: 'an SDS certificate from elsewhere',
    change: (p) => (source(server(p)).envoy_grpc.cluster_name = 'other-sds'),
  },
  {
    name: 'an SDS root from elsewhere',
    change: (p) =>
      (source(combined(p).validation_context_sds_secret_config).envoy_grpc.cluster_name = 'other-sds'),
  },
  {
    name: 'the SDS server moves',
    change: (p) =>
      (cluster(p, 'sds').load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.pipe.path = '/run/x'),
  },
  { name: 'an SDS secret is static', change: (p) => delete server(p).sds_config },
  { name: 'an SDS secret from a file', change: (p) => (server(p).sds_config = { path: '/etc/sds.yaml' }) },
  {
    name: 'SDS asks with a token',
    change: (p) => (source(server(p)).initial_metadata = [{ key: 'authorization', value: 'x' }]),
  },
  {
    name: 'a held certificate',
    change: (p) => (p.static_resources.secrets[0].tls_certificate.certificate_chain.filename = '/etc/x.pem'),
  },
  {
    name: 'a held root',
    change: (p) => (p.static_resources.secrets[1].validation_context.trusted_ca.filename = '/etc/x.pem'),
  },
  {
    name: 'held secrets are exchanged for others',
    change: (p) => {
      p.static_resources.secrets[0].name = 'gone';
      p.static_resources.secrets.push({
        ...structuredClone(p.static_resources.secrets[0]),
        name: 'held',
        tls_certificate: {
          certificate_chain: { filename: '/etc/x.pem' },
          private_key: { filename: '/etc/x.key' },
        },
      });
    },
  },
  {
    name: 'an earlier TLS version',
    change: (p) => (filesCommon(p).tls_params.tls_minimum_protocol_version = 'TLSv1_0'),
  },
  { name: 'a weaker cipher', change: (p) => filesCommon(p).tls_params.cipher_suites.push('AES128-SHA') },
  { name: 'the default ciphers', api: 'v2', change: (p) => delete filesCommon(p).tls_params.cipher_suites },
  { name: 'no revocations', change: (p) => delete filesCommon(p).validation_context.crl },
  {
    name: 'other revocations',
    change: (p) => (filesCommon(p).validation_context.crl.filename = '/etc/x.pem'),
  },
  { name: 'no pin', change: (p) => delete filesCommon(p).validation_context.verify_certificate_hash },
  {
    name: 'another pin',
    change: (p) => filesCommon(p).validation_context.verify_certificate_hash.push('bb'.repeat(32)),
  },
  {
    name: 'a pin of a key beside',
    change: (p) => (filesCommon(p).validation_context.verify_certificate_spki = [`${'A'.repeat(43)}=`]),
  },
  {
    name: 'tickets',
    change: (p) => (socketOf(chains(p, 2)[0]).session_ticket_keys = { keys: [{ filename: '/etc/t' }] }),
  },
  { name: 'no TLS downstream', change: (p) => delete chains(p)[0].transport_socket },
  {
    name: 'a plain chain for all',
    change: (p) => chains(p).push({ filters: structuredClone(chains(p)[1].filters) }),
  },
  {
    name: 'server names are exchanged',
    change: (p) => {
      const [a, b] = chains(p);
      [a.filter_chain_match, b.filter_chain_match] = [b.filter_chain_match, a.filter_chain_match];
    },
  },
  {
    name: 'a server name moves',
    change: (p) => {
      chains(p)[0].filter_chain_match.server_names = ['x.example'];
      chains(p)[1].filter_chain_match.server_names.push('shop.example');
    },
  },
  {
    name: 'sockets are exchanged',
    change: (p) => {
      const [a, b] = chains(p);
      [a.transport_socket, b.transport_socket] = [b.transport_socket, a.transport_socket];
    },
  },
  {
    name: 'filters are exchanged',
    change: (p) => {
      const [a, b] = chains(p);
      [a.filters, b.filters] = [b.filters, a.filters];
    },
  },
  {
    name: 'no inspector',
    api: 'v3',
    change: (p) => {
      chains(p).push({
        filters: chains(p)[1].filters,
        transport_socket: structuredClone(chains(p, 2)[0].transport_socket),
      });
      delete listeners(p)[0].listener_filters;
    },
  },
  {
    name: 'a plain default chain',
    api: 'v3',
    change: (p) =>
      (listeners(p)[0].default_filter_chain = { filters: structuredClone(chains(p)[1].filters) }),
  },
  {
    name: 'a listener leaves loopback',
    isOneWay: true,
    change: (p) => (listeners(p)[1].address.socket_address.address = '0.0.0.0'),
  },
  {
    name: 'a listener leaves loopback for one address',
    isOneWay: true,
    change: (p) => (listeners(p)[1].address.socket_address.address = '10.1.1.1'),
  },
  {
    name: 'a listener leaves loopback, renamed',
    isOneWay: true,
    change: (p) => {
      listeners(p)[1].address.socket_address.address = '0.0.0.0';
      listeners(p)[1].name = 'x';
    },
  },
  {
    name: 'a plain listener is added',
    isOneWay: true,
    change: (p) =>
      listeners(p).push({
        name: 'x',
        address: address('0.0.0.0', 81),
        filter_chains: [{ filters: structuredClone(chains(p)[1].filters) }],
      }),
  },
  {
    name: 'a listener takes an address',
    change: (p) => {
      listeners(p).push({
        name: 'x',
        address: address('10.1.1.1', 8443),
        filter_chains: [{ filters: structuredClone(chains(p)[1].filters) }],
      });
    },
  },
  {
    name: 'addresses are exchanged',
    change: (p) => {
      const [a, , c] = listeners(p);
      [a.address, c.address] = [c.address, a.address];
    },
  },
  {
    name: 'a listener with another root is added',
    isOneWay: true,
    change: (p) => {
      const added = structuredClone(listeners(p)[2]);
      added.name = 'x';
      added.address.socket_address.port_value = 82;
      common(added.filter_chains[0]).validation_context.trusted_ca.filename = '/etc/x.pem';
      listeners(p).push(added);
    },
  },
  {
    name: 'client headers are believed',
    change: (p) => (manager(p).forward_client_cert_details = 'ALWAYS_FORWARD_ONLY'),
  },
  {
    name: 'a header of certificates is written',
    change: (p) =>
      (hosts(p)[0].request_headers_to_add = [{ header: { key: 'x-forwarded-client-cert', value: 'x' } }]),
  },
  {
    name: 'TLS is required no more',
    change: (p) => {
      hosts(p)[0].require_tls = 'ALL';
    },
  },
  { name: 'a route to another cluster', change: (p) => (hosts(p)[0].routes[0].route.cluster = 'cart') },
  { name: 'a route to plain text', change: (p) => (hosts(p)[0].routes[1].route.cluster = 'plain') },
  {
    name: 'a route by weight',
    isOneWay: true,
    change: (p) =>
      (hosts(p)[0].routes[0].route = {
        weighted_clusters: {
          clusters: [
            { name: 'pay', weight: 99 },
            { name: 'plain', weight: 1 },
          ],
        },
      }),
  },
  {
    name: 'a mirror',
    isOneWay: true,
    change: (p) => (hosts(p)[0].routes[0].route.request_mirror_policies = [{ cluster: 'plain' }]),
  },
  {
    name: 'a route in front',
    change: (p) => hosts(p)[0].routes.unshift({ match: { prefix: '/pay/x' }, route: { cluster: 'plain' } }),
  },
  { name: 'a route goes', change: (p) => hosts(p)[0].routes.shift() },
  { name: 'routes in another order', change: (p) => hosts(p)[0].routes.reverse() },
  {
    name: 'routes exchange clusters',
    change: (p) => {
      const [a, b] = hosts(p)[0].routes;
      [a.route, b.route] = [b.route, a.route];
    },
  },
  {
    name: 'a route by a header',
    change: (p) => (hosts(p)[0].routes[0].route = { cluster_header: 'x-cluster' }),
  },
  {
    name: 'a host of its own',
    change: (p) =>
      hosts(p).push({
        name: 'x',
        domains: ['x.example'],
        routes: [{ match: { prefix: '/' }, route: { cluster: 'plain' } }],
      }),
  },
  {
    name: 'routes from elsewhere',
    change: (p) => {
      delete manager(p).route_config;
      manager(p).rds = { route_config_name: 'r', config_source: { ads: {} } };
    },
  },
  {
    name: 'a proxy to another cluster',
    change: (p) => (chains(p)[1].filters[0].typed_config.cluster = 'plain'),
  },
  {
    name: 'logs to another cluster',
    change: (p) =>
      (manager(p).access_log[0].typed_config.common_config.grpc_service.envoy_grpc.cluster_name =
        'other-logs'),
  },
  {
    name: 'logs in plain text',
    change: (p) =>
      (manager(p).access_log[0].typed_config.common_config.grpc_service.envoy_grpc.cluster_name = 'plain'),
  },
  {
    name: 'logs by a channel',
    change: (p) =>
      (manager(p).access_log[0].typed_config.common_config.grpc_service = {
        google_grpc: { target_uri: 'logs:443', stat_prefix: 'l' },
      }),
  },
  {
    name: 'an endpoint without TLS',
    change: (p) =>
      (cluster(p, 'mixed').load_assignment.endpoints[0].lb_endpoints[0].metadata.filter_metadata[
        'envoy.transport_socket_match'
      ].mode = 'plain'),
  },
  {
    name: 'an entry without TLS',
    change: (p) =>
      (cluster(p, 'mixed').transport_socket_matches[0].transport_socket = structuredClone(
        cluster(p, 'mixed').transport_socket_matches[2].transport_socket,
      )),
  },
  {
    name: 'an entry for all in front',
    change: (p) =>
      cluster(p, 'mixed').transport_socket_matches.unshift({
        ...structuredClone(cluster(p, 'mixed').transport_socket_matches[2]),
        match: {},
      }),
  },
  {
    name: 'another name in an entry',
    change: (p) =>
      (common(
        cluster(p, 'mixed').transport_socket_matches[1],
      ).validation_context.match_subject_alt_names[0].exact = 'spiffe://td/x'),
  },
  {
    name: 'an added endpoint without TLS',
    isOneWay: true,
    change: (p) =>
      cluster(p, 'mixed').load_assignment.endpoints[0].lb_endpoints.push(endpoint('10.0.0.8', 'plain')),
  },
  {
    name: 'plain text leaves the host',
    isOneWay: true,
    change: (p) =>
      (cluster(
        p,
        'app',
      ).load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address = '10.0.0.8'),
  },
  {
    name: 'the connection chooses a plain server',
    isOneWay: true,
    change: (p) => {
      const c = cluster(p, 'plain');
      c.type = 'ORIGINAL_DST';
      c.lb_policy = 'CLUSTER_PROVIDED';
      delete c.load_assignment;
    },
  },
  {
    name: 'a cluster goes by another',
    change: (p) => {
      const [a, b] = [cluster(p, 'pay'), cluster(p, 'cart')];
      [a.name, b.name] = ['cart', 'pay'];
    },
  },
  {
    name: 'a key twice',
    isOfWords: true,
    change: (p) => Object.assign(pay(p), { trustedCa: { filename: '/etc/x.pem' } }),
  },
  { name: 'two of a oneof', isOfWords: true, change: (p) => (pay(p).trusted_ca.inline_string = 'x') },
  { name: 'a field of nobody', change: (p) => (pay(p).accept_everything = true) },
  // Identity of clients, above TLS.
  {
    name: 'a header of certificates among many',
    change: (p) =>
      (hosts(p)[0].request_headers_to_add = ['a', 'b', 'c', 'x-forwarded-client-cert', 'd', 'e'].map(
        (key) => ({ header: { key, value: `value of ${key}, which is long enough to fill a line` } }),
      )),
  },
  {
    name: 'a header of certificates by a filter',
    api: 'v3',
    change: (p) =>
      manager(p).http_filters.unshift({
        name: 'envoy.filters.http.header_mutation',
        typed_config: any('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
          mutations: {
            request_mutations: [{ append: { header: { key: 'x-forwarded-client-cert', value: 'x' } } }],
          },
        }),
      }),
  },
  {
    name: 'a header of certificates in Lua',
    api: 'v3',
    change: (p) =>
      manager(p).http_filters.unshift({
        name: 'envoy.filters.http.lua',
        typed_config: any('envoy.extensions.filters.http.lua.v3.Lua', {
          default_source_code: {
            inline_string:
              'function envoy_on_request(h) h:headers():replace("x-forwarded-client-cert", "By=a") end',
          },
        }),
      }),
  },
  {
    name: 'a matcher for client headers',
    api: 'v3',
    change: (p) =>
      (manager(p).forward_client_cert_matcher = {
        on_no_match: { action: { name: 'a', typed_config: any('acme.A') } },
      }),
  },
  // Contexts.
  {
    name: 'names of another type',
    api: 'v3',
    change: (p) => {
      delete pay(p).match_subject_alt_names;
      pay(p).match_typed_subject_alt_names = [{ san_type: 'DNS', matcher: { exact: 'spiffe://td/pay' } }];
    },
  },
  {
    name: 'a second certificate',
    change: (p) =>
      common(cluster(p, 'pay')).tls_certificates.push({
        certificate_chain: { filename: '/etc/x.pem' },
        private_key: { filename: '/etc/x.key' },
      }),
  },
  {
    name: 'a combined context in place of files',
    change: (p) => {
      const c = common(cluster(p, 'pay'));
      c.combined_validation_context = {
        default_validation_context: { match_subject_alt_names: c.validation_context.match_subject_alt_names },
        validation_context_sds_secret_config: sds('x'),
      };
      delete c.validation_context;
    },
  },
  {
    name: 'static ticket keys',
    change: (p) => {
      p.static_resources.secrets.push({ name: 't', session_ticket_keys: { keys: [{ filename: '/etc/t' }] } });
      socketOf(chains(p, 2)[0]).session_ticket_keys_sds_secret_config = { name: 't' };
    },
  },
  {
    name: 'early data',
    api: 'v3',
    change: (p) =>
      (chains(p, 2)[0].transport_socket = {
        name: 'quic',
        typed_config: any('envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport', {
          downstream_tls_context: {
            ...socketOf(chains(p, 2)[0]),
            '@type': undefined,
            require_client_certificate: false,
          },
        }),
      }),
  },
  // Ways out.
  {
    name: 'an aggregate',
    api: 'v3',
    change: (p) => {
      const c = cluster(p, 'cart');
      delete c.type;
      delete c.load_assignment;
      delete c.transport_socket;
      c.lb_policy = 'CLUSTER_PROVIDED';
      c.cluster_type = {
        name: 'envoy.clusters.aggregate',
        typed_config: any('envoy.extensions.clusters.aggregate.v3.ClusterConfig', { clusters: ['plain'] }),
      };
    },
  },
  {
    name: 'a forward proxy',
    api: 'v3',
    change: (p) => {
      const c = cluster(p, 'plain');
      delete c.type;
      delete c.load_assignment;
      c.lb_policy = 'CLUSTER_PROVIDED';
      c.cluster_type = {
        name: 'envoy.clusters.dynamic_forward_proxy',
        typed_config: any('envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig', {
          dns_cache_config: { name: 'd' },
        }),
      };
    },
    isOneWay: true,
  },
  {
    name: 'a service that authorizes in plain text',
    api: 'v3',
    change: (p) => {
      manager(p).http_filters.unshift({
        name: 'envoy.filters.http.jwt_authn',
        typed_config: any('envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
          providers: {
            p: {
              issuer: 'i',
              remote_jwks: { http_uri: { uri: 'https://x', cluster: 'logs', timeout: '1s' } },
            },
          },
        }),
      });
      manager(p).http_filters[0].typed_config.providers.p.remote_jwks.http_uri.cluster = 'plain';
    },
    isOneWay: true,
  },
  {
    name: 'filter state chooses a cluster',
    api: 'v3',
    change: (p) =>
      chains(p)[1].filters.unshift({
        name: 'envoy.filters.network.set_filter_state',
        typed_config: any('envoy.extensions.filters.network.set_filter_state.v3.Config', {
          on_new_connection: [
            {
              object_key: 'envoy.tcp_proxy.cluster',
              format_string: { text_format_source: { inline_string: 'plain' } },
            },
          ],
        }),
      }),
  },
  {
    name: 'the server name chooses a cluster',
    change: (p) => chains(p)[1].filters.unshift({ name: 'envoy.filters.network.sni_cluster' }),
  },
  {
    name: 'a health check gets another socket',
    change: (p) =>
      (cluster(p, 'mixed').health_checks = [
        {
          timeout: '1s',
          interval: '1s',
          unhealthy_threshold: 1,
          healthy_threshold: 1,
          tcp_health_check: {},
          transport_socket_match_criteria: { mode: 'plain' },
        },
      ]),
    isOneWay: true,
  },
  {
    name: 'names of servers are checked no more',
    api: 'v3',
    change: (p) =>
      (cluster(p, 'cart').typed_extension_protocol_options = {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any(
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          {
            explicit_http_config: { http_protocol_options: {} },
            upstream_http_protocol_options: { auto_sni: true, auto_san_validation: true },
          },
        ),
      }),
  },
  // The bootstrap.
  {
    name: 'a control plane',
    change: (p) => (p.dynamic_resources = { cds_config: { path: '/etc/cds.yaml' } }),
    isOneWay: true,
    api: 'v2',
  },
  {
    name: 'a runtime switch of TLS',
    change: (p) =>
      (p.layered_runtime = {
        layers: [{ name: 'a', static_layer: { 'envoy.reloadable_features.tls_use_io_handle_bio': false } }],
      }),
  },
  {
    name: 'a provider of certificates',
    api: 'v3',
    change: (p) => (p.certificate_provider_instances = { a: { name: 'x', typed_config: any('acme.P') } }),
  },
  // Ways in.
  {
    name: 'a plain address beside',
    api: 'v3',
    change: (p) => (listeners(p)[1].additional_addresses = [{ address: address('10.1.1.1', 9000) }]),
    isOneWay: true,
  },
  {
    name: 'clients say where they come from',
    api: 'v3',
    change: (p) => {
      chains(p)[1].filter_chain_match.source_prefix_ranges = [{ address_prefix: '10.0.0.0', prefix_len: 8 }];
      listeners(p)[0].listener_filters.push({
        name: 'envoy.filters.listener.proxy_protocol',
        typed_config: any('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol'),
      });
    },
  },
  {
    name: 'a chain without TLS for a source',
    change: (p) =>
      chains(p).push({
        filter_chain_match: { source_prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
        filters: structuredClone(chains(p)[1].filters),
      }),
    isOneWay: true,
  },
  {
    name: 'a chain of another root for a name',
    change: (p) => {
      const added = structuredClone(chains(p)[0]);
      added.filter_chain_match.server_names = ['x.example'];
      common(added).combined_validation_context.validation_context_sds_secret_config.name = 'x';
      chains(p).push(added);
    },
    isOneWay: true,
  },
  {
    name: 'a chain of another port',
    change: (p) => {
      chains(p)[0].filter_chain_match.destination_port = 1;
      chains(p).push({
        filter_chain_match: { server_names: ['shop.example'] },
        filters: chains(p)[0].filters,
        transport_socket: structuredClone(chains(p)[1].transport_socket),
      });
    },
  },
];

/** Each leaves trust as it is. */
export const NEUTRAL: readonly Attack[] = [
  { name: 'nothing', change: () => undefined },
  { name: 'a timeout', change: (p) => (cluster(p, 'pay').connect_timeout = '9s') },
  { name: 'a load balancer', change: (p) => (cluster(p, 'pay').lb_policy = 'RANDOM') },
  {
    name: 'circuit breakers',
    change: (p) => (cluster(p, 'cart').circuit_breakers = { thresholds: [{ max_connections: 9 }] }),
  },
  { name: 'clusters in another order', change: (p) => clusters(p).reverse() },
  { name: 'listeners in another order', change: (p) => listeners(p).reverse() },
  { name: 'chains in another order', change: (p) => chains(p).reverse() },
  { name: 'secrets in another order', change: (p) => p.static_resources.secrets.reverse() },
  { name: 'hosts in another order', change: (p) => hosts(p).reverse() },
  { name: 'a name of a chain', change: (p) => (chains(p)[0].name = 'x') },
  { name: 'another name of a listener', change: (p) => (listeners(p)[0].name = 'x') },
  { name: 'another prefix of statistics', change: (p) => (manager(p).stat_prefix = 'x') },
  { name: 'another name of a host', change: (p) => (hosts(p)[0].name = 'x') },
  {
    name: 'a route to the same cluster in front',
    change: (p) => hosts(p)[0].routes.unshift({ match: { prefix: '/pay/x' }, route: { cluster: 'pay' } }),
  },
  {
    name: 'a route of all requests as two',
    change: (p) =>
      hosts(p)[1].routes.unshift({ match: { prefix: '/x' }, route: { cluster: 'cart', timeout: '3s' } }),
  },
  { name: 'a domain to the same clusters', change: (p) => hosts(p)[1].domains.push('x.example') },
  {
    name: 'a chain for all that could be reached by name',
    change: (p) => delete chains(p)[0].filter_chain_match,
  },
  {
    name: 'a direct response',
    change: (p) =>
      hosts(p)[0].routes.unshift({ match: { path: '/health' }, direct_response: { status: 200 } }),
  },
  {
    name: 'an endpoint at another address',
    change: (p) =>
      (cluster(
        p,
        'pay',
      ).load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address = '10.9.9.9'),
  },
  {
    name: 'one more endpoint',
    change: (p) => cluster(p, 'pay').load_assignment.endpoints[0].lb_endpoints.push(endpoint('10.9.9.9')),
  },
  {
    name: 'an endpoint goes',
    change: (p) => cluster(p, 'mixed').load_assignment.endpoints[0].lb_endpoints.pop(),
  },
  {
    name: 'an endpoint with TLS by another entry',
    change: (p) =>
      (cluster(p, 'mixed').load_assignment.endpoints[0].lb_endpoints[0].metadata.filter_metadata[
        'envoy.transport_socket_match'
      ].mode = 'tls2'),
  },
  {
    name: 'one more endpoint with TLS',
    change: (p) =>
      cluster(p, 'mixed').load_assignment.endpoints[0].lb_endpoints.push(endpoint('10.0.0.8', 'tls2')),
  },
  {
    name: 'a cluster that nobody uses',
    change: (p) =>
      clusters(p).push({
        name: 'x',
        type: 'STATIC',
        connect_timeout: '1s',
        load_assignment: { cluster_name: 'x' },
      }),
  },
  {
    name: 'a cluster renamed with its reference',
    change: (p) => {
      cluster(p, 'logs').name = 'x';
      manager(p).access_log[0].typed_config.common_config.grpc_service.envoy_grpc.cluster_name = 'x';
    },
  },
  {
    name: 'the SDS cluster renamed with its references',
    change: (p) => {
      cluster(p, 'sds').name = 'x';
      for (const chain of chains(p))
        for (const config of [
          common(chain).tls_certificate_sds_secret_configs[0],
          common(chain).combined_validation_context.validation_context_sds_secret_config,
        ])
          source(config).envoy_grpc.cluster_name = 'x';
    },
  },
  {
    name: 'a held secret renamed with its reference',
    change: (p) => {
      p.static_resources.secrets[0].name = 'x';
      common(cluster(p, 'static')).tls_certificate_sds_secret_configs[0].name = 'x';
    },
  },
  { name: 'paths in other words', change: (p) => (pay(p).trusted_ca.filename = '/etc//./ca.pem') },
  { name: 'statistics', change: (p) => (p.stats_flush_interval = '9s') },
  { name: 'a node', change: (p) => (p.node.id = 'other') },
  { name: 'protocols', change: (p) => (common(cluster(p, 'pay')).alpn_protocols = ['h2']) },
  { name: 'a requested name', change: (p) => (socketOf(cluster(p, 'pay')).sni = 'x.example') },
  {
    name: 'default values',
    change: (p) => {
      socketOf(cluster(p, 'pay')).allow_renegotiation = false;
      listeners(p)[0].per_connection_buffer_limit_bytes = 1048576;
    },
  },
  {
    name: 'a listener with the same trust is added',
    change: (p) => {
      const added = structuredClone(listeners(p)[2]);
      added.name = 'x';
      added.address.socket_address.port_value = 82;
      listeners(p).push(added);
    },
  },
  {
    name: 'a local listener is added',
    change: (p) => {
      const added = structuredClone(listeners(p)[1]);
      added.name = 'x';
      added.address.socket_address.port_value = 82;
      listeners(p).push(added);
    },
  },
  { name: 'a listener goes', change: (p) => listeners(p).pop() },
  {
    name: 'an entry that no endpoint gets',
    change: (p) =>
      cluster(p, 'mixed').transport_socket_matches.push({
        ...structuredClone(cluster(p, 'mixed').transport_socket_matches[2]),
        name: 'x',
        match: { mode: 'x' },
      }),
  },
  {
    name: 'a log in a file beside',
    change: (p) => manager(p).access_log.push({ name: 'envoy.access_loggers.stderr' }),
  },
];
