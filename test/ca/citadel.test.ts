// Citadel and istiod as CAs, against a fake that follows the facts.

import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Citadel } from '../../src/ca/citadel.js';
import { Istiod } from '../../src/ca/istiod.js';
import { Authority } from '../real-envoy/certificates.js';
import { FakeCitadel, NOBODY } from './fake-citadel.js';
import { Cluster, HTTPBIN, SLEEP, sign } from './workloads.js';

let cluster: Cluster;
let fake: FakeCitadel;
let citadel: Citadel;
let token: string;
beforeAll(async () => {
  cluster = await Cluster.create();
  fake = await FakeCitadel.start(cluster);
  citadel = new Citadel({ address: fake.address, tlsRoots: fake.tlsRoots });
  token = await cluster.token(SLEEP);
});
beforeEach(() => {
  fake.seen.length = 0;
  fake.delay = 0;
  fake.failures = 0;
});
afterAll(() => {
  citadel.close();
  fake.stop();
});

describe('Citadel', () => {
  test('signs for the account of the token', async () => {
    const { certificates, root, serial } = await sign(citadel, { token });
    expect(certificates).toHaveLength(1);
    const leaf = new X509Certificate(certificates[0] ?? '');
    expect(leaf.subject).toBe(undefined);
    expect(leaf.subjectAltName).toBe(`URI:${SLEEP}`);
    expect(leaf.verify(new X509Certificate(root).publicKey)).toBe(true);
    expect(serial).toBe(leaf.serialNumber.toLowerCase());
    const [seen] = fake.seen;
    expect(seen?.metadata.get('authorization')).toEqual([`Bearer ${token}`]);
    expect(seen?.request).toMatchObject({ validityDuration: 3600, subjectId: '', metadata: undefined });
  });

  test('its answer for the identity of another workload is refused', async () => {
    // Citadel takes the identity from the token: the CSR says sleep, the token httpbin.
    await expect(sign(citadel, { token: await cluster.token(HTTPBIN) })).rejects.toThrow(
      `Citadel returned a certificate for ${HTTPBIN}, not for ${SLEEP}`,
    );
  });

  test.each([
    ['no token', {}, 16, 'request authenticate failure'],
    ['a wrong token', { token: 'x.y.z' }, 16, 'request authenticate failure'],
    ['a CSR that is none', { csr: 'hello' }, 3, 'certificate signing request is not properly encoded'],
    ['more than 90 days', { lifetime: 91 * 86_400 }, 3, 'greater than the max allowed TTL 2160h0m0s'],
    ['an EC key', { keyType: 'ec-p256' }, 13, 'requested SignatureAlgorithm does not match private key type'],
  ] as const)('refuses %s', async (what, asked, code, reason) => {
    const withToken = what === 'no token' || 'token' in asked ? asked : { ...asked, token };
    await expect(sign(citadel, withToken)).rejects.toMatchObject({
      code,
      transient: false,
      message: expect.stringContaining(reason),
    });
    expect(fake.seen).toHaveLength(1);
  });

  test('an intermediate in one string is put in order', async () => {
    const other = await FakeCitadel.start(cluster, { intermediate: true });
    const ca = new Citadel({ address: other.address, tlsRoots: other.tlsRoots });
    try {
      const { certificates, root } = await sign(ca, { token });
      expect(certificates).toHaveLength(2);
      expect(root).toBe(other.signer.root);
    } finally {
      ca.close();
      other.stop();
    }
  });

  test('is asked again while it is unavailable', async () => {
    fake.failures = 2;
    await sign(citadel, { token, timeout: 5000 });
    expect(fake.seen).toHaveLength(3);
  });

  test('is given up after the deadline: slow, down, or not the one that is trusted', async () => {
    fake.delay = 1000;
    await expect(sign(citadel, { token, timeout: 300 })).rejects.toMatchObject({
      code: 4,
      message: 'Citadel did not answer within 0.3 s',
    });
    const down = new Citadel({ address: NOBODY, tlsRoots: fake.tlsRoots });
    await expect(sign(down, { token, timeout: 1500 })).rejects.toMatchObject({
      code: 14,
      message: expect.stringMatching(/^Citadel at 127\.0\.0\.1:1 is not reachable: .*ECONNREFUSED/),
    });
    down.close();
    const wrong = new Citadel({ address: fake.address, tlsRoots: (await Authority.create()).root });
    await expect(sign(wrong, { token, timeout: 1500 })).rejects.toMatchObject({
      code: 14,
      message: expect.stringMatching(/certificate/),
    });
    wrong.close();
  });

  test('its certificate has to be for istio-citadel', async () => {
    const other = await FakeCitadel.start(cluster, { serverName: 'localhost' });
    const ca = new Citadel({ address: other.address, tlsRoots: other.tlsRoots });
    await expect(sign(ca, { token, timeout: 500 })).rejects.toMatchObject({ code: 14 });
    ca.close();
    other.stop();
  });
});

test('istiod gets the cluster and the signer', async () => {
  const other = await FakeCitadel.start(cluster, {
    serverName: 'istiod.istio-system.svc',
    intermediate: true,
  });
  const ca = new Istiod({
    address: other.address,
    serverName: 'istiod.istio-system.svc',
    tlsRoots: other.tlsRoots,
    clusterId: 'east',
    certSigner: 'clusterissuers/x',
  });
  try {
    expect((await sign(ca, { token })).certificates).toHaveLength(2);
    const [seen] = other.seen;
    expect(seen?.metadata.get('clusterid')).toEqual(['east']);
    expect(seen?.request.metadata).toEqual({ CertSigner: 'clusterissuers/x' });
    await expect(sign(ca, { token: 'wrong' })).rejects.toMatchObject({ code: 16 });
  } finally {
    ca.close();
    other.stop();
  }
});
