// What an editor offers to do about findings.

import { describe, expect, test } from 'vitest';
import { fixed, fixTitles } from './cursor.js';

const CLUSTER = 'name: a\nconnect_timeout: 1s\n';

test('a slip is fixed, as --fix does', () => {
  expect(fixed('name: a\nconect_timeout: 1s\nlb_policy: RANDOM\n', 'Fix unknown-field')).toBe(
    'name: a\nconnect_timeout: 1s\nlb_policy: RANDOM\n',
  );
});

describe('the name that was meant', () => {
  test('is put in the place of a value, in its quotes', () => {
    const text = `${CLUSTER}lb_policy: "ROUND_RBN"\n`;
    expect(fixed(text, 'Change to ROUND_ROBIN')).toBe(`${CLUSTER}lb_policy: "ROUND_ROBIN"\n`);
  });

  test('is put in the place of a key', () => {
    expect(fixed('name: a\nconct_timout: 1s\nlb_policy: RANDOM\n', 'Change to connect_timeout')).toBe(
      'name: a\nconnect_timeout: 1s\nlb_policy: RANDOM\n',
    );
  });

  test('keeps the URL around the name of a type', () => {
    const text = `${CLUSTER}transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContxt
`;
    expect(fixed(text, fixTitles(text).find((title) => title.includes('UpstreamTlsContext')) ?? '')).toBe(
      text.replace('Contxt', 'Context'),
    );
  });

  test('is put into a ConfigMap', () => {
    const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  a.yaml: |
    name: a
    connect_timeout: 1s
    lb_policy: ROUND_RBN
`;
    expect(fixed(text, 'Change to ROUND_ROBIN')).toBe(text.replace('RBN', 'ROBIN'));
  });
});

describe('a silence', () => {
  test('is a comment above the line, as deep as it', () => {
    const text = 'static_resources:\n  clusters:\n  - name: a\n    connect_timeout: 1s\n    lb_policy: X\n';
    expect(fixed(text, 'Silence unknown-value for this line')).toBe(
      text.replace('    lb_policy', '    # xdsc-disable-next-line unknown-value: TODO\n    lb_policy'),
    );
  });

  test('is not offered in JSON, which has no comments', () => {
    expect(fixTitles('{"name": "a", "connect_timeout": "1s", "lb_policy": "X"}', 'a.json')).toEqual([]);
  });
});
