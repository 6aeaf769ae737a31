// TLS that the protocol of a database begins, in the filters of its proxies.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import { anyOf, chain, type Json, side, tcp, withChains } from './configurations.js';

const proxied = (more: Json) =>
  withChains([
    chain({
      filters: [
        {
          name: 'envoy.filters.network.postgres_proxy',
          typed_config: anyOf('envoy.extensions.filters.network.postgres_proxy.v3alpha.PostgresProxy', {
            stat_prefix: 'p',
            ...more,
          }),
        },
        tcp('b'),
      ],
    }),
  ]);

test.each<[string, Json, Json, string]>([
  ['TLS to the server is optional', { upstream_ssl: 'REQUIRE' }, { upstream_ssl: 'DISABLE' }, 'changed'],
  ['TLS of clients is required', { downstream_ssl: 'ALLOW' }, { downstream_ssl: 'REQUIRE' }, 'changed'],
  ['TLS is terminated no more', { terminate_ssl: true }, {}, 'changed'],
  [
    'another prefix of statistics',
    { upstream_ssl: 'REQUIRE' },
    { upstream_ssl: 'REQUIRE', stat_prefix: 'x' },
    'same',
  ],
])('%s', (_, old, now, trust) => {
  expect(diff(side(proxied(old)), side(proxied(now))).verdict.trust).toBe(trust);
});
