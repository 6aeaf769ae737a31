// Which endpoints a request gets that asks for a subset of them, and with which transport sockets.

import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import {
  anyOf,
  bootstrap,
  chain,
  cluster,
  hcm,
  host,
  type Json,
  listener,
  MTLS_ENTRY,
  type Pair,
  PLAIN_ENTRY,
  route,
  side,
  tcp,
  upstream,
} from './configurations.js';

const endpoint = (address: string, version: Json, mtls: boolean) => ({
  endpoint: { address: { socket_address: { address, port_value: 443 } } },
  metadata: { filter_metadata: { 'envoy.lb': { version }, 'envoy.transport_socket_match': { mtls } } },
});
const ENDPOINTS = [
  endpoint('10.0.0.1', 'secure', true),
  endpoint('10.0.0.2', 'secure2', true),
  endpoint('10.0.0.3', 'plain', false),
];
const subsets = (more: Json = {}) => ({ subset_selectors: [{ keys: ['version'] }], ...more });
const selecting = (config: Json, endpoints: Json = ENDPOINTS, more: Json = {}) =>
  cluster('b', upstream(), {
    transport_socket_matches: [MTLS_ENTRY, PLAIN_ENTRY],
    load_assignment: { cluster_name: 'b', endpoints: [{ lb_endpoints: endpoints }] },
    ...(config && { lb_subset_config: config }),
    ...more,
  });
const asks = (version?: Json) =>
  version === undefined ? {} : { metadata_match: { filter_metadata: { 'envoy.lb': { version } } } };
const filters = (one: Json, cs: Json) =>
  bootstrap({ l: [listener('in', [chain({ filters: [one] })])], c: [cs] });
const routed = (version: Json, cs: Json = selecting(subsets())) =>
  filters(hcm([host([route('b', { prefix: '/' }, asks(version))])]), cs);
const weighted = (outer: Json, inner: Json) =>
  filters(
    hcm([
      host([
        {
          match: { prefix: '/' },
          route: {
            ...asks(outer),
            weighted_clusters: { clusters: [{ name: 'b', weight: 100, ...asks(inner) }] },
          },
        },
      ]),
    ]),
    selecting(subsets()),
  );
const proxied = (version: Json) => filters(tcp('b', asks(version)), selecting(subsets()));
const discovered = (version: Json) =>
  routed(
    version,
    cluster('b', upstream(), {
      type: 'EDS',
      eds_cluster_config: { eds_config: { ads: {} } },
      load_assignment: undefined,
      transport_socket_matches: [MTLS_ENTRY, PLAIN_ENTRY],
      lb_subset_config: subsets(),
    }),
  );
const policy = (type: string, config: Json = subsets()) => ({
  load_balancing_policy: {
    policies: [
      {
        typed_extension_config: {
          name: 'p',
          typed_config: anyOf(`envoy.extensions.load_balancing_policies.${type}`, config),
        },
      },
    ],
  },
});

const PAIRS: readonly Pair[] = [
  ['a route asks for endpoints without TLS', 'diff', routed('secure'), routed('plain')],
  ['a route asks for other endpoints with the same socket', 'same', routed('secure'), routed('secure2')],
  [
    'a route asks for a subset, and asked for all',
    'same',
    routed(undefined, selecting(subsets({ fallback_policy: 'ANY_ENDPOINT' }))),
    routed('secure', selecting(subsets({ fallback_policy: 'ANY_ENDPOINT' }))),
  ],
  [
    'a route no longer asks',
    'diff',
    routed('secure', selecting(subsets({ fallback_policy: 'ANY_ENDPOINT' }))),
    routed(undefined, selecting(subsets({ fallback_policy: 'ANY_ENDPOINT' }))),
  ],
  ['a route asks for a subset that there is not', 'same', routed('secure'), routed('none')],
  [
    'a subset that there is not falls back to all',
    'diff',
    routed('secure', selecting(subsets({ fallback_policy: 'ANY_ENDPOINT' }))),
    routed('none', selecting(subsets({ fallback_policy: 'ANY_ENDPOINT' }))),
  ],
  [
    'the cluster has no subsets',
    'same',
    routed('secure', selecting(undefined)),
    routed('plain', selecting(undefined)),
  ],
  [
    'no selector has the keys',
    'same',
    routed('secure', selecting({ subset_selectors: [{ keys: ['zone'] }] })),
    routed('plain', selecting({ subset_selectors: [{ keys: ['zone'] }] })),
  ],
  [
    'a weighted cluster asks for endpoints without TLS',
    'diff',
    weighted(undefined, 'secure'),
    weighted(undefined, 'plain'),
  ],
  [
    'what a weighted cluster asks for counts more',
    'same',
    weighted('plain', 'secure'),
    weighted('secure2', 'secure'),
  ],
  ['a TCP proxy asks for endpoints without TLS', 'diff', proxied('secure'), proxied('plain')],
  ['a TCP proxy asks for others with TLS', 'same', proxied('secure'), proxied('secure2')],
  ['the endpoints are not known', 'diff', discovered('secure'), discovered('plain')],
  [
    'another default subset',
    'diff',
    routed(
      undefined,
      selecting(subsets({ fallback_policy: 'DEFAULT_SUBSET', default_subset: { version: 'secure' } })),
    ),
    routed(
      undefined,
      selecting(subsets({ fallback_policy: 'DEFAULT_SUBSET', default_subset: { version: 'plain' } })),
    ),
  ],
  [
    'another default subset with the same socket',
    'same',
    routed(
      undefined,
      selecting(subsets({ fallback_policy: 'DEFAULT_SUBSET', default_subset: { version: 'secure' } })),
    ),
    routed(
      undefined,
      selecting(subsets({ fallback_policy: 'DEFAULT_SUBSET', default_subset: { version: 'secure2' } })),
    ),
  ],
  ['subsets are dropped', 'diff', routed('secure'), routed('secure', selecting(undefined))],
  [
    'an endpoint without TLS enters a subset',
    'diff',
    routed('secure'),
    routed(
      'secure',
      selecting(subsets(), [ENDPOINTS[0], ENDPOINTS[1], endpoint('10.0.0.3', 'secure', false)]),
    ),
  ],
  [
    'a list as metadata fits any of its items',
    'diff',
    routed('secure', selecting(subsets({ list_as_any: true }))),
    routed(
      'secure',
      selecting(subsets({ list_as_any: true }), [
        ENDPOINTS[0],
        endpoint('10.0.0.3', ['plain', 'secure'], false),
      ]),
    ),
  ],
  [
    'subsets as a policy',
    'diff',
    routed('secure', selecting(undefined, ENDPOINTS, policy('subset.v3.Subset'))),
    routed('plain', selecting(undefined, ENDPOINTS, policy('subset.v3.Subset'))),
  ],
  [
    'another policy leaves subsets aside',
    'same',
    routed('secure', selecting(subsets(), ENDPOINTS, policy('round_robin.v3.RoundRobin', {}))),
    routed('plain', selecting(subsets(), ENDPOINTS, policy('round_robin.v3.RoundRobin', {}))),
  ],
];

test.each(PAIRS)('%s: %s', (_, expected, old, now) => {
  const { trust } = diff(side(old), side(now)).verdict;
  if (expected === 'same') expect(trust).toBe('same');
  else expect(trust).not.toBe('same');
});
