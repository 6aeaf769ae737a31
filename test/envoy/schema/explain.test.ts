// What `xdsc explain` knows of the API, and what it says of names that the API does not have.

import { describe, expect, test } from 'vitest';
import { messageNames } from '../../../src/envoy/api-table.js';
import { type Explanation, explain } from '../../../src/envoy/schema/explain.js';

function explained(path: string, api?: 'v2' | 'v3'): Explanation {
  const found = explain(path, api);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

test('a field that only v2 has is explained in v2, with what v3 has for it', () => {
  const found = explained('Cluster.tls_context.common_tls_context');
  expect(found).toMatchObject({
    path: 'envoy.api.v2.Cluster.tls_context.common_tls_context',
    api: 'v2',
    type: 'envoy.api.v2.auth.CommonTlsContext',
    inV3: 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext.common_tls_context',
  });
  expect(found.fields?.map(({ name }) => name)).toContain('tls_certificate_sds_secret_configs');
});

test('what took the place of a field that is gone', () => {
  expect(explained('Cluster.hosts', 'v2').inV3).toBe('envoy.config.cluster.v3.Cluster: load_assignment');
  expect(explained('auth.CertificateValidationContext.verify_subject_alt_name', 'v2').inV3).toContain(
    'match_typed_subject_alt_names',
  );
});

test('rules, in words', () => {
  expect(explained('Cluster.connect_timeout').rules).toEqual([
    'a duration in seconds, as in 0.25s, greater than 0s',
  ]);
  expect(explained('SocketAddress.address').rules).toEqual(['required', 'a string, at least 1 character']);
});

test('the siblings in a oneof', () => {
  expect(explained('core.DataSource.filename', 'v2').oneof).toEqual({
    name: 'specifier',
    required: true,
    siblings: ['inline_bytes', 'inline_string'],
  });
});

test('the values of an enum, and one of them', () => {
  const { values } = explained('Cluster.lb_policy', 'v2');
  expect(values?.find(({ name }) => name === 'RING_HASH')).toMatchObject({ number: 2, deprecated: false });
  expect(explained('TlsParameters.tls_minimum_protocol_version.TLSv1_2').type).toMatch(/^value 3 of /);
});

test('paths begin at Bootstrap, may name places in lists, and take both spellings', () => {
  expect(explained('staticResources.clusters[3].lbPolicy').path).toBe(
    'envoy.config.bootstrap.v3.Bootstrap.static_resources.clusters.lb_policy',
  );
});

test("messages of Istio's API: of today with v3, of Istio 1.1 with v2", () => {
  expect(explained('DestinationRule.traffic_policy').type).toBe('istio.networking.v1.TrafficPolicy');
  expect(explained('DestinationRule.traffic_policy', 'v2').type).toBe(
    'istio.networking.v1alpha3.TrafficPolicy',
  );
  expect(explained('ServiceRole.rules').type).toBe('list of istio.rbac.v1alpha1.AccessRule');
});

describe('what is not there', () => {
  test.each([
    ['Cluster.lb_polcy', 'Cluster.lb_policy'],
    ['Clutser.name', 'Cluster.name'],
    ['Cluster.tls_context.comon_tls_context', 'Cluster.tls_context.common_tls_context'],
  ])('%s', (path, suggestion) => {
    expect(explain(path)).toMatchObject({ suggestion });
  });

  test('a field of a string', () => {
    expect(explain('Cluster.name.x')).toMatchObject({
      problem: 'envoy.config.cluster.v3.Cluster.name is string and has no fields',
    });
  });

  test('a field of any message', () => {
    expect(explain('TransportSocket.typed_config.sni')).toHaveProperty('problem');
  });

  test('a name that several messages have', () => {
    expect(explain('Filter', 'v3')).toMatchObject({
      problem: expect.stringContaining('envoy.config.listener.v3.Filter'),
    });
  });
});

test('every message of the API is explained by its full name', () => {
  for (const name of messageNames()) expect(explained(name).path).toBe(name);
});
