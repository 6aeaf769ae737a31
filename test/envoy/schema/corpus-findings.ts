// The errors that the schema check finds in the corpus, by file: line, code and path. All are true.

/** What is wrong in a file, and why that is so. */
interface Looked {
  readonly why: string;
  readonly errors: readonly string[];
}

export const CORPUS_FINDINGS: Readonly<Record<string, Looked>> = {
  'embedded/aqua-helm__kube-enforcer_values_f08ef6--lds.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find; messages of v2 among messages of v3',
    errors: [
      '58 missing-type resources[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
      '50 removed-type resources[0].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config',
    ],
  },
  'embedded/aqua-helm__server_values_0a363a--envoy.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find; messages of v2 among messages of v3',
    errors: [
      '44 missing-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
      '36 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config',
    ],
  },
  'embedded/envoy-control-plane__config_test1-id_ef9692.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: ['81 missing-config listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1]'],
  },
  'embedded/envoy-control-plane__config_test2-id_036f12--test2-id.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: ['88 missing-config listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]'],
  },
  'embedded/gateway__proxy_testdata_daemonsets_gateway-namespace-mode_c516be--2.yaml': {
    why: 'the name of the argument is before the configuration',
    errors: ['1 unknown-field --config-yaml admin'],
  },
  'embedded/gateway__proxy_testdata_deployments_extension-env_82e08e--2.yaml': {
    why: 'the name of the argument is before the configuration',
    errors: ['1 unknown-field --config-yaml admin'],
  },
  'embedded/gke-grpc-envoy-lb__envoy_k8s_envoy-configmap_1596b6--envoy.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find',
    errors: [
      '41 missing-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
    ],
  },
  'embedded/gke-grpc-envoy-lb__envoy_k8s_envoy-configmap_1596b6.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find',
    errors: [
      '47 missing-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
    ],
  },
  'embedded/spire-envoy-kafka__data-consumer_conf_envoy-config-map_f25637.yaml': {
    why: 'fields of v2 beside types of v3, which Envoys since 1.18 do not read',
    errors: [
      '32 removed-field static_resources.clusters[0].hosts',
      '43 removed-field static_resources.clusters[1].tls_context',
    ],
  },
  'embedded/spire-envoy-kafka__kafka_envoy-configmap_fe0456--envoy.yaml': {
    why: 'fields of v2 beside types of v3, which Envoys since 1.18 do not read',
    errors: [
      '42 removed-field static_resources.listeners[1].filter_chains[0].tls_context',
      '116 removed-field static_resources.clusters[0].hosts',
    ],
  },
  'envoy/envoy-wasm__configs_google-vrp_envoy-edge_803b01.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find; messages of v2 among messages of v3',
    errors: [
      '76 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '6 removed-type overload_manager.resource_monitors[0].typed_config',
    ],
  },
  'envoy/envoy-wasm__configs_google-vrp_envoy-origin_283d34.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find; messages of v2 among messages of v3',
    errors: [
      '64 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '6 removed-type overload_manager.resource_monitors[0].typed_config',
    ],
  },
  'envoy/envoy-wasm__configs_terminate_connect.v3_419bd8.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '39 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'envoy/envoy-wasm__configuration_best_practices__include_edge_958a23.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find; messages of v2 among messages of v3',
    errors: [
      '36 missing-type static_resources.listeners[0].listener_filters[0].typed_config',
      '6 removed-type overload_manager.resource_monitors[0].typed_config',
    ],
  },
  'envoy/envoy-wasm__examples_cache_front-envoy_8e9574.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find; a message of an alpha version that is gone',
    errors: [
      '36 missing-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
      '32 unknown-extension static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config',
    ],
  },
  'envoy/envoy-wasm__examples_ext_authz_config_http-service_85065d.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: ['11 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config'],
  },
  'envoy/envoy-wasm__ext_authz_config_grpc-service_v3_2b4829.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: ['11 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config'],
  },
  'envoy/envoy-wasm__filters_network_mysql_proxy_mysql_test_config_d65f3e.yaml': {
    why: 'the path is a template in double braces, which YAML reads as a map',
    errors: ['2 wrong-kind admin.access_log_path'],
  },
  'envoy/envoy-wasm__filters_network_postgres_proxy_postgres_test_config_6c2877.yaml': {
    why: 'the path is a template in double braces, which YAML reads as a map',
    errors: ['2 wrong-kind admin.access_log_path'],
  },
  'envoy/envoy-wasm__http_http_filters__include_grpc-reverse-bridge-filter_0e7215.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find',
    errors: [
      '55 missing-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
    ],
  },
  'envoy/envoy-wasm__http_http_filters__include_grpc-transcoder-filter_b27910.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '39 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1]',
    ],
  },
  'envoy/envoy-wasm__listeners_network_filters__include_sni-dynamic-forward-proxy-filter_28b8fc.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find; a message of an alpha version that is gone',
    errors: [
      '17 missing-config static_resources.listeners[0].listener_filters[0]',
      '22 unknown-extension static_resources.listeners[0].filter_chains[0].filters[0].typed_config',
    ],
  },
  'envoy/envoy-wasm__server_test_data_static_validation_cluster_unknown_field_61675f.yaml': {
    why: 'an unknown field, as the name of the file says',
    errors: ['5 unknown-field static_resources.clusters.foo'],
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
  'istio/istio__envoy_configdump_testdata_bootstrapdump_1.0.0.json': {
    why: 'Zipkin needs an endpoint by its rules of v2',
    errors: ['95 missing-field bootstrap.tracing.http.config.collector_endpoint'],
  },
  'istio/istio__envoy_configdump_testdata_configdump_1.0.0.json': {
    why: 'a tracer without its endpoint, in a dump of Envoy 1.7',
    errors: ['388 missing-field configs.bootstrap.bootstrap.tracing.http.config.collector_endpoint'],
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
    why: 'a tracer without its endpoint, in a dump of Envoy 1.7',
    errors: ['392 missing-field configs.bootstrap.bootstrap.tracing.http.config.collector_endpoint'],
  },
  'istio/istio__writer_compare_testdata_envoyconfigdump_1.0.0.json': {
    why: 'a tracer without its endpoint, in a dump of Envoy 1.7',
    errors: ['388 missing-field configs.bootstrap.bootstrap.tracing.http.config.collector_endpoint'],
  },
  'others/Envoy-Pilot__test_rspec_json_listener_3_d41671.json': {
    why: 'endpoint was removed from HealthCheck before 1.8',
    errors: ['68 unknown-field filter_chains[0].filters[0].config.http_filters[0].config.endpoint'],
  },
  'others/alts-go-grpc-envoy__envoy_envoy.local_885118.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find',
    errors: [
      '28 missing-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config',
      '50 missing-type static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config',
    ],
  },
  'others/aqua-helm__kube-enforcer-starboard_conf_lds_21a56d.yaml': {
    why: 'an empty typed_config, whose extension Envoys since 1.22 do not find',
    errors: [
      '58 missing-type resources[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
    ],
  },
  'others/docker-envoy-demo__envoy_dynamic_lds_a993b8.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: ['28 missing-config resources[0].filter_chains[0].filters[0].typed_config.http_filters[0]'],
  },
  'others/docker-envoy-demo__envoy_websocket_d171c2.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '37 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/emissary__gold_ratelimitv1withtlstest_snapshots_econf_8c93d1.json': {
    why: 'use_alpha was removed from RateLimitServiceConfig',
    errors: [
      '162 unknown-field static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].config.rate_limit_service.use_alpha',
    ],
  },
  'others/envoy-control-plane__examples_zone-aware_envoy_e2dee3.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: [
      '25 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config',
      '31 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.access_log[0].typed_config',
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
  'others/envoy-playground__egress-gateway-external-https-proxy_gateway_envoy_3af956.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: ['15 missing-config static_resources.listeners[0].listener_filters[0]'],
  },
  'others/envoy-playground__wasm-oci_oci_envoy_758880.yaml': {
    why: 'a field that the API does not have',
    errors: [
      '56 unknown-field static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0].typed_config.config.vm_config.image_pull_secret',
    ],
  },
  'others/envoy-proxy-example__config_envoy_ba1299.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '33 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '67 missing-config static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/envoy-proxy-example__envoy_049b69.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '33 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '67 missing-config static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/envoy-tls-renew-example__bootstrap_d3d5b4.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '18 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '42 missing-config static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/envoy_discovery__envoy_config_163792.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '36 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/envoy_external_authz__basic_2f86e9.yaml': {
    why: 'messages of v2 among messages of v3; a field of v2 in a message of v3',
    errors: [
      '22 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config',
      '78 removed-field static_resources.clusters[0].hosts',
    ],
  },
  'others/envoy_external_authz__basic_7e2346.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '70 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[2]',
    ],
  },
  'others/envoy_iap__envoy_iap_a76bee.yaml': {
    why: 'an HttpUri needs a timeout',
    errors: [
      '41 missing-field static_resources.listeners[0].filter_chains[0].filters[0].config.http_filters[0].config.providers["google-jwt"].remote_jwks.http_uri.timeout',
    ],
  },
  'others/envoy_iap__envoy_iap_a93f78.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '55 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1]',
    ],
  },
  'others/envoy_mtls__certsvc_93d34a.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '32 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/envoy_mtls__envoy_1_ae02a9.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '32 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/envoy_mtls__envoy_2_472679.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '38 missing-config static_resources.listeners[0].filter_chains[0].filters[1].typed_config.http_filters[0]',
    ],
  },
  'others/esp-v2__examples_dynamic_routing_envoy_config_3da26b.json': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '263 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[3]',
    ],
  },
  'others/esp-v2__examples_dynamic_routing_envoy_config_d57727.json': {
    why: 'messages of v2 among messages of v3',
    errors: [
      '282 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[3].typed_config',
    ],
  },
  'others/esp-v2__examples_testdata_path_matcher_envoy_config_3b8d3c.json': {
    why: 'messages of v2 among messages of v3',
    errors: [
      '134 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
    ],
  },
  'others/esp-v2__examples_testdata_sidecar_backend_envoy_config_465c46.json': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '148 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1]',
    ],
  },
  'others/gloo__helm_gloo-ee_files_ssl-sds-apiserver-envoy-config_66e0db.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '64 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '65 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1]',
      '66 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[2]',
    ],
  },
  'others/gloo__helm_gloo-fed_files_gloo-fed-ssl-apiserver-envoy-config_23c868.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '58 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '59 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1]',
      '60 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[2]',
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
    why: 'a port is a word that a test replaces; a field of v2 in a message of v3',
    errors: [
      '25 bad-value static_resources.clusters[0].hosts[0].socket_address.port_value',
      '22 removed-field static_resources.clusters[0].hosts',
    ],
  },
  'others/kubernetes-envoy-example__deploy_envoy_user_0a9f4a.json': {
    why: 'endpoint was removed from HealthCheck before 1.8',
    errors: [
      '107 unknown-field static_resources.listeners[0].filter_chains[0].filters[0].config.http_filters[0].config.endpoint',
      '199 unknown-field static_resources.listeners[1].filter_chains[0].filters[0].config.http_filters[0].config.endpoint',
    ],
  },
  'others/kuma__generator_testdata_template-proxy_1-envoy-config.golden_0ff294.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: ['4 removed-type resources[0].resource'],
  },
  'others/kuma__generator_testdata_template-proxy_1-envoy-config.golden_6b0c50.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: ['4 removed-type resources[0].resource'],
  },
  'others/osm__tests_envoy_xds_expectations_expected_output_getProbeListener_c7f7c2.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: ['36 missing-config filter_chains[0].filters[0].typed_config.http_filters[0]'],
  },
  'others/proxy__extensions_attributegen_testdata_server_3158fd.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find; a field of v2 in a message of v3',
    errors: [
      '87 missing-config static_resources.listeners[0].filter_chains[0].filters[0]',
      '189 missing-config static_resources.listeners[1].filter_chains[0].filters[0]',
      '88 removed-field static_resources.listeners[0].filter_chains[0].filters[0].config',
      '236 removed-field static_resources.clusters[0].hosts',
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
  'others/proxy__tools_extensionserver_envoy_6f4afd.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: [
      '41 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config',
    ],
  },
  'others/servicemesh_in_practise__Envoy-Mesh_https-https-proxy_front-envoy_e037ff.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '30 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/spire-envoy-example__services_edge-proxy_envoy_db7f3f.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: [
      '19 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config',
      '26 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.access_log[0].typed_config',
    ],
  },
  'others/spire-envoy-example__services_ingress-proxy_envoy_a18fc2.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: [
      '19 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config',
      '26 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.access_log[0].typed_config',
    ],
  },
  'others/spire-envoy-example__services_ingress-proxy_envoy_eb0d7b.yaml': {
    why: 'messages of v2 among messages of v3',
    errors: [
      '19 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config',
      '26 removed-type static_resources.listeners[0].filter_chains[0].filters[0].typed_config.access_log[0].typed_config',
    ],
  },
  'others/spire-examples__docker_echo_conf_envoy_1d4f80.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '39 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '107 missing-config static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/spire-examples__docker_echo_conf_envoy_2137ce.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '39 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '110 missing-config static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/spire-examples__docker_web-domain_conf_envoy_e45182.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '36 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '67 missing-config static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/spire-examples__docker_web-federated_conf_envoy_ad6c89.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '36 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '67 missing-config static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/spire-examples__docker_web_conf_envoy_c0c742.yaml': {
    why: 'a name without its configuration, which Envoys since 1.22 do not find',
    errors: [
      '36 missing-config static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[0]',
      '67 missing-config static_resources.listeners[1].filter_chains[0].filters[0].typed_config.http_filters[0]',
    ],
  },
  'others/spire-tutorials__k8s_backend_config_envoy_e4e051.yaml': {
    why: 'a field of v2 in a message of v3',
    errors: [
      '78 removed-field static_resources.listeners[0].filter_chains[0].transport_socket.typed_config.common_tls_context.combined_validation_context.default_validation_context.verify_subject_alt_name',
    ],
  },
};
