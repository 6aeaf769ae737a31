// What took the place of fields of v2 that v3 does not have, or has under a number of its own: for people to
// read. From the notes on deprecated fields in the API itself and Envoy's version histories. What became of a
// field otherwise, the descriptors tell.

const UPSTREAM_TLS = 'transport_socket, with an UpstreamTlsContext as its typed_config';
const DOWNSTREAM_TLS = 'transport_socket, with a DownstreamTlsContext as its typed_config';

/** By the end of the message's name and the field. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  'Bootstrap.runtime': 'layered_runtime',
  'CertificateValidationContext.verify_subject_alt_name': 'match_typed_subject_alt_names',
  'CertificateValidationContext.match_subject_alt_names': 'match_typed_subject_alt_names',
  'Cluster.extension_protocol_options': 'typed_extension_protocol_options',
  'Cluster.hosts': 'load_assignment',
  'Cluster.tls_context': UPSTREAM_TLS,
  'ClusterWeight.per_filter_config': 'typed_per_filter_config',
  'CorsPolicy.allow_origin': 'allow_origin_string_match',
  'CorsPolicy.allow_origin_regex': 'allow_origin_string_match, with safe_regex',
  'CorsPolicy.enabled': 'filter_enabled',
  'FaultDelay.type': 'nothing: it had one value',
  'FilterChain.tls_context': DOWNSTREAM_TLS,
  'HeaderMatcher.regex_match': 'string_match, with safe_regex',
  'HttpConnectionManager.idle_timeout': 'common_http_protocol_options.idle_timeout',
  'HttpConnectionManager.Tracing.operation_name': "the listener's traffic_direction",
  'HttpConnectionManager.Tracing.request_headers_for_tags': 'custom_tags',
  'HttpHealthCheck.service_name': 'service_name_matcher',
  'HttpHealthCheck.use_http2': 'codec_client_type: HTTP2',
  'Node.build_version': 'user_agent_build_version',
  'PrefixRoutes.catch_all_cluster': 'catch_all_route.cluster',
  'QueryParameterMatcher.regex': 'string_match, with safe_regex',
  'QueryParameterMatcher.value': 'string_match, with exact',
  'RedisProxy.cluster': 'prefix_routes.catch_all_route.cluster',
  'RequestMirrorPolicy.runtime_key': 'runtime_fraction',
  'Route.per_filter_config': 'typed_per_filter_config',
  'RouteAction.request_mirror_policy': 'request_mirror_policies',
  'RouteMatch.regex': 'safe_regex',
  'StringMatcher.regex': 'safe_regex',
  'TcpProxy.deprecated_v1': "the filter_chain_match of the listener's filter chains",
  'VirtualCluster.method': 'headers, with :method',
  'VirtualCluster.pattern': 'headers, with :path',
  'VirtualHost.per_filter_config': 'typed_per_filter_config',
};

/** What to use instead of a field; undefined where nothing is known. */
export function replacementOf(message: string, field: string): string | undefined {
  if (field === 'config') return 'typed_config';
  const parts = message.split('.');
  for (let from = 0; from < parts.length; from++) {
    const found = REPLACEMENTS[[...parts.slice(from), field].join('.')];
    if (found !== undefined) return found;
  }
  return undefined;
}
