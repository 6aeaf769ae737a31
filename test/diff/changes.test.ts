// What one edit of a configuration means. Each is tried three times: between two with file mounts, between two
// on SDS, and from file mounts to SDS, where the move itself must not hide it.

import { describe, expect, test } from 'vitest';
import { convert } from '../../src/convert/convert.js';
import { deliver } from '../../src/convert/delivery.js';
import { type DiffOptions, type DiffResult, diff } from '../../src/diff/diff.js';
import type { Change, TlsClass } from '../../src/diff/tls/change.js';

// biome-ignore lint/suspicious/noExplicitAny: edits reach anywhere into a configuration
type Json = any;

const files = () => ({
  tls_certificates: [
    {
      certificate_chain: { filename: '/etc/certs/cert-chain.pem' },
      private_key: { filename: '/etc/certs/key.pem' },
    },
  ],
});

/** A client's and a server's configuration with mutual TLS, one listener of them permissive. */
function base(): Json {
  return {
    node: { id: 'sidecar~10.0.0.1~web-0.shop~shop.svc', cluster: 'web' },
    static_resources: {
      clusters: [
        {
          name: 'outbound|80||pay.shop',
          type: 'EDS',
          eds_cluster_config: { eds_config: { ads: {} }, service_name: 'pay' },
          connect_timeout: '10s',
          circuit_breakers: { thresholds: [{ max_retries: 1024 }] },
          tls_context: {
            common_tls_context: {
              ...files(),
              validation_context: {
                trusted_ca: { filename: '/etc/certs/root-cert.pem' },
                verify_subject_alt_name: [
                  'spiffe://cluster.local/ns/shop/sa/pay',
                  'spiffe://cluster.local/ns/shop/sa/pay-canary',
                ],
                verify_certificate_hash: [
                  'df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a',
                  '0f6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1b',
                ],
                crl: { filename: '/etc/certs/revoked.pem' },
              },
              alpn_protocols: ['istio'],
              tls_params: {
                tls_minimum_protocol_version: 'TLSv1_2',
                tls_maximum_protocol_version: 'TLSv1_3',
                cipher_suites: ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA'],
              },
            },
            sni: 'outbound_.80_._.pay.shop',
          },
        },
        {
          name: 'plain',
          type: 'STATIC',
          connect_timeout: '1s',
          load_assignment: {
            cluster_name: 'plain',
            endpoints: [
              {
                lb_endpoints: [
                  { endpoint: { address: { socket_address: { address: '10.0.0.2', port_value: 80 } } } },
                  { endpoint: { address: { socket_address: { address: '10.0.0.3', port_value: 80 } } } },
                ],
              },
            ],
          },
        },
      ],
      listeners: [
        {
          name: 'strict',
          address: { socket_address: { address: '0.0.0.0', port_value: 8443 } },
          filter_chains: [
            {
              tls_context: {
                common_tls_context: {
                  ...files(),
                  validation_context: { trusted_ca: { filename: '/etc/certs/root-cert.pem' } },
                  alpn_protocols: ['h2', 'http/1.1'],
                },
                require_client_certificate: true,
              },
              filters: [
                {
                  name: 'envoy.tcp_proxy',
                  config: { stat_prefix: 'in', cluster: 'plain', idle_timeout: '3600s' },
                },
              ],
            },
          ],
        },
        {
          name: 'permissive',
          address: { socket_address: { address: '0.0.0.0', port_value: 8080 } },
          listener_filters: [{ name: 'envoy.listener.tls_inspector' }],
          filter_chains: [
            {
              filter_chain_match: { application_protocols: ['istio'] },
              tls_context: {
                common_tls_context: {
                  ...files(),
                  validation_context: { trusted_ca: { filename: '/etc/certs/root-cert.pem' } },
                },
                require_client_certificate: true,
              },
              filters: [{ name: 'envoy.tcp_proxy', config: { stat_prefix: 'in', cluster: 'plain' } }],
            },
            {
              filters: [
                {
                  name: 'envoy.http_connection_manager',
                  config: {
                    stat_prefix: 'http',
                    route_config: {
                      name: 'inbound',
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['shop', 'shop:80'],
                          routes: [
                            { match: { prefix: '/a' }, route: { cluster: 'plain' } },
                            { match: { prefix: '/b' }, route: { cluster: 'plain', timeout: '5s' } },
                          ],
                        },
                      ],
                    },
                    http_filters: [{ name: 'envoy.cors' }, { name: 'envoy.router' }],
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  };
}

function toSds(value: Json): Json {
  const delivery = deliver({ provider: 'istio' });
  if ('problem' in delivery) throw new Error(delivery.problem);
  const { files } = convert([{ name: 'a.json', text: JSON.stringify(value) }], {
    provider: delivery.provider,
  });
  return JSON.parse([...(files[0]?.chunks() ?? [])].join(''));
}

function compare(old: Json, now: Json, options: DiffOptions = {}): DiffResult {
  return diff(
    [{ name: 'old.json', text: JSON.stringify(old) }],
    [{ name: 'new.json', text: JSON.stringify(now) }],
    options,
  );
}

const cluster = (config: Json): Json => config.static_resources.clusters[0];
const clientTls = (config: Json): Json => cluster(config).tls_context.common_tls_context;
/** The validation rules of the client, wherever they stand. */
const rules = (config: Json): Json =>
  clientTls(config).validation_context ??
  clientTls(config).combined_validation_context.default_validation_context;
const params = (config: Json): Json => clientTls(config).tls_params;
const strict = (config: Json): Json => config.static_resources.listeners[0];
const permissive = (config: Json): Json => config.static_resources.listeners[1];
const serverTls = (config: Json): Json => strict(config).filter_chains[0].tls_context;
const http = (config: Json): Json => permissive(config).filter_chains[1].filters[0].config;

type Edit = (config: Json) => void;
/** The classes that an edit must be told as, in any order; `-` is a change that is no matter of TLS. */
type Expected = readonly (TlsClass | '-')[];

const EDITS: readonly (readonly [string, Edit, Expected])[] = [
  // Who is accepted.
  ['a SAN less', (c) => rules(c).verify_subject_alt_name.pop(), ['tightened']],
  ['no SAN left', (c) => delete rules(c).verify_subject_alt_name, ['loosened']],
  [
    'an empty list of SANs',
    (c) => {
      rules(c).verify_subject_alt_name = [];
    },
    ['loosened'],
  ],
  [
    'a SAN more',
    (c) => rules(c).verify_subject_alt_name.push('spiffe://cluster.local/ns/x/sa/y'),
    ['loosened'],
  ],
  [
    'another SAN',
    (c) => {
      rules(c).verify_subject_alt_name[0] = 'spiffe://cluster.local/ns/x/sa/y';
    },
    ['loosened'],
  ],
  [
    'a wildcard',
    (c) => {
      rules(c).verify_subject_alt_name[0] = 'spiffe://cluster.local/ns/shop/sa/*';
    },
    ['loosened'],
  ],
  [
    'another trust domain',
    (c) => {
      rules(c).verify_subject_alt_name = ['spiffe://other/ns/shop/sa/pay'];
    },
    ['loosened'],
  ],
  ['SANs in another order', (c) => rules(c).verify_subject_alt_name.reverse(), []],
  [
    'the same SAN twice',
    (c) => rules(c).verify_subject_alt_name.push(rules(c).verify_subject_alt_name[0]),
    [],
  ],
  [
    'SANs as matchers',
    (c) => {
      rules(c).match_subject_alt_names = rules(c).verify_subject_alt_name.map((exact: string) => ({ exact }));
      delete rules(c).verify_subject_alt_name;
    },
    [],
  ],
  [
    'a prefix in the place of SANs',
    (c) => {
      rules(c).match_subject_alt_names = [{ prefix: 'spiffe://cluster.local/ns/shop/' }];
      delete rules(c).verify_subject_alt_name;
    },
    ['loosened'],
  ],
  ['a pin less', (c) => rules(c).verify_certificate_hash.pop(), ['tightened']],
  ['no pin left', (c) => delete rules(c).verify_certificate_hash, ['loosened']],
  ['a pin more', (c) => rules(c).verify_certificate_hash.push('a'.repeat(64)), ['loosened']],
  [
    'a pin with colons',
    (c) => {
      const [first] = rules(c).verify_certificate_hash;
      rules(c).verify_certificate_hash[0] = first.toUpperCase().replace(/(..)(?=.)/g, '$1:');
    },
    [],
  ],
  ['no revocation list', (c) => delete rules(c).crl, ['loosened']],
  [
    'another revocation list',
    (c) => {
      rules(c).crl.filename = '/etc/certs/other.pem';
    },
    ['loosened'],
  ],
  [
    'expired certificates',
    (c) => {
      rules(c).allow_expired_certificate = true;
    },
    ['loosened'],
  ],
  [
    'the same revocation list by another path',
    (c) => {
      rules(c).crl.filename = '/etc//certs/./revoked.pem';
    },
    [],
  ],
  [
    'expired certificates, a switch as text',
    (c) => {
      rules(c).allow_expired_certificate = 'true';
    },
    ['loosened'],
  ],
  [
    'a timestamp required, a switch as a message',
    (c) => {
      rules(c).require_signed_certificate_timestamp = { value: true };
    },
    ['tightened'],
  ],
  [
    'any name as a pattern',
    (c) => {
      rules(c).match_subject_alt_names = [{ safe_regex: { google_re2: {}, regex: '.*' } }];
      delete rules(c).verify_subject_alt_name;
    },
    ['loosened'],
  ],
  [
    'expired certificates, said not',
    (c) => {
      rules(c).allow_expired_certificate = false;
    },
    [],
  ],
  [
    'untrusted chains',
    (c) => {
      rules(c).trust_chain_verification = 'ACCEPT_UNTRUSTED';
    },
    ['loosened'],
  ],
  [
    'a timestamp required',
    (c) => {
      rules(c).require_signed_certificate_timestamp = true;
    },
    ['tightened'],
  ],
  [
    'validation gone',
    (c) => {
      delete clientTls(c).validation_context;
      delete clientTls(c).combined_validation_context;
    },
    ['loosened'],
  ],
  [
    'a client certificate not required',
    (c) => {
      serverTls(c).require_client_certificate = false;
    },
    ['loosened'],
  ],
  ['a client certificate left open', (c) => delete serverTls(c).require_client_certificate, ['loosened']],
  [
    'a client certificate required in other words',
    (c) => {
      serverTls(c).require_client_certificate = { value: true };
    },
    [],
  ],
  ['TLS gone from a cluster', (c) => delete cluster(c).tls_context, ['loosened']],
  ['TLS gone from a listener', (c) => delete strict(c).filter_chains[0].tls_context, ['loosened']],
  [
    'TLS in a plain cluster',
    (c) => {
      c.static_resources.clusters[1].tls_context = { sni: 'x' };
    },
    ['tightened'],
  ],
  // What is negotiated.
  [
    'a lower least version',
    (c) => {
      params(c).tls_minimum_protocol_version = 'TLSv1_0';
    },
    ['loosened'],
  ],
  [
    'a higher least version',
    (c) => {
      params(c).tls_minimum_protocol_version = 'TLSv1_3';
    },
    ['tightened'],
  ],
  [
    'a least version that nobody knows',
    (c) => {
      params(c).tls_minimum_protocol_version = 'TLSv1_9';
    },
    ['unknown'],
  ],
  ['the least version left open', (c) => delete params(c).tls_minimum_protocol_version, []],
  [
    'a version by number',
    (c) => {
      params(c).tls_minimum_protocol_version = 3;
    },
    [],
  ],
  [
    'a lower highest version',
    (c) => {
      params(c).tls_maximum_protocol_version = 'TLSv1_2';
    },
    ['loosened'],
  ],
  ['a weaker cipher', (c) => params(c).cipher_suites.push('DES-CBC3-SHA'), ['loosened']],
  ['only strong ciphers', (c) => params(c).cipher_suites.pop(), ['tightened']],
  ['ciphers in another order', (c) => params(c).cipher_suites.reverse(), ['negotiation']],
  [
    'other curves',
    (c) => {
      params(c).ecdh_curves = ['P-384'];
    },
    ['negotiation'],
  ],
  [
    'other ALPN',
    (c) => {
      clientTls(c).alpn_protocols = ['h2'];
    },
    ['negotiation'],
  ],
  ['ALPN in another order', (c) => serverTls(c).common_tls_context.alpn_protocols.reverse(), ['negotiation']],
  [
    'other SNI',
    (c) => {
      cluster(c).tls_context.sni = 'pay.example';
    },
    ['negotiation'],
  ],
  [
    'renegotiation',
    (c) => {
      cluster(c).tls_context.allow_renegotiation = true;
    },
    ['loosened'],
  ],
  [
    'no session keys',
    (c) => {
      cluster(c).tls_context.max_session_keys = 0;
    },
    ['other'],
  ],
  [
    'one session key, as by default',
    (c) => {
      cluster(c).tls_context.max_session_keys = { value: 1 };
    },
    [],
  ],
  // Around contexts.
  [
    'a filter chain without TLS beside one with it',
    (c) => strict(c).filter_chains.push({ filter_chain_match: { destination_port: 1 }, filters: [] }),
    ['loosened'],
  ],
  ['the plain filter chain gone', (c) => permissive(c).filter_chains.pop(), ['tightened']],
  ['the filter chain with TLS gone', (c) => permissive(c).filter_chains.shift(), ['loosened']],
  [
    'another ALPN goes to the chain with TLS',
    (c) => {
      permissive(c).filter_chains[0].filter_chain_match.application_protocols = ['other'];
    },
    ['tightened', 'loosened'],
  ],
  [
    'one more goes to the chain with TLS',
    (c) => permissive(c).filter_chains[0].filter_chain_match.application_protocols.push('h2'),
    ['tightened'],
  ],
  [
    'the chain with TLS takes less',
    (c) => {
      permissive(c).filter_chains[0].filter_chain_match.source_ports = [1];
    },
    ['-'],
  ],
  ['filter chains in another order', (c) => permissive(c).filter_chains.reverse(), []],
  ['no TLS inspector', (c) => delete permissive(c).listener_filters, ['other']],
  // What is no matter of TLS.
  [
    'another timeout',
    (c) => {
      cluster(c).connect_timeout = '11s';
    },
    ['-'],
  ],
  [
    'another idle timeout',
    (c) => {
      strict(c).filter_chains[0].filters[0].config.idle_timeout = '60s';
    },
    ['-'],
  ],
  ['a cluster more', (c) => c.static_resources.clusters.push({ name: 'x', connect_timeout: '1s' }), ['-']],
  ['a cluster less', (c) => c.static_resources.clusters.pop(), ['-']],
  ['a listener less', (c) => c.static_resources.listeners.pop(), ['-']],
  ['routes in another order', (c) => http(c).route_config.virtual_hosts[0].routes.reverse(), ['-']],
  ['a route less', (c) => http(c).route_config.virtual_hosts[0].routes.pop(), ['-']],
  ['a domain more', (c) => http(c).route_config.virtual_hosts[0].domains.push('*'), ['-']],
  ['filters in another order', (c) => http(c).http_filters.reverse(), ['-']],
  [
    'an endpoint less',
    (c) => c.static_resources.clusters[1].load_assignment.endpoints[0].lb_endpoints.pop(),
    ['-'],
  ],
  // What means nothing.
  ['listeners in another order', (c) => c.static_resources.listeners.reverse(), []],
  ['clusters in another order', (c) => c.static_resources.clusters.reverse(), []],
  ['domains in another order', (c) => http(c).route_config.virtual_hosts[0].domains.reverse(), []],
  [
    'endpoints in another order',
    (c) => c.static_resources.clusters[1].load_assignment.endpoints[0].lb_endpoints.reverse(),
    [],
  ],
  [
    'camelCase',
    (c) => {
      cluster(c).connectTimeout = cluster(c).connect_timeout;
      delete cluster(c).connect_timeout;
    },
    [],
  ],
  [
    'a default written out',
    (c) => {
      cluster(c).lb_policy = 'ROUND_ROBIN';
      cluster(c).drain_connections_on_host_removal = false;
    },
    [],
  ],
  [
    'a wrapper with its default',
    (c) => {
      cluster(c).circuit_breakers.thresholds[0].max_connections = 1024;
    },
    [],
  ],
  [
    'a null',
    (c) => {
      cluster(c).lb_subset_config = null;
    },
    [],
  ],
  [
    'an empty list',
    (c) => {
      cluster(c).health_checks = [];
    },
    [],
  ],
  [
    'an enum by number',
    (c) => {
      cluster(c).type = 3;
    },
    [],
  ],
  [
    'a duration with zeros',
    (c) => {
      cluster(c).connect_timeout = '10.000s';
    },
    [],
  ],
  [
    'a typed config',
    (c) => {
      const [filter] = strict(c).filter_chains[0].filters;
      filter.typed_config = {
        '@type': 'type.googleapis.com/envoy.config.filter.network.tcp_proxy.v2.TcpProxy',
        ...filter.config,
      };
      delete filter.config;
    },
    [],
  ],
  [
    'the later name of a filter',
    (c) => {
      strict(c).filter_chains[0].filters[0].name = 'envoy.filters.network.tcp_proxy';
    },
    [],
  ],
  [
    'a transport socket',
    (c) => {
      cluster(c).transport_socket = { name: 'tls', config: cluster(c).tls_context };
      delete cluster(c).tls_context;
    },
    [],
  ],
];

const TRUST = new Set<string>(['tightened', 'loosened', 'root', 'identity']);

/** The classes of changes, but for those of the delivery; beside what changes trust, nothing else counts. */
function classes(changes: readonly Change[]): string[] {
  const all = changes.filter(({ tls }) => tls?.class !== 'delivery').map(({ tls }) => tls?.class ?? '-');
  const grave = [...new Set(all.filter((one) => TRUST.has(one)))];
  return (grave.length > 0 ? grave : all).sort();
}

describe.each([
  ['file mounts', (config: Json) => config, (config: Json) => config, 0],
  ['SDS', toSds, toSds, 0],
  ['file mounts and SDS', (config: Json) => config, toSds, 3],
] as const)('between %s', (_, makeOld, makeNew, moved) => {
  test.each(EDITS)('%s', (__, edit, expected) => {
    const now = makeNew(base());
    edit(now);
    const { changes, verdict } = compare(makeOld(base()), now);
    expect(classes(changes)).toEqual([...expected].sort());
    expect(verdict.trust).toBe(
      expected.some((one) => TRUST.has(one)) ? 'changed' : expected.includes('unknown') ? 'unknown' : 'same',
    );
    if (verdict.trust === 'same')
      expect(verdict.otherChanges).toBe(expected.filter((one) => one === '-').length);
    if (moved > 0 && expected.length === 0) expect(verdict.movedToSds).toBe(moved);
  });
});

// A listener that comes is another way in, which one that goes is not.
const PERMUTED = EDITS.filter(([name, , expected]) => expected.length === 1 && name !== 'a listener less');

test.each(PERMUTED)('%s, the other way round', (_, edit, [expected]) => {
  const now = base();
  edit(now);
  const { changes, verdict } = compare(now, base());
  expect(verdict.trust).toBe(
    TRUST.has(expected as string) ? 'changed' : expected === 'unknown' ? 'unknown' : 'same',
  );
  const found = classes(changes);
  expect(found).toHaveLength(1);
  const [opposite] = found;
  // What replaces something by something else is loosened both ways.
  if (expected === 'tightened') expect(opposite).toBe('loosened');
  else if (expected === 'loosened') expect(['tightened', 'loosened']).toContain(opposite);
  else expect(opposite).toBe(expected);
});

describe('a long list of names', () => {
  const names = Array.from({ length: 40 }, (_, i) => `spiffe://cluster.local/ns/shop/sa/${i}`);
  const listing = (list: readonly string[]): Json => {
    const config = base();
    clientTls(config).validation_context.verify_subject_alt_name = list;
    return config;
  };
  test.each<readonly [string, readonly string[], Expected]>([
    ['in another order', [...names].reverse(), []],
    ['with one less', names.slice(1), ['tightened']],
    ['with one more', [...names, 'spiffe://cluster.local/ns/shop/sa/new'], ['loosened']],
    ['with the last replaced', [...names.slice(0, -1), 'spiffe://cluster.local/ns/x/sa/39'], ['loosened']],
  ])('%s', (_, list, expected) => {
    expect(classes(compare(listing(names), listing(list)).changes)).toEqual(expected);
  });
});

describe('secrets', () => {
  const certificate = (config: Json): Json => clientTls(config).tls_certificates[0];
  const named = (config: Json): Json => clientTls(config).tls_certificate_sds_secret_configs[0];
  const root = (config: Json): Json =>
    clientTls(config).combined_validation_context.validation_context_sds_secret_config;

  const FILES: readonly (readonly [string, Edit, Expected])[] = [
    [
      'another certificate',
      (c) => {
        certificate(c).certificate_chain.filename = '/etc/other/tls.crt';
      },
      ['identity'],
    ],
    [
      'another key',
      (c) => {
        certificate(c).private_key.filename = '/etc/other/tls.key';
      },
      ['identity'],
    ],
    [
      'the same path in other words',
      (c) => {
        certificate(c).private_key.filename = '/etc//certs/./key.pem';
      },
      [],
    ],
    [
      'another root',
      (c) => {
        rules(c).trusted_ca.filename = '/etc/other/ca.crt';
      },
      ['root'],
    ],
    ['no certificate', (c) => delete clientTls(c).tls_certificates, ['identity']],
    ['no root, pins stay', (c) => delete rules(c).trusted_ca, ['loosened']],
    [
      'a root that is inline',
      (c) => {
        rules(c).trusted_ca = { inline_string: 'PEM' };
      },
      ['unknown'],
    ],
  ];

  test.each(FILES)('files: %s', (_, edit, expected) => {
    const now = base();
    edit(now);
    expect(classes(compare(base(), now).changes)).toEqual(expected);
  });

  const SDS: readonly (readonly [string, Edit, Expected])[] = [
    [
      'another certificate',
      (c) => {
        named(c).name = 'partner';
      },
      ['identity'],
    ],
    [
      'another root',
      (c) => {
        root(c).name = 'partner-ca';
      },
      ['root'],
    ],
    [
      'the root for a certificate',
      (c) => {
        named(c).name = 'ROOTCA';
      },
      ['identity'],
    ],
    [
      'another socket',
      (c) => {
        named(c).sds_config.api_config_source.grpc_services[0].google_grpc.target_uri = 'unix:/x';
      },
      // Another server may issue another secret under the same name.
      ['unknown'],
    ],
  ];

  test.each(SDS)('SDS: %s', (_, edit, expected) => {
    const now = toSds(base());
    edit(now);
    expect(classes(compare(toSds(base()), now).changes)).toEqual(expected);
  });

  test.each([
    [
      'another certificate',
      (c: Json) => {
        named(c).name = 'partner';
      },
      'unknown',
    ],
    [
      'another root',
      (c: Json) => {
        root(c).name = 'partner-ca';
      },
      'unknown',
    ],
    [
      "another file's certificate",
      (c: Json) => {
        named(c).name = 'file-cert:/a.pem~/b.pem';
      },
      'identity',
    ],
    [
      "another file's root",
      (c: Json) => {
        root(c).name = 'file-root:/a.pem';
      },
      'root',
    ],
  ] as const)('files and SDS: %s', (_, edit, expected) => {
    const now = toSds(base());
    edit(now);
    const { changes, verdict } = compare(base(), now);
    expect(classes(changes)).toEqual([expected]);
    expect(verdict.trust).toBe(expected === 'unknown' ? 'unknown' : 'changed');
  });

  test('--secrets says which files a name is', () => {
    const now = toSds(base());
    named(now).name = 'partner';
    const chain = '/etc/certs/cert-chain.pem';
    const secrets = { certificates: [{ name: 'partner', chain, key: '/etc/certs/key.pem' }], roots: [] };
    const { verdict } = compare(base(), now, { secrets });
    expect(verdict).toMatchObject({ trust: 'same', movedToSds: 3 });
  });

  test('a name that paths are spelt in is what it says, and nothing is assumed', () => {
    const now = toSds(base());
    named(now).name = 'file-cert:/etc/certs/cert-chain.pem~/etc/certs/key.pem';
    root(now).name = 'file-root:/etc/certs/root-cert.pem';
    now.static_resources.listeners = [];
    const old = base();
    old.static_resources.listeners = [];
    expect(compare(old, now).verdict).toMatchObject({ trust: 'same', movedToSds: 1, assumptions: [] });
  });

  test.each<[string, (config: Json, source: Json) => void]>([
    [
      'a root',
      (c, source) => {
        rules(c).trusted_ca = source;
      },
    ],
    [
      'a revocation list',
      (c, source) => {
        rules(c).crl = source;
      },
    ],
    [
      'a password',
      (c, source) => {
        certificate(c).password = source;
      },
    ],
    [
      'the keys of tickets',
      (c, source) => {
        serverTls(c).session_ticket_keys = { keys: [source] };
      },
    ],
  ])('what is inline is the same as text and as bytes: %s', (_, put) => {
    const [old, now] = [base(), base()];
    put(old, { inline_string: 'PEM' });
    put(now, { inline_bytes: Buffer.from('PEM').toString('base64') });
    expect(compare(old, now).changes).toHaveLength(0);
    put(now, { inline_bytes: Buffer.from('another').toString('base64') });
    expect(compare(old, now).changes).toHaveLength(1);
  });

  test('a root inline in the default beside SDS, as text and as bytes', () => {
    const [old, now] = [toSds(base()), toSds(base())];
    rules(old).trusted_ca = { inline_string: 'PEM' };
    rules(now).trusted_ca = { inline_bytes: Buffer.from('PEM').toString('base64') };
    expect(compare(old, now).changes).toHaveLength(0);
  });

  test('a default written out in what names the server', () => {
    const now = toSds(base());
    named(now).sds_config.api_config_source.set_node_on_first_message_only = false;
    expect(compare(toSds(base()), now).changes).toHaveLength(0);
  });

  test('a static secret is what the bootstrap says of it', () => {
    const now = base();
    clientTls(now).tls_certificate_sds_secret_configs = [{ name: 'own' }];
    now.static_resources.secrets = [{ name: 'own', tls_certificate: clientTls(now).tls_certificates[0] }];
    delete clientTls(now).tls_certificates;
    expect(compare(base(), now).verdict).toMatchObject({ trust: 'same', movedToSds: 1, otherChanges: 0 });
  });

  describe('what a Secret says of validation is merged into the default of the context', () => {
    const own = 'spiffe://cluster.local/ns/shop/sa/pay';
    const canary = `${own}-canary`;
    const pin = 'df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a';

    /** The client's context with its validation in a Secret of a file, all but what stays as the default. */
    function served(inSecret: Json, inDefault?: Json, source?: Json): Json {
      const now = base();
      const { trusted_ca, crl } = rules(now);
      const secret = { name: 'peers', ...(source !== undefined && { sds_config: source }) };
      delete clientTls(now).validation_context;
      if (inDefault === undefined) clientTls(now).validation_context_sds_secret_config = secret;
      else
        clientTls(now).combined_validation_context = {
          default_validation_context: inDefault,
          validation_context_sds_secret_config: secret,
        };
      now.static_resources.secrets = [
        { name: 'peers', validation_context: { trusted_ca, crl, ...inSecret } },
      ];
      return now;
    }

    const all = () => {
      const { verify_subject_alt_name, verify_certificate_hash } = rules(base());
      return { verify_subject_alt_name, verify_certificate_hash };
    };

    test.each<[string, Json, Json | undefined]>([
      ['wholly', all(), undefined],
      [
        'lists in two parts',
        { ...all(), verify_subject_alt_name: [canary] },
        { verify_subject_alt_name: [own] },
      ],
      ['the default says the rest', {}, all()],
      ['a field of both is what the Secret says', all(), { crl: { filename: '/another' } }],
    ])('the same: %s', (_, inSecret, inDefault) => {
      const now = served(inSecret, inDefault);
      expect(compare(base(), now).verdict).toMatchObject({ trust: 'same', movedToSds: 1, reasons: [] });
      expect(compare(now, base()).verdict).toMatchObject({ trust: 'same', reasons: [] });
      // A file's Secret is one that is served: the bootstrap's secrets of the same name are others.
      const asked = served(inSecret, inDefault, { path: '/etc/envoy/secrets.yaml' });
      const resources = asked.static_resources.secrets.map((secret: Json) => ({
        '@type': 'type.googleapis.com/envoy.api.v2.auth.Secret',
        ...secret,
      }));
      delete asked.static_resources.secrets;
      const files = [
        { name: 'new.json', text: JSON.stringify(asked) },
        { name: 'secrets.json', text: JSON.stringify({ resources }) },
      ];
      const file = { name: 'old.json', text: JSON.stringify(base()) };
      expect(diff([file], files).verdict).toMatchObject({ trust: 'same', movedToSds: 1, reasons: [] });
      expect(diff(files, [file]).verdict).toMatchObject({ trust: 'same', reasons: [] });
    });

    test.each<[string, TlsClass, Json, Json | undefined]>([
      ['a name is gone', 'tightened', { ...all(), verify_subject_alt_name: [own] }, undefined],
      ['all names are gone', 'loosened', { ...all(), verify_subject_alt_name: [] }, undefined],
      ['one name more in the default', 'loosened', all(), { verify_subject_alt_name: ['spiffe://other'] }],
      ['a pin less', 'tightened', { ...all(), verify_certificate_hash: [pin] }, undefined],
      ['no revocation list', 'loosened', { ...all(), crl: undefined }, undefined],
      ['another root', 'root', { ...all(), trusted_ca: { filename: '/another' } }, undefined],
      ['expired ones pass', 'loosened', { ...all(), allow_expired_certificate: true }, undefined],
    ])('%s: %s', (_, expected, inSecret, inDefault) => {
      const { verdict } = compare(base(), served(inSecret, inDefault));
      expect(verdict.trust).toBe('changed');
      expect(classes(verdict.reasons)).toEqual([expected]);
    });

    test('a Secret that checks nothing', () => {
      const nothing = { trusted_ca: undefined, crl: undefined };
      expect(classes(compare(base(), served(nothing)).verdict.reasons)).toEqual(['loosened']);
    });

    test('a name that a Secret drops', () => {
      const now = served({ ...all(), verify_subject_alt_name: [own] });
      expect(classes(compare(served(all()), now).changes)).toEqual(['tightened']);
      expect(classes(compare(now, served(all())).changes)).toEqual(['loosened']);
    });

    test('nothing is merged from a Secret that a server has', () => {
      const now = served({}, all(), { ads: {} });
      const { reasons } = compare(base(), now).verdict;
      expect(reasons.map(({ tls }) => tls?.class)).toEqual(['loosened', 'unknown']);
    });
  });

  test('SPIRE is a CA of its own', () => {
    const now = toSds(base());
    const source = {
      api_config_source: {
        api_type: 'GRPC',
        grpc_services: [{ envoy_grpc: { cluster_name: 'spire_agent' } }],
      },
    };
    named(now).sds_config = source;
    root(now).sds_config = source;
    expect(classes(compare(base(), now).changes)).toEqual(['unknown', 'unknown']);
  });

  test('what the API does not know of a context is told', () => {
    const [old, now] = [base(), base()];
    rules(old).verify_everything = true;
    expect(classes(compare(old, now).changes)).toEqual(['unknown']);
    expect(classes(compare(now, old).changes)).toEqual(['unknown']);
    expect(compare(old, old).changes).toHaveLength(0);
  });

  test('what the API does not know of a Secret is told', () => {
    const holding = (validation: Json): Json => {
      const config = base();
      config.static_resources.secrets = [
        { name: 'peers', validation_context: { trusted_ca: { filename: '/ca' }, ...validation } },
      ];
      return config;
    };
    const [old, now] = [holding({ verify_everything: true }), holding({})];
    expect(classes(compare(old, now).changes)).toEqual(['unknown']);
    expect(classes(compare(now, old).changes)).toEqual(['unknown']);
  });

  test('no secret is in what is reported', async () => {
    const { diffValue } = await import('../../src/report/diff-json.js');
    const now = base();
    certificate(now).private_key = { inline_string: 'VERY-SECRET' };
    serverTls(now).session_ticket_keys = { keys: [{ inline_string: 'VERY-SECRET' }] };
    now.static_resources.secrets = [
      { name: 's', tls_certificate: { private_key: { inline_string: 'VERY-SECRET' } } },
    ];
    const text = JSON.stringify(diffValue(compare(base(), now)));
    expect(text).not.toContain('VERY-SECRET');
    expect(text).not.toContain(Buffer.from('VERY-SECRET').toString('base64'));
  });
});

test('v2 and v3 are compared through their correspondence', () => {
  const now = base();
  const [client] = now.static_resources.clusters;
  const url = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
  const { verify_subject_alt_name: names, ...rest } = rules(now);
  clientTls(now).validation_context = {
    ...rest,
    match_typed_subject_alt_names: names.map((exact: string) => ({ san_type: 'URI', matcher: { exact } })),
  };
  client.transport_socket = {
    name: 'envoy.transport_sockets.tls',
    typed_config: { '@type': url, ...client.tls_context },
  };
  delete client.tls_context;
  client.eds_cluster_config.eds_config.resource_api_version = 'V3';
  const resources = (type: string, one: Json): Json => ({
    resources: [{ '@type': `type.googleapis.com/${type}`, ...one }],
  });
  const old = resources('envoy.api.v2.Cluster', cluster(base()));
  const { changes, verdict } = compare(old, resources('envoy.config.cluster.v3.Cluster', client));
  expect(classes(changes)).toEqual(['disruptive']);
  expect(verdict.trust).toBe('same');
  client.transport_socket.typed_config.common_tls_context.validation_context.match_typed_subject_alt_names.pop();
  const tightened = compare(old, resources('envoy.config.cluster.v3.Cluster', client));
  expect(classes(tightened.changes)).toEqual(['tightened']);
});
