// What a document is, told from its content.

import { expect, test } from 'vitest';
import { detect } from '../../src/envoy/detect.js';
import { readSource } from '../../src/source/document.js';

function detected(text: string, api?: 'v2' | 'v3'): string[] {
  const document = readSource('test', text).documents[0];
  if (document === undefined) throw new Error('no document');
  return detect(document.tape, api).roots.map(({ type }) => type.name);
}

test.each([
  ['a bootstrap', 'static_resources: {}', ['envoy.config.bootstrap.v2.Bootstrap']],
  ['a bootstrap in lowerCamelCase', '{"staticResources": {}}', ['envoy.config.bootstrap.v2.Bootstrap']],
  ['a cluster', '{name: a, connect_timeout: 1s}', ['envoy.api.v2.Cluster']],
  ['a listener', '{name: a, address: {}, filter_chains: []}', ['envoy.api.v2.Listener']],
  ['routes', '{name: a, virtual_hosts: []}', ['envoy.api.v2.RouteConfiguration']],
  ['endpoints', '{cluster_name: a, endpoints: []}', ['envoy.api.v2.ClusterLoadAssignment']],
  ['a secret', '{name: a, tls_certificate: {}}', ['envoy.api.v2.auth.Secret']],
  ['a context', '{common_tls_context: {}}', ['envoy.api.v2.auth.UpstreamTlsContext']],
  ['a discovery response', '{version_info: "1", resources: []}', ['envoy.api.v2.DiscoveryResponse']],
  ['a config dump', '{configs: []}', ['envoy.admin.v2alpha.ConfigDump']],
  [
    'a typed message',
    '{"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster}',
    ['envoy.config.cluster.v3.Cluster'],
  ],
  [
    'a v3 route that asks for a certificate, whose field has the name of one of v2',
    '{"@type": type.googleapis.com/envoy.config.listener.v3.Listener, tls_context: {presented: true}}',
    ['envoy.config.listener.v3.Listener'],
  ],
  [
    'the same in a bootstrap',
    '{static_resources: {}, node: {a: .v3.Router, match: {tls_context: {presented: true}}}}',
    ['envoy.config.bootstrap.v3.Bootstrap'],
  ],
  [
    'contexts beside it',
    '{static_resources: {}, node: {a: .v3.Router, match: {tls_context: {validated: true}}, tls_context: {sni: x}}}',
    ['envoy.config.bootstrap.v2.Bootstrap'],
  ],
  [
    'a bootstrap with definitions that Envoy ignores',
    '!ignore a: &a {common_tls_context: {}}\n!ignore b: {hosts: []}\nstatic_resources: {}',
    ['envoy.config.bootstrap.v2.Bootstrap'],
  ],
  [
    'a bootstrap with more that nobody knows than is known',
    '{x-tls: {common_tls_context: {}}, x-more: 1, static_resources: {}}',
    ['envoy.config.bootstrap.v2.Bootstrap'],
  ],
  [
    'a list',
    '[{name: a, hosts: []}, {name: b, filter_chains: []}]',
    ['envoy.api.v2.Cluster', 'envoy.api.v2.Listener'],
  ],
  [
    'lists by kind',
    '{clusters: [{name: a}], listeners: [{name: b}]}',
    ['envoy.api.v2.Cluster', 'envoy.api.v2.Listener'],
  ],
  [
    'responses by kind',
    '{clusters: {resources: []}, listeners: {resources: []}}',
    ['envoy.api.v2.DiscoveryResponse', 'envoy.api.v2.DiscoveryResponse'],
  ],
  [
    'v3, by a type',
    'static_resources: {clusters: [{transport_socket: {typed_config: {"@type": x/envoy.a.v3.B}}}]}',
    ['envoy.config.bootstrap.v3.Bootstrap'],
  ],
  ['something else', '{apiVersion: v1, kind: Service, spec: {ports: []}}', []],
  ['a string', 'hello', []],
])('%s', (_, text, expected) => {
  expect(detected(text)).toEqual(expected);
});

test('the user knows better', () => {
  expect(detected('static_resources: {}', 'v3')).toEqual(['envoy.config.bootstrap.v3.Bootstrap']);
});
