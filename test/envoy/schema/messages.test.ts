// What a person reads, for every code of the schema check: the whole text of the finding.

import { expect, test } from 'vitest';
import { message } from '../../../src/envoy/api-table.js';
import { checkSchema } from '../../../src/envoy/schema/check.js';
import { SCHEMA_CODES } from '../../../src/envoy/schema/codes.js';
import { findingText, PLAIN } from '../../../src/report/finding-text.js';
import { readSource } from '../../../src/source/document.js';

const CLUSTER = 'envoy.api.v2.Cluster';
const CLUSTER_V3 = 'envoy.config.cluster.v3.Cluster';
const LISTENER_V3 = 'envoy.config.listener.v3.Listener';

/** A message's type, its text, and what is said of it. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['unknown-field', CLUSTER, 'name: a\nconnect_timout: 1s\n'],
  ['unknown-field', CLUSTER, 'name: a\nignore_health_on_host_removal: true\n'],
  ['unknown-field', CLUSTER_V3, 'name: a\nzyzzyva: 1\n'],
  ['field-twice', CLUSTER, 'name: a\nlb_policy: MAGLEV\nlbPolicy: RANDOM\n'],
  [
    'single-item',
    CLUSTER_V3,
    'name: a\nhealth_checks: {timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}\n',
  ],
  ['wrong-kind', CLUSTER, 'name: off\n'],
  ['wrong-kind', CLUSTER, 'name: a\ncircuit_breakers: 5\n'],
  ['null-item', LISTENER_V3, 'address: {pipe: {path: /a}}\nlistener_filters: [null]\n'],
  ['missing-field', CLUSTER, 'connect_timeout: 1s\n'],
  ['missing-field', 'envoy.api.v2.core.Address', '{}\n'],
  ['oneof-conflict', CLUSTER, 'name: a\ntype: EDS\ncluster_type: {name: x}\n'],
  ['wrong-kind', CLUSTER, 'name: a\nconnect_timeout: 5\n'],
  ['bad-value', CLUSTER, 'name: a\nconnect_timeout: 250ms\n'],
  ['bad-value', CLUSTER, 'name: a\nper_connection_buffer_limit_bytes: 32k\n'],
  ['broken-rule', 'envoy.api.v2.core.SocketAddress', 'address: a\nport_value: 70000\n'],
  ['broken-rule', 'envoy.api.v2.core.HeaderValue', 'key: "two\\nlines"\nvalue: one\n'],
  ['unfit-duration', LISTENER_V3, 'address: {pipe: {path: /a}}\nlistener_filters_timeout: -5s\n'],
  ['unfit-duration', LISTENER_V3, 'address: {pipe: {path: /a}}\nlistener_filters_timeout: 9223372036s\n'],
  ['unknown-value', CLUSTER, 'name: a\ntype: STRICT_DSN\n'],
  ['enum-case', CLUSTER, 'name: a\ntype: strict_dns\n'],
  ['loose-form', CLUSTER, 'name: a\nconnect_timeout: {seconds: 1}\n'],
  [
    'missing-type',
    LISTENER_V3,
    'address: {pipe: {path: /a}}\nfilter_chains:\n- filters:\n  - name: a\n    typed_config: {stat_prefix: a}\n',
  ],
  [
    'unknown-extension',
    LISTENER_V3,
    'address: {pipe: {path: /a}}\nlistener_filters:\n- name: a\n  typed_config: {"@type": type.googleapis.com/acme.Filter}\n- name: b\n  typed_config: {"@type": type.googleapis.com/acme.Filter}\n',
  ],
  [
    'unknown-extension',
    LISTENER_V3,
    'address: {pipe: {path: /a}}\nlistener_filters:\n- name: a\n  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspecter}\n',
  ],
  ['missing-config', LISTENER_V3, 'address: {pipe: {path: /a}}\nlistener_filters:\n- name: a\n'],
  [
    'removed-type',
    LISTENER_V3,
    'address: {pipe: {path: /a}}\nlistener_filters:\n- name: a\n  typed_config: {"@type": type.googleapis.com/envoy.config.filter.listener.tls_inspector.v2.TlsInspector}\n- name: b\n  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}\n',
  ],
  ['not-in-version', 'envoy.config.listener.v3.FilterChain', 'on_demand_configuration: {}\n'],
  [
    'not-in-build',
    LISTENER_V3,
    'address: {pipe: {path: /a}}\nlistener_filters:\n- name: a\n  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.kafka_mesh.v3alpha.KafkaMesh}\n',
  ],
  ['deprecated-field', CLUSTER, 'name: a\ntls_context: {}\n'],
  ['removed-field', CLUSTER_V3, 'name: a\ntls_context: {}\n'],
  ['work-in-progress', 'xds.core.v3.ContextParams', '{}\n'],
];

function textOf(type: string, text: string): string {
  const [document] = readSource('envoy.yaml', text).documents;
  const found = message(type);
  if (document === undefined || found === undefined) throw new Error(`${type} cannot be read`);
  return checkSchema(document, [{ type: found, node: 0 }])
    .map((finding) => findingText(finding, PLAIN))
    .join('\n');
}

test('the message of every code', () => {
  expect(CASES.map(([, type, text]) => textOf(type, text)).join('\n\n')).toMatchInlineSnapshot(`
    "envoy.yaml:2:1: error: envoy.api.v2.Cluster has no field "connect_timout" [unknown-field]
      at connect_timout
      did you mean connect_timeout?

    envoy.yaml:2:1: error: envoy.api.v2.Cluster has no field "ignore_health_on_host_removal" [unknown-field]
      at ignore_health_on_host_removal
      expected a field of envoy.api.v2.Cluster
      v3 has this field, v2 has not

    envoy.yaml:2:1: error: envoy.config.cluster.v3.Cluster has no field "zyzzyva" [unknown-field]
      at zyzzyva
      expected a field of envoy.config.cluster.v3.Cluster

    envoy.yaml:3:1: warning: lbPolicy and lb_policy are the same field [field-twice]
      at lb_policy
      expected the field once
      remove one of them: in YAML either may count, from start to start

    envoy.yaml:2:16: warning: health_checks is a list in envoy.config.cluster.v3.Cluster, not a map [single-item]
      at health_checks
      expected a list
      wrap it in a list: Envoy reads it as one item, other tools may not

    envoy.yaml:1:7: error: name is a bool [wrong-kind]
      at name
      expected a string, at least 1 byte
      put it in quotes

    envoy.yaml:2:19: error: circuit_breakers is a number [wrong-kind]
      at circuit_breakers
      expected a map: CircuitBreakers

    envoy.yaml:2:20: error: listener_filters holds a null [null-item]
      at listener_filters[0]
      expected a ListenerFilter; a null in a list is not a value

    envoy.yaml:1:1: error: name is missing in this Cluster [missing-field]
      at name
      expected a string, at least 1 byte

    envoy.yaml:1:1: error: this Address says no address [missing-field]
      expected one of socket_address, pipe

    envoy.yaml:3:1: error: cluster_type and type exclude each other [oneof-conflict]
      at cluster_type
      expected one of the two: both are a cluster_discovery_type
      remove one of them

    envoy.yaml:2:18: error: connect_timeout is a number [wrong-kind]
      at connect_timeout
      did you mean 5s?

    envoy.yaml:2:18: error: connect_timeout is "250ms" [bad-value]
      at connect_timeout
      did you mean 0.25s?

    envoy.yaml:2:36: error: per_connection_buffer_limit_bytes is "32k" [bad-value]
      at per_connection_buffer_limit_bytes
      expected a whole number from 0 to 4294967295

    envoy.yaml:2:13: error: port_value is 70000 [broken-rule]
      at port_value
      expected a whole number from 0 to 65535

    envoy.yaml:1:6: error: key is (9 characters, not shown) [broken-rule]
      at key
      expected a string, 1 to 16384 bytes, the name of an HTTP header

    envoy.yaml:2:27: error: listener_filters_timeout is negative, and Envoy takes no negative duration [unfit-duration]
      at listener_filters_timeout
      expected a duration of 0s or more

    envoy.yaml:2:27: error: listener_filters_timeout is longer than Envoy can count [unfit-duration]
      at listener_filters_timeout
      expected a duration below 9223372036s

    envoy.yaml:2:7: error: type is "STRICT_DSN", which envoy.api.v2.Cluster.DiscoveryType does not have [unknown-value]
      at type
      did you mean STRICT_DNS?

    envoy.yaml:2:7: note: type is "strict_dns"; its name is STRICT_DNS [enum-case]
      at type
      did you mean STRICT_DNS?
      write the name as it is declared: Envoy reads it in any case, other tools do not

    envoy.yaml:2:18: warning: connect_timeout is a map of its own fields [loose-form]
      at connect_timeout
      expected a duration in seconds, as in 0.25s, greater than 0s
      write it as expected: some Envoys accept it as it is, other tools do not

    envoy.yaml:5:5: error: typed_config has no @type [missing-type]
      at filter_chains[0].filters[0].typed_config
      expected "@type": type.googleapis.com/ and the name of a message

    envoy.yaml:4:27: warning: acme.Filter is not a message of Envoy, so it is not checked, here and in one other place [unknown-extension]
      at listener_filters[0].typed_config
      only an Envoy that this was built into reads it

    envoy.yaml:4:27: error: Envoy has no message "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspecter" [unknown-extension]
      at listener_filters[0].typed_config
      did you mean envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector?
      xdsc knows Envoy's v3 API up to 1.40 and v2's last

    envoy.yaml:3:3: error: this ListenerFilter has no typed_config [missing-config]
      at listener_filters[0]
      expected typed_config, with the message of the extension's configuration in @type
      add it: Envoy finds extensions by the type of their configuration, not by their name

    envoy.yaml:4:27: error: envoy.config.filter.listener.tls_inspector.v2.TlsInspector is of the v2 API, and no Envoy reads it beside v3 since 1.18 [removed-type]
      at listener_filters[0].typed_config
      did you mean envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector?
      \`xdsc convert --to v3\` upgrades it

    envoy.yaml:1:1: error: on_demand_configuration of envoy.config.listener.v3.FilterChain was removed in Envoy 1.33 [not-in-version]
      at on_demand_configuration
      remove it, or stay on Envoy 1.32 or older

    envoy.yaml:4:3: error: advertised_host is missing in this KafkaMesh [missing-field]
      at listener_filters[0].typed_config.advertised_host
      expected a string, at least 1 character
    envoy.yaml:4:3: error: advertised_port is missing in this KafkaMesh [missing-field]
      at listener_filters[0].typed_config.advertised_port
      expected a whole number from 1 to 2147483647
    envoy.yaml:4:27: warning: envoy.extensions.filters.network.kafka_mesh.v3alpha.KafkaMesh is only in contrib builds of Envoy [not-in-build]
      at listener_filters[0].typed_config
      use a contrib build, and say so with --envoy contrib-VERSION
    envoy.yaml:4:17: note: envoy.extensions.filters.network.kafka_mesh.v3alpha.KafkaMesh is work in progress: it may change without notice [work-in-progress]
      at listener_filters[0].typed_config

    envoy.yaml:2:1: note: tls_context of envoy.api.v2.Cluster is deprecated [deprecated-field]
      at tls_context
      expected transport_socket, with an UpstreamTlsContext as its typed_config
      \`xdsc explain Cluster.tls_context\` says more

    envoy.yaml:2:1: error: tls_context is no longer a field of envoy.config.cluster.v3.Cluster [removed-field]
      at tls_context
      expected transport_socket, with an UpstreamTlsContext as its typed_config
      replace it: only Envoys of about the version that wrote this read it

    envoy.yaml:1:1: note: xds.core.v3.ContextParams is work in progress: it may change without notice [work-in-progress]"
  `);
  expect(CASES.filter(([code, type, text]) => !textOf(type, text).includes(`[${code}]`))).toEqual([]);
});

test('each code has a case', () => {
  // What an upgrade changes is tried in versions.test.ts.
  const codes = [...SCHEMA_CODES.keys()].filter((code) => code !== 'rules-changed');
  expect([...new Set(CASES.map(([code]) => code))]).toEqual(codes.sort(byCase));
});

function byCase(a: string, b: string): number {
  const order = CASES.map(([code]) => code);
  return order.indexOf(a) - order.indexOf(b);
}

test('a value that may be a secret is not shown', () => {
  const text = 'private_key: {inline_bytes: "not base64!"}\n';
  expect(textOf('envoy.api.v2.auth.TlsCertificate', text)).not.toContain('not base64');
});
