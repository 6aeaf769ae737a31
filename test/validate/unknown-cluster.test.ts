// Which references to a cluster that is not there Envoy 1.40 refuses: these are errors, the others warnings.
// Each of these bootstraps was tried with it.

import { expect, test } from 'vitest';
import { validate } from '../../src/validate/validate.js';

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const THRIFT = 'envoy.extensions.filters.network.thrift_proxy.v3.ThriftProxy';
const GRPC = { envoy_grpc: { cluster_name: 'none' } };

const typed = (name: string, type: string, config: object): object => ({
  name,
  typed_config: { '@type': `type.googleapis.com/${type}`, ...config },
});

const listener = (filter: object): object => ({
  static_resources: {
    listeners: [
      {
        name: 'web',
        address: { socket_address: { address: '127.0.0.1', port_value: 9000 } },
        filter_chains: [{ filters: [filter] }],
      },
    ],
  },
});

const routes = (settings: object, route: object = { cluster: 'none' }): object =>
  listener(
    typed('envoy.filters.network.http_connection_manager', HCM, {
      stat_prefix: 'web',
      route_config: {
        ...settings,
        virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route }] }],
      },
      http_filters: [
        typed('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {}),
      ],
    }),
  );

const httpFilter = (filter: object): object =>
  listener(
    typed('envoy.filters.network.http_connection_manager', HCM, {
      stat_prefix: 'web',
      route_config: { virtual_hosts: [] },
      http_filters: [
        filter,
        typed('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {}),
      ],
    }),
  );

const thrift = (settings: object, route: object): object =>
  listener(
    typed('envoy.filters.network.thrift_proxy', THRIFT, {
      stat_prefix: 'thrift',
      route_config: { ...settings, routes: [{ match: { method_name: '' }, route }] },
    }),
  );

test.each<[string, 'error' | 'warning', object]>([
  ['a static route', 'error', routes({})],
  ['a static route that is not checked', 'warning', routes({ validate_clusters: false })],
  [
    'a weighted cluster',
    'error',
    routes({}, { weighted_clusters: { clusters: [{ name: 'none', weight: 1 }] } }),
  ],
  ['a route of Thrift', 'error', thrift({}, { cluster: 'none' })],
  [
    'a route of Thrift that is not checked',
    'warning',
    thrift({ validate_clusters: false }, { cluster: 'none' }),
  ],
  [
    'a weighted cluster of Thrift',
    'error',
    thrift({}, { weighted_clusters: { clusters: [{ name: 'none', weight: 1 }] } }),
  ],
  [
    'a TCP proxy',
    'warning',
    listener(
      typed('envoy.filters.network.tcp_proxy', 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
        stat_prefix: 'tcp',
        cluster: 'none',
      }),
    ),
  ],
  [
    'external authorization',
    'warning',
    httpFilter(
      typed('envoy.filters.http.ext_authz', 'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
        transport_api_version: 'V3',
        grpc_service: GRPC,
      }),
    ),
  ],
  [
    'an HTTP service',
    'warning',
    httpFilter(
      typed('envoy.filters.http.ext_authz', 'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
        transport_api_version: 'V3',
        http_service: { server_uri: { uri: 'http://none', cluster: 'none', timeout: '1s' } },
      }),
    ),
  ],
  [
    'a sink of metrics',
    'error',
    {
      stats_sinks: [
        typed('envoy.stat_sinks.metrics_service', 'envoy.config.metrics.v3.MetricsServiceConfig', {
          transport_api_version: 'V3',
          grpc_service: GRPC,
        }),
      ],
    },
  ],
  [
    'aggregated discovery of nothing else',
    'error',
    {
      dynamic_resources: {
        ads_config: { api_type: 'GRPC', transport_api_version: 'V3', grpc_services: [GRPC] },
      },
    },
  ],
])('%s: %s', (_, level, config) => {
  const bootstrap = { node: { id: 'web-1', cluster: 'web' }, ...config };
  const { findings } = validate([{ name: 'envoy.json', text: JSON.stringify(bootstrap) }], {});
  const found = findings.filter(({ code }) => code === 'unknown-cluster');
  expect(found.map((one) => one.level)).toEqual([level]);
  expect(found[0]?.message.includes('does not start')).toBe(level === 'error');
  expect(findings.filter((one) => one.level === 'error' && one.code !== 'unknown-cluster')).toEqual([]);
});
