// What is offered at a cursor in texts that do not read as they are.

import { describe, expect, test } from 'vitest';
import { offered, taken } from './cursor.js';

function labels(...args: Parameters<typeof offered>): string[] {
  return offered(...args).map(({ label }) => label);
}

const CLUSTER = 'name: a\nconnect_timeout: 1s\n';

describe('fields', () => {
  test('are those of the message that it does not have yet', () => {
    const found = labels(`${CLUSTER}l¦`);
    expect(found).toContain('lb_policy');
    expect(found).toContain('load_assignment');
    expect(found).not.toContain('name');
    expect(found).not.toContain('filter_chains');
  });

  test('leave out what a oneof excludes', () => {
    expect(labels(`${CLUSTER}type: EDS\n¦`)).not.toContain('cluster_type');
    expect(labels(`${CLUSTER}¦`)).toContain('cluster_type');
  });

  test('come in a list, in a map inside, and on a line of their own', () => {
    const socket = `${CLUSTER}load_assignment:\n  cluster_name: a\n  endpoints:\n  - lb_endpoints:\n    - endpoint:\n`;
    expect(labels(`${socket}        ad¦`)).toContain('address');
    expect(labels(`${socket}        address: {socket_address: {¦}}\n`)).toContain('port_value');
    expect(labels(`${CLUSTER}load_assignment:\n  endpoints:\n  - ¦`)).toContain('lb_endpoints');
    expect(labels(`${CLUSTER}load_assignment:\n  ¦\n`)).toContain('endpoints');
  });

  test('are written with a colon, and a space before a scalar', () => {
    expect(taken(`${CLUSTER}lb¦`, 'lb_policy')).toBe(`${CLUSTER}lb_policy: `);
    expect(taken(`${CLUSTER}load¦`, 'load_assignment')).toBe(`${CLUSTER}load_assignment:`);
    expect(taken(`${CLUSTER}¦lb_pol: RANDOM`, 'lb_policy')).toBe(`${CLUSTER}lb_policy: RANDOM`);
  });

  test('are spelled as the text spells its own', () => {
    expect(labels('connectTimeout: 1s\nname: a\nlb¦')).toContain('lbPolicy');
  });

  test('come in JSON, with and without quotes and commas', () => {
    const json = { name: 'a.json' };
    for (const text of [
      '{"name": "a", "connect_timeout": "1s", "lb¦"}',
      '{"name": "a", "connect_timeout": "1s", ¦}',
      '{"name": "a", "connect_timeout": "1s" ¦}',
      '{¦ "name": "a", "connect_timeout": "1s"}',
    ])
      expect(labels(text, json)).toContain('lb_policy');
    expect(taken('{"name": "a", "connect_timeout": "1s", "lb¦"}', 'lb_policy', json)).toBe(
      '{"name": "a", "connect_timeout": "1s", "lb_policy": }',
    );
  });

  test('come inside a ConfigMap', () => {
    const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.yaml: |\n    name: a\n    connect_timeout: 1s\n    lb¦\n`;
    expect(labels(map)).toContain('lb_policy');
    expect(taken(map, 'lb_policy')).toContain('\n    lb_policy: \n');
  });

  test('say their type, what they are for and that they are deprecated', () => {
    const found = offered(`${CLUSTER}¦`);
    expect(found.find(({ label }) => label === 'load_assignment')?.detail).toBe('ClusterLoadAssignment');
    expect(found.find(({ label }) => label === 'lb_policy')?.description).toMatch(/load balancer type/);
    expect(found.find(({ label }) => label === 'http2_protocol_options')?.deprecated).toBe(true);
  });
});

describe('values', () => {
  test('are those of an enum or a bool', () => {
    expect(labels(`${CLUSTER}lb_policy: ¦`)).toContain('RING_HASH');
    expect(labels(`${CLUSTER}lb_policy: RI¦\n`)).toContain('RING_HASH');
    expect(taken(`${CLUSTER}lb_policy: "RI¦"\n`, 'RING_HASH')).toBe(`${CLUSTER}lb_policy: "RING_HASH"\n`);
    expect(labels(`${CLUSTER}respect_dns_ttl: t¦`)).toEqual(['true', 'false']);
  });

  test('are none where the API has none', () => {
    expect(labels(`${CLUSTER}alt_stat_name: ¦`)).toEqual([]);
    expect(labels('jobs: {test: {steps: [{¦}]}}')).toEqual([]);
  });
});

describe('types and names of extensions', () => {
  const socket = `${CLUSTER}transport_socket:\n  name: envoy.transport_sockets.tls\n  typed_config:\n`;

  test('begin with @type', () => {
    expect(taken(`${socket}    ¦`, '@type')).toBe(`${socket}    "@type": `);
    expect(taken(`${socket}    "@¦"`, '@type')).toBe(`${socket}    "@type": `);
  });

  test('are those of the extension that is named', () => {
    expect(labels(`${socket}    "@type": ¦`)).toContain(
      'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    );
    expect(labels(`${socket}    "@type": ¦`)).not.toContain(
      'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
    );
  });

  test('are those of the place where no name tells', () => {
    expect(labels(`${CLUSTER}transport_socket:\n  name: ¦`)).toContain('envoy.transport_sockets.tls');
    expect(labels(`${CLUSTER}transport_socket:\n  name: mine\n  typed_config:\n    "@type": ¦`)).toContain(
      'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
    );
  });
});

describe('names of resources', () => {
  const bootstrap = `node: {id: a, cluster: b}
static_resources:
  clusters:
  - {name: backend, connect_timeout: 1s}
  - {name: other, connect_timeout: 1s}
  secrets:
  - {name: ROOTCA, validation_context: {trusted_ca: {filename: /a}}}
`;

  test('are clusters where one is named', () => {
    const marked = `${bootstrap}  listeners:
  - name: a
    filter_chains:
    - filters:
      - name: envoy.filters.network.tcp_proxy
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          cluster: ¦
`;
    expect(labels(marked, { before: bootstrap })).toEqual(['backend', 'other']);
  });

  test('are secrets where one is asked for', () => {
    const marked = bootstrap.replace(
      '  secrets:',
      `  - name: tls
    connect_timeout: 1s
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        common_tls_context: {validation_context_sds_secret_config: {name: ¦}}
  secrets:`,
    );
    expect(labels(marked, { before: bootstrap })).toEqual(['ROOTCA']);
  });
});
