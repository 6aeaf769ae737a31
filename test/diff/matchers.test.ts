// Matchers of the xDS API that choose a filter chain for a connection, or a transport socket for an endpoint.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  anyOf,
  bootstrap,
  CLUSTERS,
  chain,
  cluster,
  downstream,
  INSPECTOR,
  type Json,
  listener,
  MTLS_ENTRY,
  type Pair,
  PLAIN_ENTRY,
  side,
  upstream,
} from './configurations.js';

const input = (type: string) => ({
  name: 'i',
  typed_config: anyOf(`envoy.extensions.matching.common_inputs.network.v3.${type}`),
});
const goesTo = (name: string) => ({
  action: { name, typed_config: anyOf('google.protobuf.StringValue', { value: name }) },
});
const exact = (type: string, map: Json) => ({
  matcher_tree: { input: input(type), exact_match_map: { map } },
});
const prefix = (type: string, map: Json) => ({
  matcher_tree: { input: input(type), prefix_match_map: { map } },
});
const domains = (...pairs: (readonly [string[], Json])[]) => ({
  matcher_tree: {
    input: input('ServerNameInput'),
    custom_match: {
      name: 'c',
      typed_config: anyOf('xds.type.matcher.v3.ServerNameMatcher', {
        domain_matchers: pairs.map(([names, on_match]) => ({ domains: names, on_match })),
      }),
    },
  },
});
const ranges = (type: string, ...pairs: (readonly [string, number, Json])[]) => ({
  matcher_tree: {
    input: input(type),
    custom_match: {
      name: 'c',
      typed_config: anyOf('xds.type.matcher.v3.IPMatcher', {
        range_matchers: pairs.map(([address_prefix, prefix_len, on_match]) => ({
          ranges: [{ address_prefix, prefix_len }],
          on_match,
        })),
      }),
    },
  },
});
const list = (...matchers: (readonly [Json, Json])[]) => ({
  matcher_list: { matchers: matchers.map(([predicate, on_match]) => ({ predicate, on_match })) },
});
const asks = (type: string, value_match: Json) => ({ single_predicate: { input: input(type), value_match } });

const CHAINS = [
  chain({ name: 'mutual', sock: downstream() }),
  chain({ name: 'same', sock: downstream() }),
  chain({ name: 'plain', sock: downstream({ noval: 1 }) }),
];
const MUTUAL = goesTo('mutual');
const PLAIN = goesTo('plain');
const choosing = (filter_chain_matcher: Json, more: Json = {}, chains: Json = CHAINS) =>
  bootstrap({ l: [listener('in', chains, { filter_chain_matcher, ...more })], c: CLUSTERS });
const by = (matcher: Json, otherwise?: Json) =>
  choosing({ ...matcher, ...(otherwise && { on_no_match: otherwise }) });

const socketInput = (key: string) => ({
  name: 'i',
  typed_config: anyOf('envoy.extensions.matching.common_inputs.transport_socket.v3.EndpointMetadataInput', {
    filter: 'envoy.transport_socket_match',
    path: [{ key }],
  }),
});
const takes = (name: string) => ({
  action: {
    name: 'a',
    typed_config: anyOf(
      'envoy.extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction',
      {
        name,
      },
    ),
  },
});
const sockets = (map: Json, otherwise?: Json, endpointInput: Json = socketInput('mode'), mode = 'a') =>
  bootstrap({
    c: [
      cluster('b', upstream(), {
        transport_socket_matches: [MTLS_ENTRY, PLAIN_ENTRY],
        transport_socket_matcher: {
          matcher_tree: { input: endpointInput, exact_match_map: { map } },
          ...(otherwise && { on_no_match: otherwise }),
        },
        load_assignment: {
          cluster_name: 'b',
          endpoints: [
            {
              lb_endpoints: [
                {
                  endpoint: { address: { socket_address: { address: '10.0.0.1', port_value: 443 } } },
                  metadata: { filter_metadata: { 'envoy.transport_socket_match': { mode } } },
                },
              ],
            },
          ],
        },
      }),
    ],
  });
const UNKNOWN_INPUT = { name: 'i', typed_config: anyOf('acme.Input') };

const PAIRS: readonly Pair[] = [
  [
    'a port gets another chain',
    'diff',
    by(exact('DestinationPortInput', { 443: MUTUAL, 80: PLAIN })),
    by(exact('DestinationPortInput', { 443: PLAIN, 80: PLAIN })),
  ],
  [
    'a port gets an equal chain',
    'same',
    by(exact('DestinationPortInput', { 443: MUTUAL, 80: PLAIN })),
    by(exact('DestinationPortInput', { 443: goesTo('same'), 80: PLAIN })),
  ],
  [
    'a port is refused that was guarded',
    'same',
    by(exact('DestinationPortInput', { 443: MUTUAL, 80: PLAIN })),
    by(exact('DestinationPortInput', { 80: PLAIN })),
  ],
  [
    'a tree as a list',
    'same',
    by(exact('DestinationPortInput', { 443: MUTUAL }), PLAIN),
    by(list([asks('DestinationPortInput', { exact: '443' }), MUTUAL]), PLAIN),
  ],
  [
    'a list in another order',
    'diff',
    by(
      list(
        [asks('DestinationPortInput', { exact: '443' }), MUTUAL],
        [asks('ServerNameInput', { exact: 'a' }), PLAIN],
      ),
    ),
    by(
      list(
        [asks('ServerNameInput', { exact: 'a' }), PLAIN],
        [asks('DestinationPortInput', { exact: '443' }), MUTUAL],
      ),
    ),
  ],
  [
    'a list in another order, of what excludes each other',
    'same',
    by(
      list(
        [asks('ServerNameInput', { exact: 'b' }), MUTUAL],
        [asks('ServerNameInput', { exact: 'a' }), PLAIN],
      ),
    ),
    by(
      list(
        [asks('ServerNameInput', { exact: 'a' }), PLAIN],
        [asks('ServerNameInput', { exact: 'b' }), MUTUAL],
      ),
    ),
  ],
  [
    'and in place of or',
    'diff',
    by(
      list([
        {
          and_matcher: {
            predicate: [
              asks('ServerNameInput', { exact: 'a' }),
              asks('DestinationPortInput', { exact: '80' }),
            ],
          },
        },
        PLAIN,
      ]),
      MUTUAL,
    ),
    by(
      list([
        {
          or_matcher: {
            predicate: [
              asks('ServerNameInput', { exact: 'a' }),
              asks('DestinationPortInput', { exact: '80' }),
            ],
          },
        },
        PLAIN,
      ]),
      MUTUAL,
    ),
  ],
  [
    'a predicate that is negated',
    'diff',
    by(list([asks('DestinationPortInput', { exact: '80' }), PLAIN]), MUTUAL),
    by(list([{ not_matcher: asks('DestinationPortInput', { exact: '80' }) }, PLAIN]), MUTUAL),
  ],
  [
    'a negated predicate with its branches exchanged',
    'same',
    by(list([asks('DestinationPortInput', { exact: '80' }), PLAIN]), MUTUAL),
    by(list([{ not_matcher: asks('DestinationPortInput', { exact: '80' }) }, MUTUAL]), PLAIN),
  ],
  [
    'a wildcard domain',
    'diff',
    by(domains([['*.x'], PLAIN]), MUTUAL),
    by(domains([['*.x', '*.y'], PLAIN]), MUTUAL),
  ],
  [
    'domains in two items',
    'same',
    by(domains([['*.x', 'y'], PLAIN]), MUTUAL),
    by(domains([['y'], PLAIN], [['*.x'], PLAIN]), MUTUAL),
  ],
  [
    'a range of sources',
    'diff',
    by(ranges('SourceIPInput', ['10.0.0.0', 8, PLAIN]), MUTUAL),
    by(ranges('SourceIPInput', ['10.0.0.0', 7, PLAIN]), MUTUAL),
  ],
  [
    'a range in two halves',
    'same',
    by(ranges('SourceIPInput', ['10.0.0.0', 8, PLAIN]), MUTUAL),
    by(ranges('SourceIPInput', ['10.0.0.0', 9, PLAIN], ['10.128.0.0', 9, PLAIN]), MUTUAL),
  ],
  [
    'a prefix of names',
    'diff',
    by(prefix('ServerNameInput', { a: PLAIN }), MUTUAL),
    by(prefix('ServerNameInput', { ab: PLAIN }), MUTUAL),
  ],
  [
    'a part of names in a predicate',
    'diff',
    by(list([asks('ServerNameInput', { prefix: 'a' }), PLAIN]), MUTUAL),
    by(list([asks('ServerNameInput', { exact: 'a' }), PLAIN]), MUTUAL),
  ],
  [
    'what nothing matches',
    'diff',
    by(exact('DestinationPortInput', { 443: MUTUAL }), MUTUAL),
    by(exact('DestinationPortInput', { 443: MUTUAL }), PLAIN),
  ],
  [
    'what nothing matches gets the chain of others',
    'diff',
    choosing(exact('DestinationPortInput', { 443: MUTUAL })),
    choosing(exact('DestinationPortInput', { 443: MUTUAL }), { default_filter_chain: CHAINS[2] }),
  ],
  [
    'a matcher in a matcher',
    'diff',
    by(
      exact('DestinationPortInput', { 443: { matcher: exact('ServerNameInput', { a: PLAIN, b: MUTUAL }) } }),
    ),
    by(exact('DestinationPortInput', { 443: { matcher: exact('ServerNameInput', { a: PLAIN, b: PLAIN }) } })),
  ],
  [
    'a matcher in place of matches',
    'same',
    bootstrap({
      l: [
        listener('in', [
          chain({ name: 'mutual', match: { destination_port: 443 }, sock: downstream() }),
          chain({ name: 'plain', match: { destination_port: 80 }, sock: downstream({ noval: 1 }) }),
        ]),
      ],
      c: CLUSTERS,
    }),
    by(exact('DestinationPortInput', { 443: MUTUAL, 80: PLAIN })),
  ],
  [
    'a matcher in place of other matches',
    'diff',
    bootstrap({
      l: [
        listener('in', [
          chain({ name: 'mutual', match: { destination_port: 443 }, sock: downstream() }),
          chain({ name: 'plain', match: { destination_port: 80 }, sock: downstream({ noval: 1 }) }),
        ]),
      ],
      c: CLUSTERS,
    }),
    by(exact('DestinationPortInput', { 443: PLAIN, 80: MUTUAL })),
  ],
  [
    'protocols in quotes',
    'diff',
    by(exact('ApplicationProtocolInput', { "'h2'": MUTUAL }), PLAIN),
    by(exact('ApplicationProtocolInput', { "'http/1.1'": MUTUAL }), PLAIN),
  ],
  [
    'the source is this host',
    'diff',
    by(exact('SourceTypeInput', { local: PLAIN }), MUTUAL),
    by(exact('SourceTypeInput', { other: PLAIN }), MUTUAL),
  ],
  [
    'an input that is not known',
    'diff',
    by(list([{ single_predicate: { input: UNKNOWN_INPUT, value_match: { exact: 'a' } } }, PLAIN]), MUTUAL),
    by(list([{ single_predicate: { input: UNKNOWN_INPUT, value_match: { exact: 'b' } } }, PLAIN]), MUTUAL),
  ],
  [
    'an input that is not known, alike',
    'same',
    by(list([{ single_predicate: { input: UNKNOWN_INPUT, value_match: { exact: 'a' } } }, PLAIN]), MUTUAL),
    choosing(
      {
        ...list([{ single_predicate: { input: UNKNOWN_INPUT, value_match: { exact: 'a' } } }, PLAIN]),
        on_no_match: MUTUAL,
      },
      { stat_prefix: 'x' },
    ),
  ],
  [
    'what tells server names is gone',
    'diff',
    by(exact('ServerNameInput', { a: MUTUAL }), PLAIN),
    choosing({ ...exact('ServerNameInput', { a: MUTUAL }), on_no_match: PLAIN }, { listener_filters: [] }),
  ],
  [
    'another order of listener filters',
    'same',
    by(exact('ServerNameInput', { a: MUTUAL }), PLAIN),
    choosing(
      { ...exact('ServerNameInput', { a: MUTUAL }), on_no_match: PLAIN },
      { listener_filters: [INSPECTOR] },
    ),
  ],
  [
    'the chain of a name trusts others',
    'diff',
    by(exact('DestinationPortInput', { 443: MUTUAL })),
    choosing(exact('DestinationPortInput', { 443: MUTUAL }), {}, [
      chain({ name: 'mutual', sock: downstream({ ca: '/ca2.pem' }) }),
      ...CHAINS.slice(1),
    ]),
  ],
  [
    'the names of chains are exchanged',
    'diff',
    by(exact('DestinationPortInput', { 443: MUTUAL, 80: PLAIN })),
    choosing(exact('DestinationPortInput', { 443: MUTUAL, 80: PLAIN }), {}, [
      chain({ name: 'plain', sock: downstream() }),
      chain({ name: 'mutual', sock: downstream({ noval: 1 }) }),
    ]),
  ],
  [
    'chains are renamed, in the matcher as well',
    'same',
    by(exact('DestinationPortInput', { 443: MUTUAL })),
    choosing(exact('DestinationPortInput', { 443: goesTo('renamed') }), {}, [
      chain({ name: 'renamed', sock: downstream() }),
      ...CHAINS.slice(1),
    ]),
  ],
  [
    'an endpoint gets another socket',
    'diff',
    sockets({ a: takes('m') }, takes('p')),
    sockets({ a: takes('p') }, takes('p')),
  ],
  [
    'an endpoint gets the same socket by another value',
    'same',
    sockets({ a: takes('m') }, takes('p')),
    sockets({ a: takes('m'), b: takes('p') }, takes('p')),
  ],
  [
    'an endpoint no longer matches',
    'diff',
    sockets({ a: takes('m') }, takes('p')),
    sockets({ b: takes('m') }, takes('p')),
  ],
  [
    'the metadata of an endpoint',
    'diff',
    sockets({ a: takes('m') }, takes('p')),
    sockets({ a: takes('m') }, takes('p'), socketInput('mode'), 'b'),
  ],
  [
    'without a match the socket of the cluster',
    'same',
    sockets({ a: takes('m') }),
    sockets({ b: takes('m') }),
  ],
  [
    'another input for sockets',
    'diff',
    sockets({ a: takes('m') }, takes('p')),
    sockets({ a: takes('m') }, takes('p'), socketInput('other')),
  ],
  [
    'an input for sockets that is not known',
    'diff',
    sockets({ a: takes('m') }, takes('p'), UNKNOWN_INPUT),
    sockets({ a: takes('p') }, takes('p'), UNKNOWN_INPUT),
  ],
];

test.each(PAIRS)('%s: %s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else expect(trust).not.toBe('same');
});
