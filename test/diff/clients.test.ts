// Fields of contexts that weaken them, who clients are taken for, and what changes nothing.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  anyOf,
  authorizing,
  bootstrap,
  CLUSTERS,
  chain,
  cluster,
  downstream,
  editedContext,
  endpoint,
  hcm,
  host,
  type Json,
  listener,
  type Pair,
  response,
  route,
  SNI_A,
  SOCKETS,
  side,
  tcp,
  upstream,
  withChains,
  withRoutes,
  withSocket,
} from './configurations.js';

const PAIRS: readonly Pair[] = [
  [
    'key_log',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.key_log = { path: '/x' };
    }),
  ],
  [
    'handshaker',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.custom_handshaker = { name: 'x', typed_config: anyOf('acme.H') };
    }),
  ],
  [
    'selector',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.custom_tls_certificate_selector = { name: 'x', typed_config: anyOf('acme.H') };
    }),
  ],
  [
    'compliance',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.tls_params = { compliance_policies: ['FIPS_202205'] };
    }),
  ],
  [
    'unknown field',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.future = true;
    }),
  ],
  [
    'unknown field in validation',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.validation_context.future = true;
    }),
  ],
  [
    'prefer_client_ciphers',
    'any',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.prefer_client_ciphers = true;
    }),
  ],
  [
    'custom validator',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.validation_context.custom_validator_config = {
        name: 'x',
        typed_config: anyOf('acme.V'),
      };
    }),
  ],
  [
    'enum lower tls',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.tls_params = { tls_minimum_protocol_version: 'tlsv1_0' };
    }),
  ],
  [
    'enum junk tls',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.tls_params = { tls_minimum_protocol_version: 'TLSv9' };
    }),
  ],
  [
    'trust chain',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.validation_context.trust_chain_verification = 'accept_untrusted';
    }),
  ],
  [
    'ca provider',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      delete c.common_tls_context.validation_context.trusted_ca;
      c.common_tls_context.validation_context.ca_certificate_provider_instance = { instance_name: 'x' };
    }),
  ],
  [
    'two validations',
    'diff',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.common_tls_context.combined_validation_context = {
        default_validation_context: {},
        validation_context_sds_secret_config: { name: 'x' },
      };
    }),
  ],
  [
    'must staple removed',
    'any',
    withChains([chain({ sock: downstream() })]),
    editedContext((c: Json) => {
      c.ocsp_staple_policy = 'MUST_STAPLE';
    }),
  ],
  [
    'xfcc forward',
    'diff',
    withRoutes([host([route('b')])]),
    withRoutes([host([route('b')])], { forward_client_cert_details: 'ALWAYS_FORWARD_ONLY' }),
  ],
  [
    'xfcc lower case',
    'diff',
    withRoutes([host([route('b')])]),
    withRoutes([host([route('b')])], { forward_client_cert_details: 'always_forward_only' }),
  ],
  [
    'xfcc number',
    'diff',
    withRoutes([host([route('b')])]),
    withRoutes([host([route('b')])], { forward_client_cert_details: 4 }),
  ],
  [
    'xfcc sanitize_set',
    'same',
    withRoutes([host([route('b')])]),
    withRoutes([host([route('b')])], { forward_client_cert_details: 'SANITIZE_SET' }),
  ],
  [
    'require_tls',
    'diff',
    withRoutes([host([route('b')], ['*'], 'v', { require_tls: 'ALL' })]),
    withRoutes([host([route('b')])]),
  ],
  [
    'https_redirect gone',
    'diff',
    withRoutes([host([{ match: { prefix: '/' }, redirect: { https_redirect: true } }])]),
    withRoutes([host([route('plain')])]),
  ],
  [
    'https_redirect route removed',
    'diff',
    withRoutes([host([{ match: { prefix: '/a' }, redirect: { https_redirect: true } }, route('plain')])]),
    withRoutes([host([route('plain')])]),
  ],
  [
    'chain replaced w/ xfcc',
    'diff',
    withChains([
      chain({ name: 'x', match: SNI_A, sock: downstream(), filters: [hcm([host([route('b')])])] }),
    ]),
    withChains([
      chain({
        name: 'y',
        match: SNI_A,
        sock: downstream(),
        filters: [hcm([host([route('b')])], { forward_client_cert_details: 'ALWAYS_FORWARD_ONLY' })],
      }),
    ]),
  ],
  [
    'added chain w/ xfcc',
    'diff',
    withChains([
      chain({ name: 'x', match: SNI_A, sock: downstream(), filters: [hcm([host([route('b')])])] }),
    ]),
    withChains([
      chain({ name: 'x', match: SNI_A, sock: downstream(), filters: [hcm([host([route('b')])])] }),
      chain({
        name: 'y',
        match: { server_names: ['q'] },
        sock: downstream(),
        filters: [hcm([host([route('b')])], { forward_client_cert_details: 'ALWAYS_FORWARD_ONLY' })],
      }),
    ]),
  ],
  [
    'rbac',
    'same',
    withRoutes([host([route('b')])], authorizing({ any: true })),
    withRoutes([host([route('b')])], authorizing({ authenticated: { principal_name: { exact: 'x' } } })),
  ],
  [
    'provider',
    'diff',
    bootstrap({
      more: {
        certificate_provider_instances: { x: { name: 'y', typed_config: anyOf('acme.P', { f: '/a' }) } },
      },
    }),
    bootstrap({
      more: {
        certificate_provider_instances: { x: { name: 'y', typed_config: anyOf('acme.P', { f: '/b' }) } },
      },
    }),
  ],
  [
    'runtime tls',
    'any',
    bootstrap({ more: { layered_runtime: { layers: [{ name: 'a', static_layer: {} }] } } }),
    bootstrap({
      more: {
        layered_runtime: {
          layers: [{ name: 'a', static_layer: { 'envoy.reloadable_features.tls_x': false } }],
        },
      },
    }),
  ],
  [
    'redacted',
    'same',
    bootstrap({ c: [cluster('b', upstream())] }),
    {
      configs: [
        anyOf('envoy.admin.v3.ClustersConfigDump', {
          static_clusters: [
            {
              cluster: anyOf(
                'envoy.config.cluster.v3.Cluster',
                cluster('b', upstream({ key: '[redacted]' })),
              ),
            },
          ],
        }),
      ],
    },
  ],
  [
    'spiffe order',
    'same',
    editedContext((c: Json) => {
      c.common_tls_context.validation_context = {
        custom_validator_config: {
          name: 's',
          typed_config: anyOf(`${SOCKETS}.tls.v3.SPIFFECertValidatorConfig`, {
            trust_domains: [
              { name: 'a', trust_bundle: { filename: '/a' } },
              { name: 'b', trust_bundle: { filename: '/b' } },
            ],
          }),
        },
      };
    }),
    editedContext((c: Json) => {
      c.common_tls_context.validation_context = {
        custom_validator_config: {
          name: 's',
          typed_config: anyOf(`${SOCKETS}.tls.v3.SPIFFECertValidatorConfig`, {
            trust_domains: [
              { name: 'b', trust_bundle: { filename: '/b' } },
              { name: 'a', trust_bundle: { filename: '/a' } },
            ],
          }),
        },
      };
    }),
  ],
  ...(
    [
      ['suffix', { suffix: '.x' }],
      ['uri', { exact: 'spiffe://td/a' }],
      ['dns', { exact: 'a.example' }],
      ['odd', { exact: 'foo' }],
    ] as const
  ).map(
    ([kind, matcher]): Pair => [
      `names without a kind and of each kind: ${kind}`,
      'same',
      editedContext((c: Json) => {
        c.common_tls_context.validation_context.match_subject_alt_names = [matcher];
      }),
      editedContext((c: Json) => {
        c.common_tls_context.validation_context.match_typed_subject_alt_names = [
          'DNS',
          'URI',
          'EMAIL',
          'IP_ADDRESS',
        ].map((san_type) => ({ san_type, matcher }));
      }),
    ],
  ),
  [
    'filters changed',
    'same',
    withChains([chain({ sock: downstream(), filters: [hcm([host([route('b')])])] })]),
    withChains([
      chain({ sock: downstream(), filters: [hcm([host([route('b')])], { stream_idle_timeout: '1s' })] }),
    ]),
  ],
  [
    'static->dynamic',
    'any',
    bootstrap({ l: [listener('in', [chain({ sock: downstream() })])], c: CLUSTERS }),
    [
      bootstrap({ more: { dynamic_resources: { lds_config: { path: '/l' }, cds_config: { path: '/c' } } } }),
      response('envoy.config.listener.v3.Listener', [listener('in', [chain({ sock: downstream() })])]),
      response('envoy.config.cluster.v3.Cluster', CLUSTERS),
    ],
  ],
  [
    'endpoint moved',
    'same',
    bootstrap({ c: [cluster('b', upstream())] }),
    bootstrap({
      c: [
        cluster('b', upstream(), {
          load_assignment: { cluster_name: 'b', endpoints: [{ lb_endpoints: [endpoint('10.9.9.9')] }] },
        }),
      ],
    }),
  ],
  [
    'plain endpoint moved',
    'same',
    bootstrap({ c: [cluster('b')] }),
    bootstrap({
      c: [
        cluster('b', undefined, {
          load_assignment: { cluster_name: 'b', endpoints: [{ lb_endpoints: [endpoint('10.9.9.9')] }] },
        }),
      ],
    }),
  ],
  [
    'cluster added',
    'same',
    bootstrap({
      l: [listener('in', [chain({ sock: downstream(), filters: [hcm([host([route('b')], ['a'])])] })])],
      c: CLUSTERS,
    }),
    bootstrap({
      l: [
        listener('in', [
          chain({
            sock: downstream(),
            filters: [hcm([host([route('b')], ['a']), host([route('new')], ['n'], 'n')])],
          }),
        ]),
      ],
      c: [...CLUSTERS, cluster('new', upstream({ san: ['spiffe://td/new'] }))],
    }),
  ],
  [
    'listener added mtls',
    'same',
    bootstrap({ l: [listener('in', [chain({ sock: downstream() })])], c: CLUSTERS }),
    bootstrap({
      l: [
        listener('in', [chain({ sock: downstream() })]),
        listener('in2', [chain({ sock: downstream() })], {
          address: { socket_address: { address: '0.0.0.0', port_value: 9 } },
        }),
      ],
      c: CLUSTERS,
    }),
  ],
  [
    'weights',
    'same',
    withChains([
      chain({
        filters: [
          tcp(undefined, {
            weighted_clusters: {
              clusters: [
                { name: 'b', weight: 1 },
                { name: 'plain', weight: 1 },
              ],
            },
          }),
        ],
      }),
    ]),
    withChains([
      chain({
        filters: [
          tcp(undefined, {
            weighted_clusters: {
              clusters: [
                { name: 'b', weight: 5 },
                { name: 'plain', weight: 1 },
              ],
            },
          }),
        ],
      }),
    ]),
  ],
  [
    'weighted to single',
    'same',
    withChains([
      chain({
        filters: [
          tcp(undefined, {
            weighted_clusters: {
              clusters: [
                { name: 'b', weight: 1 },
                { name: 'plain', weight: 1 },
              ],
            },
          }),
        ],
      }),
    ]),
    withChains([chain({ filters: [tcp('b')] })]),
  ],
  [
    'chain order+one removed same ctx',
    'same',
    withChains([
      chain({ match: SNI_A, sock: downstream() }),
      chain({ match: { server_names: ['b'] }, sock: downstream() }),
    ]),
    withChains([chain({ match: { server_names: ['b'] }, sock: downstream() })]),
  ],
  [
    'default chain',
    'any',
    withChains([chain({ sock: downstream() })]),
    withChains([], { default_filter_chain: chain({ sock: downstream() }) }),
  ],
  [
    'route prefix->path spec',
    'same',
    withRoutes([host([route('b', { prefix: '/' })])]),
    withRoutes([host([route('b', { prefix: '/' })], ['*'], 'other-name')]),
  ],
  [
    'alt names order',
    'same',
    withSocket(upstream({ san: ['x', 'y'] })),
    withSocket(upstream({ san: ['y', 'x'] })),
  ],
];

test.each(PAIRS)('%s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else if (expected === 'diff') expect(trust).not.toBe('same');
  else expect(['same', 'changed', 'unknown']).toContain(trust);
});
