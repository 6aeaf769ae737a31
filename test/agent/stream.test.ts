// StreamSecrets as a raw client sees it, in both versions of the API.

import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ApiVersion, type OpenStream, TYPE_URLS, withToken } from './client.js';
import { spiffe, TestAgent } from './harness.js';

let agent: TestAgent;
beforeEach(async () => {
  agent = await TestAgent.start();
});
afterEach(() => agent.close());

async function open(api: ApiVersion, workload = 'foo/sleep'): Promise<OpenStream> {
  return agent.connect(workload).stream(api, withToken(await agent.token(workload)));
}

describe.each(['v2', 'v3'] as const)('%s', (api) => {
  test('sends the workload its certificate and key, and the root', async () => {
    const certificate = await open(api);
    certificate.ask('default');
    const first = await certificate.next();
    const [secret] = first.secrets;
    expect(first.typeUrl).toBe(TYPE_URLS[api]);
    expect(secret).toMatchObject({ name: 'default', isBytes: true });
    const leaf = new X509Certificate(secret?.chain ?? '');
    expect(leaf.subjectAltName).toBe(`URI:${spiffe('foo/sleep')}`);
    expect(secret?.key).toContain('PRIVATE KEY');

    const roots = await open(api);
    roots.ask('ROOTCA');
    const [root] = (await roots.next()).secrets;
    expect(root).toMatchObject({ name: 'ROOTCA', isBytes: true });
    expect(leaf.verify(new X509Certificate(root?.roots ?? '').publicKey)).toBe(true);
  });

  test('an ACK is not answered, and a rotation is pushed with a new version and nonce', async () => {
    const stream = await open(api);
    stream.ask('default');
    const first = await stream.next();
    stream.ack(first);
    expect(await stream.quiet()).toBe(0);
    await agent.rotate();
    const second = await stream.next();
    expect(second.version).not.toBe(first.version);
    expect(second.nonce).not.toBe(first.nonce);
    expect(second.secrets[0]?.chain).not.toBe(first.secrets[0]?.chain);
    expect(second.secrets[0]?.key).not.toBe(first.secrets[0]?.key);
  });

  test('after a reconnect the old version with an empty nonce is answered', async () => {
    const before = await open(api);
    before.ask('default');
    const first = await before.next();
    before.close();
    const after = await open(api);
    after.send({ resourceNames: ['default'], versionInfo: first.version, responseNonce: '' });
    expect((await after.next()).version).toBe(first.version);
  });

  test('several names at once are one response, and another set of names is answered', async () => {
    const stream = await open(api);
    stream.ask('default', 'ROOTCA', spiffe('foo/sleep'), 'spiffe://cluster.local');
    const first = await stream.next();
    expect(first.secrets.map(({ name }) => name)).toEqual([
      'default',
      'ROOTCA',
      spiffe('foo/sleep'),
      'spiffe://cluster.local',
    ]);
    stream.send({ resourceNames: ['ROOTCA'], versionInfo: first.version, responseNonce: first.nonce });
    const second = await stream.next();
    expect(second.secrets.map(({ name }) => name)).toEqual(['ROOTCA']);
    stream.send({ resourceNames: [], versionInfo: second.version, responseNonce: second.nonce });
    await agent.rotate();
    expect(await stream.quiet()).toBe(0);
  });

  test('a request with the nonce of an earlier response is ignored', async () => {
    const stream = await open(api);
    stream.ask('default');
    const first = await stream.next();
    await agent.rotate();
    await stream.next();
    stream.send({ resourceNames: ['ROOTCA'], versionInfo: first.version, responseNonce: first.nonce });
    expect(await stream.quiet()).toBe(0);
  });

  test('a NACK is reported, and another certificate comes after a pause', async () => {
    const stream = await open(api);
    stream.ask('default');
    const first = await stream.next();
    const errorDetail = { code: 13, message: 'Failed to load private key: KEY_VALUES_MISMATCH' };
    const nack = { resourceNames: ['default'], versionInfo: '', responseNonce: first.nonce, errorDetail };
    const began = performance.now();
    stream.send(nack);
    expect(await stream.quiet(500)).toBe(0);
    const second = await stream.next();
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(second.secrets[0]?.chain).not.toBe(first.secrets[0]?.chain);
    stream.send({ ...nack, responseNonce: second.nonce });
    await stream.next();
    expect(agent.of('nack').map(({ reason, wait }) => ({ reason, wait }))).toEqual([
      { reason: errorDetail.message, wait: 1000 },
      { reason: errorDetail.message, wait: 2000 },
    ]);
  });

  test('an unknown name ends the stream with what is known; beside known names it is left out', async () => {
    const wrong = await open(api);
    wrong.ask('defualt');
    expect(await wrong.ended).toEqual({
      code: 3,
      details: `unknown secret "defualt"; ${spiffe('foo/sleep')} has "default" and "ROOTCA"`,
    });
    const mixed = await open(api);
    mixed.ask('default', 'nothing');
    expect((await mixed.next()).secrets.map(({ name }) => name)).toEqual(['default']);
    expect(agent.of('refused').map(({ code }) => code)).toEqual([3, 3]);
  });

  test('a stream without node, of another type, or with too many names is refused', async () => {
    const cases = [
      [{ node: undefined, resourceNames: ['default'] }, 'the first request of a stream has no node'],
      [
        { typeUrl: 'type.googleapis.com/envoy.api.v2.Cluster' },
        'the type is "type.googleapis.com/envoy.api.v2.Cluster"',
      ],
      [{ resourceNames: Array.from({ length: 101 }, (_, i) => `n${i}`) }, '101 names in one request'],
    ] as const;
    for (const [fields, reason] of cases) {
      const stream = await open(api);
      stream.send(fields);
      const { code, details } = await stream.ended;
      expect({ code, details }).toEqual({ code: 3, details: expect.stringContaining(reason) });
    }
  });

  test('FetchSecrets answers once', async () => {
    const client = agent.connect('foo/sleep');
    const headers = withToken(await agent.token('foo/sleep'));
    const { secrets } = await client.fetch(api, { resourceNames: ['default', 'ROOTCA'] }, headers);
    expect(secrets.map(({ name }) => name)).toEqual(['default', 'ROOTCA']);
    await expect(client.fetch(api, { resourceNames: ['x'] }, headers)).rejects.toMatchObject({ code: 3 });
    await expect(client.fetch(api, { resourceNames: ['default'] })).rejects.toMatchObject({ code: 16 });
  });
});

test('both versions are served on one socket with one certificate', async () => {
  const [old, current] = [await open('v2'), await open('v3')];
  old.ask('default');
  current.ask('default');
  expect((await old.next()).version).toBe((await current.next()).version);
});
