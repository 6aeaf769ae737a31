// The errors that the schema check finds in the corpus, by file: line, code and path. All are true.

/** What is wrong in a file, and why that is so. */
interface Looked {
  readonly why: string;
  readonly errors: readonly string[];
}

export const CORPUS_FINDINGS: Readonly<Record<string, Looked>> = {
  'envoy/envoy-wasm__filters_network_mysql_proxy_mysql_test_config_d65f3e.yaml': {
    why: 'the path is a template in double braces, which YAML reads as a map',
    errors: ['2 wrong-kind admin.access_log_path'],
  },
  'envoy/envoy-wasm__filters_network_postgres_proxy_postgres_test_config_6c2877.yaml': {
    why: 'the path is a template in double braces, which YAML reads as a map',
    errors: ['2 wrong-kind admin.access_log_path'],
  },
  'envoy/envoy-wasm__server_test_data_static_validation_cluster_unknown_field_61675f.yaml': {
    why: 'an unknown field, as the name of the file says',
    errors: ['5 unknown-field static_resources.clusters.foo'],
  },
  'envoy/envoy-wasm__test_config_integration_server_xds.rds.with_unknown_field_0fb40b.yaml': {
    why: 'an unknown field, as the name of the file says',
    errors: ['11 unknown-field resources[0].foo'],
  },
  'fragments/envoy-mobile__config.cc_2022-11-30-ea912a.yaml': {
    why: 'a fragment of a cluster, without its name',
    errors: ['2 missing-field name'],
  },
  'fragments/envoy_frag__context_impl_test.cc_L608_c52c58.yaml': {
    why: 'the bytes are a template in double braces',
    errors: ['9 bad-value common_tls_context.tls_certificates[0].ocsp_staple.inline_bytes'],
  },
  'fragments/envoy_frag__filter_chain_benchmark_test.cc_L139_43bb29.yaml': {
    why: 'a fragment of a cluster, without its name; session tickets are for servers alone',
    errors: ['7 unknown-field tls_context.session_ticket_keys', '2 missing-field name'],
  },
  'fragments/envoy_frag__filter_chain_benchmark_test.cc_L153_85a678.yaml': {
    why: 'a fragment of a cluster, without its name',
    errors: ['2 missing-field name'],
  },
  'istio/istio__envoy_configdump_testdata_bootstrapdump_1.0.0.json': {
    why: 'Zipkin needs an endpoint by its rules of v2',
    errors: ['95 missing-field bootstrap.tracing.http.config.collector_endpoint'],
  },
  'istio/istio__envoy_configdump_testdata_configdump_1.0.0.json': {
    why: 'configs is a map, as Envoy 1.7 dumped it',
    errors: ['2 missing-type configs'],
  },
  'istio/istio__envoy_v2_testdata_none_lds_http_1.1.0.json': {
    why: "Go's encoding of the message: oneofs by the names of Go's fields",
    errors: [
      '5 unknown-field 0.0.0.0_7071.address.Address',
      '4 missing-field 0.0.0.0_7071.address',
      '19 unknown-field 0.0.0.0_7071.filter_chains[0].filters[0].ConfigType',
      '588 unknown-field 127.0.0.1_15002.address.Address',
      '587 missing-field 127.0.0.1_15002.address',
      '602 unknown-field 127.0.0.1_15002.filter_chains[0].filters[0].ConfigType',
      '830 unknown-field 127.0.0.1_2001.address.Address',
      '829 missing-field 127.0.0.1_2001.address',
      '844 unknown-field 127.0.0.1_2001.filter_chains[0].filters[0].ConfigType',
    ],
  },
  'istio/istio__envoy_v2_testdata_none_rds_1.1.0.json': {
    why: "Go's encoding of the message: oneofs by the names of Go's fields",
    errors: [
      '14 unknown-field 2001.virtual_hosts[0].routes[0].match.PathSpecifier',
      '13 missing-field 2001.virtual_hosts[0].routes[0].match',
      '18 unknown-field 2001.virtual_hosts[0].routes[0].Action',
      '12 missing-field 2001.virtual_hosts[0].routes[0]',
      '135 unknown-field http_proxy.virtual_hosts[0].routes[0].match.PathSpecifier',
      '134 missing-field http_proxy.virtual_hosts[0].routes[0].match',
      '139 unknown-field http_proxy.virtual_hosts[0].routes[0].Action',
      '133 missing-field http_proxy.virtual_hosts[0].routes[0]',
    ],
  },
  'istio/istio__pkg_bootstrap_testdata_all_golden_1.0.0.json': {
    why: 'Zipkin needs an endpoint by its rules of v2',
    errors: ['121 missing-field tracing.http.config.collector_endpoint'],
  },
  'istio/istio__pkg_bootstrap_testdata_all_golden_1.0.5.json': {
    why: 'Zipkin needs an endpoint by its rules of v2',
    errors: ['198 missing-field tracing.http.config.collector_endpoint'],
  },
  'istio/istio__pkg_bootstrap_testdata_running_golden_1.0.5.json': {
    why: 'Zipkin needs an endpoint by its rules of v2',
    errors: ['206 missing-field tracing.http.config.collector_endpoint'],
  },
  'istio/istio__util_configdump_testdata_configdump_1.0.0.json': {
    why: 'configs is a map, as Envoy 1.7 dumped it',
    errors: ['2 missing-type configs'],
  },
  'istio/istio__writer_compare_testdata_envoyconfigdump_1.0.0.json': {
    why: 'configs is a map, as Envoy 1.7 dumped it',
    errors: ['2 missing-type configs'],
  },
  'others/Envoy-Pilot__test_rspec_json_listener_3_d41671.json': {
    why: 'endpoint was removed from HealthCheck before 1.8',
    errors: ['68 unknown-field filter_chains[0].filters[0].config.http_filters[0].config.endpoint'],
  },
  'others/emissary__gold_ratelimitv1withtlstest_snapshots_econf_8c93d1.json': {
    why: 'use_alpha was removed from RateLimitServiceConfig',
    errors: [
      '162 unknown-field static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].config.rate_limit_service.use_alpha',
    ],
  },
  'others/envoy-control__main_resources_envoy_config_auth_8e9b8d.yaml': {
    why: 'a port is a word that a test replaces',
    errors: [
      '59 bad-value static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value',
      '64 bad-value static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints[1].endpoint.address.socket_address.port_value',
    ],
  },
  'others/envoy-control__main_resources_envoy_config_auth_c7cff7.yaml': {
    why: 'a port is a word that a test replaces',
    errors: [
      '50 bad-value static_resources.clusters[0].hosts[0].socket_address.port_value',
      '53 bad-value static_resources.clusters[0].hosts[1].socket_address.port_value',
    ],
  },
  'others/envoy-control__main_resources_envoy_config_gateway_698f88.yaml': {
    why: 'a port is a word that a test replaces',
    errors: [
      '63 bad-value static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value',
      '68 bad-value static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints[1].endpoint.address.socket_address.port_value',
    ],
  },
  'others/envoy-control__main_resources_envoy_config_oauth_93f7a4.yaml': {
    why: 'a port is a word that a test replaces',
    errors: [
      '59 bad-value static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value',
      '64 bad-value static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints[1].endpoint.address.socket_address.port_value',
    ],
  },
  'others/envoy-control__main_resources_envoy_envoy1_auth_config_99e239.yaml': {
    why: 'a port is a word that a test replaces',
    errors: [
      '49 bad-value static_resources.clusters[0].hosts[0].socket_address.port_value',
      '52 bad-value static_resources.clusters[0].hosts[1].socket_address.port_value',
    ],
  },
  'others/envoy-examples__grpc-bridge_config_s2s-grpc-envoy_31ccd3.yaml': {
    why: 'value was removed from HeaderMatcher before 1.8',
    errors: [
      '24 unknown-field static_resources.listeners[0].filter_chains[0].filters[0].config.route_config.virtual_hosts[0].routes[0].match.headers[0].value',
    ],
  },
  'others/envoy_iap__envoy_iap_a76bee.yaml': {
    why: 'an HttpUri needs a timeout',
    errors: [
      '41 missing-field static_resources.listeners[0].filter_chains[0].filters[0].config.http_filters[0].config.providers["google-jwt"].remote_jwks.http_uri.timeout',
    ],
  },
  'others/grpc-envoy-loadbalancer__config_static-lb_b0d743.yaml': {
    why: 'value was removed from HeaderMatcher before 1.8',
    errors: [
      '25 unknown-field static_resources.listeners[0].filter_chains[0].filters[0].config.route_config.virtual_hosts[0].routes[0].match.headers[0].value',
    ],
  },
  'others/java-control-plane__test_resources_envoy_ads.config_b93988.yaml': {
    why: 'a port is a word that a test replaces',
    errors: ['23 bad-value static_resources.clusters[0].hosts[0].socket_address.port_value'],
  },
  'others/java-control-plane__test_resources_envoy_ads.v3.config_57eb55.yaml': {
    why: 'a port is a word that a test replaces',
    errors: ['25 bad-value static_resources.clusters[0].hosts[0].socket_address.port_value'],
  },
  'others/kubernetes-envoy-example__deploy_envoy_user_0a9f4a.json': {
    why: 'endpoint was removed from HealthCheck before 1.8',
    errors: [
      '107 unknown-field static_resources.listeners[0].filter_chains[0].filters[0].config.http_filters[0].config.endpoint',
      '199 unknown-field static_resources.listeners[1].filter_chains[0].filters[0].config.http_filters[0].config.endpoint',
    ],
  },
  'others/proxy__testdata_transport_socket_client_5e298c.yaml': {
    why: 'a fragment of a cluster, without its name',
    errors: ['1 missing-field name'],
  },
  'others/proxy__testdata_transport_socket_client_bc18b5.yaml': {
    why: 'a fragment of a cluster, without its name',
    errors: ['1 missing-field name'],
  },
};
