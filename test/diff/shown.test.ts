// What a report shows of what changed: all but secrets, and of long texts the part that changed.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import { diffValue } from '../../src/report/diff-json.js';
import { diffText } from '../../src/report/diff-text.js';
import { PLAIN } from '../../src/report/finding-text.js';

function compared(old: unknown, now: unknown): { text: string; json: string } {
  const side = (name: string, value: unknown) => [{ name, text: JSON.stringify(value) }];
  const result = diff(side('old.json', old), side('new.json', now));
  return { text: diffText(result, PLAIN), json: JSON.stringify(diffValue(result)) };
}

const listener = (filter: object) => ({
  '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener',
  name: 'in',
  filter_chains: [{ filters: [filter] }],
});

const manager = (more: object) =>
  listener({
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type':
        'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      ...more,
    },
  });

const accessLog = (source: object) =>
  manager({
    access_log: [
      {
        name: 'envoy.access_loggers.file',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
          path: '/dev/stdout',
          log_format: { text_format_source: source },
        },
      },
    ],
  });

const httpFilter = (type: string, config: object) =>
  manager({
    http_filters: [
      { name: 'one', typed_config: { '@type': `type.googleapis.com/envoy.extensions.${type}`, ...config } },
    ],
  });

const script = (line: string) =>
  `function envoy_on_request(handle)\n${'  handle:logInfo("here")\n'.repeat(30)}  ${line}\nend\n`;

const body = (text: string) =>
  manager({
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [
            { match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: text } } },
          ],
        },
      ],
    },
  });

const lua = (line: string) =>
  httpFilter('filters.http.lua.v3.Lua', { default_source_code: { inline_string: script(line) } });

test('an access log format, as text and as bytes', () => {
  const { text } = compared(
    accessLog({ inline_string: '%START_TIME% %METHOD%\n' }),
    accessLog({ inline_bytes: Buffer.from('%START_TIME% %PATH%\n').toString('base64') }),
  );
  expect(text).toContain('%METHOD%');
  expect(text).toContain('%PATH%');
  expect(text).not.toContain('sha256');
});

test('the same as text and as bytes is no change', () => {
  const bytes = { inline_bytes: Buffer.from('%PATH%').toString('base64') };
  expect(compared(accessLog({ inline_string: '%PATH%' }), accessLog(bytes)).text).toContain('same trust');
  expect(compared(accessLog({ inline_string: '%PATH%' }), accessLog(bytes)).json).toContain('"changes":[]');
});

test('of a script only the line that changed', () => {
  const { text } = compared(lua('handle:first()'), lua('handle:second()'));
  expect(text).toContain('handle:first() →   handle:second()');
  expect(text).not.toContain('logInfo');
});

test('of a long line only the part that changed', () => {
  const [old, now] = [`${'a'.repeat(300)}red${'b'.repeat(300)}`, `${'a'.repeat(300)}blue${'b'.repeat(300)}`];
  const { text } = compared(body(old), body(now));
  expect(text).toMatch(/…a{24}redb{24}…/);
  expect(text).toMatch(/…a{24}blueb{24}…/);
  expect(text).not.toMatch(/a{40}|b{40}/);
});

test('bytes that are no text by length', () => {
  const bytes = (last: number) => Buffer.from([0xff, 0xfe, 0, last]).toString('base64');
  const wasm = (last: number) =>
    httpFilter('filters.http.lua.v3.Lua', { default_source_code: { inline_bytes: bytes(last) } });
  expect(compared(wasm(1), wasm(2)).text).toMatch(
    /"\(8 characters, not shown\)" → "\(8 characters, not shown\)"/,
  );
});

const cluster = (more: object) => ({
  '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  name: 'out',
  ...more,
});
const key = (word: string) => `-----BEGIN PRIVATE KEY-----\n${word}\n-----END PRIVATE KEY-----\n`;

test.each<[what: string, make: (word: string) => unknown]>([
  [
    'a private key and a certificate in a TLS context',
    (word) =>
      cluster({
        transport_socket: {
          name: 'envoy.transport_sockets.tls',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
            common_tls_context: {
              tls_certificates: [
                {
                  certificate_chain: { inline_string: `chain ${word}` },
                  private_key: { inline_string: word },
                  password: { inline_string: `pass ${word}` },
                },
              ],
              validation_context: {
                trusted_ca: { inline_string: `ca ${word}` },
                crl: { inline_string: `crl ${word}` },
              },
            },
          },
        },
      }),
  ],
  [
    'a generic Secret',
    (word) => ({
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
      name: 'one',
      generic_secret: { secret: { inline_string: word } },
    }),
  ],
  [
    'users and their passwords',
    (word) =>
      httpFilter('filters.http.basic_auth.v3.BasicAuth', { users: { inline_string: `me:{SHA}${word}` } }),
  ],
  [
    'a password of Redis',
    (word) =>
      listener({
        name: 'envoy.filters.network.redis_proxy',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.network.redis_proxy.v3.RedisProxy',
          downstream_auth_password: { inline_string: word },
        },
      }),
  ],
  [
    'an access token',
    (word) =>
      cluster({
        eds_cluster_config: {
          eds_config: {
            api_config_source: {
              grpc_services: [
                {
                  google_grpc: {
                    target_uri: 'xds',
                    stat_prefix: 'xds',
                    call_credentials: [{ access_token: word }],
                  },
                },
              ],
            },
          },
        },
      }),
  ],
  [
    'a name in what is not known',
    (word) => cluster({ metadata: { filter_metadata: { own: { password: word } } } }),
  ],
  ['a private key in a script', (word) => lua(`key = [[${key(word)}]]`)],
])('a secret is never shown: %s', (_, make) => {
  const { text, json } = compared(make('hunter-old'), make('hunter-new'));
  expect(text).toMatch(/[1-9]\d* change|trust (?:changed|unknown)/);
  for (const shown of [text, json]) expect(shown).not.toContain('hunter');
  // Nor where all of it is new.
  const whole = compared(
    { '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster', name: 'x' },
    make('hunter'),
  );
  for (const shown of [whole.text, whole.json]) expect(shown).not.toContain('hunter');
});
