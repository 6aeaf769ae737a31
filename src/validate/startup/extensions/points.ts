// Where Envoy looks for an extension by the type of its configuration, and among which.

import type { Transport } from '../listeners/transport.js';

/** A place of extensions. */
export interface Point {
  /** The category, as Envoy lists its extensions. */
  readonly category: string;
  /** What an extension of it is called, with an article. */
  readonly noun: string;
}

const ACCESS_LOGGER: Point = { category: 'envoy.access_loggers', noun: 'an access logger' };
const HTTP_FILTER: Point = { category: 'envoy.filters.http', noun: 'an HTTP filter' };
const UPSTREAM_HTTP_FILTER: Point = {
  category: 'envoy.filters.http.upstream',
  noun: 'an upstream HTTP filter',
};
const RETRY_HOST: Point = { category: 'envoy.retry_host_predicates', noun: 'a retry host predicate' };
const RETRY_PRIORITY: Point = { category: 'envoy.retry_priorities', noun: 'a retry priority' };

/** The filters of a listener, by what it listens with. */
export const LISTENER_FILTERS: Readonly<Record<Transport, Point>> = {
  tcp: { category: 'envoy.filters.listener', noun: 'a listener filter for TCP' },
  udp: { category: 'envoy.filters.udp_listener', noun: 'a listener filter for UDP' },
  quic: { category: 'envoy.filters.quic_listener', noun: 'a listener filter for QUIC' },
};

/** Messages that name an extension themselves. */
export const BY_TYPE: ReadonlyMap<string, Point> = new Map<string, Point>([
  ['envoy.config.accesslog.v3.AccessLog', ACCESS_LOGGER],
  [
    'envoy.config.accesslog.v3.ExtensionFilter',
    { category: 'envoy.access_loggers.extension_filters', noun: 'a filter of access logs' },
  ],
  [
    'envoy.config.core.v3.HealthCheck.CustomHealthCheck',
    { category: 'envoy.health_checkers', noun: 'a health checker' },
  ],
  ['envoy.config.core.v3.RetryPolicy.RetryHostPredicate', RETRY_HOST],
  ['envoy.config.core.v3.RetryPolicy.RetryPriority', RETRY_PRIORITY],
  ['envoy.config.metrics.v3.StatsSink', { category: 'envoy.stats_sinks', noun: 'a stats sink' }],
  [
    'envoy.config.overload.v3.ResourceMonitor',
    { category: 'envoy.resource_monitors', noun: 'a resource monitor' },
  ],
  ['envoy.config.route.v3.RetryPolicy.RetryHostPredicate', RETRY_HOST],
  ['envoy.config.route.v3.RetryPolicy.RetryPriority', RETRY_PRIORITY],
  ['envoy.config.trace.v3.Tracing.Http', { category: 'envoy.tracers', noun: 'a tracer' }],
  [
    'envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension',
    { category: 'envoy.request_id', noun: 'a request ID extension' },
  ],
  [
    'envoy.extensions.filters.network.thrift_proxy.v3.ThriftFilter',
    { category: 'envoy.thrift_proxy.filters', noun: 'a Thrift filter' },
  ],
  [
    'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.SessionFilter',
    { category: 'envoy.filters.udp.session', noun: 'a filter of UDP sessions' },
  ],
]);

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** Fields whose messages name an extension, by the message that they are in. */
export const BY_FIELD: ReadonlyMap<string, Readonly<Record<string, Point>>> = new Map(
  Object.entries({
    'envoy.config.bootstrap.v3.Bootstrap': {
      bootstrap_extensions: { category: 'envoy.bootstrap', noun: 'a bootstrap extension' },
      default_regex_engine: { category: 'envoy.regex_engines', noun: 'a regex engine' },
    },
    'envoy.config.cluster.v3.Cluster': {
      filters: { category: 'envoy.filters.upstream_network', noun: 'a network filter for clusters' },
    },
    'envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat': {
      stateful_formatter: { category: 'envoy.http.stateful_header_formatters', noun: 'a header formatter' },
    },
    'envoy.config.core.v3.SubstitutionFormatString': {
      formatters: { category: 'envoy.formatter', noun: 'a formatter' },
    },
    'envoy.config.listener.v3.FilterChain': {
      filters: { category: 'envoy.filters.network', noun: 'a network filter' },
    },
    'envoy.config.listener.v3.QuicProtocolOptions': {
      crypto_stream_config: { category: 'envoy.quic.server.crypto_stream', noun: 'a QUIC crypto stream' },
      proof_source_config: { category: 'envoy.quic.proof_source', noun: 'a QUIC proof source' },
      connection_id_generator_config: {
        category: 'envoy.quic.connection_id_generator',
        noun: 'a QUIC connection ID generator',
      },
      server_preferred_address_config: {
        category: 'envoy.quic.server_preferred_address',
        noun: 'a QUIC preferred address',
      },
      connection_debug_visitor_config: {
        category: 'envoy.quic.connection_debug_visitor',
        noun: 'a QUIC debug visitor',
      },
    },
    'envoy.config.route.v3.ClusterSpecifierPlugin': {
      extension: { category: 'envoy.router.cluster_specifier_plugin', noun: 'a cluster specifier plugin' },
    },
    'envoy.config.route.v3.InternalRedirectPolicy': {
      predicates: { category: 'envoy.internal_redirect_predicates', noun: 'an internal redirect predicate' },
    },
    'envoy.config.route.v3.RateLimit.Action': {
      extension: { category: 'envoy.rate_limit_descriptors', noun: 'a rate limit descriptor' },
    },
    'envoy.config.route.v3.RouteAction': {
      path_rewrite_policy: { category: 'envoy.path.rewrite', noun: 'a path rewriter' },
      early_data_policy: { category: 'envoy.route.early_data_policy', noun: 'an early data policy' },
    },
    'envoy.config.route.v3.RouteMatch': {
      path_match_policy: { category: 'envoy.path.match', noun: 'a path matcher' },
    },
    'envoy.extensions.filters.http.router.v3.Router': { upstream_http_filters: UPSTREAM_HTTP_FILTER },
    [HCM]: {
      http_filters: HTTP_FILTER,
      original_ip_detection_extensions: {
        category: 'envoy.http.original_ip_detection',
        noun: 'an original IP detection extension',
      },
      early_header_mutation_extensions: {
        category: 'envoy.http.early_header_mutation',
        noun: 'an early header mutation extension',
      },
    },
    [`${HCM}.UpgradeConfig`]: { filters: HTTP_FILTER },
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': { http_filters: UPSTREAM_HTTP_FILTER },
    'envoy.type.matcher.v3.StringMatcher': {
      custom: { category: 'envoy.string_matcher', noun: 'a string matcher' },
    },
  }),
);
