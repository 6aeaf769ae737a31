// What every form of a diff has in common: it says the verdict, and which cluster changed.

import { describe, expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';
import { DIFF_FORMATS, formatDiff } from '../../src/report/diff-formats.js';
import { PLAIN } from '../../src/report/finding-text.js';

const cluster = (sni: string) => [
  {
    name: 'cds.json',
    text: JSON.stringify({
      '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
      name: 'payments',
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
          sni: 'pay.example',
          common_tls_context: { validation_context: { trusted_ca: { filename: sni } } },
        },
      },
    }),
  },
];

describe.each(DIFF_FORMATS)('%s', (format) => {
  test('says the verdict and names what changed', async () => {
    const text = await formatDiff(diff(cluster('/old.pem'), cluster('/new.pem')), format, PLAIN);
    expect(text).toContain('trust changed');
    expect(text).toContain('payments');
    expect(text.endsWith('\n')).toBe(true);
  });

  test('says that nothing changed', async () => {
    const text = await formatDiff(diff(cluster('/old.pem'), cluster('/old.pem')), format, PLAIN);
    expect(text).toContain('same trust');
  });
});
