// Two fields of which Envoy accepts one: it rejects the text, so that nothing tells what the side means.

import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { diff } from '../../src/diff/diff.js';
import { cluster, type Json, SOCKETS } from './configurations.js';

const trusting = (root: Json, more: Json = {}) => ({
  static_resources: {
    clusters: [
      {
        ...cluster('a', {
          name: 'tls',
          typed_config: {
            '@type': `type.googleapis.com/${SOCKETS}.tls.v3.UpstreamTlsContext`,
            common_tls_context: { validation_context: { trusted_ca: root } },
          },
        }),
        ...more,
      },
    ],
  },
});
const BOTH = { filename: '/ca.pem', inline_string: 'x' };

describe.each(['json', 'yaml'] as const)('in %s', (format) => {
  const verdict = (old: Json, now: Json): string => {
    const side = (value: Json) => [
      { name: `a.${format}`, text: format === 'json' ? JSON.stringify(value) : stringify(value) },
    ];
    return diff(side(old), side(now)).verdict.trust;
  };

  test.each<[string, Json, Json, string]>([
    ['a second one', trusting({ filename: '/ca.pem' }), trusting(BOTH), 'unknown'],
    [
      'in another order',
      trusting({ filename: '/ca.pem' }),
      trusting({ inline_string: 'x', filename: '/ca.pem' }),
      'unknown',
    ],
    ['one of them goes', trusting(BOTH), trusting({ filename: '/ca.pem' }), 'unknown'],
    ['both on both sides', trusting(BOTH), trusting(BOTH, { connect_timeout: '9s' }), 'same'],
    [
      'a null beside one',
      trusting({ filename: '/ca.pem' }),
      trusting({ filename: '/ca.pem', inline_string: null }),
      'same',
    ],
    [
      'above the context',
      trusting({ filename: '/ca.pem' }),
      trusting({ filename: '/ca.pem' }, { cluster_type: { name: 'envoy.clusters.static' } }),
      'unknown',
    ],
  ])('%s', (_, old, now, trust) => {
    expect(verdict(old, now)).toBe(trust);
  });
});
