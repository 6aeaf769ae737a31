// DeltaSecrets as a raw client sees it.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenStream, withToken } from './client.js';
import { TestAgent } from './harness.js';

let agent: TestAgent;
beforeEach(async () => {
  agent = await TestAgent.start();
});
afterEach(() => agent.close());

async function open(): Promise<OpenStream> {
  return agent.connect('foo/sleep').delta('v3', withToken(await agent.token('foo/sleep')));
}

const names = (secrets: readonly { readonly name: string }[]): string[] => secrets.map(({ name }) => name);

test('subscribes, pushes only what changed, and unsubscribes', async () => {
  const stream = await open();
  stream.send({ resourceNamesSubscribe: ['default', 'ROOTCA'] });
  const first = await stream.next();
  expect(names(first.secrets)).toEqual(['default', 'ROOTCA']);
  stream.send({ responseNonce: first.nonce });
  expect(await stream.quiet()).toBe(0);
  await agent.rotate();
  const second = await stream.next();
  expect(names(second.secrets)).toEqual(['default']);
  stream.send({ responseNonce: second.nonce, resourceNamesUnsubscribe: ['default'] });
  // By then the request was read.
  expect(await stream.quiet()).toBe(0);
  await agent.rotate();
  expect(await stream.quiet()).toBe(0);
});

test('an unknown name is removed, and not asked for any more', async () => {
  const stream = await open();
  stream.send({ resourceNamesSubscribe: ['default', 'nothing'] });
  const { secrets, removed } = await stream.next();
  expect(names(secrets)).toEqual(['default']);
  expect(removed).toEqual(['nothing']);
  await agent.rotate();
  expect((await stream.next()).removed).toEqual([]);
});

test('after a reconnect only what the client does not have is sent', async () => {
  const before = await open();
  before.send({ resourceNamesSubscribe: ['default', 'ROOTCA'] });
  const { version } = await before.next();
  const [certificate, roots] = version.split(',') as [string, string];
  before.close();
  const same = await open();
  same.send({
    resourceNamesSubscribe: ['default', 'ROOTCA'],
    initialResourceVersions: { default: certificate, ROOTCA: roots },
  });
  expect(await same.quiet()).toBe(0);
  const older = await open();
  older.send({
    resourceNamesSubscribe: ['default', 'ROOTCA'],
    initialResourceVersions: { default: 'older', ROOTCA: roots },
  });
  expect(names((await older.next()).secrets)).toEqual(['default']);
});

test('a NACK is reported, and another certificate comes after a pause', async () => {
  const stream = await open();
  stream.send({ resourceNamesSubscribe: ['default'] });
  const first = await stream.next();
  stream.send({ responseNonce: first.nonce, errorDetail: { code: 13, message: 'refused' } });
  expect(await stream.quiet(500)).toBe(0);
  const second = await stream.next();
  expect(second.version).not.toBe(first.version);
  expect(agent.of('nack')).toHaveLength(1);
});

test('v2 has no differences', async () => {
  const stream = agent.connect('foo/sleep').delta('v2', withToken(await agent.token('foo/sleep')));
  stream.send({ resourceNamesSubscribe: ['default'] });
  expect(await stream.ended).toMatchObject({ code: 12 });
});
