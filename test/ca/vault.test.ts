// Vault as CA, against a fake that follows the facts; with XDSC_PEERS against a real one.

import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { VAULT_DEFAULTS, Vault } from '../../src/ca/vault.js';
import { startVault } from './vault-peer.js';
import { USUAL, type VaultPeer } from './vault-setup.js';
import { Cluster, HTTPBIN, SLEEP, sign } from './workloads.js';

let cluster: Cluster;
let peer: VaultPeer;
let token: string;
beforeAll(async () => {
  cluster = await Cluster.create();
  token = await cluster.token(SLEEP);
  peer = await startVault(cluster);
  return () => peer.stop();
}, 60_000);
beforeEach(() => peer.setUp(USUAL));

/** What came since the beginning of a test, where that can be seen. */
function watch(): () => { readonly path: string; readonly body: unknown }[] | undefined {
  const before = peer.seen?.length ?? 0;
  return () => peer.seen?.slice(before);
}

const vault = (options = {}): Vault =>
  new Vault({
    ...VAULT_DEFAULTS,
    address: peer.address,
    tlsRoots: peer.tlsRoots,
    serverName: undefined,
    ...options,
  });

test('logs in with the workload token and has the CSR signed; PEMs without final newline are put in order', async () => {
  const ca = vault();
  const seen = watch();
  const { certificates, root, warnings } = await sign(ca, { token });
  // The fake has an intermediate.
  expect(certificates.length).toBeGreaterThanOrEqual(1);
  for (const pem of [...certificates, root]) expect(pem).toMatch(/-----END CERTIFICATE-----\n$/);
  expect(new X509Certificate(certificates[0] ?? '').subjectAltName).toBe(`URI:${SLEEP}`);
  expect(root).toBe(peer.root);
  expect(warnings).toEqual([]);
  const requests = seen();
  if (requests !== undefined)
    expect(requests.slice(0, 2)).toMatchObject([
      { path: '/v1/auth/kubernetes/login', body: { jwt: token, role: 'istio-cert' } },
      {
        path: '/v1/istio_ca/sign/istio-pki-role',
        body: { format: 'pem', ttl: '3600s', exclude_cn_from_sans: true },
      },
    ]);
  // The login is used again.
  const later = watch();
  await sign(ca, { token });
  expect(later()?.map(({ path }) => path) ?? ['/v1/istio_ca/sign/istio-pki-role']).toEqual([
    '/v1/istio_ca/sign/istio-pki-role',
  ]);
});

describe('a role that does not bind identities', () => {
  test('is found out by asking for the name of another workload', async () => {
    await peer.setUp({ ...USUAL, binds: false });
    const { warnings } = await sign(vault(), { token });
    expect(warnings).toEqual([
      `the role of istio_ca/sign/istio-pki-role does not bind identities: with the token of ${SLEEP} it signed a certificate for spiffe://cluster.local/ns/xdsc-probe/sa/another-workload; use allowed_uri_sans_template`,
    ]);
  });

  test('is looked for once', async () => {
    const seen = watch();
    const ca = vault();
    await sign(ca, { token });
    await sign(ca, { token });
    const signed = seen()?.filter(({ path }) => path.includes('/sign/'));
    if (signed !== undefined) expect(signed).toHaveLength(3);
  });
});

describe('refuses', () => {
  test.each([
    ['no token', {}, {}, 3, 'Vault refused auth/kubernetes/login: missing jwt'],
    [
      'what is not a JWT',
      { token: 'hello' },
      {},
      7,
      'Vault refused auth/kubernetes/login: permission denied',
    ],
    ['a role to log in', { token: 'x' }, { role: 'x' }, 3, 'invalid role name "x"'],
    ['a login path', { token: 'x' }, { authPath: 'auth/other/login' }, 7, 'permission denied'],
    ['a role to sign', {}, { signPath: 'istio_ca/sign/x' }, 3, 'unknown role: x'],
    ['a path to sign', {}, { signPath: 'pki/sign/x' }, 7, 'permission denied'],
    ['an EC key', { keyType: 'ec-p256' }, {}, 3, 'role requires keys of type rsa'],
  ] as const)('%s', async (what, asked, options, code, reason) => {
    const complete = what === 'no token' ? asked : { token, ...asked };
    await expect(sign(vault(options), complete)).rejects.toMatchObject({
      code,
      transient: false,
      message: expect.stringContaining(reason),
    });
  });

  test('namespaces and accounts that its role does not have', async () => {
    await peer.setUp({ ...USUAL, namespaces: ['bar'] });
    await expect(sign(vault(), { token })).rejects.toMatchObject({
      code: 7,
      message: 'Vault refused auth/kubernetes/login: namespace not authorized',
    });
    await peer.setUp({ ...USUAL, accounts: ['httpbin'] });
    await expect(sign(vault(), { token })).rejects.toThrow('service account name not authorized');
  });

  test('the name of another workload', async () => {
    await expect(sign(vault(), { token, identity: HTTPBIN })).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining('not valid for this role'),
    });
  });
});

test('the name in its certificate counts, which may be another one than that of its address', async () => {
  const address = peer.address.replace('localhost', '127.0.0.1');
  const wrong = vault({ address, serverName: 'other.example.org' });
  await expect(sign(wrong, { token, timeout: 500 })).rejects.toMatchObject({ code: 14 });
  await sign(vault({ address, serverName: 'localhost' }), { token });
});

test('a login that is used up is made again', async () => {
  const ca = vault();
  await peer.setUp({ ...USUAL, uses: 2 });
  const seen = watch();
  // The first one and its probe use the login up.
  await sign(ca, { token });
  await sign(ca, { token });
  const logins = seen()?.filter(({ path }) => path.includes('login'));
  if (logins !== undefined) expect(logins).toHaveLength(2);
});

test('a lifetime that is capped is reported', async () => {
  await peer.setUp({ ...USUAL, maxTtl: 600 });
  const { warnings, notAfter } = await sign(vault(), { token });
  expect(warnings).toEqual([expect.stringMatching(/^TTL .* is longer than permitted maxTTL/)]);
  expect(notAfter).toBeLessThan(Date.now() + 601_000);
});

test('is given up when it is sealed or down', async () => {
  await peer.seal(true);
  await expect(sign(vault(), { token, timeout: 300 })).rejects.toMatchObject({
    code: 14,
    message: 'Vault refused auth/kubernetes/login: Vault is sealed',
  });
  await peer.seal(false);
  const down = vault({ address: 'https://localhost:1' });
  await expect(sign(down, { token, timeout: 300 })).rejects.toMatchObject({
    code: 14,
    message: 'Vault at https://localhost:1 is not reachable: connection refused',
  });
  await expect(sign(vault({ tlsRoots: peer.root }), { token, timeout: 300 })).rejects.toMatchObject({
    code: 14,
  });
});
