// The extensions that v2 configurations name: what their configs are, what they are called today, and which
// are gone. Names: the version histories of Envoy 1.10 to 1.18 ("Deprecated items: names"), and the list that
// Envoy 1.40 prints when it starts. The type of a `config` Struct: the extension's own v2 documentation. The
// type of a filter's config for a route: the filters' factories in Envoy 1.17, the last that read v2.

import { addToGroup } from '../../collections/grouped.js';
import { type MessageInfo, message } from '../api-table.js';
import { successorOf } from '../upgrade/correspondence.js';
import type { Category } from './categories.js';
import type { Side } from './side.js';

/** The name of a message; for each side of the proxy its own where the two sides differ. */
type TypeName = string | Readonly<Record<Side, string>>;

/** An extension of Envoy, or one that others built into it. */
export interface Extension {
  readonly category: Category;
  /** Today's name. */
  readonly name: string;
  /** Names that it had, without today's. */
  readonly oldNames: readonly string[];
  /** The v2 message of its config; undefined where it has none of its own. */
  readonly config: TypeName | undefined;
  /** The v3 message, where it does not follow from the v2 message. */
  readonly type: TypeName | undefined;
  /** The message of a filter's config for a route, where it is another one than the filter's own. */
  readonly perRoute: string | undefined;
  /** Whether other proxies read another config under the same names before Envoy had the extension. */
  readonly hasOtherForms: boolean;
  /** Why there is no such extension any more. */
  readonly gone: string | undefined;
  /** What one should know of it today. */
  readonly remark: string | undefined;
  /** Whether it keeps peers out: leaving it out would let them in. */
  readonly guards: boolean;
}

type Options = Partial<Pick<Extension, 'type' | 'perRoute' | 'hasOtherForms' | 'gone' | 'remark' | 'guards'>>;

const all: Extension[] = [];

function define(
  category: Category,
  name: string,
  oldNames: readonly string[],
  config: TypeName | undefined,
  { type, perRoute, hasOtherForms = false, gone, remark, guards = false }: Options = {},
): void {
  all.push({ category, name, oldNames, config, type, perRoute, hasOtherForms, gone, remark, guards });
}

const V2 = 'envoy.config.filter';
const CONTRIB = 'it is only in the contrib build of Envoy today';

/** A filter that came when there was v3 already: files of v2 name it all the same. */
const late = (type: string, remark?: string): Options => ({
  type: `envoy.extensions.filters.${type}`,
  ...(remark !== undefined && { remark }),
});

/** A filter with a message of its own for routes. */
const perRoute = (type: string): Options => ({ perRoute: `${V2}.http.${type}` });
/** One that came when there was v3 already. */
const latePerRoute = (type: string): Options => ({ perRoute: `envoy.extensions.filters.http.${type}` });

/** Wasm came to Envoy in 1.17; Istio 1.5 to 1.8 had it before, and with other fields. */
const wasm = (type: string): Options => ({ type: `envoy.extensions.${type}`, hasOtherForms: true });

// HTTP filters.
const http = (short: string, old: readonly string[], config: string | undefined, options?: Options): void =>
  define('http', `envoy.filters.http.${short}`, old, config && `${V2}.http.${config}`, options);
http('adaptive_concurrency', [], 'adaptive_concurrency.v2alpha.AdaptiveConcurrency');
http('admission_control', [], undefined, late('http.admission_control.v3.AdmissionControl'));
http('aws_lambda', [], 'aws_lambda.v2alpha.Config', perRoute('aws_lambda.v2alpha.PerRouteConfig'));
http('aws_request_signing', [], 'aws_request_signing.v2alpha.AwsRequestSigning');
http('buffer', ['envoy.buffer'], 'buffer.v2.Buffer', perRoute('buffer.v2.BufferPerRoute'));
http('cache', [], 'cache.v2alpha.CacheConfig');
http('compressor', [], 'compressor.v2.Compressor');
http('cors', ['envoy.cors'], 'cors.v2.Cors');
http('cdn_loop', [], undefined, late('http.cdn_loop.v3.CdnLoopConfig'));
http('csrf', ['envoy.csrf'], 'csrf.v2.CsrfPolicy');
http('decompressor', [], undefined, late('http.decompressor.v3.Decompressor'));
http(
  'dynamic_forward_proxy',
  [],
  'dynamic_forward_proxy.v2alpha.FilterConfig',
  perRoute('dynamic_forward_proxy.v2alpha.PerRouteConfig'),
);
http('dynamo', ['envoy.http_dynamo_filter'], 'dynamo.v2.Dynamo', {
  type: 'envoy.extensions.filters.http.dynamo.v3.Dynamo',
  remark: CONTRIB,
});
http('ext_authz', ['envoy.ext_authz'], 'ext_authz.v2.ExtAuthz', perRoute('ext_authz.v2.ExtAuthzPerRoute'));
http('ext_proc', [], undefined, late('http.ext_proc.v3.ExternalProcessor'));
http('fault', ['envoy.fault'], 'fault.v2.HTTPFault');
http('grpc_http1_bridge', ['envoy.grpc_http1_bridge'], 'grpc_http1_bridge.v2.Config');
http(
  'grpc_http1_reverse_bridge',
  [],
  'grpc_http1_reverse_bridge.v2alpha1.FilterConfig',
  perRoute('grpc_http1_reverse_bridge.v2alpha1.FilterConfigPerRoute'),
);
http('grpc_json_transcoder', ['envoy.grpc_json_transcoder'], 'transcoder.v2.GrpcJsonTranscoder');
http('grpc_stats', [], 'grpc_stats.v2alpha.FilterConfig');
http('grpc_web', ['envoy.grpc_web'], 'grpc_web.v2.GrpcWeb');
http('gzip', ['envoy.gzip'], 'gzip.v2.Gzip');
http('header_to_metadata', [], 'header_to_metadata.v2.Config');
http('health_check', ['envoy.health_check'], 'health_check.v2.HealthCheck');
http('ip_tagging', ['envoy.ip_tagging'], 'ip_tagging.v2.IPTagging');
http('jwt_authn', [], 'jwt_authn.v2alpha.JwtAuthentication', latePerRoute('jwt_authn.v3.PerRouteConfig'));
http('kill_request', [], undefined, late('http.kill_request.v3.KillRequest'));
http('local_ratelimit', [], undefined, late('http.local_ratelimit.v3.LocalRateLimit'));
http('lua', ['envoy.lua'], 'lua.v2.Lua', latePerRoute('lua.v3.LuaPerRoute'));
http('oauth2', [], undefined, late('http.oauth2.v3.OAuth2'));
http('on_demand', [], 'on_demand.v2.OnDemand');
http('original_src', [], 'original_src.v2alpha1.OriginalSrc');
http(
  'ratelimit',
  ['envoy.rate_limit'],
  'rate_limit.v2.RateLimit',
  latePerRoute('ratelimit.v3.RateLimitPerRoute'),
);
http('rbac', [], 'rbac.v2.RBAC', perRoute('rbac.v2.RBACPerRoute'));
http('router', ['envoy.router'], 'router.v2.Router');
http('squash', ['envoy.squash'], 'squash.v2.Squash', {
  type: 'envoy.extensions.filters.http.squash.v3.Squash',
  remark: CONTRIB,
});
http('tap', [], 'tap.v2alpha.Tap');
http('wasm', ['envoy.wasm'], undefined, wasm('filters.http.wasm.v3.Wasm'));

// Network filters.
const network = (
  short: string,
  old: readonly string[],
  config: string | undefined,
  options?: Options,
): void =>
  define('network', `envoy.filters.network.${short}`, old, config && `${V2}.network.${config}`, options);
network('client_ssl_auth', ['envoy.client_ssl_auth'], 'client_ssl_auth.v2.ClientSSLAuth', {
  type: 'envoy.extensions.filters.network.client_ssl_auth.v3.ClientSSLAuth',
  remark: CONTRIB,
});
network('direct_response', [], 'direct_response.v2.Config');
network('dubbo_proxy', [], 'dubbo_proxy.v2alpha1.DubboProxy');
network('echo', ['envoy.echo'], 'echo.v2.Echo');
network('ext_authz', ['envoy.ext_authz'], 'ext_authz.v2.ExtAuthz');
network(
  'http_connection_manager',
  ['envoy.http_connection_manager'],
  'http_connection_manager.v2.HttpConnectionManager',
);
network('kafka_broker', [], 'kafka_broker.v2alpha1.KafkaBroker', {
  type: 'envoy.extensions.filters.network.kafka_broker.v3.KafkaBroker',
  remark: CONTRIB,
});
network('local_ratelimit', [], 'local_rate_limit.v2alpha.LocalRateLimit');
network('mongo_proxy', ['envoy.mongo_proxy'], 'mongo_proxy.v2.MongoProxy');
network('mysql_proxy', [], 'mysql_proxy.v1alpha1.MySQLProxy', {
  type: 'envoy.extensions.filters.network.mysql_proxy.v3.MySQLProxy',
  remark: CONTRIB,
});
network('postgres_proxy', [], undefined, late('network.postgres_proxy.v3alpha.PostgresProxy', CONTRIB));
network('ratelimit', ['envoy.ratelimit'], 'rate_limit.v2.RateLimit');
network('rbac', [], 'rbac.v2.RBAC');
network('redis_proxy', ['envoy.redis_proxy'], 'redis_proxy.v2.RedisProxy');
network('rocketmq_proxy', [], undefined, late('network.rocketmq_proxy.v3.RocketmqProxy', CONTRIB));
network('sni_cluster', [], 'sni_cluster.v2.SniCluster');
network(
  'sni_dynamic_forward_proxy',
  [],
  undefined,
  late('network.sni_dynamic_forward_proxy.v3.FilterConfig'),
);
network('tcp_proxy', ['envoy.tcp_proxy'], 'tcp_proxy.v2.TcpProxy');
network('thrift_proxy', [], 'thrift_proxy.v2alpha1.ThriftProxy');
network('wasm', [], undefined, wasm('filters.network.wasm.v3.Wasm'));
network('zookeeper_proxy', [], 'zookeeper_proxy.v1alpha1.ZooKeeperProxy');

// Filters of thrift_proxy and dubbo_proxy.
define('thrift', 'envoy.filters.thrift.router', [], `${V2}.thrift.router.v2alpha1.Router`);
define('thrift', 'envoy.filters.thrift.rate_limit', [], `${V2}.thrift.rate_limit.v2alpha1.RateLimit`);
define('dubbo', 'envoy.filters.dubbo.router', [], `${V2}.dubbo.router.v2alpha1.Router`);

// Listener filters.
const listener = (short: string, config: string): void =>
  define(
    'listener',
    `envoy.filters.listener.${short}`,
    [`envoy.listener.${short}`],
    `${V2}.listener.${short}.${config}`,
  );
listener('http_inspector', 'v2.HttpInspector');
listener('original_dst', 'v2.OriginalDst');
listener('original_src', 'v2alpha1.OriginalSrc');
listener('proxy_protocol', 'v2.ProxyProtocol');
listener('tls_inspector', 'v2.TlsInspector');
define('udp', 'envoy.filters.udp_listener.udp_proxy', [], `${V2}.udp.udp_proxy.v2alpha.UdpProxyConfig`);
define(
  'udp',
  'envoy.filters.udp.dns_filter',
  ['envoy.filters.udp_listener.dns_filter'],
  `${V2}.udp.dns_filter.v2alpha.DnsFilterConfig`,
  late('udp.dns_filter.v3.DnsFilterConfig'),
);

// Access loggers.
const logger = (short: string, old: string, config: string): void =>
  define('access-log', `envoy.access_loggers.${short}`, [old], `envoy.config.accesslog.v2.${config}`);
logger('file', 'envoy.file_access_log', 'FileAccessLog');
logger('http_grpc', 'envoy.http_grpc_access_log', 'HttpGrpcAccessLogConfig');
logger('tcp_grpc', 'envoy.tcp_grpc_access_log', 'TcpGrpcAccessLogConfig');
define('access-log', 'envoy.access_loggers.open_telemetry', ['envoy.open_telemetry_access_log'], undefined, {
  type: 'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',
});
define(
  'access-log',
  'envoy.access_loggers.wasm',
  ['envoy.wasm_access_log'],
  undefined,
  wasm('access_loggers.wasm.v3.WasmAccessLog'),
);

// Stats sinks.
const sink = (short: string, old: readonly string[], config: string): void =>
  define('stats-sink', `envoy.stat_sinks.${short}`, old, `envoy.config.metrics.v2.${config}`);
sink('dog_statsd', ['envoy.dog_statsd'], 'DogStatsdSink');
sink('hystrix', [], 'HystrixSink');
sink('metrics_service', ['envoy.metrics_service'], 'MetricsServiceConfig');
sink('statsd', ['envoy.statsd'], 'StatsdSink');
define('stats-sink', 'envoy.stat_sinks.wasm', [], undefined, wasm('stat_sinks.wasm.v3.Wasm'));

// Tracers.
const tracer = (short: string, old: readonly string[], config: string, options?: Options): void =>
  define('tracer', `envoy.tracers.${short}`, old, `envoy.config.trace.${config}`, options);
tracer('datadog', [], 'v2.DatadogConfig');
tracer('dynamic_ot', ['envoy.dynamic.ot'], 'v2.DynamicOtConfig', {
  gone: 'Envoy has no OpenTracing since 1.33: use envoy.tracers.opentelemetry',
});
tracer('lightstep', ['envoy.lightstep'], 'v2.LightstepConfig', {
  gone: 'Envoy has no LightStep tracer since 1.30: use envoy.tracers.opentelemetry',
});
tracer('opencensus', [], 'v2.OpenCensusConfig', {
  gone: 'Envoy has no OpenCensus since 1.34: use envoy.tracers.opentelemetry',
});
define('tracer', 'envoy.tracers.skywalking', [], undefined, {
  type: 'envoy.config.trace.v3.SkyWalkingConfig',
});
tracer('xray', [], 'v2alpha.XRayConfig');
tracer('zipkin', ['envoy.zipkin'], 'v2.ZipkinConfig');

// Transport sockets.
const socket = (short: string, old: readonly string[], config: string): void =>
  define(
    'transport-socket',
    `envoy.transport_sockets.${short}`,
    old,
    `envoy.config.transport_socket.${config}`,
  );
socket('alts', [], 'alts.v2alpha.Alts');
socket('raw_buffer', ['raw_buffer'], 'raw_buffer.v2.RawBuffer');
socket('tap', [], 'tap.v2alpha.Tap');
define('transport-socket', 'envoy.transport_sockets.tls', ['tls'], {
  downstream: 'envoy.api.v2.auth.DownstreamTlsContext',
  upstream: 'envoy.api.v2.auth.UpstreamTlsContext',
});
define('transport-socket', 'envoy.transport_sockets.starttls', ['starttls'], undefined, {
  type: {
    downstream: 'envoy.extensions.transport_sockets.starttls.v3.StartTlsConfig',
    upstream: 'envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig',
  },
});
define('transport-socket', 'envoy.transport_sockets.upstream_proxy_protocol', [], undefined, {
  type: 'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
});

// Health checkers, resource monitors, retries, credentials, clusters.
define(
  'health-checker',
  'envoy.health_checkers.redis',
  ['redis_health_check'],
  'envoy.config.health_checker.redis.v2.Redis',
);
const monitor = (short: string, config: string): void =>
  define(
    'resource-monitor',
    `envoy.resource_monitors.${short}`,
    [],
    `envoy.config.resource_monitor.${config}`,
  );
monitor('fixed_heap', 'fixed_heap.v2alpha.FixedHeapConfig');
monitor('injected_resource', 'injected_resource.v2alpha.InjectedResourceConfig');
const predicate = (short: string, config: string): void =>
  define('retry-host', `envoy.retry_host_predicates.${short}`, [], `envoy.config.retry.${config}`);
predicate('omit_canary_hosts', 'omit_canary_hosts.v2.OmitCanaryHostsPredicate');
predicate('omit_host_metadata', 'omit_host_metadata.v2.OmitHostMetadataConfig');
predicate('previous_hosts', 'previous_hosts.v2.PreviousHostsPredicate');
define(
  'retry-priority',
  'envoy.retry_priorities.previous_priorities',
  [],
  'envoy.config.retry.previous_priorities.PreviousPrioritiesConfig',
);
define(
  'grpc-credentials',
  'envoy.grpc_credentials.file_based_metadata',
  [],
  'envoy.config.grpc_credential.v2alpha.FileBasedMetadataConfig',
);
define(
  'grpc-credentials',
  'envoy.grpc_credentials.aws_iam',
  [],
  'envoy.config.grpc_credential.v2alpha.AwsIamConfig',
  { gone: 'Envoy has no gRPC credentials of AWS IAM since 1.36' },
);
define('cluster', 'envoy.clusters.aggregate', [], 'envoy.config.cluster.aggregate.v2alpha.ClusterConfig');
define(
  'cluster',
  'envoy.clusters.dynamic_forward_proxy',
  [],
  'envoy.config.cluster.dynamic_forward_proxy.v2alpha.ClusterConfig',
);
define('cluster', 'envoy.clusters.redis', [], 'envoy.config.cluster.redis.RedisClusterConfig');
define(
  'protocol-options',
  'envoy.filters.network.thrift_proxy',
  [],
  `${V2}.network.thrift_proxy.v2alpha1.ThriftProtocolOptions`,
);
define(
  'protocol-options',
  'envoy.filters.network.redis_proxy',
  ['envoy.redis_proxy'],
  `${V2}.network.redis_proxy.v2.RedisProtocolOptions`,
);

define(
  'http-cache',
  'envoy.extensions.http.cache.simple',
  [],
  'envoy.source.extensions.filters.http.cache.SimpleHttpCacheConfig',
  { type: 'envoy.extensions.http.cache.simple_http_cache.v3.SimpleHttpCacheConfig' },
);

// What others built into Envoy.
const ISTIO = 'it is a filter of old Istio proxies, and no Envoy has it';
define('http', 'mixer', ['envoy.filters.http.mixer'], 'istio.mixer.v1.config.client.HttpClientConfig', {
  gone: ISTIO,
});
define('network', 'mixer', [], 'istio.mixer.v1.config.client.TcpClientConfig', { gone: ISTIO });
define('http', 'istio_authn', [], 'istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig', {
  gone: ISTIO,
  guards: true,
});
define('http', 'jwt-auth', [], 'istio.envoy.config.filter.http.jwt_auth.v2alpha1.JwtAuthentication', {
  gone: `${ISTIO}: use envoy.filters.http.jwt_authn`,
  guards: true,
});
define('network', 'forward_downstream_sni', [], undefined, { gone: ISTIO });
define('network', 'sni_verifier', [], undefined, { gone: ISTIO, guards: true });
define('network', 'envoy.filters.network.forward_downstream_sni', [], undefined, { gone: ISTIO });
define('network', 'envoy.filters.network.sni_verifier', [], undefined, { gone: ISTIO, guards: true });
define('network', 'envoy.filters.network.tcp_cluster_rewrite', [], undefined, { gone: ISTIO });
define(
  'http',
  'istio.alpn',
  ['envoy.filters.http.alpn'],
  'istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig',
  {
    gone: ISTIO,
  },
);
define('network', 'envoy.filters.network.metadata_exchange', [], undefined, {
  gone: 'it is a filter of Istio proxies, and only they have it',
});

/** All extensions that are known. */
export const EXTENSIONS: readonly Extension[] = all;

/** By every name that it has or had. */
const byName = new Map<string, Extension[]>();
const byType = new Map<string, Extension>();
for (const extension of all) {
  for (const name of [extension.name, ...extension.oldNames]) {
    addToGroup(byName, name, extension);
  }
  for (const type of sides(extension.config)) if (!byType.has(type)) byType.set(type, extension);
}

function sides(type: TypeName | undefined): string[] {
  if (type === undefined) return [];
  return typeof type === 'string' ? [type] : [type.downstream, type.upstream];
}

/** Few configs differ between the sides, so it is asked for late which side it is. */
function onSide(type: TypeName | undefined, side: () => Side): string | undefined {
  return type === undefined || typeof type === 'string' ? type : type[side()];
}

/** The extensions of exactly this name, today's or an old one: categories share some names. */
export function extensionsCalled(name: string): readonly Extension[] {
  return byName.get(name) ?? [];
}

/** The extension of a name, today's or an old one. */
export function extensionNamed(category: Category, name: string): Extension | undefined {
  const isOf = (extension: Extension): boolean => extension.category === category;
  // Before 1.0 of the API they had no prefix.
  return byName.get(name)?.find(isOf) ?? byName.get(`envoy.${name}`)?.find(isOf);
}

/** The extension whose config is a message of v2. */
export function extensionOfType(typeName: string): Extension | undefined {
  return byType.get(typeName);
}

/** The message that an extension's `config` Struct is read as; undefined where that is not known. */
export function structType({ config, type }: Extension, side: () => Side): MessageInfo | undefined {
  const ofV2 = onSide(config, side);
  const ofV3 = onSide(type, side);
  return (ofV2 === undefined ? undefined : message(ofV2)) ?? (ofV3 === undefined ? undefined : message(ofV3));
}

/**
 * The message that a filter's config for a route is read as, in a Struct. Where a filter says nothing else of
 * routes, its factory takes the filter's own message (FactoryBase in Envoy up to 1.17).
 */
export function routeStructType(extension: Extension): MessageInfo | undefined {
  const { perRoute, gone } = extension;
  if (perRoute !== undefined) return message(perRoute);
  return gone === undefined ? structType(extension, () => 'downstream') : undefined;
}

/** The full name of the v3 message of an extension's config; undefined where it has none. */
export function typeToday({ config, type }: Extension, side: () => Side): string | undefined {
  const ofV2 = onSide(config, side);
  return onSide(type, side) ?? (ofV2 === undefined ? undefined : successorOf(ofV2)?.name);
}

/** The full names of all messages that an extension's config can be, in v2 and v3, on either side. */
export function configTypes({ config, type }: Extension): readonly string[] {
  const ofV2 = sides(config);
  return [...ofV2, ...ofV2.flatMap((name) => successorOf(name)?.name ?? []), ...sides(type)];
}
