// Fields that a map has more than once, each case as Envoy 1.40 was seen to read it (its config dump, or its refusal).

import { describe, expect, test } from 'vitest';
import { type MessageInfo, message } from '../../src/envoy/api-table.js';
import { MessageReader } from '../../src/envoy/message-reader.js';
import { type Document, readSource } from '../../src/source/document.js';

const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const TLS = '"@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"';

function read(name: string, text: string) {
  const document = readSource(name, text).documents[0] as Document;
  const reader = new MessageReader(document);
  const value = reader.read(message(CLUSTER) as MessageInfo, 0)?.toValue();
  return { value, undetermined: [...reader.undetermined.values()] };
}

const clear = (value: object) => ({ value, undetermined: [] });

describe('JSON', () => {
  test.each<[string, string, object]>([
    ['the last scalar', '{"connect_timeout": "1s", "connect_timeout": "2s"}', { connect_timeout: '2s' }],
    [
      'the last wrapper',
      '{"per_connection_buffer_limit_bytes": 1, "perConnectionBufferLimitBytes": 2}',
      { per_connection_buffer_limit_bytes: 2 },
    ],
    [
      'of both spellings the last',
      '{"connectTimeout": "2s", "connect_timeout": "1s"}',
      { connect_timeout: '1s' },
    ],
    ['a null says nothing', '{"connect_timeout": "1s", "connect_timeout": null}', { connect_timeout: '1s' }],
    [
      'messages merge',
      '{"common_lb_config": {"healthy_panic_threshold": {"value": 10}}, "common_lb_config": {"close_connections_on_host_set_change": true}}',
      {
        common_lb_config: {
          healthy_panic_threshold: { value: 10 },
          close_connections_on_host_set_change: true,
        },
      },
    ],
    [
      'lists append',
      '{"health_checks": [{"timeout": "1s"}], "health_checks": [{"timeout": "2s"}]}',
      { health_checks: [{ timeout: '1s' }, { timeout: '2s' }] },
    ],
    [
      'a merged message keeps what only its first copy has',
      `{"transport_socket": {"name": "a", "typed_config": {${TLS}, "sni": "s"}}, "transport_socket": {"name": "b"}}`,
      {
        transport_socket: {
          name: 'b',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
            sni: 's',
          },
        },
      },
    ],
    [
      'a later copy of a message takes the place of a member of a oneof',
      `{"load_assignment": {"named_endpoints": {}}, "upstream_bind_config": {"source_address": {"address": "a", "port_value": 1}}, "upstream_bind_config": {"source_address": {"named_port": "b"}}}`,
      {
        load_assignment: { named_endpoints: {} },
        upstream_bind_config: { source_address: { address: 'a', named_port: 'b' } },
      },
    ],
    ['an enum in another case', '{"lb_policy": "rAndom"}', { lb_policy: 'RANDOM' }],
  ])('%s', (_, text, value) => {
    expect(read('a.json', text)).toEqual(clear(value));
  });

  test.each([
    ['a member of a oneof twice', '{"type": "STATIC", "type": "EDS"}'],
    ['two members of a oneof', '{"type": "STATIC", "type": "STATIC", "cluster_type": {"name": "x"}}'],
    ['an Any twice', `{"transport_socket": {"typed_config": {${TLS}}, "typed_config": {${TLS}}}}`],
  ])('%s is refused', (_, text) => {
    expect(read('a.json', text).undetermined).toContain('refused');
  });
});

describe('YAML', () => {
  test.each<[string, string, object]>([
    ['the last scalar', 'connect_timeout: 1s\nconnect_timeout: 2s\n', { connect_timeout: '2s' }],
    [
      'the last message, whole',
      'common_lb_config: {healthy_panic_threshold: {value: 10}}\ncommon_lb_config: {close_connections_on_host_set_change: true}\n',
      { common_lb_config: { close_connections_on_host_set_change: true } },
    ],
    ['a null takes away', 'name: a\nconnect_timeout: 1s\nconnect_timeout: null\n', { name: 'a' }],
    ['JSON in a YAML file, too', '{"connect_timeout": "1s", "connect_timeout": null}', {}],
  ])('%s', (_, text, value) => {
    expect(read('a.yaml', text)).toEqual(clear(value));
  });

  test('either of both spellings', () => {
    expect(read('a.yaml', 'connectTimeout: 1s\nconnect_timeout: 2s\n').undetermined).toEqual(['spellings']);
  });
});
