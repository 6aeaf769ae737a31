// Values that break a rule of the API and that Envoy 1.40 takes; each was tried with it.

import { expect, test } from 'vitest';
import { validate } from '../../../src/validate/validate.js';

const PACKAGE = 'envoy.extensions.load_balancing_policies';
const CHILD = {
  policies: [
    {
      typed_extension_config: {
        name: 'round_robin',
        typed_config: { '@type': `type.googleapis.com/${PACKAGE}.round_robin.v3.RoundRobin` },
      },
    },
  ],
};

test.each<[type: string, config: object, found: string]>([
  ['least_request.v3.LeastRequest', { choice_count: 1 }, 'warning broken-rule'],
  ['ring_hash.v3.RingHash', { minimum_ring_size: 0 }, 'warning broken-rule'],
  [
    'ring_hash.v3.RingHash',
    { consistent_hashing_lb_config: { hash_balance_factor: 50 } },
    'warning broken-rule',
  ],
  ['maglev.v3.Maglev', { table_size: 6000011 }, 'warning broken-rule'],
  ['round_robin.v3.RoundRobin', { locality_lb_config: {} }, 'warning missing-field'],
  ['random.v3.Random', { locality_lb_config: {} }, 'warning missing-field'],
  [
    'client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin',
    { error_utilization_penalty: -1 },
    'warning broken-rule',
  ],
  ['subset.v3.Subset', { fallback_policy: 9, subset_lb_policy: CHILD }, 'warning broken-rule'],
  ['subset.v3.Subset', {}, 'error missing-field'],
  ['override_host.v3.OverrideHost', { fallback_policy: CHILD }, 'error missing-field'],
  ['least_request.v3.LeastRequest', { choice: 2 }, 'error unknown-field'],
])('%s %j: %s', (type, config, expected) => {
  const text = JSON.stringify({
    node: { id: 'web-1', cluster: 'web' },
    static_resources: {
      clusters: [
        {
          name: 'backend',
          connect_timeout: '1s',
          type: 'STATIC',
          load_balancing_policy: {
            policies: [
              {
                typed_extension_config: {
                  name: 'policy',
                  typed_config: { '@type': `type.googleapis.com/${PACKAGE}.${type}`, ...config },
                },
              },
            ],
          },
        },
      ],
    },
  });
  const { findings } = validate([{ name: 'envoy.json', text }], {});
  const found = findings.filter(({ level }) => level !== 'note').map(({ level, code }) => `${level} ${code}`);
  expect(found).toEqual([expected]);
});
