// What stands in the middle of the picture: who it is that trusts.

import { expect, test } from 'vitest';
import type { Way } from '../../src/report/html/inventory.js';
import { reportHtml } from '../../src/report/html/report-html.js';
import { drawPicture } from '../../src/report/html/trust-picture.js';

const way = (proxy: string): Way => ({ side: 'client', proxy, name: 'pay', guarding: 'mutual TLS' });

test.each<[what: string, proxies: string[], files: string[], centre: string]>([
  ['an id of Istio', ['sidecar~10.0.0.1~web-0.shop~shop.svc'], ['a.json'], 'web-0.shop'],
  ['another id', ['edge'], ['a.json', 'clusters.json'], 'edge'],
  ['several proxies', ['edge', 'inner', ''], ['a.json', 'b.json', 'c.json'], '2 proxies'],
  ['a file without an id', [''], ['configs/web.yaml'], 'web.yaml'],
  ['a folder of files without ids', ['', ''], ['fleet/web/cds.json', 'fleet/web/lds.json'], 'web'],
  ['files of no common folder', ['', ''], ['cds.json', 'lds.json'], '2 files'],
])('%s', (_, proxies, files, centre) => {
  expect(drawPicture(proxies.map(way), files)?.centre).toBe(centre);
});

test('a report over several proxies names none of them as the one', () => {
  const input = (id: string) => ({
    name: `fleet/${id}.json`,
    text: JSON.stringify({
      node: { id, cluster: id },
      static_resources: { clusters: [{ name: `of-${id}`, connect_timeout: '1s', type: 'STATIC' }] },
    }),
  });
  const { html } = reportHtml([input('edge'), input('inner')]);
  expect(html).toContain('2 proxies');
  expect(html).not.toContain('this proxy');
  for (const name of ['of-edge', 'of-inner']) expect(html).toContain(name);
});
