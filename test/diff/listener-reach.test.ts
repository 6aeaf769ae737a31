// Which listener gets the connections to an address, and who reaches it: bound to the address or to all of them,
// behind a listener that hands connections over, on loopback or not.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  bootstrap,
  CLUSTERS,
  chain,
  downstream,
  type Json,
  listener,
  type Pair,
  side,
} from './configurations.js';

const at = (address: Json, port: Json = 8443, more: Json = {}) => ({
  address: { socket_address: { address, port_value: port, ...more } },
});
const MUTUAL = [chain({ sock: downstream() })];
const OTHER_ROOT = [chain({ sock: downstream({ ca: '/ca2.pem' }) })];
const ONE_SIDED = [chain({ sock: downstream({ noval: 1 }) })];
const PLAIN = [chain()];
const HANDS_OVER = { use_original_dst: true };
const UNBOUND = { bind_to_port: false };
const all = (...l: Json[]) => bootstrap({ l, c: CLUSTERS });
const answers = (stat_prefix: string) => [
  chain({
    filters: [
      {
        name: 'envoy.filters.network.direct_response',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config',
          response: { inline_string: stat_prefix },
        },
      },
    ],
  }),
];

const PAIRS: readonly Pair[] = [
  [
    'plain text on all addresses takes over from mutual TLS on one',
    'diff',
    all(listener('one', MUTUAL, at('10.0.0.1')), listener('all', PLAIN, at('0.0.0.0'))),
    all(listener('all', PLAIN, at('0.0.0.0'))),
  ],
  [
    'another root on all addresses takes over',
    'diff',
    all(listener('one', MUTUAL, at('10.0.0.1')), listener('all', OTHER_ROOT, at('0.0.0.0'))),
    all(listener('all', OTHER_ROOT, at('0.0.0.0'))),
  ],
  [
    'a listener on all IPv6 addresses that takes those of IPv4 as well takes over',
    'diff',
    all(
      listener('one', MUTUAL, at('10.0.0.1')),
      listener('all', PLAIN, at('::', 8443, { ipv4_compat: true })),
    ),
    all(listener('all', PLAIN, at('::', 8443, { ipv4_compat: true }))),
  ],
  [
    'one of IPv6 alone takes nothing of IPv4',
    'same',
    all(listener('one', MUTUAL, at('10.0.0.1')), listener('all', PLAIN, at('::'))),
    all(listener('all', PLAIN, at('::'))),
  ],
  [
    'the same on all addresses takes over',
    'same',
    all(listener('one', MUTUAL, at('10.0.0.1')), listener('all', MUTUAL, at('0.0.0.0'))),
    all(listener('all', MUTUAL, at('0.0.0.0'))),
  ],
  [
    'a listener on all addresses of another port takes nothing',
    'same',
    all(listener('one', MUTUAL, at('10.0.0.1')), listener('all', PLAIN, at('0.0.0.0', 80))),
    all(listener('all', PLAIN, at('0.0.0.0', 80))),
  ],
  [
    'one address of a listener on all goes to plain text',
    'diff',
    all(listener('all', MUTUAL, at('0.0.0.0'))),
    all(listener('all', MUTUAL, at('0.0.0.0')), listener('one', answers('a'), at('10.0.0.1'))),
  ],
  [
    'a listener is replaced by one on all addresses',
    'diff',
    all(listener('one', MUTUAL, at('10.0.0.1'))),
    all(listener('all', ONE_SIDED, at('0.0.0.0'))),
  ],
  [
    'a listener no longer hands over to mutual TLS',
    'diff',
    all(
      listener('v', PLAIN, { ...at('0.0.0.0', 15001), ...HANDS_OVER }),
      listener('x', MUTUAL, at('10.0.0.1', 80)),
    ),
    all(listener('v', PLAIN, at('0.0.0.0', 15001)), listener('x', MUTUAL, at('10.0.0.1', 80))),
  ],
  [
    'a listener begins to hand over to plain text',
    'diff',
    all(
      listener('v', MUTUAL, at('0.0.0.0', 15001)),
      listener('x', PLAIN, { ...at('10.0.0.1', 80), ...UNBOUND }),
    ),
    all(
      listener('v', MUTUAL, { ...at('0.0.0.0', 15001), ...HANDS_OVER }),
      listener('x', PLAIN, { ...at('10.0.0.1', 80), ...UNBOUND }),
    ),
  ],
  [
    'a listener no longer hands over to one that does the same',
    'same',
    all(
      listener('v', MUTUAL, { ...at('0.0.0.0', 15001), ...HANDS_OVER }),
      listener('x', MUTUAL, at('10.0.0.1', 80)),
    ),
    all(listener('v', MUTUAL, at('0.0.0.0', 15001)), listener('x', MUTUAL, at('10.0.0.1', 80))),
  ],
  [
    'a listener without others no longer hands over',
    'same',
    all(listener('v', PLAIN, { ...at('0.0.0.0', 15001), ...HANDS_OVER })),
    all(listener('v', PLAIN, at('0.0.0.0', 15001))),
  ],
  [
    'mutual TLS behind a plain listener is removed',
    'diff',
    all(
      listener('v', PLAIN, { ...at('0.0.0.0', 15001), ...HANDS_OVER }),
      listener('x', MUTUAL, { ...at('10.0.0.1', 80), ...UNBOUND }),
    ),
    all(listener('v', PLAIN, { ...at('0.0.0.0', 15001), ...HANDS_OVER })),
  ],
  [
    'a plain listener behind another is added',
    'same',
    all(listener('v', PLAIN, { ...at('0.0.0.0', 15001), ...HANDS_OVER })),
    all(
      listener('v', PLAIN, { ...at('0.0.0.0', 15001), ...HANDS_OVER }),
      listener('x', answers('a'), { ...at('10.0.0.1', 80), ...UNBOUND }),
    ),
  ],
  [
    'a plain listener binds its port',
    'diff',
    all(listener('x', PLAIN, { ...at('0.0.0.0', 80), ...UNBOUND })),
    all(listener('x', PLAIN, at('0.0.0.0', 80))),
  ],
  [
    'a listener with mutual TLS binds its port',
    'same',
    all(listener('x', MUTUAL, { ...at('0.0.0.0', 80), ...UNBOUND })),
    all(listener('x', MUTUAL, at('0.0.0.0', 80))),
  ],
  [
    'a plain listener on loopback binds its port',
    'same',
    all(listener('x', PLAIN, { ...at('127.0.0.1', 80), ...UNBOUND })),
    all(listener('x', PLAIN, at('127.0.0.1', 80))),
  ],
  [
    'that a listener binds its port is written',
    'same',
    all(listener('x', PLAIN, at('0.0.0.0', 80))),
    all(listener('x', PLAIN, { ...at('0.0.0.0', 80), bind_to_port: true })),
  ],
  [
    'a plain listener no longer binds its port',
    'same',
    all(listener('x', PLAIN, at('0.0.0.0', 80))),
    all(listener('x', PLAIN, { ...at('0.0.0.0', 80), ...UNBOUND })),
  ],
  [
    'a plain listener leaves loopback under another name',
    'diff',
    all(listener('a', PLAIN, at('127.0.0.1', 80))),
    all(listener('b', PLAIN, at('0.0.0.0', 81))),
  ],
  [
    'one that leads to no cluster leaves loopback under another name',
    'diff',
    all(listener('a', answers('a'), at('127.0.0.1', 80))),
    all(listener('b', answers('a'), at('10.0.0.1', 81))),
  ],
  [
    'a plain listener is renamed on loopback and gets another port',
    'same',
    all(listener('a', PLAIN, at('127.0.0.1', 80))),
    all(listener('b', PLAIN, at('127.0.0.1', 81))),
  ],
  [
    'a plain listener is added on the network beside one on loopback',
    'diff',
    all(listener('a', PLAIN, at('127.0.0.1', 80))),
    all(listener('a', PLAIN, at('127.0.0.1', 80)), listener('b', PLAIN, at('10.0.0.1', 81))),
  ],
  [
    'a plain listener is added beside one on the network',
    'same',
    all(listener('a', PLAIN, at('10.0.0.1', 80))),
    all(listener('a', PLAIN, at('10.0.0.1', 80)), listener('b', PLAIN, at('10.0.0.1', 81))),
  ],
  [
    'a listener with mutual TLS and another root is added',
    'diff',
    all(listener('a', MUTUAL, at('10.0.0.1', 80))),
    all(listener('a', MUTUAL, at('10.0.0.1', 80)), listener('b', OTHER_ROOT, at('10.0.0.1', 81))),
  ],
  [
    'a listener with the same mutual TLS is added',
    'same',
    all(listener('a', MUTUAL, at('10.0.0.1', 80))),
    all(listener('a', MUTUAL, at('10.0.0.1', 80)), listener('b', MUTUAL, at('10.0.0.1', 81))),
  ],
  [
    'a plain listener leaves loopback that is written as IPv6',
    'diff',
    all(listener('a', PLAIN, at('::ffff:127.0.0.1', 80))),
    all(listener('a', PLAIN, at('0.0.0.0', 80))),
  ],
  [
    'a plain listener leaves loopback in full',
    'diff',
    all(listener('a', PLAIN, at('0:0:0:0:0:0:0:1', 80))),
    all(listener('a', PLAIN, at('::', 80))),
  ],
  [
    'a plain listener stays on loopback in other words',
    'same',
    all(listener('a', PLAIN, at('::ffff:127.0.0.1', 80))),
    all(listener('a', PLAIN, at('::FFFF:7f00:1', 80))),
  ],
  [
    'an address that begins like loopback is not loopback',
    'same',
    all(listener('a', PLAIN, at('::1:2', 80))),
    all(listener('a', PLAIN, at('::2', 80))),
  ],
];

test.each(PAIRS)('%s: %s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else expect(trust).not.toBe('same');
});
