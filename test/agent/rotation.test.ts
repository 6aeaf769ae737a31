// Certificates change in time, and roots change without a moment in which a peer is not trusted.

import { X509Certificate } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { splitPem } from '../../src/ca/chain.js';
import { type OpenStream, withToken } from './client.js';
import { TestAgent } from './harness.js';

let agent: TestAgent;
afterEach(() => agent.close());

async function open(name: string, workload = 'foo/sleep'): Promise<OpenStream> {
  const stream = agent.connect(workload).stream('v3', withToken(await agent.token(workload)));
  stream.ask(name);
  return stream;
}

test('certificates are renewed before they expire', async () => {
  agent = await TestAgent.start({ lifetime: 5 });
  const stream = await open('default');
  const first = await stream.next();
  const began = Date.now();
  const second = await stream.next();
  const until = Date.parse(new X509Certificate(first.secrets[0]?.chain ?? '').validTo);
  expect(Date.now()).toBeLessThan(until);
  expect(Date.now() - began).toBeGreaterThan(800);
  expect(second.version).not.toBe(first.version);
  expect(agent.of('issued').map(({ reason }) => reason)).toEqual(['first', 'expiry']);
});

test('certificates are renewed at an interval, and not while nobody uses them', async () => {
  agent = await TestAgent.start({ rotateEvery: 150 });
  const stream = await open('default');
  for (let i = 0; i < 4; i++) stream.ack(await stream.next());
  expect(
    agent
      .of('issued')
      .slice(1, 4)
      .every(({ reason }) => reason === 'interval'),
  ).toBe(true);
  stream.close();
  await new Promise((done) => setTimeout(done, 400));
  const before = agent.of('issued').length;
  await new Promise((done) => setTimeout(done, 500));
  expect(agent.of('issued')).toHaveLength(before);
  // The next one who asks gets a new one.
  await (await open('default')).next();
  expect(agent.of('issued').at(-1)?.reason).toBe('first');
});

test('all streams of a workload get the same certificate, issued once', async () => {
  agent = await TestAgent.start();
  const streams = await Promise.all(Array.from({ length: 5 }, () => open('default')));
  const versions = await Promise.all(streams.map(async (stream) => (await stream.next()).version));
  expect(new Set(versions).size).toBe(1);
  expect(agent.of('issued')).toHaveLength(1);
});

test('a new root comes first, then certificates that lead to it; the old root goes last', async () => {
  agent = await TestAgent.start({ rootSettle: 300, rootOverlap: 600 });
  const order: string[] = [];
  const watch = async (name: string, workload: string) => {
    const stream = await open(name, workload);
    const first = await stream.next();
    stream.ack(first);
    void (async () => {
      for (;;) {
        const response = await stream.next(60_000);
        stream.ack(response);
        const roots = splitPem(response.secrets[0]?.roots ?? '').length;
        order.push(name === 'ROOTCA' ? `${roots} roots` : 'certificate');
      }
    })().catch(() => {});
    return first;
  };
  const before = await watch('ROOTCA', 'foo/sleep');
  await watch('default', 'foo/sleep');
  await watch('default', 'bar/httpbin');
  await agent.renewAuthority();
  await expect
    .poll(() => order, { timeout: 5000 })
    .toEqual(['2 roots', 'certificate', 'certificate', '1 roots']);
  const after = await (await open('ROOTCA')).next();
  expect(after.secrets[0]?.roots).toBe(agent.own.root);
  expect(after.secrets[0]?.roots).not.toBe(before.secrets[0]?.roots);
  expect(agent.of('roots').map(({ change, count }) => `${change} ${count}`)).toEqual([
    'added 1',
    'added 2',
    'removed 1',
  ]);
});
