// The answer of every CA is put in order and checked.

import { X509Certificate } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { checkChain } from '../../src/ca/chain.js';
import { OwnAuthority } from '../../src/ca/own.js';
import { HTTPBIN, keyOf, SLEEP } from './workloads.js';

const OPTIONS = { trustDomain: 'cluster.local', keyType: 'ec-p256', maxLifetime: 86_400 } as const;

let ca: OwnAuthority;
let other: OwnAuthority;
beforeAll(async () => {
  ca = await OwnAuthority.create({ ...OPTIONS, intermediate: true });
  other = await OwnAuthority.create({ ...OPTIONS, intermediate: false });
});
afterEach(() => {
  vi.useRealTimers();
});

async function signed(authority: OwnAuthority, identity = SLEEP, lifetime = 600) {
  const { csr } = await keyOf(SLEEP, 'ec-p256');
  const signal = new AbortController().signal;
  const { certificates } = await authority.sign({ csr, identity, lifetime, token: undefined, signal });
  return certificates;
}

async function check(texts: readonly string[], roots: readonly string[] = []) {
  const { publicKey } = await keyOf(SLEEP, 'ec-p256');
  return checkChain(texts, { ca: 'the CA', identity: SLEEP, publicKey, roots, now: Date.now() });
}

describe('any order', () => {
  test.each([
    ['leaf, intermediate, root', [0, 1, 2]],
    ['root first', [2, 1, 0]],
    ['the root twice', [0, 2, 1, 2]],
  ])('%s', async (_, order) => {
    const texts = await signed(ca);
    const { certificates, root } = await check(order.map((i) => texts[i] ?? ''));
    expect(certificates).toEqual([texts[0], texts[1]]);
    expect(root).toBe(texts[2]);
  });

  test('one text, without newlines between and after', async () => {
    const text = (await signed(ca)).map((pem) => pem.trimEnd()).join('');
    const { certificates, root } = await check([text]);
    for (const pem of [...certificates, root]) expect(pem).toMatch(/^-----BEGIN[\s\S]*-----\n$/);
  });

  test('unrelated certificates are left out', async () => {
    const texts = [...(await signed(other)), ...(await signed(ca)).slice(1)];
    const { certificates, root } = await check(texts);
    expect(certificates).toHaveLength(1);
    expect(root).toBe(other.root);
  });
});

test('a root that the CA leaves out can be given', async () => {
  const [leaf = '', intermediate = '', root = ''] = await signed(ca);
  expect((await check([leaf, intermediate], [root])).root).toBe(root);
  // An intermediate that is trusted ends the chain.
  expect((await check([leaf], [intermediate])).root).toBe(intermediate);
});

describe('refused', () => {
  test('nothing', async () => {
    await expect(check([])).rejects.toThrow('the CA returned no certificate');
    await expect(check(['hello'])).rejects.toThrow('the CA returned no certificate');
    await expect(check(['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])).rejects.toThrow(
      'cannot be read',
    );
  });

  test('the certificate of another key', async () => {
    const { csr } = await keyOf(HTTPBIN, 'ec-p256');
    const signal = new AbortController().signal;
    const { certificates } = await ca.sign({ csr, identity: SLEEP, lifetime: 600, token: undefined, signal });
    await expect(check(certificates)).rejects.toThrow('for another key than the one in the request');
  });

  test('the name of another workload', async () => {
    await expect(signed(ca, HTTPBIN).then(check)).rejects.toThrow(`for ${HTTPBIN}, not for ${SLEEP}`);
  });

  test('a root that did not sign', async () => {
    const [leaf = ''] = await signed(ca);
    await expect(check([leaf, other.root])).rejects.toThrow('do not lead from the workload');
    await expect(check([leaf])).rejects.toThrow('without its root');
  });

  test('clocks that differ', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    const ahead = await signed(ca);
    vi.useRealTimers();
    await expect(check(ahead)).rejects.toThrow(
      /is not valid until 3,5\d\d s from now; check the clocks of this machine and of the CA/,
    );
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 7_200_000 });
    const behind = await signed(ca);
    vi.useRealTimers();
    await expect(check(behind)).rejects.toThrow(/expired 6,6\d\d s ago; check the clocks/);
  });
});

describe('the own CA', () => {
  test("makes certificates like Citadel's", async () => {
    const [pem = ''] = await signed(other);
    const leaf = new X509Certificate(pem);
    expect(leaf.subject).toBe(undefined);
    expect(leaf.subjectAltName).toBe(`URI:${SLEEP}`);
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });

  test('caps lifetimes, and says so', async () => {
    const { csr } = await keyOf(SLEEP, 'ec-p256');
    const signal = new AbortController().signal;
    const asked = { csr, identity: SLEEP, lifetime: 86_401, token: undefined, signal };
    expect((await ca.sign(asked)).warnings).toEqual(['the lifetime is capped at 86400 s']);
  });

  test('refuses a request that is none, or not signed by its key', async () => {
    const { csr } = await keyOf(SLEEP, 'ec-p256');
    const signal = new AbortController().signal;
    const asked = { identity: SLEEP, lifetime: 60, token: undefined, signal };
    await expect(ca.sign({ ...asked, csr: 'hello' })).rejects.toThrow('the request cannot be read');
    const der = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der.set([(der.at(-1) ?? 0) ^ 1], der.length - 1);
    const tampered = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    await expect(ca.sign({ ...asked, csr: tampered })).rejects.toThrow('not signed by its key');
  });

  test('has another root when it is renewed', async () => {
    const authority = await OwnAuthority.create({ ...OPTIONS, intermediate: false });
    const before = authority.root;
    await authority.renew();
    expect(authority.root).not.toBe(before);
  });
});
