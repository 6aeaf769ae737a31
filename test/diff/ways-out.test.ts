// Every field that names a cluster: what it leads to now is compared with what it led to before.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  anyOf,
  bootstrap,
  CLUSTERS,
  chain,
  cluster,
  hcm,
  host,
  jwks,
  type Pair,
  rds,
  route,
  routes,
  side,
  tcp,
  upstream,
  withChains,
  withRoutes,
} from './configurations.js';

const PAIRS: readonly Pair[] = [
  [
    'mirror',
    'diff',
    withRoutes([host([route('b')])]),
    withRoutes([host([route('b', { prefix: '/' }, { request_mirror_policies: [{ cluster: 'plain' }] })])]),
  ],
  [
    'mirror vh',
    'diff',
    withRoutes([host([route('b')])]),
    withRoutes([host([route('b')], ['*'], 'v', { request_mirror_policies: [{ cluster: 'plain' }] })]),
  ],
  [
    'route added plain',
    'diff',
    withRoutes([host([route('b')])]),
    withRoutes([host([route('plain', { prefix: '/x' }), route('b')])]),
  ],
  [
    'route swap matches',
    'diff',
    withRoutes([host([route('b', { prefix: '/a' }), route('b2', { prefix: '/b' })])]),
    withRoutes([host([route('b2', { prefix: '/a' }), route('b', { prefix: '/b' })])]),
  ],
  [
    'named route match swap',
    'diff',
    withRoutes([
      host([
        { name: 'x', ...route('b', { prefix: '/a' }) },
        { name: 'y', ...route('b2', { prefix: '/b' }) },
      ]),
    ]),
    withRoutes([
      host([
        { name: 'x', ...route('b', { prefix: '/b' }) },
        { name: 'y', ...route('b2', { prefix: '/a' }) },
      ]),
    ]),
  ],
  [
    'domain moves',
    'diff',
    withRoutes([host([route('b')], ['a', 'c'], 'x'), host([route('plain')], ['d'], 'y')]),
    withRoutes([host([route('b')], ['a'], 'x'), host([route('plain')], ['d', 'c'], 'y')]),
  ],
  [
    'route order',
    'diff',
    withRoutes([host([route('b', { prefix: '/a' }), route('plain')])]),
    withRoutes([host([route('plain'), route('b', { prefix: '/a' })])]),
  ],
  [
    'route removed',
    'diff',
    withRoutes([host([route('b', { prefix: '/a' }), route('plain')])]),
    withRoutes([host([route('plain')])]),
  ],
  [
    'cluster_header',
    'diff',
    withRoutes([host([route('b')])]),
    withRoutes([host([{ match: { prefix: '/' }, route: { cluster_header: 'x' } }])]),
  ],
  [
    'cluster_header name',
    'diff',
    withRoutes([host([{ match: { prefix: '/' }, route: { cluster_header: 'x' } }])]),
    withRoutes([host([{ match: { prefix: '/' }, route: { cluster_header: 'y' } }])]),
  ],
  [
    'specifier plugin',
    'diff',
    withRoutes([host([route('b')])]),
    withRoutes([
      host([
        {
          match: { prefix: '/' },
          route: {
            inline_cluster_specifier_plugin: { extension: { name: 'x', typed_config: anyOf('acme.P') } },
          },
        },
      ]),
    ]),
  ],
  [
    'rds name',
    'diff',
    [withRoutes(rds('r1')), { resources: [routes('r1', 'b'), routes('r2', 'plain')] }],
    [withRoutes(rds('r2')), { resources: [routes('r1', 'b'), routes('r2', 'plain')] }],
  ],
  [
    'rds name same',
    'same',
    [withRoutes(rds('r1')), { resources: [routes('r1', 'b'), routes('r2', 'bs')] }],
    [withRoutes(rds('r2')), { resources: [routes('r1', 'b'), routes('r2', 'bs')] }],
  ],
  ['rds name unknown', 'diff', withRoutes(rds('r1')), withRoutes(rds('r2'))],
  [
    'rds to inline',
    'diff',
    [withRoutes(rds('r1')), { resources: [routes('r1', 'b')] }],
    withRoutes([host([route('plain')])]),
  ],
  [
    'rds content',
    'diff',
    [withRoutes(rds('r1')), { resources: [routes('r1', 'b')] }],
    [withRoutes(rds('r1')), { resources: [routes('r1', 'plain')] }],
  ],
  [
    'scoped',
    'diff',
    withRoutes({
      scoped_routes: {
        name: 's',
        scope_key_builder: {},
        rds_config_source: { ads: {} },
        scoped_route_configurations_list: {
          scoped_route_configurations: [{ name: 'q', route_configuration_name: 'r1' }],
        },
      },
    }),
    withRoutes({
      scoped_routes: {
        name: 's',
        scope_key_builder: {},
        rds_config_source: { ads: {} },
        scoped_route_configurations_list: {
          scoped_route_configurations: [{ name: 'q', route_configuration_name: 'r2' }],
        },
      },
    }),
  ],
  [
    'ext_authz grpc',
    'diff',
    withRoutes([host([route('b')])], {
      http_filters: [
        {
          name: 'a',
          typed_config: anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
            grpc_service: { envoy_grpc: { cluster_name: 'b' } },
          }),
        },
      ],
    }),
    withRoutes([host([route('b')])], {
      http_filters: [
        {
          name: 'a',
          typed_config: anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
            grpc_service: { envoy_grpc: { cluster_name: 'plain' } },
          }),
        },
      ],
    }),
  ],
  [
    'ext_authz http',
    'diff',
    withRoutes([host([route('b')])], {
      http_filters: [
        {
          name: 'a',
          typed_config: anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
            http_service: { server_uri: { uri: 'x', cluster: 'b', timeout: '1s' } },
          }),
        },
      ],
    }),
    withRoutes([host([route('b')])], {
      http_filters: [
        {
          name: 'a',
          typed_config: anyOf('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
            http_service: { server_uri: { uri: 'x', cluster: 'plain', timeout: '1s' } },
          }),
        },
      ],
    }),
  ],
  [
    'jwks',
    'diff',
    withRoutes([host([route('b')])], jwks('b')),
    withRoutes([host([route('b')])], jwks('plain')),
  ],
  [
    'tracing',
    'diff',
    bootstrap({
      c: CLUSTERS,
      more: {
        tracing: {
          http: {
            name: 'z',
            typed_config: anyOf('envoy.config.trace.v3.ZipkinConfig', {
              collector_cluster: 'b',
              collector_endpoint: '/',
            }),
          },
        },
      },
    }),
    bootstrap({
      c: CLUSTERS,
      more: {
        tracing: {
          http: {
            name: 'z',
            typed_config: anyOf('envoy.config.trace.v3.ZipkinConfig', {
              collector_cluster: 'plain',
              collector_endpoint: '/',
            }),
          },
        },
      },
    }),
  ],
  [
    'stats sink',
    'diff',
    bootstrap({
      c: CLUSTERS,
      more: {
        stats_sinks: [
          { name: 's', typed_config: anyOf('envoy.config.metrics.v3.StatsdSink', { tcp_cluster_name: 'b' }) },
        ],
      },
    }),
    bootstrap({
      c: CLUSTERS,
      more: {
        stats_sinks: [
          {
            name: 's',
            typed_config: anyOf('envoy.config.metrics.v3.StatsdSink', { tcp_cluster_name: 'plain' }),
          },
        ],
      },
    }),
  ],
  [
    'ratelimit',
    'diff',
    withRoutes([host([route('b')])], {
      http_filters: [
        {
          name: 'rl',
          typed_config: anyOf('envoy.extensions.filters.http.ratelimit.v3.RateLimit', {
            domain: 'd',
            rate_limit_service: { grpc_service: { envoy_grpc: { cluster_name: 'b' } } },
          }),
        },
      ],
    }),
    withRoutes([host([route('b')])], {
      http_filters: [
        {
          name: 'rl',
          typed_config: anyOf('envoy.extensions.filters.http.ratelimit.v3.RateLimit', {
            domain: 'd',
            rate_limit_service: { grpc_service: { envoy_grpc: { cluster_name: 'plain' } } },
          }),
        },
      ],
    }),
  ],
  [
    'tcp weighted',
    'diff',
    withChains([chain({ filters: [tcp('b')] })]),
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
  ],
  [
    'hcm to tcp plain',
    'diff',
    withChains([chain({ filters: [hcm([host([route('b')])])] })]),
    withChains([chain({ filters: [tcp('plain')] })]),
  ],
  [
    'vendor filter cluster',
    'diff',
    withChains([chain({ filters: [{ name: 'acme', typed_config: anyOf('acme.Proxy', { cluster: 'b' }) }] })]),
    withChains([
      chain({ filters: [{ name: 'acme', typed_config: anyOf('acme.Proxy', { cluster: 'plain' }) }] }),
    ]),
  ],
  [
    'cluster missing',
    'diff',
    withChains([chain({ filters: [tcp('b')] })]),
    withChains([chain({ filters: [tcp('nope')] })]),
  ],
  [
    'eds source',
    'any',
    bootstrap({
      c: [
        cluster('b', upstream(), {
          type: 'EDS',
          load_assignment: undefined,
          eds_cluster_config: { eds_config: { path_config_source: { path: '/a' } } },
        }),
      ],
    }),
    bootstrap({
      c: [
        cluster('b', upstream(), {
          type: 'EDS',
          load_assignment: undefined,
          eds_cluster_config: { eds_config: { path_config_source: { path: '/b' } } },
        }),
      ],
    }),
  ],
  [
    'internal listener',
    'diff',
    bootstrap({
      l: [
        { name: 'i1', internal_listener: {}, filter_chains: [chain({ filters: [tcp('b')] })] },
        { name: 'i2', internal_listener: {}, filter_chains: [chain({ filters: [tcp('plain')] })] },
      ],
      c: [
        ...CLUSTERS,
        {
          name: 'int',
          load_assignment: {
            cluster_name: 'int',
            endpoints: [
              {
                lb_endpoints: [
                  { endpoint: { address: { envoy_internal_address: { server_listener_name: 'i1' } } } },
                ],
              },
            ],
          },
        },
      ],
    }),
    bootstrap({
      l: [
        { name: 'i1', internal_listener: {}, filter_chains: [chain({ filters: [tcp('b')] })] },
        { name: 'i2', internal_listener: {}, filter_chains: [chain({ filters: [tcp('plain')] })] },
      ],
      c: [
        ...CLUSTERS,
        {
          name: 'int',
          load_assignment: {
            cluster_name: 'int',
            endpoints: [
              {
                lb_endpoints: [
                  { endpoint: { address: { envoy_internal_address: { server_listener_name: 'i2' } } } },
                ],
              },
            ],
          },
        },
      ],
    }),
  ],
  [
    'redirect to route',
    'any',
    withRoutes([host([{ match: { prefix: '/' }, redirect: { host_redirect: 'x' } }])]),
    withRoutes([host([route('plain')])]),
  ],
  [
    'hds',
    'diff',
    bootstrap({
      c: CLUSTERS,
      more: { hds_config: { api_type: 'GRPC', grpc_services: [{ envoy_grpc: { cluster_name: 'b' } }] } },
    }),
    bootstrap({
      c: CLUSTERS,
      more: { hds_config: { api_type: 'GRPC', grpc_services: [{ envoy_grpc: { cluster_name: 'plain' } }] } },
    }),
  ],
  [
    'xds REST cluster_names',
    'diff',
    bootstrap({
      c: CLUSTERS,
      more: {
        dynamic_resources: { cds_config: { api_config_source: { api_type: 'REST', cluster_names: ['b'] } } },
      },
    }),
    bootstrap({
      c: CLUSTERS,
      more: {
        dynamic_resources: {
          cds_config: { api_config_source: { api_type: 'REST', cluster_names: ['plain'] } },
        },
      },
    }),
  ],
  [
    'xds second service',
    'diff',
    bootstrap({
      c: CLUSTERS,
      more: {
        dynamic_resources: {
          ads_config: { api_type: 'GRPC', grpc_services: [{ envoy_grpc: { cluster_name: 'b' } }] },
        },
      },
    }),
    bootstrap({
      c: CLUSTERS,
      more: {
        dynamic_resources: {
          ads_config: {
            api_type: 'GRPC',
            grpc_services: [{ envoy_grpc: { cluster_name: 'b' } }, { envoy_grpc: { cluster_name: 'plain' } }],
          },
        },
      },
    }),
  ],
];

test.each(PAIRS)('%s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else if (expected === 'diff') expect(trust).not.toBe('same');
  else expect(['same', 'changed', 'unknown']).toContain(trust);
});
