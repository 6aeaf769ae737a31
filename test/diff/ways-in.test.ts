// The ways into listeners: chains that come, go and swap their matches, what feeds the choice, and listeners that move.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  anyOf,
  bootstrap,
  CLUSTERS,
  chain,
  chosenByMatcher,
  cluster,
  downstream,
  INSPECTOR,
  listener,
  ORIGINAL_DST,
  type Pair,
  PORT_CHAINS,
  response,
  SNI_A,
  side,
  TWO_CHAINS,
  tcp,
  upstream,
  withChains,
} from './configurations.js';

const PAIRS: readonly Pair[] = [
  [
    'sni chain other root',
    'diff',
    withChains([chain({ match: SNI_A, sock: downstream() })]),
    withChains([
      chain({ match: SNI_A, sock: downstream() }),
      chain({ match: { server_names: ['b'] }, sock: downstream({ ca: '/evil.pem' }) }),
    ]),
  ],
  [
    'sni chain same ctx',
    'same',
    withChains([chain({ match: SNI_A, sock: downstream() })]),
    withChains([
      chain({ match: SNI_A, sock: downstream() }),
      chain({ match: { server_names: ['b'] }, sock: downstream() }),
    ]),
  ],
  [
    'sni chain same ctx other backend',
    'same',
    withChains([chain({ match: SNI_A, sock: downstream() })]),
    withChains([
      chain({ match: SNI_A, sock: downstream() }),
      chain({ match: { server_names: ['b'] }, sock: downstream(), filters: [tcp('bs')] }),
    ]),
  ],
  [
    'default chain plain',
    'diff',
    withChains([chain({ match: SNI_A, sock: downstream() })]),
    withChains([chain({ match: SNI_A, sock: downstream() })], { default_filter_chain: chain() }),
  ],
  [
    'wildcard chain noval',
    'diff',
    withChains([chain({ match: { server_names: ['*.x'] }, sock: downstream() })]),
    withChains([
      chain({ match: { server_names: ['*.x'] }, sock: downstream() }),
      chain({ match: { server_names: ['a.x'] }, sock: downstream({ noval: 1 }) }),
    ]),
  ],
  [
    'chain replaced cert only',
    'diff',
    withChains([chain({ name: 'x', match: SNI_A, sock: downstream() })]),
    withChains([chain({ name: 'y', match: SNI_A, sock: downstream({ cert: '/s2.pem' }) })]),
  ],
  [
    'chain renamed',
    'same',
    withChains([chain({ name: 'x', match: SNI_A, sock: downstream() })]),
    withChains([chain({ name: 'y', match: SNI_A, sock: downstream() })]),
  ],
  [
    'chain names swapped with contents',
    'same',
    withChains([
      chain({ name: 'x', match: SNI_A, sock: downstream() }),
      chain({ name: 'y', match: { server_names: ['b'] }, sock: downstream({ ca: '/2' }) }),
    ]),
    withChains([
      chain({ name: 'y', match: SNI_A, sock: downstream() }),
      chain({ name: 'x', match: { server_names: ['b'] }, sock: downstream({ ca: '/2' }) }),
    ]),
  ],
  [
    'new port chain other ca',
    'diff',
    withChains([chain({ match: { destination_port: 1 }, sock: downstream() })], {
      listener_filters: [INSPECTOR, ORIGINAL_DST],
    }),
    withChains(
      [
        chain({ match: { destination_port: 1 }, sock: downstream() }),
        chain({ match: { destination_port: 2 }, sock: downstream({ ca: '/2' }) }),
      ],
      { listener_filters: [INSPECTOR, ORIGINAL_DST] },
    ),
  ],
  [
    'only quic-ish alpn chain plain',
    'diff',
    withChains([chain({ match: { application_protocols: ['h2'] }, sock: downstream() })]),
    withChains([
      chain({ match: { application_protocols: ['h2'] }, sock: downstream() }),
      chain({ match: { application_protocols: ['foo'] }, sock: downstream({ noval: 1 }) }),
    ]),
  ],
  [
    'swap sni',
    'diff',
    withChains([
      chain({ match: SNI_A, sock: downstream() }),
      chain({ match: { server_names: ['b'] }, sock: downstream({ ca: '/2' }) }),
    ]),
    withChains([
      chain({ match: { server_names: ['b'] }, sock: downstream() }),
      chain({ match: SNI_A, sock: downstream({ ca: '/2' }) }),
    ]),
  ],
  [
    'alpn moves',
    'diff',
    withChains([
      chain({ name: '1', match: { application_protocols: ['h2'] }, sock: downstream() }),
      chain({ name: '2', match: { application_protocols: ['x'] }, sock: downstream({ ca: '/2' }) }),
    ]),
    withChains([
      chain({ name: '1', match: { application_protocols: ['x'] }, sock: downstream() }),
      chain({ name: '2', match: { application_protocols: ['h2'] }, sock: downstream({ ca: '/2' }) }),
    ]),
  ],
  [
    'src prefix narrower on strict',
    'diff',
    withChains([
      chain({
        name: '1',
        match: { source_prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
        sock: downstream(),
      }),
      chain({ name: '2', sock: downstream({ noval: 1 }) }),
    ]),
    withChains([
      chain({
        name: '1',
        match: { source_prefix_ranges: [{ address_prefix: '10.1.0.0', prefix_len: 16 }] },
        sock: downstream(),
      }),
      chain({ name: '2', sock: downstream({ noval: 1 }) }),
    ]),
  ],
  [
    'source type',
    'diff',
    withChains([
      chain({ name: '1', match: { source_type: 'EXTERNAL' }, sock: downstream() }),
      chain({ name: '2' }),
    ]),
    withChains([
      chain({ name: '1', match: { source_type: 'SAME_IP_OR_LOOPBACK' }, sock: downstream() }),
      chain({ name: '2' }),
    ]),
  ],
  [
    'match removed (all now noval)',
    'diff',
    withChains([
      chain({ name: '1', match: SNI_A, sock: downstream({ noval: 1 }) }),
      chain({ name: '2', sock: downstream() }),
    ]),
    withChains([
      chain({ name: '1', match: { server_names: ['a', 'c'] }, sock: downstream({ noval: 1 }) }),
      chain({ name: '2', sock: downstream() }),
    ]),
  ],
  [
    'server names order',
    'same',
    withChains([chain({ name: '1', match: { server_names: ['a', 'c'] }, sock: downstream() })]),
    withChains([chain({ name: '1', match: { server_names: ['c', 'a'] }, sock: downstream() })]),
  ],
  [
    'dst prefix',
    'diff',
    withChains(
      [
        chain({
          name: '1',
          match: { prefix_ranges: [{ address_prefix: '10.0.0.1', prefix_len: 32 }] },
          sock: downstream(),
        }),
        chain({
          name: '2',
          match: { prefix_ranges: [{ address_prefix: '10.0.0.2', prefix_len: 32 }] },
          sock: downstream({ ca: '/2' }),
        }),
      ],
      { listener_filters: [INSPECTOR, ORIGINAL_DST] },
    ),
    withChains(
      [
        chain({
          name: '1',
          match: { prefix_ranges: [{ address_prefix: '10.0.0.2', prefix_len: 32 }] },
          sock: downstream(),
        }),
        chain({
          name: '2',
          match: { prefix_ranges: [{ address_prefix: '10.0.0.1', prefix_len: 32 }] },
          sock: downstream({ ca: '/2' }),
        }),
      ],
      { listener_filters: [INSPECTOR, ORIGINAL_DST] },
    ),
  ],
  [
    'transport protocol dropped',
    'diff',
    withChains(
      [
        chain({ name: '1', match: { transport_protocol: 'tls' }, sock: downstream() }),
        chain({ name: '2', match: { transport_protocol: 'raw_buffer', destination_port: 15020 } }),
      ],
      { listener_filters: [INSPECTOR, ORIGINAL_DST] },
    ),
    withChains(
      [
        chain({ name: '1', match: { transport_protocol: 'tls' }, sock: downstream() }),
        chain({ name: '2', match: { transport_protocol: 'raw_buffer' } }),
      ],
      { listener_filters: [INSPECTOR, ORIGINAL_DST] },
    ),
  ],
  [
    'inspector disabled',
    'diff',
    withChains(TWO_CHAINS),
    withChains(TWO_CHAINS, { listener_filters: [{ ...INSPECTOR, filter_disabled: { any_match: true } }] }),
  ],
  [
    'inspector disabled by port',
    'diff',
    withChains(TWO_CHAINS),
    withChains(TWO_CHAINS, {
      listener_filters: [
        { ...INSPECTOR, filter_disabled: { destination_port_range: { start: 1, end: 20000 } } },
      ],
    }),
  ],
  [
    'inspector by other name',
    'same',
    withChains(TWO_CHAINS),
    withChains(TWO_CHAINS, { listener_filters: [{ ...INSPECTOR, name: 'foo' }] }),
  ],
  [
    'continue on timeout',
    'diff',
    withChains(TWO_CHAINS),
    withChains(TWO_CHAINS, { continue_on_listener_filters_timeout: true }),
  ],
  [
    'use_original_dst gone',
    'diff',
    withChains(PORT_CHAINS, { use_original_dst: true }),
    withChains(PORT_CHAINS),
  ],
  [
    'use_proxy_proto',
    'diff',
    withChains([
      {
        ...chain({
          name: '1',
          match: { source_prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
          sock: downstream({ noval: 1 }),
        }),
      },
      chain({ name: '2', sock: downstream() }),
    ]),
    withChains([
      {
        ...chain({
          name: '1',
          match: { source_prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
          sock: downstream({ noval: 1 }),
        }),
        use_proxy_proto: true,
      },
      chain({ name: '2', sock: downstream() }),
    ]),
  ],
  [
    'vendor listener filter',
    'diff',
    withChains(TWO_CHAINS),
    withChains(TWO_CHAINS, {
      listener_filters: [INSPECTOR, { name: 'acme', typed_config: anyOf('acme.Filter') }],
    }),
  ],
  [
    'vendor listener filter alike chains',
    'same',
    withChains([chain({ sock: downstream() })]),
    withChains([chain({ sock: downstream() })], {
      listener_filters: [INSPECTOR, { name: 'acme', typed_config: anyOf('acme.Filter') }],
    }),
  ],
  [
    'inspector gone one chain',
    'same',
    withChains([chain({ sock: downstream() })]),
    withChains([chain({ sock: downstream() })], { listener_filters: [] }),
  ],
  [
    'matcher noval',
    'diff',
    withChains(TWO_CHAINS, chosenByMatcher('1')),
    withChains(TWO_CHAINS, chosenByMatcher('2')),
  ],
  ['matcher added', 'diff', withChains(TWO_CHAINS), withChains(TWO_CHAINS, chosenByMatcher('2'))],
  ['matcher gone', 'diff', withChains(TWO_CHAINS, chosenByMatcher('1')), withChains(TWO_CHAINS)],
  [
    'listener other name+port, noval',
    'diff',
    bootstrap({ l: [listener('a', [chain({ sock: downstream() })])], c: CLUSTERS }),
    bootstrap({
      l: [
        listener('b', [chain({ sock: downstream({ noval: 1 }) })], {
          address: { socket_address: { address: '0.0.0.0', port_value: 9 } },
        }),
      ],
      c: CLUSTERS,
    }),
  ],
  [
    'listener port moved',
    'same',
    bootstrap({ l: [listener('a', [chain({ sock: downstream() })])], c: CLUSTERS }),
    bootstrap({
      l: [
        listener('a', [chain({ sock: downstream() })], {
          address: { socket_address: { address: '0.0.0.0', port_value: 9 } },
        }),
      ],
      c: CLUSTERS,
    }),
  ],
  [
    'pipe listener renamed noval',
    'diff',
    bootstrap({
      l: [listener('a', [chain({ sock: downstream() })], { address: { pipe: { path: '/x' } } })],
      c: CLUSTERS,
    }),
    bootstrap({
      l: [listener('b', [chain({ sock: downstream({ noval: 1 }) })], { address: { pipe: { path: '/x' } } })],
      c: CLUSTERS,
    }),
  ],
  [
    'additional address is other listener',
    'diff',
    bootstrap({
      l: [
        listener('a', [chain({ sock: downstream() })]),
        listener('p', [chain()], { address: { socket_address: { address: '0.0.0.0', port_value: 80 } } }),
      ],
      c: CLUSTERS,
    }),
    bootstrap({
      l: [
        listener('p', [chain()], {
          address: { socket_address: { address: '0.0.0.0', port_value: 80 } },
          additional_addresses: [{ address: { socket_address: { address: '0.0.0.0', port_value: 10443 } } }],
        }),
      ],
      c: CLUSTERS,
    }),
  ],
  [
    'cluster renamed other cert',
    'diff',
    withChains([chain({ filters: [tcp('b')] })]),
    withChains([chain({ filters: [tcp('bb')] })], {}, [cluster('bb', upstream({ cert: '/x.pem' }))]),
  ],
  [
    'cds only rename plain',
    'diff',
    response('envoy.config.cluster.v3.Cluster', [cluster('b', upstream()), cluster('z')]),
    response('envoy.config.cluster.v3.Cluster', [cluster('bb'), cluster('z')]),
  ],
  [
    'cds only rename same',
    'same',
    response('envoy.config.cluster.v3.Cluster', [cluster('b', upstream()), cluster('z')]),
    response('envoy.config.cluster.v3.Cluster', [cluster('bb', upstream()), cluster('z')]),
  ],
  [
    'nothing in common',
    'diff',
    bootstrap({ l: [listener('a', [chain({ sock: downstream() })])], c: [cluster('b', upstream())] }),
    bootstrap({
      l: [
        listener('q', [chain({ filters: [tcp('w')] })], {
          address: { socket_address: { address: '1.1.1.1', port_value: 9 } },
        }),
      ],
      c: [cluster('w')],
    }),
  ],
  [
    'listener removed',
    'any',
    bootstrap({ l: [listener('a', [chain({ sock: downstream() })])], c: CLUSTERS }),
    bootstrap({ c: CLUSTERS }),
  ],
];

test.each(PAIRS)('%s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else if (expected === 'diff') expect(trust).not.toBe('same');
  else expect(['same', 'changed', 'unknown']).toContain(trust);
});
