// The normal form: what people write differently is one thing behind it.

import { describe, expect, test } from 'vitest';
import { type MessageInfo, message } from '../../src/envoy/api-table.js';
import type { Message } from '../../src/envoy/message.js';
import { kubernetesReader, MessageReader } from '../../src/envoy/message-reader.js';
import { type Document, readSource } from '../../src/source/document.js';

function read(typeName: string, text: string): { message: Message; reader: MessageReader } {
  const document = readSource('test.yaml', text).documents[0];
  const type = message(typeName);
  if (document === undefined || type === undefined) throw new Error(`no document or type ${typeName}`);
  const reader = new MessageReader(document);
  const found = reader.read(type, 0);
  if (found === undefined) throw new Error('no message');
  return { message: found, reader };
}

function findings(typeName: string, text: string): string[] {
  const { message: found, reader } = read(typeName, text);
  found.toValue();
  return reader.findings.map(
    ({ code, level, path, suggestion, region }) =>
      `${region?.line}:${region?.column} ${level} ${code} ${path}${suggestion === undefined ? '' : ` → ${suggestion}`}`,
  );
}

const CLUSTER = 'envoy.api.v2.Cluster';

describe('the same value, however it is written', () => {
  const expected = {
    name: 'a',
    type: 'STRICT_DNS',
    connect_timeout: '1s',
    health_checks: [{ timeout: '1s', http_health_check: { path: '/' } }],
    metadata: { filter_metadata: { 'envoy.lb': { canaryOk: true } } },
  };
  test.each([
    [
      'proto names',
      '{name: a, type: STRICT_DNS, connect_timeout: 1s, health_checks: [{timeout: 1s, http_health_check: {path: /}}], metadata: {filter_metadata: {envoy.lb: {canaryOk: true}}}}',
    ],
    [
      'lowerCamelCase names, and a Struct whose names are its own',
      '{"name": "a", "type": "STRICT_DNS", "connectTimeout": "1s", "healthChecks": [{"timeout": "1s", "httpHealthCheck": {"path": "/"}}], "metadata": {"filterMetadata": {"envoy.lb": {"canaryOk": true}}}}',
    ],
    [
      'an enum by number, one object where a list stands, a null',
      '{name: a, type: 1, connect_timeout: 1s, health_checks: {timeout: 1s, http_health_check: {path: /}}, alt_stat_name: null, metadata: {filter_metadata: {envoy.lb: {canaryOk: true}}}}',
    ],
    [
      'an alias',
      'name: a\ntype: STRICT_DNS\nconnect_timeout: &t 1s\nhealth_checks:\n- timeout: *t\n  http_health_check: &h {path: /}\nmetadata:\n  filter_metadata:\n    envoy.lb: {canaryOk: true}\n',
    ],
    [
      'hidden names of deprecated fields',
      '{name: a, hidden_envoy_deprecated_type: STRICT_DNS, connect_timeout: 1s, health_checks: [{timeout: 1s, http_health_check: {path: /}}], metadata: {filter_metadata: {envoy.lb: {canaryOk: true}}}}',
    ],
  ])('%s', (_, text) => {
    expect(read(CLUSTER, text).message.toValue()).toEqual(expected);
  });
});

describe('a merge key', () => {
  const text = 'x: &base {name: base, connect_timeout: 1s}\ncluster:\n  name: own\n  <<: *base\n';
  const document = readSource('test.yaml', text).documents[0] as Document;
  const type = message(CLUSTER) as MessageInfo;
  const read = (reader: MessageReader): Message | undefined =>
    reader.read(type, document.tape.get(0, 'cluster'));

  test('is an unknown field to Envoy', () => {
    const reader = new MessageReader(document);
    expect(read(reader)?.toValue()).toEqual({ name: 'own' });
    expect([...reader.undetermined.values()]).toEqual(['merge-key']);
    expect(reader.findings.map(({ code, level }) => [code, level])).toEqual([['unknown-field', 'warning']]);
  });
  test('brings in what the map does not say itself, wherever it stands, for Kubernetes', () => {
    const found = read(kubernetesReader(document));
    expect(found?.toValue()).toEqual({ name: 'own', connect_timeout: '1s' });
    expect(found?.unmerged()).toBe(false);
  });
});

test('the items of a list inside of a list are items of the outer one', () => {
  const { message: cluster } = read(CLUSTER, '{health_checks: [[{timeout: 1s}], {timeout: 2s}, []]}');
  expect(cluster.messages('health_checks').map((check) => check.text('timeout'))).toEqual(['1s', '2s']);
});

test('an Any is the message that its @type names, also inside a TypedStruct', () => {
  const socket = (config: string) => `{name: tls, typed_config: ${config}}`;
  const direct = '{"@type": type.googleapis.com/envoy.api.v2.auth.UpstreamTlsContext, sni: a}';
  const wrapped =
    '{"@type": type.googleapis.com/udpa.type.v1.TypedStruct, type_url: type.googleapis.com/envoy.api.v2.auth.UpstreamTlsContext, value: {sni: a}}';
  for (const config of [direct, wrapped]) {
    const found = read('envoy.api.v2.core.TransportSocket', socket(config)).message.message('typed_config');
    expect(found?.type.name).toBe('envoy.api.v2.auth.UpstreamTlsContext');
    expect(found?.text('sni')).toBe('a');
  }
  const unknown = read(
    'envoy.api.v2.core.TransportSocket',
    socket('{"@type": type.googleapis.com/acme.Socket}'),
  );
  expect(unknown.message.message('typed_config')).toBeUndefined();
  expect(unknown.reader.findings).toEqual([]);
});

describe('findings', () => {
  test.each([
    [
      'a name near to a known one',
      '{name: a, tls_contxt: {}}',
      ['1:11 error unknown-field tls_contxt → tls_context'],
    ],
    ['a name near to none', '{name: a, zzzzzzzz: {}}', ['1:11 warning unknown-field zzzzzzzz']],
    ['both spellings', '{tls_context: {}, tlsContext: {}}', ['1:19 error field-twice tls_context']],
    ['a scalar for a message', 'tls_context: yes please', ['1:14 error wrong-kind tls_context']],
    ['a map for a scalar', 'name: {first: a}', ['1:7 error wrong-kind name']],
    [
      'a map for a list of scalars',
      'tls_context:\n  common_tls_context:\n    alpn_protocols: {a: b}',
      ['3:21 error wrong-kind tls_context.common_tls_context.alpn_protocols'],
    ],
    ['one item for a list', 'hosts: {pipe: {path: a}}', ['1:8 warning single-item hosts']],
    [
      'a place in a list',
      'name: a\nhosts:\n- pipe: {path: a}\n- pipe: 7\n',
      ['4:9 error wrong-kind hosts[1].pipe'],
    ],
  ])('%s', (_, text, expected) => {
    expect(findings(CLUSTER, text)).toEqual(expected);
  });
});
