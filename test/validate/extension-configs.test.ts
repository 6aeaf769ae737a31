// What an extension's config holds is one table's to say: validate finds the same in a `config` Struct as in a
// `typed_config`, and takes the config of a filter for a route for the message that convert takes it for.

import { describe, expect, test } from 'vitest';
import { convert } from '../../src/convert/convert.js';
import { EXTENSIONS, routeStructType } from '../../src/envoy/extensions/extensions.js';
import type { Finding } from '../../src/finding/finding.js';
import { validate } from '../../src/validate/validate.js';

const HTTP = 'envoy.config.filter.http';

/** Extensions with a cluster in their config: where they are, names, the type, and the config. */
const CASES: readonly (readonly [
  at: 'http_filters' | 'access_log' | 'tracing' | 'stats_sinks' | 'filters',
  names: readonly string[],
  type: string,
  config: object,
])[] = [
  [
    'tracing',
    ['envoy.zipkin', 'envoy.tracers.zipkin'],
    'envoy.config.trace.v2.ZipkinConfig',
    { collector_cluster: 'agent', collector_endpoint: '/api/v1/spans' },
  ],
  [
    'tracing',
    ['envoy.lightstep'],
    'envoy.config.trace.v2.LightstepConfig',
    { collector_cluster: 'agent', access_token_file: '/etc/token' },
  ],
  [
    'http_filters',
    ['envoy.rate_limit', 'envoy.filters.http.ratelimit'],
    `${HTTP}.rate_limit.v2.RateLimit`,
    { domain: 'web', rate_limit_service: { grpc_service: { envoy_grpc: { cluster_name: 'agent' } } } },
  ],
  [
    'http_filters',
    ['envoy.ext_authz', 'envoy.filters.http.ext_authz'],
    `${HTTP}.ext_authz.v2.ExtAuthz`,
    { grpc_service: { envoy_grpc: { cluster_name: 'agent' } } },
  ],
  [
    'access_log',
    ['envoy.http_grpc_access_log', 'envoy.access_loggers.http_grpc'],
    'envoy.config.accesslog.v2.HttpGrpcAccessLogConfig',
    { common_config: { log_name: 'all', grpc_service: { envoy_grpc: { cluster_name: 'agent' } } } },
  ],
  [
    'stats_sinks',
    ['envoy.metrics_service', 'envoy.stat_sinks.metrics_service'],
    'envoy.config.metrics.v2.MetricsServiceConfig',
    { grpc_service: { envoy_grpc: { cluster_name: 'agent' } } },
  ],
  ['stats_sinks', ['envoy.statsd'], 'envoy.config.metrics.v2.StatsdSink', { tcp_cluster_name: 'agent' }],
  [
    'filters',
    ['envoy.tcp_proxy', 'envoy.filters.network.tcp_proxy'],
    'envoy.config.filter.network.tcp_proxy.v2.TcpProxy',
    { stat_prefix: 'tcp', cluster: 'agent' },
  ],
];

const SOCKET = { socket_address: { address: '127.0.0.1', port_value: 9000 } };

function bootstrap(at: string, extension: object, cluster: string): object {
  const manager = {
    stat_prefix: 'web',
    route_config: { virtual_hosts: [] },
    http_filters: [...(at === 'http_filters' ? [extension] : []), { name: 'envoy.router' }],
    ...(at === 'access_log' && { access_log: [extension] }),
  };
  const filter = at === 'filters' ? extension : { name: 'envoy.http_connection_manager', config: manager };
  return {
    node: { id: 'web-1', cluster: 'web' },
    static_resources: {
      listeners: [{ name: 'web', address: SOCKET, filter_chains: [{ filters: [filter] }] }],
      clusters: [
        {
          name: cluster,
          connect_timeout: '1s',
          type: 'STATIC',
          load_assignment: {
            cluster_name: cluster,
            endpoints: [{ lb_endpoints: [{ endpoint: { address: SOCKET } }] }],
          },
        },
      ],
    },
    ...(at === 'tracing' && { tracing: { http: extension } }),
    ...(at === 'stats_sinks' && { stats_sinks: [extension] }),
  };
}

/** The errors, and clusters that are not there: not for each does Envoy refuse to start. */
function found(file: object): Pick<Finding, 'code' | 'level' | 'message'>[] {
  const { findings } = validate([{ name: 'envoy.json', text: JSON.stringify(file, null, 2) }], { api: 'v2' });
  return findings
    .filter(({ code, level }) => level === 'error' || code === 'unknown-cluster')
    .map(({ code, level, message }) => ({ code, level, message }));
}

describe.each(
  CASES.flatMap(([at, names, type, config]) => names.map((name) => ({ at, name, type, config }))),
)('$name in $at', ({ at, name, type, config }) => {
  const struct = { name, config };
  const typed = { name, typed_config: { '@type': `type.googleapis.com/${type}`, ...config } };

  test('names an unknown cluster in its config as in its typed_config', () => {
    const errors = found(bootstrap(at, struct, 'other'));
    expect(errors.map(({ code }) => code)).toEqual(['unknown-cluster']);
    expect(errors).toEqual(found(bootstrap(at, typed, 'other')));
  });

  test('goes to a cluster without HTTP/2 by gRPC in its config as in its typed_config', () => {
    const errors = found(bootstrap(at, struct, 'agent'));
    const isGrpc = JSON.stringify(config).includes('envoy_grpc');
    expect(errors.map(({ code }) => code)).toEqual(isGrpc ? ['grpc-without-http2'] : []);
    expect(errors).toEqual(found(bootstrap(at, typed, 'agent')));
  });
});

describe('the config of a filter for a route', () => {
  const route = (name: string, config: object): string =>
    JSON.stringify({
      '@type': 'type.googleapis.com/envoy.api.v2.RouteConfiguration',
      name: 'web',
      virtual_hosts: [{ name: 'web', domains: ['*'], per_filter_config: { [name]: config } }],
    });
  const validated = (text: string) =>
    validate([{ name: 'rds.json', text }], { api: 'v2' }).findings.filter(({ level }) => level === 'error');
  const converted = (text: string) =>
    convert([{ name: 'rds.json', text }], { to: 'v3', api: 'v2' }).findings.filter(
      ({ level }) => level === 'error',
    );

  const filters = EXTENSIONS.flatMap((extension) => {
    const field = extension.category === 'http' ? routeStructType(extension)?.fields[0] : undefined;
    return field === undefined || extension.hasOtherForms
      ? []
      : [extension.name, ...extension.oldNames].map((name) => [name, field] as const);
  });

  test('is known of most filters', () => expect(filters.length).toBeGreaterThan(30));

  test.each(filters)('%s: validate and convert see the same mistake', (name, field) => {
    const text = route(name, { [field.name]: field.repeated ? 'text' : ['text'] });
    expect(validated(text).map(({ path }) => path)).not.toEqual([]);
    expect(converted(text).map(({ path }) => path)).not.toEqual([]);
  });

  test.each([
    ['envoy.lua', { disabled: true }],
    ['envoy.filters.http.lua', { name: 'other.lua' }],
    ['envoy.rate_limit', { vh_rate_limits: 'INCLUDE' }],
    ['envoy.filters.http.jwt_authn', { requirement_name: 'one' }],
    ['envoy.buffer', { disabled: true }],
    ['envoy.fault', { abort: { http_status: 503, percentage: { numerator: 1 } } }],
    ['envoy.cors', {}],
  ])('%s: %j is right for both', (name, config) => {
    expect(validated(route(name, config))).toEqual([]);
    expect(converted(route(name, config))).toEqual([]);
  });
});
