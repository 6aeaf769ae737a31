// Vault 1.21's PKI engine and Kubernetes login as the facts have them, error by error:
// ../shared/facts/identity-flow.md.

import { createPublicKey, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { OwnAuthority } from '../../src/ca/own.js';
import { Authority } from '../real-envoy/certificates.js';
import type { VaultPeer, VaultSetup } from './vault-setup.js';
import { USUAL } from './vault-setup.js';
import type { Cluster } from './workloads.js';

type Fields = Readonly<Record<string, unknown>>;

class VaultError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** A request as it came. */
export interface Seen {
  readonly path: string;
  readonly body: Fields;
}

/** A fake of Vault. */
export class FakeVault implements VaultPeer {
  readonly seen: Seen[] = [];
  private sealed = false;
  private setup: VaultSetup = USUAL;
  private readonly logins = new Map<string, { id: string; uses: number }>();

  private constructor(
    readonly address: string,
    readonly tlsRoots: string,
    private readonly signer: OwnAuthority,
    private readonly server: Server,
    private readonly cluster: Cluster,
  ) {}

  static async start(cluster: Cluster): Promise<FakeVault> {
    const signer = await OwnAuthority.create({
      trustDomain: 'cluster.local',
      keyType: 'rsa-2048',
      intermediate: true,
      maxLifetime: Number.MAX_SAFE_INTEGER,
    });
    const tls = await Authority.create();
    const own = await tls.issue({ names: ['localhost'] });
    const server = createServer({ cert: own.certificate, key: own.key });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const fake = new FakeVault(`https://localhost:${port}`, tls.root, signer, server, cluster);
    server.on('request', (request: IncomingMessage, reply) => {
      void fake.respond(request).then(({ code, body }) => {
        reply.writeHead(code, { 'content-type': 'application/json' });
        reply.end(JSON.stringify(body));
      });
    });
    return fake;
  }

  get root(): string {
    return this.signer.root;
  }

  async setUp(setup: VaultSetup): Promise<void> {
    this.setup = setup;
  }

  async seal(isSealed: boolean): Promise<void> {
    this.sealed = isSealed;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async respond(request: IncomingMessage): Promise<{ code: number; body: Fields }> {
    let text = '';
    for await (const part of request) text += String(part);
    const body: Fields = text === '' ? {} : JSON.parse(text);
    this.seen.push({ path: request.url ?? '', body });
    try {
      if (this.sealed) throw new VaultError(503, 'Vault is sealed');
      if (request.url === '/v1/auth/kubernetes/login') return { code: 200, body: await this.login(body) };
      const role = /^\/v1\/istio_ca\/sign\/(.*)$/.exec(request.url ?? '')?.[1];
      const login = this.logins.get(String(request.headers['x-vault-token'] ?? ''));
      if (role === undefined || login === undefined || login.uses-- <= 0)
        throw new VaultError(403, 'permission denied');
      if (role !== 'istio-pki-role') throw new VaultError(400, `unknown role: ${role}`);
      return { code: 200, body: await this.sign(body, login.id) };
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return { code: error.code, body: { errors: [error.message] } };
    }
  }

  private async login({ jwt, role }: Fields): Promise<Fields> {
    if (typeof jwt !== 'string' || jwt === '') throw new VaultError(400, 'missing jwt');
    if (role !== 'istio-cert') throw new VaultError(400, `invalid role name "${role}"`);
    const account = await this.cluster.review(jwt);
    if (account === undefined) throw new VaultError(403, 'permission denied');
    if (!this.setup.namespaces.includes(account.namespace))
      throw new VaultError(403, 'namespace not authorized');
    if (!this.setup.accounts.includes(account.account))
      throw new VaultError(403, 'service account name not authorized');
    const token = randomUUID();
    this.logins.set(token, {
      id: `spiffe://cluster.local/ns/${account.namespace}/sa/${account.account}`,
      uses: this.setup.uses || Number.POSITIVE_INFINITY,
    });
    return { auth: { client_token: token, lease_duration: 3600 } };
  }

  /** The CSR's SANs count; `uri_sans` of the body does not. */
  private async sign({ csr, ttl }: Fields, own: string): Promise<Fields> {
    if (typeof csr !== 'string' || csr === '') throw new VaultError(400, 'csr contains no data');
    const request = new Pkcs10CertificateRequest(csr);
    const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'rsa') throw new VaultError(400, 'role requires keys of type rsa');
    const names =
      request.extensions.find((one) => one instanceof SubjectAlternativeNameExtension)?.names.items ?? [];
    const [identity = ''] = names.map(({ value }) => value);
    if (this.setup.binds && identity !== own)
      throw new VaultError(
        400,
        'URI Subject Alternative Names were provided via CSR which are not valid for this role',
      );
    const asked = Number.parseInt(String(ttl), 10);
    const { certificates } = await this.signer.sign({
      csr,
      identity,
      token: undefined,
      lifetime: Math.min(asked, this.setup.maxTtl),
      signal: new AbortController().signal,
    });
    const [certificate, issuer, root] = certificates.map((pem) => pem.trimEnd());
    return {
      data: { certificate, ca_chain: [issuer, root], issuing_ca: issuer, serial_number: '01:02' },
      warnings:
        asked > this.setup.maxTtl
          ? [`TTL of "${asked}s" is longer than permitted maxTTL of "${this.setup.maxTtl}s"`]
          : null,
    };
  }
}
