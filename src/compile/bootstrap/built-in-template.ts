// The template that is used where none is given, and that `--print-template` prints. What it says for
// `--discovery ads` is what Istio 1.1's own bootstrap says (tools/packaging/common/envoy_bootstrap_v2.json):
// Structs included, whose bools are texts.

/** A bootstrap of Envoy's v2 API, in Handlebars. */
export const BUILT_IN_TEMPLATE = String.raw`{{!--
  An Envoy bootstrap (API v2) for xdsc bootstrap --template.
  {{json value}} writes any value as JSON; "{{value}}" writes a string, a number or a bool inside quotes.
  Trailing commas are allowed: the result is reformatted.
--}}
{
  "node": {{json node}},
  "admin": {
    "access_log_path": "/dev/null",
    "address": {"socket_address": {{json admin}} }
  },
  {{#if discovery.ads}}
  "dynamic_resources": {
    "lds_config": {"ads": {}},
    "cds_config": {"ads": {}},
    "ads_config": {
      "api_type": "GRPC",
      "grpc_services": [{"envoy_grpc": {"cluster_name": "xds-grpc"}}]
    }
  },
  {{/if}}
  {{#if discovery.files}}
  "dynamic_resources": {
    "lds_config": {"path": {{json discovery.files.lds}} },
    "cds_config": {"path": {{json discovery.files.cds}} }
  },
  {{/if}}
  "static_resources": {
    "clusters": [
      {{! The admin interface, which the listener below forwards to. }}
      {
        "name": "prometheus_stats",
        "type": "STATIC",
        "connect_timeout": "0.25s",
        "lb_policy": "ROUND_ROBIN",
        "hosts": [{"socket_address": {{json admin}} }]
      },
      {{#if discovery.ads}}
      {
        "name": "xds-grpc",
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_ONLY",
        "connect_timeout": {{json control_plane.connect_timeout}},
        "lb_policy": "ROUND_ROBIN",
        "hosts": [{"socket_address": {{json control_plane.address}} }],
        {{#if control_plane.tls_context}}
        "tls_context": {{json control_plane.tls_context}},
        {{/if}}
        "circuit_breakers": {
          "thresholds": [
            {
              "priority": "DEFAULT",
              "max_connections": 100000,
              "max_pending_requests": 100000,
              "max_requests": 100000
            },
            {
              "priority": "HIGH",
              "max_connections": 100000,
              "max_pending_requests": 100000,
              "max_requests": 100000
            },
          ]
        },
        "upstream_connection_options": {"tcp_keepalive": {"keepalive_time": 300}},
        "http2_protocol_options": {}
      },
      {{/if}}
      {{#with tracing.zipkin}}
      {
        "name": "zipkin",
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_ONLY",
        "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",
        "hosts": [{"socket_address": {{json address}} }]
      },
      {{/with}}
      {{#with tracing.lightstep}}
      {
        "name": "lightstep",
        "type": "LOGICAL_DNS",
        "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",
        "hosts": [{"socket_address": {{json address}} }],
        {{#if tls_context}}
        "tls_context": {{json tls_context}},
        {{/if}}
        "http2_protocol_options": {}
      },
      {{/with}}
      {{#with tracing.datadog}}
      {
        "name": "datadog_agent",
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",
        "hosts": [{"socket_address": {{json address}} }]
      },
      {{/with}}
      {{#with metrics_service}}
      {
        "name": "envoy_metrics_service",
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_ONLY",
        "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",
        "hosts": [{"socket_address": {{json address}} }],
        "http2_protocol_options": {}
      },
      {{/with}}
      {{! The proxy's own clusters; empty with ads and files. }}
      {{#each clusters}}
      {{json this}},
      {{/each}}
    ],
    "listeners": [
      {{! Prometheus scrapes the statistics here. Nothing else of the admin interface is exposed. }}
      {
        "address": {"socket_address": {"protocol": "TCP", "address": "0.0.0.0", "port_value": 15090}},
        "filter_chains": [
          {
            "filters": [
              {
                "name": "envoy.http_connection_manager",
                "config": {
                  "codec_type": "AUTO",
                  "stat_prefix": "stats",
                  "route_config": {
                    "virtual_hosts": [
                      {
                        "name": "backend",
                        "domains": ["*"],
                        "routes": [
                          {"match": {"prefix": "/stats/prometheus"}, "route": {"cluster": "prometheus_stats"}}
                        ]
                      }
                    ]
                  },
                  "http_filters": {"name": "envoy.router"}
                }
              }
            ]
          }
        ]
      },
      {{#each listeners}}
      {{json this}},
      {{/each}}
    ]
  },
  {{#with tracing.zipkin}}
  "tracing": {
    "http": {
      "name": "envoy.zipkin",
      "config": {
        "collector_cluster": "zipkin",
        "collector_endpoint": "/api/v1/spans",
        "trace_id_128bit": "true",
        "shared_span_context": "false"
      }
    }
  },
  {{/with}}
  {{#with tracing.lightstep}}
  "tracing": {
    "http": {
      "name": "envoy.lightstep",
      "config": {"collector_cluster": "lightstep", "access_token_file": {{json access_token_file}} }
    }
  },
  {{/with}}
  {{#with tracing.datadog}}
  "tracing": {
    "http": {
      "name": "envoy.tracers.datadog",
      "config": {"collector_cluster": "datadog_agent", "service_name": {{json service_name}} }
    }
  },
  {{/with}}
  {{#if (any metrics_service statsd)}}
  "stats_sinks": [
    {{#if metrics_service}}
    {
      "name": "envoy.metrics_service",
      "config": {"grpc_service": {"envoy_grpc": {"cluster_name": "envoy_metrics_service"}}}
    },
    {{/if}}
    {{#with statsd}}
    {
      "name": "envoy.statsd",
      "config": {"address": {"socket_address": {{json address}} }}
    },
    {{/with}}
  ],
  {{/if}}
  "stats_config": {
    "use_all_default_tags": false,
    "stats_tags": [
      {"tag_name": "cluster_name", "regex": "^cluster\\.((.+?(\\..+?\\.svc\\.cluster\\.local)?)\\.)"},
      {"tag_name": "tcp_prefix", "regex": "^tcp\\.((.*?)\\.)\\w+?$"},
      {"tag_name": "response_code", "regex": "_rq(_(\\d{3}))$"},
      {"tag_name": "response_code_class", "regex": "_rq(_(\\dxx))$"},
      {
        "tag_name": "http_conn_manager_listener_prefix",
        "regex": "^listener(?=\\.).*?\\.http\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)"
      },
      {
        "tag_name": "http_conn_manager_prefix",
        "regex": "^http\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)"
      },
      {
        "tag_name": "listener_address",
        "regex": "^listener\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)"
      },
      {
        "tag_name": "mongo_prefix",
        "regex": "^mongo\\.(.+?)\\.(collection|cmd|cx_|op_|delays_|decoding_)(.*?)$"
      }
    ],
    "stats_matcher": {
      "inclusion_list": {
        "patterns": [
          {{#each stats.prefixes}}
          {"prefix": {{json this}} },
          {{/each}}
          {{#each stats.suffixes}}
          {"suffix": {{json this}} },
          {{/each}}
          {{#each stats.regexes}}
          {"regex": {{json this}} },
          {{/each}}
        ]
      }
    }
  },
  {{#if runtime}}
  "layered_runtime": {"layers": [{"name": "static", "static_layer": {{json runtime}} }]},
  {{/if}}
  {{#with overload}}
  "overload_manager": {
    "refresh_interval": "0.25s",
    "resource_monitors": [
      {
        "name": "envoy.resource_monitors.fixed_heap",
        "typed_config": {
          "@type": "type.googleapis.com/envoy.config.resource_monitor.fixed_heap.v2alpha.FixedHeapConfig",
          "max_heap_size_bytes": {{json max_heap_bytes}}
        }
      }
    ],
    "actions": [
      {
        "name": "envoy.overload_actions.shrink_heap",
        "triggers": [{"name": "envoy.resource_monitors.fixed_heap", "threshold": {"value": 0.95}}]
      },
      {
        "name": "envoy.overload_actions.stop_accepting_requests",
        "triggers": [{"name": "envoy.resource_monitors.fixed_heap", "threshold": {"value": 0.98}}]
      }
    ]
  },
  {{/with}}
}
`;
