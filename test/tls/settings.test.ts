// TLS settings: reading what was written gives the same value, whatever the delivery.

import { describe, expect, test } from 'vitest';
import { detect } from '../../src/envoy/detect.js';
import { MessageReader } from '../../src/envoy/message-reader.js';
import { socketPath, targetUri } from '../../src/istio/sockets.js';
import { readSource } from '../../src/source/document.js';
import { tlsInventory } from '../../src/tls/contexts.js';
import { readTlsSettings } from '../../src/tls/read.js';
import { envoyGrpcSource, googleGrpcSource } from '../../src/tls/sds-source.js';
import type { TlsSettings } from '../../src/tls/settings.js';
import { writeTlsContext } from '../../src/tls/write.js';

function settingsIn(text: string): TlsSettings[] {
  const document = readSource('test', text).documents[0];
  if (document === undefined) throw new Error('no document');
  return tlsInventory(new MessageReader(document), detect(document.tape).roots).contexts.map((context) =>
    readTlsSettings(context),
  );
}

const sds = googleGrpcSource('unix:/var/run/sds/uds_path', { kind: 'token', filename: '/token' }, '1.1');

const CASES: readonly [string, TlsSettings][] = [
  [
    'files',
    {
      side: 'upstream',
      certificates: [
        {
          delivery: 'direct',
          chain: { from: 'file', filename: '/a' },
          key: { from: 'file', filename: '/b' },
          extras: {},
        },
      ],
      validation: {
        root: { delivery: 'direct', source: { from: 'file', filename: '/c' } },
        rest: { verify_subject_alt_name: ['spiffe://a'], crl: { filename: '/d' } },
      },
      alpn: ['h2'],
      sni: 'a.b',
      requireClientCertificate: undefined,
      parameters: { tls_minimum_protocol_version: 'TLSv1_2' },
      rest: { max_session_keys: 7 },
    },
  ],
  [
    'SDS',
    {
      side: 'downstream',
      certificates: [{ delivery: 'sds', secret: { name: 'default', source: sds } }],
      validation: { root: { delivery: 'sds', secret: { name: 'ROOTCA', source: sds } }, rest: {} },
      alpn: ['h2', 'http/1.1'],
      sni: undefined,
      requireClientCertificate: true,
      parameters: undefined,
      rest: { session_timeout: '60s' },
    },
  ],
  [
    'a validation context that is wholly a secret, and a static one',
    {
      side: 'downstream',
      certificates: [{ delivery: 'sds', secret: { name: 'static', source: undefined } }],
      validation: {
        root: { delivery: 'sds', secret: { name: 'all', source: envoyGrpcSource('sds-grpc', true) } },
        rest: undefined,
      },
      alpn: [],
      sni: undefined,
      requireClientCertificate: false,
      parameters: undefined,
      rest: {},
    },
  ],
  [
    'no validation at all',
    {
      side: 'upstream',
      certificates: [],
      validation: undefined,
      alpn: [],
      sni: 'x',
      requireClientCertificate: undefined,
      parameters: undefined,
      rest: {},
    },
  ],
];

describe('what is written reads as it was', () => {
  test.each(CASES)('%s', (_, settings) => {
    const resource =
      settings.side === 'upstream'
        ? { name: 'a', connect_timeout: '1s', tls_context: writeTlsContext(settings) }
        : { name: 'a', filter_chains: [{ tls_context: writeTlsContext(settings) }] };
    expect(settingsIn(JSON.stringify(resource))).toEqual([settings]);
  });
});

test('inline secrets are known by digest only, and never written', () => {
  const [settings] = settingsIn(
    '{name: a, connect_timeout: 1s, tls_context: {common_tls_context: {tls_certificates: [{certificate_chain: {inline_string: CHAIN}, private_key: {inline_string: SECRET}}]}}}',
  );
  expect(JSON.stringify(settings)).not.toContain('SECRET');
  expect(settings?.certificates[0]).toMatchObject({
    key: { from: 'inline', digest: expect.stringMatching(/^[\da-f]{64}$/) },
  });
  expect(() => writeTlsContext(settings as TlsSettings)).toThrow('its bytes are not held');
});

test.each([
  ['unix:/run/x', 'unix:/run/x', '/run/x'],
  ['unix:///run/x', 'unix:/run/x', '/run/x'],
  ['/run/x', 'unix:/run/x', '/run/x'],
  ['./run/x', 'unix:./run/x', './run/x'],
  ['127.0.0.1:8234', '127.0.0.1:8234', undefined],
])('the socket %s is written as %s', (address, uri, path) => {
  expect(targetUri(address)).toBe(uri);
  expect(socketPath(address)).toBe(path);
});
