// Each quirk of Istio 1.1's node agent, as measured on 1.1.7 (../shared/facts/identity-flow.md).

import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { QUIRKS } from '../../src/agent/istio-1.1/quirks.js';
import { CaError, type CertificateAuthority } from '../../src/ca/authority.js';
import { splitPem } from '../../src/ca/chain.js';
import { HEADER, type OpenStream, type Received, SdsClient, withToken } from './client.js';
import { type AgentSettings, spiffe, TestAgent } from './harness.js';

let agent: TestAgent;
afterEach(() => agent.close());

const HEADERS = [HEADER, 'authorization'];
const SETTINGS = { validToken: true, grace: 3_600_000, jobInterval: 600_000 };

async function start(nodeAgent = {}, others: AgentSettings = {}): Promise<void> {
  agent = await TestAgent.start({
    shared: true,
    socketMode: 0o666,
    headers: HEADERS,
    nodeAgent: { ...SETTINGS, ...nodeAgent },
    ...others,
  });
}

async function open(token?: string): Promise<OpenStream> {
  return agent.connect('foo/sleep').stream('v2', withToken(token ?? (await agent.token('foo/sleep'))));
}

async function first(stream: OpenStream, name = 'default'): Promise<Received> {
  stream.ask(name);
  return stream.next();
}

const serialOf = ({ secrets }: Received): string => new X509Certificate(secrets[0]?.chain ?? '').serialNumber;

describe('quirk', () => {
  test('v2-only', async () => {
    await start();
    const stream = agent.connect('foo/sleep').stream('v3', withToken(await agent.token('foo/sleep')));
    stream.ask('default');
    expect(await stream.ended).toMatchObject({ code: 12 });
    const delta = agent.connect('foo/sleep').delta('v2');
    delta.send({});
    expect(await delta.ended).toMatchObject({ code: 12 });
  });

  test('open-socket', async () => {
    await start();
    expect(statSync(agent.socket('')).mode & 0o777).toBe(0o666);
  });

  test('bearer-token: a stolen token is accepted, and gives the identity of its owner', async () => {
    await start();
    const { secrets } = await first(await open(await agent.token('bar/httpbin')));
    expect(new X509Certificate(secrets[0]?.chain ?? '').subjectAltName).toBe(`URI:${spiffe('bar/httpbin')}`);
  });

  test('token-headers: the misspelled one wins, authorization counts with and without Bearer', async () => {
    await start();
    const token = await agent.token('foo/sleep');
    for (const text of [token, `Bearer ${token}`]) {
      const stream = agent.connect('foo/sleep').stream('v2', withToken(text, 'authorization'));
      await first(stream);
    }
    const both = withToken('bad');
    both.set('authorization', token);
    const stream = agent.connect('foo/sleep').stream('v2', both);
    stream.ask('default');
    expect(await stream.ended).toMatchObject({ code: 16 });
    for (const headers of [new Metadata(), withToken(token, 'istio_sds_credential_header-bin')]) {
      const without = agent.connect('foo/sleep').stream('v2', headers);
      without.ask('ROOTCA');
      expect(await without.ended).toEqual({ code: 2, details: 'no credential token is found' });
    }
  });

  test('bad-token-status: as with Citadel, and as with Vault', async () => {
    await start();
    const stream = await open('bad');
    stream.ask('default');
    expect(await stream.ended).toEqual({ code: 16, details: 'request authenticate failure' });
    agent.close();
    await start({}, { ca: refusing('Vault', 7) });
    const other = await open('bad');
    other.ask('default');
    expect(await other.ended).toMatchObject({ code: 2 });
  });

  test('one-name', async () => {
    await start();
    for (const names of [[], ['default', 'ROOTCA']]) {
      const stream = await open();
      stream.ask(...names);
      expect(await stream.ended).toEqual({
        code: 2,
        details: expect.stringMatching(/has invalid resourceNames/),
      });
    }
  });

  test('any-name', async () => {
    await start();
    const { secrets } = await first(await open(), 'whatever');
    expect(secrets[0]).toMatchObject({
      name: 'whatever',
      chain: expect.stringContaining('BEGIN CERTIFICATE'),
    });
  });

  test('open-root', async () => {
    await start();
    const early = await open('bad');
    const began = performance.now();
    early.ask('ROOTCA');
    expect(await early.ended).toEqual({ code: 2, details: 'failed to get root cert' });
    expect(performance.now() - began).toBeGreaterThan(1050);
    await first(await open());
    const { secrets } = await first(await open('bad'), 'ROOTCA');
    expect(secrets[0]?.roots).toBe(agent.own.root);
  });

  test('root-not-pushed', async () => {
    await start();
    await first(await open());
    const roots = await open();
    await first(roots, 'ROOTCA');
    await agent.renewAuthority();
    expect(await roots.quiet(400)).toBe(0);
  });

  test('certificate-per-stream', async () => {
    await start();
    const serials = [serialOf(await first(await open())), serialOf(await first(await open()))];
    expect(new Set(serials).size).toBe(2);
  });

  test('time-as-version', async () => {
    await start();
    const { version, nonce } = await first(await open());
    expect(version).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} \+0000 UTC m=\+\d+\.\d{9}$/);
    expect(nonce).toBe(version);
  });

  test('nack-at-once: an ACK carries the version, all else is a request', async () => {
    await start();
    const stream = await open();
    let last = await first(stream);
    stream.send({ resourceNames: ['default'], versionInfo: last.version, responseNonce: last.nonce });
    expect(await stream.quiet()).toBe(0);
    for (let i = 0; i < 3; i++) {
      const errorDetail = { code: 13, message: 'KEY_VALUES_MISMATCH' };
      stream.send({ resourceNames: ['default'], versionInfo: '', responseNonce: last.nonce, errorDetail });
      const next = await stream.next();
      expect(serialOf(next)).not.toBe(serialOf(last));
      last = next;
    }
  });

  test('node-in-every-request', async () => {
    await start();
    await first(await open());
    const other = await open();
    await first(other);
    const stream = await open();
    const { version, nonce } = await first(stream);
    stream.send({ node: undefined, resourceNames: ['default'], versionInfo: version, responseNonce: nonce });
    expect(await stream.ended).toMatchObject({ code: 2 });
    // A fetch without node ends the agent; it is started again without what it had.
    const headers = withToken(await agent.token('foo/sleep'));
    const fetched = agent
      .connect('foo/sleep')
      .fetch('v2', { node: undefined, resourceNames: ['default'] }, headers);
    // A process that ends resets its connections: 14. Here the streams are reset: 1.
    const codeOf = (ended: { readonly code: number }): number => ended.code;
    expect([1, 14]).toContain(await fetched.then(() => 0, codeOf));
    expect([1, 14]).toContain(codeOf(await other.ended));
    await expect.poll(() => agent.of('listening').length).toBe(2);
    const roots = await open();
    roots.ask('ROOTCA');
    expect(await roots.ended).toEqual({ code: 2, details: 'failed to get root cert' });
  });

  test('root-in-chain, and the key in PKCS#1', async () => {
    await start();
    const { secrets } = await first(await open());
    expect(secrets[0]?.isBytes).toBe(true);
    expect(splitPem(secrets[0]?.chain ?? '')).toEqual([expect.any(String), agent.own.root]);
    expect(secrets[0]?.key).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  });

  test('rotation-job: with VALID_TOKEN=true it pushes', async () => {
    await start({ jobInterval: 200, grace: 3_600_000 });
    const stream = await open();
    const before = await first(stream);
    expect(serialOf(await stream.next())).not.toBe(serialOf(before));
  });

  test('rotation-job: with VALID_TOKEN=false it closes the stream', async () => {
    await start({ jobInterval: 200, grace: 3_600_000, validToken: false });
    const stream = await open();
    await first(stream);
    expect(await stream.ended).toMatchObject({ code: 2 });
  });

  test('rotation-job: what is young enough stays', async () => {
    await start({ jobInterval: 100, grace: 0 });
    const stream = await open();
    await first(stream);
    expect(await stream.quiet(500)).toBe(0);
  });

  test('ca-down-status: open streams and ROOTCA stay', async () => {
    const down: { value?: CertificateAuthority } = {};
    const ca: CertificateAuthority = {
      name: 'Citadel',
      needsToken: true,
      sign: (request) => (down.value ?? agent.own).sign(request),
      close: () => {},
    };
    await start({}, { ca });
    const stream = await open();
    await first(stream);
    down.value = refusing('Citadel', 14, true);
    const late = await open();
    const began = performance.now();
    late.ask('default');
    expect(await late.ended).toMatchObject({ code: 14 });
    expect(performance.now() - began).toBeGreaterThan(2500);
    expect((await first(await open(), 'ROOTCA')).secrets).toHaveLength(1);
    expect(await stream.quiet()).toBe(0);
    agent.close();
    // Vault is asked once.
    await start({}, { ca: refusing('Vault', 14, true) });
    const vault = await open();
    const asked = performance.now();
    vault.ask('default');
    expect(await vault.ended).toMatchObject({ code: 2 });
    expect(performance.now() - asked).toBeLessThan(2500);
  });
});

test('a socket on which another process listens is replaced', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xdsc-replaced-'));
  const path = join(folder, 'uds_path');
  const other = createServer();
  await new Promise<void>((done) => other.listen(path, done));
  await start({}, { sockets: [{ path, identity: undefined }] });
  const client = new SdsClient(path);
  const headers = withToken(await agent.token('foo/sleep'));
  expect((await client.fetch('v2', { resourceNames: ['default'] }, headers)).secrets).toHaveLength(1);
  client.close();
  other.close();
  rmSync(folder, { recursive: true, force: true });
});

test('every quirk of the table has a test', () => {
  agent = { close: () => {} } as TestAgent;
  expect(QUIRKS.map(({ name }) => name).sort()).toEqual(
    [
      'any-name',
      'bad-token-status',
      'bearer-token',
      'ca-down-status',
      'certificate-per-stream',
      'nack-at-once',
      'node-in-every-request',
      'one-name',
      'open-root',
      'open-socket',
      'root-in-chain',
      'root-not-pushed',
      'rotation-job',
      'time-as-version',
      'token-headers',
      'v2-only',
    ].sort(),
  );
});

function refusing(name: string, code: number, transient = false): CertificateAuthority {
  return {
    name,
    needsToken: true,
    sign: async () => {
      throw new CaError('refused', code, transient);
    },
    close: () => {},
  };
}
