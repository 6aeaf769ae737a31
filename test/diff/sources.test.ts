// SDS names by their sources, and the channels of gRPC services.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  adsFrom,
  anyOf,
  checked,
  endpoint,
  google,
  host,
  type Json,
  type Pair,
  route,
  sdsAt,
  sdsThrough,
  servedRoot,
  side,
  socketCluster,
  withRoutes,
  withSds,
} from './configurations.js';

const args = (all: Json) => ({ channel_args: { args: all } });
const SERVER = [socketCluster('s', '/sds')];
const sdsServer = (key: string, value: string) => ({
  envoy_grpc: { cluster_name: 's' },
  initial_metadata: [{ key, value }],
});
const asking = (service: Json) => ({ api_config_source: { api_type: 'GRPC', grpc_services: [service] } });
const logging = (service: Json) =>
  withRoutes([host([route('b')])], {
    access_log: [
      {
        name: 'a',
        typed_config: anyOf('envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', {
          common_config: { log_name: 'l', grpc_service: service },
        }),
      },
    ],
  });

const PAIRS: readonly Pair[] = [
  [
    'cluster name other server',
    'diff',
    withSds(sdsThrough('s1'), [socketCluster('s1', '/a'), socketCluster('s2', '/b')]),
    withSds(sdsThrough('s2'), [socketCluster('s1', '/a'), socketCluster('s2', '/b')]),
  ],
  [
    'cluster name same server',
    'same',
    withSds(sdsThrough('s1'), [socketCluster('s1', '/a'), socketCluster('s2', '/a')]),
    withSds(sdsThrough('s2'), [socketCluster('s1', '/a'), socketCluster('s2', '/a')]),
  ],
  [
    'cluster same name other pipe',
    'diff',
    withSds(sdsThrough('s1'), [socketCluster('s1', '/a')]),
    withSds(sdsThrough('s1'), [socketCluster('s1', '/b')]),
  ],
  [
    'google->envoy same socket',
    'same',
    withSds(sdsAt('unix:/a')),
    withSds(sdsThrough('s1'), [socketCluster('s1', '/a')]),
  ],
  ['unix spelling', 'same', withSds(sdsAt('unix:/a')), withSds(sdsAt('unix:///a'))],
  [
    'path other',
    'diff',
    withSds({ path_config_source: { path: '/a.yaml' } }),
    withSds({ path_config_source: { path: '/b.yaml' } }),
  ],
  [
    'path->path_config_source',
    'same',
    withSds({ path: '/a.yaml' }),
    withSds({ path_config_source: { path: '/a.yaml' } }),
  ],
  ['ads->server', 'diff', withSds({ ads: {} }), withSds(sdsAt('unix:/a'))],
  [
    'static gone',
    'diff',
    withSds(undefined, [], {}, [
      {
        name: 'cert',
        tls_certificate: { certificate_chain: { filename: '/a' }, private_key: { filename: '/b' } },
      },
      { name: 'ca', validation_context: { trusted_ca: { filename: '/c' } } },
    ]),
    withSds(undefined, [], {}, [
      {
        name: 'cert',
        tls_certificate: { certificate_chain: { filename: '/a' }, private_key: { filename: '/b' } },
      },
    ]),
  ],
  [
    'static->path static stays',
    'diff',
    withSds(undefined, [], {}, [
      {
        name: 'cert',
        tls_certificate: { certificate_chain: { filename: '/a' }, private_key: { filename: '/b' } },
      },
      { name: 'ca', validation_context: { trusted_ca: { filename: '/c' } } },
    ]),
    withSds({ path_config_source: { path: '/q' } }, [], {}, [
      {
        name: 'cert',
        tls_certificate: { certificate_chain: { filename: '/a' }, private_key: { filename: '/b' } },
      },
      { name: 'ca', validation_context: { trusted_ca: { filename: '/c' } } },
    ]),
  ],
  [
    'path content',
    'diff',
    [withSds({ path_config_source: { path: '/q' } }), servedRoot('/x')],
    [withSds({ path_config_source: { path: '/q' } }), servedRoot('/y')],
  ],
  ['ticket keys sds', 'any', withSds(sdsAt('unix:/a')), withSds(sdsAt('unix:/a'))],
  [
    'eds of sds cluster',
    'diff',
    [
      withSds(sdsThrough('s1'), [
        { name: 's1', type: 'EDS', eds_cluster_config: { eds_config: { ads: {} } } },
      ]),
      {
        resources: [
          anyOf('envoy.config.endpoint.v3.ClusterLoadAssignment', {
            cluster_name: 's1',
            endpoints: [{ lb_endpoints: [endpoint('10.0.0.1')] }],
          }),
        ],
      },
    ],
    [
      withSds(sdsThrough('s1'), [
        { name: 's1', type: 'EDS', eds_cluster_config: { eds_config: { ads: {} } } },
      ]),
      {
        resources: [
          anyOf('envoy.config.endpoint.v3.ClusterLoadAssignment', {
            cluster_name: 's1',
            endpoints: [{ lb_endpoints: [endpoint('10.0.0.2')] }],
          }),
        ],
      },
    ],
  ],
  [
    'ssl->local',
    'diff',
    adsFrom(google('x:1', checked())),
    adsFrom(google('x:1', { channel_credentials: { local_credentials: {} } })),
  ],
  ['target', 'diff', adsFrom(google('x:1', checked())), adsFrom(google('y:1', checked()))],
  ['target dns prefix', 'same', adsFrom(google('x:1', checked())), adsFrom(google('dns:///x:1', checked()))],
  ['envoy->google insecure', 'diff', adsFrom({ envoy_grpc: { cluster_name: 'b' } }), adsFrom(google('x:1'))],
  ['sds creds dropped', 'diff', withSds(sdsAt('x:1', checked())), withSds(sdsAt('x:1'))],
  [
    'sds google default->root',
    'diff',
    withSds(sdsAt('x:1', { channel_credentials: { google_default: {} } })),
    withSds(sdsAt('x:1', checked())),
  ],
  [
    'als google',
    'diff',
    withRoutes([host([route('b')])], {
      access_log: [
        {
          name: 'a',
          typed_config: anyOf('envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', {
            common_config: { log_name: 'l', grpc_service: google('x', checked()) },
          }),
        },
      ],
    }),
    withRoutes([host([route('b')])], {
      access_log: [
        {
          name: 'a',
          typed_config: anyOf('envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', {
            common_config: { log_name: 'l', grpc_service: google('x') },
          }),
        },
      ],
    }),
  ],
  [
    'call creds dropped',
    'diff',
    adsFrom(google('x:1', { ...checked(), call_credentials: [{ access_token: 't' }] })),
    adsFrom(google('x:1', checked())),
  ],
  [
    'stat prefix',
    'same',
    adsFrom(google('x:1', checked())),
    adsFrom({ google_grpc: { target_uri: 'x:1', stat_prefix: 'zzz', ...checked() } }),
  ],
  [
    'insecure inline root->file',
    'diff',
    adsFrom(google('x:1', checked())),
    adsFrom(
      google('x:1', { channel_credentials: { ssl_credentials: { root_certs: { inline_string: 'abc' } } } }),
    ),
  ],
  [
    'a channel and a cluster of one socket',
    'same',
    { ...adsFrom(google('unix:/a')), static_resources: { clusters: [socketCluster('s', '/a')] } },
    {
      ...adsFrom({ envoy_grpc: { cluster_name: 's' } }),
      static_resources: { clusters: [socketCluster('s', '/a')] },
    },
  ],
  [
    'a channel and a cluster of another socket',
    'diff',
    { ...adsFrom(google('unix:/a')), static_resources: { clusters: [socketCluster('s', '/b')] } },
    {
      ...adsFrom({ envoy_grpc: { cluster_name: 's' } }),
      static_resources: { clusters: [socketCluster('s', '/b')] },
    },
  ],
  ...(
    [
      [
        'a name in place of the target',
        'diff',
        checked(),
        { ...checked(), ...args({ 'grpc.ssl_target_name_override': { string_value: 'b' } }) },
      ],
      [
        'another such name',
        'diff',
        { ...checked(), ...args({ 'grpc.default_authority': { string_value: 'a' } }) },
        { ...checked(), ...args({ 'grpc.default_authority': { string_value: 'b' } }) },
      ],
      [
        'an argument that is not known',
        'diff',
        checked(),
        { ...checked(), ...args({ 'grpc.http_proxy': { string_value: 'b' } }) },
      ],
      [
        'keepalive',
        'same',
        checked(),
        { ...checked(), ...args({ 'grpc.keepalive_time_ms': { int_value: 9 } }) },
      ],
      ['a plugin for credentials', 'diff', {}, { channel_credentials_plugin: [anyOf('acme.Credentials')] }],
      [
        'another plugin for credentials',
        'diff',
        { channel_credentials_plugin: [anyOf('acme.Credentials', { a: 1 })] },
        { channel_credentials_plugin: [anyOf('acme.Credentials', { a: 2 })] },
      ],
      [
        'another plugin for calls',
        'diff',
        { ...checked(), call_credentials_plugin: [anyOf('acme.Token', { a: 1 })] },
        { ...checked(), call_credentials_plugin: [anyOf('acme.Token', { a: 2 })] },
      ],
    ] as const
  ).flatMap(([name, expected, old, now]): Pair[] => [
    [`ADS channel: ${name}`, expected, adsFrom(google('x:1', old)), adsFrom(google('x:1', now))],
    [`SDS channel: ${name}`, expected, withSds(sdsAt('x:1', old)), withSds(sdsAt('x:1', now))],
  ]),
  ['ADS with another token', 'diff', adsFrom(sdsServer('x-token', 'a')), adsFrom(sdsServer('x-token', 'b'))],
  [
    'ADS with a token in other words',
    'same',
    adsFrom(sdsServer('x-token', 'a')),
    adsFrom(sdsServer('X-Token', 'a')),
  ],
  [
    'SDS with another token',
    'diff',
    withSds(asking(sdsServer('x-token', 'a')), SERVER),
    withSds(asking(sdsServer('x-token', 'b')), SERVER),
  ],
  [
    'SDS with any other header',
    'diff',
    withSds(asking(sdsServer('x-team', 'a')), SERVER),
    withSds(asking(sdsServer('x-team', 'b')), SERVER),
  ],
  [
    'SDS with the same header',
    'same',
    withSds(asking(sdsServer('x-team', 'a')), SERVER),
    withSds(asking({ ...sdsServer('x-team', 'a'), timeout: '3s' }), SERVER),
  ],
  [
    'an access log with another token',
    'diff',
    logging(sdsServer('authorization', 'a')),
    logging(sdsServer('authorization', 'b')),
  ],
  [
    'an access log with another header',
    'same',
    logging(sdsServer('x-team', 'a')),
    logging(sdsServer('x-team', 'b')),
  ],
];

test.each(PAIRS)('%s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else if (expected === 'diff') expect(trust).not.toBe('same');
  else expect(['same', 'changed', 'unknown']).toContain(trust);
});
