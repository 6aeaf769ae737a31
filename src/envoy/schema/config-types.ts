// What the `config` Struct of a v2 extension holds: the message that the extension's name stands for, at the
// place where it stands. Names from Envoy's source/extensions/**/well_known_names.h of 1.9 to 1.14, both those
// of before Envoy 1.14 (`envoy.router`) and those since (`envoy.filters.http.router`).

/** A kind of extensions: how its names begin, and the message of each; names that do not begin so stand whole. */
interface Family {
  readonly prefixes: readonly string[];
  readonly types: Readonly<Record<string, string>>;
}

const HTTP = 'envoy.config.filter.http';
const NETWORK = 'envoy.config.filter.network';
const LISTENER = 'envoy.config.filter.listener';

const HTTP_FILTERS: Family = {
  prefixes: ['envoy.filters.http.', 'envoy.'],
  types: {
    adaptive_concurrency: `${HTTP}.adaptive_concurrency.v2alpha.AdaptiveConcurrency`,
    aws_lambda: `${HTTP}.aws_lambda.v2alpha.Config`,
    aws_request_signing: `${HTTP}.aws_request_signing.v2alpha.AwsRequestSigning`,
    buffer: `${HTTP}.buffer.v2.Buffer`,
    cache: `${HTTP}.cache.v2alpha.CacheConfig`,
    compressor: `${HTTP}.compressor.v2.Compressor`,
    cors: `${HTTP}.cors.v2.Cors`,
    csrf: `${HTTP}.csrf.v2.CsrfPolicy`,
    dynamic_forward_proxy: `${HTTP}.dynamic_forward_proxy.v2alpha.FilterConfig`,
    dynamo: `${HTTP}.dynamo.v2.Dynamo`,
    ext_authz: `${HTTP}.ext_authz.v2.ExtAuthz`,
    fault: `${HTTP}.fault.v2.HTTPFault`,
    grpc_http1_bridge: `${HTTP}.grpc_http1_bridge.v2.Config`,
    grpc_http1_reverse_bridge: `${HTTP}.grpc_http1_reverse_bridge.v2alpha1.FilterConfig`,
    grpc_json_transcoder: `${HTTP}.transcoder.v2.GrpcJsonTranscoder`,
    grpc_stats: `${HTTP}.grpc_stats.v2alpha.FilterConfig`,
    grpc_web: `${HTTP}.grpc_web.v2.GrpcWeb`,
    gzip: `${HTTP}.gzip.v2.Gzip`,
    header_to_metadata: `${HTTP}.header_to_metadata.v2.Config`,
    health_check: `${HTTP}.health_check.v2.HealthCheck`,
    http_dynamo_filter: `${HTTP}.dynamo.v2.Dynamo`,
    ip_tagging: `${HTTP}.ip_tagging.v2.IPTagging`,
    jwt_authn: `${HTTP}.jwt_authn.v2alpha.JwtAuthentication`,
    lua: `${HTTP}.lua.v2.Lua`,
    on_demand: `${HTTP}.on_demand.v2.OnDemand`,
    original_src: `${HTTP}.original_src.v2alpha1.OriginalSrc`,
    rate_limit: `${HTTP}.rate_limit.v2.RateLimit`,
    ratelimit: `${HTTP}.rate_limit.v2.RateLimit`,
    rbac: `${HTTP}.rbac.v2.RBAC`,
    router: `${HTTP}.router.v2.Router`,
    squash: `${HTTP}.squash.v2.Squash`,
    tap: `${HTTP}.tap.v2alpha.Tap`,
    istio_authn: 'istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig',
    'jwt-auth': 'istio.envoy.config.filter.http.jwt_auth.v2alpha1.JwtAuthentication',
  },
};

/** What a route, virtual host or weighted cluster says for a filter. */
const ROUTE_FILTERS: Family = {
  prefixes: HTTP_FILTERS.prefixes,
  types: {
    aws_lambda: `${HTTP}.aws_lambda.v2alpha.PerRouteConfig`,
    buffer: `${HTTP}.buffer.v2.BufferPerRoute`,
    csrf: `${HTTP}.csrf.v2.CsrfPolicy`,
    dynamic_forward_proxy: `${HTTP}.dynamic_forward_proxy.v2alpha.PerRouteConfig`,
    ext_authz: `${HTTP}.ext_authz.v2.ExtAuthzPerRoute`,
    fault: `${HTTP}.fault.v2.HTTPFault`,
    grpc_http1_reverse_bridge: `${HTTP}.grpc_http1_reverse_bridge.v2alpha1.FilterConfigPerRoute`,
    rbac: `${HTTP}.rbac.v2.RBACPerRoute`,
  },
};

const NETWORK_FILTERS: Family = {
  prefixes: ['envoy.filters.network.', 'envoy.'],
  types: {
    client_ssl_auth: `${NETWORK}.client_ssl_auth.v2.ClientSSLAuth`,
    direct_response: `${NETWORK}.direct_response.v2.Config`,
    dubbo_proxy: `${NETWORK}.dubbo_proxy.v2alpha1.DubboProxy`,
    echo: `${NETWORK}.echo.v2.Echo`,
    ext_authz: `${NETWORK}.ext_authz.v2.ExtAuthz`,
    http_connection_manager: `${NETWORK}.http_connection_manager.v2.HttpConnectionManager`,
    kafka_broker: `${NETWORK}.kafka_broker.v2alpha1.KafkaBroker`,
    local_ratelimit: `${NETWORK}.local_rate_limit.v2alpha.LocalRateLimit`,
    mongo_proxy: `${NETWORK}.mongo_proxy.v2.MongoProxy`,
    mysql_proxy: `${NETWORK}.mysql_proxy.v1alpha1.MySQLProxy`,
    ratelimit: `${NETWORK}.rate_limit.v2.RateLimit`,
    rbac: `${NETWORK}.rbac.v2.RBAC`,
    redis_proxy: `${NETWORK}.redis_proxy.v2.RedisProxy`,
    sni_cluster: `${NETWORK}.sni_cluster.v2.SniCluster`,
    tcp_proxy: `${NETWORK}.tcp_proxy.v2.TcpProxy`,
    thrift_proxy: `${NETWORK}.thrift_proxy.v2alpha1.ThriftProxy`,
    zookeeper_proxy: `${NETWORK}.zookeeper_proxy.v1alpha1.ZooKeeperProxy`,
  },
};

const LISTENER_FILTERS: Family = {
  prefixes: ['envoy.filters.listener.', 'envoy.listener.'],
  types: {
    http_inspector: `${LISTENER}.http_inspector.v2.HttpInspector`,
    original_dst: `${LISTENER}.original_dst.v2.OriginalDst`,
    original_src: `${LISTENER}.original_src.v2alpha1.OriginalSrc`,
    proxy_protocol: `${LISTENER}.proxy_protocol.v2.ProxyProtocol`,
    tls_inspector: `${LISTENER}.tls_inspector.v2.TlsInspector`,
  },
};

const THRIFT_FILTERS: Family = {
  prefixes: ['envoy.filters.thrift.'],
  types: {
    rate_limit: 'envoy.config.filter.thrift.rate_limit.v2alpha1.RateLimit',
    router: 'envoy.config.filter.thrift.router.v2alpha1.Router',
  },
};

const ACCESS_LOGGERS: Family = {
  prefixes: ['envoy.access_loggers.', 'envoy.'],
  types: {
    file: 'envoy.config.accesslog.v2.FileAccessLog',
    file_access_log: 'envoy.config.accesslog.v2.FileAccessLog',
    http_grpc: 'envoy.config.accesslog.v2.HttpGrpcAccessLogConfig',
    http_grpc_access_log: 'envoy.config.accesslog.v2.HttpGrpcAccessLogConfig',
    tcp_grpc: 'envoy.config.accesslog.v2.TcpGrpcAccessLogConfig',
    tcp_grpc_access_log: 'envoy.config.accesslog.v2.TcpGrpcAccessLogConfig',
  },
};

const TRACERS: Family = {
  prefixes: ['envoy.tracers.', 'envoy.'],
  types: {
    datadog: 'envoy.config.trace.v2.DatadogConfig',
    dynamic_ot: 'envoy.config.trace.v2.DynamicOtConfig',
    'dynamic.ot': 'envoy.config.trace.v2.DynamicOtConfig',
    lightstep: 'envoy.config.trace.v2.LightstepConfig',
    opencensus: 'envoy.config.trace.v2.OpenCensusConfig',
    xray: 'envoy.config.trace.v2alpha.XRayConfig',
    zipkin: 'envoy.config.trace.v2.ZipkinConfig',
  },
};

const STATS_SINKS: Family = {
  prefixes: ['envoy.stat_sinks.', 'envoy.'],
  types: {
    dog_statsd: 'envoy.config.metrics.v2.DogStatsdSink',
    hystrix: 'envoy.config.metrics.v2.HystrixSink',
    metrics_service: 'envoy.config.metrics.v2.MetricsServiceConfig',
    statsd: 'envoy.config.metrics.v2.StatsdSink',
  },
};

const RESOURCE_MONITORS: Family = {
  prefixes: ['envoy.resource_monitors.'],
  types: {
    fixed_heap: 'envoy.config.resource_monitor.fixed_heap.v2alpha.FixedHeapConfig',
    injected_resource: 'envoy.config.resource_monitor.injected_resource.v2alpha.InjectedResourceConfig',
  },
};

const HOST_PREDICATES: Family = {
  prefixes: ['envoy.retry_host_predicates.'],
  types: {
    omit_canary_hosts: 'envoy.config.retry.omit_canary_hosts.v2.OmitCanaryHostsPredicate',
    omit_host_metadata: 'envoy.config.retry.omit_host_metadata.v2.OmitHostMetadataConfig',
    previous_hosts: 'envoy.config.retry.previous_hosts.v2.PreviousHostsPredicate',
  },
};

const RETRY_PRIORITIES: Family = {
  prefixes: ['envoy.retry_priorities.'],
  types: { previous_priorities: 'envoy.config.retry.previous_priorities.PreviousPrioritiesConfig' },
};

const HEALTH_CHECKERS: Family = {
  prefixes: ['envoy.health_checkers.'],
  types: { redis: 'envoy.config.health_checker.redis.v2.Redis' },
};

const GRPC_CREDENTIALS: Family = {
  prefixes: ['envoy.grpc_credentials.'],
  types: {
    aws_iam: 'envoy.config.grpc_credential.v2alpha.AwsIamConfig',
    file_based_metadata: 'envoy.config.grpc_credential.v2alpha.FileBasedMetadataConfig',
  },
};

const TRANSPORT_SOCKETS: Family = {
  prefixes: ['envoy.transport_sockets.'],
  types: {
    alts: 'envoy.config.transport_socket.alts.v2alpha.Alts',
    raw_buffer: 'envoy.config.transport_socket.raw_buffer.v2.RawBuffer',
    tap: 'envoy.config.transport_socket.tap.v2alpha.Tap',
  },
};

const PROTOCOL_OPTIONS: Family = {
  prefixes: NETWORK_FILTERS.prefixes,
  types: {
    redis_proxy: `${NETWORK}.redis_proxy.v2.RedisProtocolOptions`,
    thrift_proxy: `${NETWORK}.thrift_proxy.v2alpha1.ThriftProtocolOptions`,
  },
};

/** Messages with a `name` and a `config`. */
const NAMED: ReadonlyMap<string, Family> = new Map([
  [
    'envoy.api.v2.core.GrpcService.GoogleGrpc.CallCredentials.MetadataCredentialsFromPlugin',
    GRPC_CREDENTIALS,
  ],
  ['envoy.api.v2.core.HealthCheck.CustomHealthCheck', HEALTH_CHECKERS],
  ['envoy.api.v2.core.TransportSocket', TRANSPORT_SOCKETS],
  ['envoy.api.v2.listener.Filter', NETWORK_FILTERS],
  ['envoy.api.v2.listener.ListenerFilter', LISTENER_FILTERS],
  ['envoy.api.v2.route.RetryPolicy.RetryHostPredicate', HOST_PREDICATES],
  ['envoy.api.v2.route.RetryPolicy.RetryPriority', RETRY_PRIORITIES],
  ['envoy.config.filter.accesslog.v2.AccessLog', ACCESS_LOGGERS],
  ['envoy.config.filter.network.http_connection_manager.v2.HttpFilter', HTTP_FILTERS],
  ['envoy.config.filter.network.thrift_proxy.v2alpha1.ThriftFilter', THRIFT_FILTERS],
  ['envoy.config.metrics.v2.StatsSink', STATS_SINKS],
  ['envoy.config.overload.v2alpha.ResourceMonitor', RESOURCE_MONITORS],
  ['envoy.config.trace.v2.Tracing.Http', TRACERS],
]);

/** Maps from an extension's name to its Struct, by field. */
const KEYED: ReadonlyMap<string, Family> = new Map([
  ['per_filter_config', ROUTE_FILTERS],
  ['extension_protocol_options', PROTOCOL_OPTIONS],
]);

/** Where in a listener or in a cluster a transport socket stands: the two sides of TLS differ. */
export type Side = 'downstream' | 'upstream';

/** The message in the `config` of a message of a type with this name; undefined where that is not known. */
export function configType(holder: string, name: string, side: Side): string | undefined {
  const family = NAMED.get(holder);
  if (family === TRANSPORT_SOCKETS && (name === 'tls' || name === 'envoy.transport_sockets.tls'))
    return side === 'downstream'
      ? 'envoy.api.v2.auth.DownstreamTlsContext'
      : 'envoy.api.v2.auth.UpstreamTlsContext';
  return family === undefined ? undefined : typeIn(family, name);
}

/** Whether messages of a type have a name that tells what their `config` is. */
export function hasNamedConfig(holder: string): boolean {
  return NAMED.has(holder);
}

/** The message in the value of a map of Structs; undefined where that is not known. */
export function keyedConfigType(field: string, name: string): string | undefined {
  const family = KEYED.get(field);
  return family === undefined ? undefined : typeIn(family, name);
}

/** All messages that a `config` may be: what a test checks to exist. */
export function allConfigTypes(): readonly string[] {
  return [...NAMED.values(), ...KEYED.values()].flatMap(({ types }) => Object.values(types));
}

function typeIn({ prefixes, types }: Family, name: string): string | undefined {
  if (Object.hasOwn(types, name)) return types[name];
  for (const prefix of prefixes) {
    const rest = name.slice(prefix.length);
    if (name.startsWith(prefix) && Object.hasOwn(types, rest)) return types[rest];
  }
  return undefined;
}
