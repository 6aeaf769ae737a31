// What the rules about identity say of what does not stand in the context itself: in static secrets, in Secret
// files, in the options of a cluster, in the merge of a default with a secret.

import { expect, test } from 'vitest';
import { validate } from '../../src/validate/validate.js';

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';
const CA = { trusted_ca: { filename: '/etc/envoy/ca.pem' } };
const URI = [{ san_type: 'URI', matcher: { exact: 'spiffe://shop/web' } }];
const HASH = 'a'.repeat(64);
const PAIR = {
  certificate_chain: { filename: '/etc/envoy/cert.pem' },
  private_key: { filename: '/etc/envoy/key.pem' },
};
const SDS_SERVER = {
  resource_api_version: 'V3',
  api_config_source: {
    api_type: 'GRPC',
    transport_api_version: 'V3',
    grpc_services: [{ google_grpc: { target_uri: 'unix:/run/sds', stat_prefix: 'sds' } }],
  },
};

const socket = (type: string, context: object): object => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: { '@type': `${TLS}.${type}`, ...context },
});

const cluster = (common: object, options: object = {}): object => ({
  name: 'orders',
  connect_timeout: '1s',
  type: 'STRICT_DNS',
  ...options,
  transport_socket: socket('UpstreamTlsContext', { common_tls_context: common }),
});

const bootstrap = (clusters: readonly object[], secrets: readonly object[] = []): object => ({
  node: { id: 'web-1', cluster: 'web' },
  static_resources: { clusters, secrets },
});

const listener = (context: object, secrets: readonly object[] = []): object => ({
  node: { id: 'web-1', cluster: 'web' },
  static_resources: {
    listeners: [
      {
        name: 'edge',
        address: { socket_address: { address: '127.0.0.1', port_value: 8443 } },
        filter_chains: [{ transport_socket: socket('DownstreamTlsContext', context) }],
      },
    ],
    secrets,
  },
});

const root = (validation: object): object => ({ name: 'ca', validation_context: validation });
const ASKS_CA = { validation_context_sds_secret_config: { name: 'ca' } };
const asks = (validation: object, sdsConfig?: object): object => ({
  combined_validation_context: {
    default_validation_context: validation,
    validation_context_sds_secret_config: {
      name: 'ca',
      ...(sdsConfig !== undefined && { sds_config: sdsConfig }),
    },
  },
});
const served = (secret: object): object => ({ resources: [{ '@type': `${TLS}.Secret`, ...secret }] });

/** The levels of the findings of one rule. */
function levelsOf(code: string, ...documents: readonly object[]): string[] {
  const files = documents.map((document, i) => ({ name: `${i}.json`, text: JSON.stringify(document) }));
  return validate(files)
    .findings.filter((finding) => finding.code === code)
    .map(({ level }) => level);
}

test.each<[what: string, code: string, level: string, bad: readonly object[], good: readonly object[]]>([
  [
    'a static secret lets expired certificates pass',
    'accepts-expired',
    'warning',
    [bootstrap([cluster(ASKS_CA)], [root({ ...CA, allow_expired_certificate: true })])],
    [bootstrap([cluster(ASKS_CA)], [root(CA)])],
  ],
  [
    'a Secret file lets untrusted certificates pass',
    'accepts-untrusted',
    'warning',
    [served(root({ ...CA, trust_chain_verification: 'ACCEPT_UNTRUSTED' }))],
    [served(root(CA))],
  ],
  [
    'neither the context nor the static secret has a CA for the names',
    'sans-without-ca',
    'error',
    [bootstrap([cluster(asks({ match_typed_subject_alt_names: URI }))], [root({})])],
    [bootstrap([cluster(asks({ match_typed_subject_alt_names: URI }))], [root(CA)])],
  ],
  [
    'system roots do not vouch for names',
    'sans-without-ca',
    'error',
    [
      bootstrap([
        cluster({ validation_context: { system_root_certs: {}, match_typed_subject_alt_names: URI } }),
      ]),
    ],
    [
      bootstrap([
        cluster({ validation_context: { ...CA, system_root_certs: {}, match_typed_subject_alt_names: URI } }),
      ]),
    ],
  ],
  [
    'system roots alone verify nothing',
    'server-not-verified',
    'warning',
    [bootstrap([cluster({ validation_context: { system_root_certs: {} } })])],
    [bootstrap([cluster({ validation_context: CA })])],
  ],
  [
    'a static secret brings a CA and no names',
    'server-name-not-checked',
    'note',
    [bootstrap([cluster(ASKS_CA)], [root(CA)])],
    [bootstrap([cluster(ASKS_CA)], [root({ ...CA, match_typed_subject_alt_names: URI })])],
  ],
  [
    "an SDS server's root comes without names",
    'server-name-not-checked',
    'note',
    [bootstrap([cluster(asks({}, SDS_SERVER))])],
    [bootstrap([cluster(asks({ match_typed_subject_alt_names: URI }, SDS_SERVER))])],
  ],
  [
    "another cluster's options check names",
    'server-name-not-checked',
    'note',
    [bootstrap([cluster({ validation_context: CA }), { name: 'other', ...checkingNames() }])],
    [bootstrap([cluster({ validation_context: CA }, checkingNames())])],
  ],
  [
    'a static secret has names that clients need not present',
    'client-certificate-optional',
    'warning',
    [listener({ common_tls_context: ASKS_CA }, [root({ ...CA, match_typed_subject_alt_names: URI })])],
    [
      listener({ common_tls_context: ASKS_CA, require_client_certificate: true }, [
        root({ ...CA, match_typed_subject_alt_names: URI }),
      ]),
    ],
  ],
  [
    'a CA for clients of whom no certificate is asked',
    'client-certificate-optional',
    'warning',
    [listener({ common_tls_context: { validation_context: CA } })],
    [listener({ common_tls_context: { validation_context: CA }, require_client_certificate: false })],
  ],
  [
    'a static secret of another kind',
    'unknown-secret',
    'error',
    [bootstrap([cluster({ tls_certificate_sds_secret_configs: [{ name: 'ca' }] })], [root(CA)])],
    [
      bootstrap(
        [cluster({ tls_certificate_sds_secret_configs: [{ name: 'ca' }] })],
        [{ name: 'ca', tls_certificate: PAIR }],
      ),
    ],
  ],
  [
    'a Secret file with a secret of another kind',
    'secret-file',
    'error',
    [
      bootstrap([cluster({ tls_certificate_sds_secret_configs: [{ name: 'ca', ...inFile() }] })]),
      served(root(CA)),
    ],
    [
      bootstrap([cluster({ tls_certificate_sds_secret_configs: [{ name: 'ca', ...inFile() }] })]),
      served({ name: 'ca', tls_certificate: PAIR }),
    ],
  ],
  [
    'pins of a default and of its secret',
    'combined-context-merge',
    'warning',
    [
      bootstrap(
        [cluster(asks({ verify_certificate_hash: [HASH] }))],
        [root({ ...CA, verify_certificate_hash: [HASH] })],
      ),
    ],
    [bootstrap([cluster(asks({ verify_certificate_hash: [HASH] }))], [root(CA)])],
  ],
  [
    'a secret that turns a check of its default off',
    'combined-context-merge',
    'warning',
    [
      bootstrap(
        [cluster(asks({ match_typed_subject_alt_names: URI }))],
        [root({ ...CA, allow_expired_certificate: true })],
      ),
    ],
    [bootstrap([cluster(asks({ match_typed_subject_alt_names: URI }))], [root(CA)])],
  ],
  [
    'clusters that wait for one another',
    'sds-depends-on-itself',
    'error',
    [bootstrap([through('one', 'two'), through('two', 'three'), through('three', 'one')])],
    [bootstrap([through('one', 'two'), through('two', 'three')])],
  ],
  [
    'call credentials over TCP without TLS',
    'call-credentials-without-channel',
    'error',
    [bootstrap([cluster({ tls_certificate_sds_secret_configs: [{ name: 'web', ...overTcp({}) }] })])],
    [
      bootstrap([
        cluster({
          tls_certificate_sds_secret_configs: [
            { name: 'web', ...overTcp({ channel_credentials: { ssl_credentials: {} } }) },
          ],
        }),
      ]),
    ],
  ],
  [
    'one key file in two spellings',
    'shared-private-key',
    'warning',
    [
      bootstrap([
        cluster({ tls_certificates: [PAIR] }),
        cluster({ tls_certificates: [pairWith('/etc//envoy/key.pem')] }),
      ]),
    ],
    [
      bootstrap([
        cluster({ tls_certificates: [PAIR] }),
        cluster({ tls_certificates: [pairWith('/etc/envoy/key2.pem')] }),
      ]),
    ],
  ],
  [
    'the ADS cluster is not there, and cannot be discovered',
    'unknown-cluster',
    'error',
    [overAds('nowhere')],
    [overAds('orders')],
  ],
  [
    'ciphers where TLS 1.2 is spoken',
    'weak-cipher',
    'warning',
    [bootstrap([cluster({ tls_params: { cipher_suites: ['AES128-SHA'] } })])],
    [
      bootstrap([
        cluster({
          tls_params: { tls_minimum_protocol_version: 'TLSv1_3', cipher_suites: ['AES128-SHA'] },
        }),
      ]),
    ],
  ],
])('%s: %s', (_, code, level, bad, good) => {
  expect(levelsOf(code, ...bad)).toContain(level);
  expect(levelsOf(code, ...good)).toEqual([]);
});

function checkingNames(): object {
  const name = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  return {
    typed_extension_protocol_options: {
      [name]: {
        '@type': `type.googleapis.com/${name}`,
        explicit_http_config: { http_protocol_options: {} },
        upstream_http_protocol_options: { auto_sni: true, auto_san_validation: true },
      },
    },
  };
}

function inFile(): object {
  return { sds_config: { path_config_source: { path: '1.json' }, resource_api_version: 'V3' } };
}

function through(name: string, server: string): object {
  const sdsConfig = {
    resource_api_version: 'V3',
    api_config_source: {
      api_type: 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: server } }],
    },
  };
  return {
    ...cluster({ tls_certificate_sds_secret_configs: [{ name: 'web', sds_config: sdsConfig }] }),
    name,
  };
}

function overTcp(channel: object): object {
  const service = {
    target_uri: 'sds.example:443',
    stat_prefix: 'sds',
    call_credentials: [{ google_compute_engine: {} }],
    ...channel,
  };
  return {
    sds_config: {
      resource_api_version: 'V3',
      api_config_source: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ google_grpc: service }],
      },
    },
  };
}

function pairWith(key: string): object {
  return { certificate_chain: { filename: '/etc/envoy/other.pem' }, private_key: { filename: key } };
}

function overAds(name: string): object {
  return {
    ...bootstrap([cluster({ validation_context: CA })]),
    dynamic_resources: {
      ads_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: name } }],
      },
      cds_config: { ads: {}, resource_api_version: 'V3' },
    },
  };
}
