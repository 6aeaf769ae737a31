// Listeners that leave their host, and the header of client certificates that the configuration writes itself.

import { describe, expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';

type Fields = { readonly [name: string]: unknown };

function verdict(old: unknown, now: unknown): { trust: string; classes: readonly (string | undefined)[] } {
  const side = (value: unknown) => [{ name: 'lds.json', text: JSON.stringify(value) }];
  const { verdict, changes } = diff(side(old), side(now));
  return { trust: verdict.trust, classes: changes.map(({ tls }) => tls?.class) };
}

const listener = (address: Fields, host: Fields = {}) => ({
  '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener',
  name: 'in',
  address,
  filter_chains: [
    {
      filters: [
        {
          name: 'envoy.filters.network.http_connection_manager',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            stat_prefix: 'in',
            route_config: {
              virtual_hosts: [{ name: 'all', domains: ['*'], ...host }],
            },
          },
        },
      ],
    },
  ],
});
const at = (address: string) => ({ socket_address: { address, port_value: 8080 } });

describe('a plain listener', () => {
  test.each([
    ['loopback', at('127.0.0.1')],
    ['loopback in IPv6', at('::1')],
    ['a Unix socket', { pipe: { path: '/run/in.sock' } }],
  ])('that leaves %s is loosened', (_, address) => {
    const { trust, classes } = verdict(listener(address), listener(at('0.0.0.0')));
    expect(trust).toBe('changed');
    expect(classes).toContain('loosened');
  });

  test('that moves from one network address to another is the same', () => {
    expect(verdict(listener(at('10.0.0.1')), listener(at('10.0.0.2'))).trust).toBe('same');
  });

  test('that moves to loopback is the same', () => {
    expect(verdict(listener(at('0.0.0.0')), listener(at('127.0.0.1'))).trust).toBe('same');
  });
});

describe('x-forwarded-client-cert', () => {
  const added = (value: string) => ({
    request_headers_to_add: [{ header: { key: 'X-Forwarded-Client-Cert', value } }],
  });
  test.each<[string, Fields, Fields]>([
    ['added', {}, added('By=a')],
    ['with another value', added('By=a'), added('By=b')],
    ['no longer removed', { request_headers_to_remove: ['x-forwarded-client-cert'] }, {}],
  ])('%s is loosened', (_, old, now) => {
    const { trust, classes } = verdict(listener(at('10.0.0.1'), old), listener(at('10.0.0.1'), now));
    expect(trust).toBe('changed');
    expect(classes).toContain('loosened');
  });

  test('another header is no matter of trust', () => {
    const other = (value: string) => ({ request_headers_to_add: [{ header: { key: 'x-team', value } }] });
    expect(verdict(listener(at('10.0.0.1'), other('a')), listener(at('10.0.0.1'), other('b'))).trust).toBe(
      'same',
    );
  });
});
