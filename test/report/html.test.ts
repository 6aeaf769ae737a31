// The page in a real browser: it opens fast, filters, sorts, folds, prints, has no serious fault of accessibility,
// loads nothing and runs nothing that a configuration says.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convert } from '../../src/convert/convert.js';
import { deliver } from '../../src/convert/delivery.js';
import { reportHtml } from '../../src/report/html/report-html.js';
import { chromiumPath } from './html.js';

const HOSTILE = '</script><script>window.hacked = true</script><img src=x onerror="window.hacked = true">';

function cluster(name: string, san = `spiffe://cluster.local/ns/shop/sa/${name}`) {
  return {
    name,
    connect_timeout: '1s',
    type: 'STATIC',
    tls_context: {
      common_tls_context: {
        tls_certificates: [
          {
            certificate_chain: { filename: '/etc/certs/cert-chain.pem' },
            private_key: { filename: '/etc/certs/key.pem' },
          },
        ],
        validation_context: {
          trusted_ca: { filename: '/etc/certs/root-cert.pem' },
          verify_subject_alt_name: [san],
        },
        alpn_protocols: ['istio'],
      },
      sni: name,
    },
  };
}

function bootstrap(clusters: readonly unknown[]): string {
  return JSON.stringify({ node: { id: 'web', cluster: 'web' }, static_resources: { clusters } }, null, 1);
}

function onSds(text: string): string {
  const delivery = deliver({});
  if ('problem' in delivery) throw new Error(delivery.problem);
  const { files } = convert([{ name: 'a.json', text }], { provider: delivery.provider });
  return [...(files[0]?.chunks() ?? [])].join('');
}

const OLD = bootstrap([
  cluster('pay'),
  cluster('cart'),
  cluster(HOSTILE),
  { name: 'open', connect_timeout: '1s' },
]);
const NEW = bootstrap([
  cluster('pay', 'spiffe://cluster.local/ns/shop/sa/other'),
  cluster('cart'),
  cluster(HOSTILE),
  { name: 'open', connect_timeout: '2s' },
]);

function pageOf(now: string, old?: string): string {
  const against = old === undefined ? {} : { against: [{ name: 'old.json', text: old }] };
  return reportHtml([{ name: 'new.json', text: now }], { version: '0.0.0', ...against }).html;
}

test('the page says the verdict and what it rests on, also without its script', () => {
  const html = pageOf(onSds(NEW), OLD);
  expect(html).toContain('<strong id="verdict">trust changed</strong>');
  expect(html).toContain('other subject alternative names are accepted');
  expect(html).toContain('<del>pay</del>');
  expect(html).toContain('<ins>other</ins>');
  expect(html).not.toContain('<img');
  expect(html).not.toMatch(/(?:src|href)="(?!#)/);
});

test('the same input gives the same page', () => {
  expect(pageOf(NEW, OLD)).toBe(pageOf(NEW, OLD));
});

test('no name turns the direction of what stands beside it, or fills the page', () => {
  const names = ['\u202egnp.exe', 'x'.repeat(5000), 'a\u2028b'];
  const html = pageOf(
    bootstrap(names.map((name) => cluster(name))),
    bootstrap(names.map((name) => cluster(name, 'spiffe://other'))),
  );
  expect(html).not.toMatch(/[\u2028\u202e]/);
  expect(html).toContain('cluster \\u202egnp.exe');
  expect(html).toMatch(/cluster x{100}…x{50}</);
});

// What grows with the square of their number does not end before the time is over.
test('10,000 contexts that changed', () => {
  const clusters = (san: string) =>
    bootstrap(Array.from({ length: 10_000 }, (_, i) => cluster(`service-${i}`, san)));
  expect(pageOf(clusters('spiffe://new'), clusters('spiffe://old'))).toContain('10000 changes');
});

const executablePath = chromiumPath();
if (executablePath === undefined && process.env.CI !== undefined)
  throw new Error('there is no Chromium: install it, or say in CHROMIUM_BIN where it is');
if (executablePath === undefined) console.log('the page is not tried in a browser: there is no Chromium');

describe.skipIf(executablePath === undefined)('in a browser', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'xdsc-page-'));
    browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      args: ['--no-sandbox'],
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(html: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const file = join(folder, 'page.html');
    writeFileSync(file, html);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const failed: string[] = [];
    page.on('pageerror', (error) => failed.push(error.message));
    await page.goto(`file://${file}`);
    expect(asked.filter((url) => !url.startsWith('file://'))).toEqual([]);
    expect(failed).toEqual([]);
    return page;
  }

  test('filters, sorts and folds', async () => {
    const page = await open(pageOf(onSds(NEW), OLD));
    const rows = page.locator('#inventory tbody tr');
    expect(await rows.count()).toBe(3);
    await page.fill('#find', 'cart');
    expect(await rows.count()).toBe(1);
    expect(await page.textContent('#count')).toBe('1 of 3 contexts');
    await page.fill('#find', '');
    await page.selectOption('select[data-column="2"]', 'trust changed');
    expect(await rows.first().textContent()).toContain('cluster pay');
    await page.selectOption('select[data-column="2"]', '');
    const header = page.getByRole('button', { name: 'Resource' });
    await header.click();
    const ascending = await rows.allTextContents();
    expect(await page.locator('th[aria-sort=ascending]').count()).toBe(1);
    await header.click();
    expect(await rows.allTextContents()).toEqual([...ascending].reverse());
    const folds = page.locator('#differences details');
    const opened = await page.locator('#differences details[open]').count();
    await folds.first().locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#differences details[open]').count()).not.toBe(opened);
    await page.close();
  });

  test('what a configuration says stays text', async () => {
    const page = await open(pageOf(onSds(NEW), OLD));
    await page.fill('#find', 'onerror');
    expect(await page.locator('#inventory tbody').textContent()).toContain(
      '<script>window.hacked = true</script>',
    );
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    await page.close();
  });

  test('prints all of it', async () => {
    const page = await open(pageOf(onSds(NEW), OLD));
    const pdf = await page.pdf();
    expect(pdf.length).toBeGreaterThan(10_000);
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator('#differences details:not([open])').count()).toBe(0);
    expect(await page.locator('#find').isVisible()).toBe(false);
    await page.close();
  });

  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 390, height: 844 }, isMobile: true }],
  ] as const)('axe finds no serious fault, %s', async (_, options) => {
    const page = await open(pageOf(onSds(NEW), OLD), options);
    const wide = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(wide).toBeLessThanOrEqual(0);
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const violations = (await page.evaluate(
      "axe.run().then(({violations}) => violations.map(({id, impact, nodes}) => [impact, id, nodes[0].html].join(' ')))",
    )) as string[];
    expect(violations.filter((one) => /^(?:serious|critical)/.test(one))).toEqual([]);
    await page.close();
  });

  test('opens and filters 10,000 contexts, and says how long that took', async () => {
    const html = pageOf(
      bootstrap(Array.from({ length: 10_000 }, (_, i) => cluster(`service-${i}.team-${i % 97}`))),
    );
    const page = await open(html);
    // From the start of the navigation to the end of the page's own script.
    const opened = (await page.evaluate(
      "performance.getEntriesByType('navigation')[0].loadEventEnd",
    )) as number;
    const filtered = (await page.evaluate(`(() => {
      const find = document.getElementById('find');
      const start = performance.now();
      find.value = 'service-4711';
      find.dispatchEvent(new Event('input'));
      document.body.offsetHeight;
      return performance.now() - start;
    })()`)) as number;
    expect(await page.locator('#inventory tbody tr').count()).toBe(1);
    console.log(
      `10,000 contexts: ${(html.length / 1e6).toFixed(1)} MB, opened in ${opened.toFixed(0)} ms, filtered in ${filtered.toFixed(0)} ms`,
    );
    await page.close();
  }, 60_000);
});
