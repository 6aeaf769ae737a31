// A real Vault, or OpenBao, in development mode: set up as the facts have it, with a Kubernetes API that only reviews
// tokens.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requestJson } from '../../src/ca/json-request.js';
import { Authority } from '../real-envoy/certificates.js';
import { freePort } from '../real-envoy/proxies.js';
import type { VaultPeer, VaultSetup } from './vault-setup.js';
import type { Cluster } from './workloads.js';

const ROOT_TOKEN = 'root';
const POLICY = 'path "istio_ca/sign/*" { capabilities = ["create", "update"] }';

/** A Vault that runs. */
export class RealVault implements VaultPeer {
  root = '';
  private log = '';
  private accessor = '';

  private constructor(
    readonly address: string,
    private readonly folder: string,
    private readonly child: ChildProcess,
    private readonly kubernetes: KubernetesApi,
  ) {
    child.stdout?.on('data', (bytes: Buffer) => {
      this.log += bytes.toString();
    });
  }

  static async start(program: string, cluster: Cluster): Promise<RealVault> {
    const folder = mkdtempSync(join(tmpdir(), 'xdsc-vault-'));
    const kubernetes = await KubernetesApi.start(cluster);
    const port = await freePort('127.0.0.1');
    const child = spawn(
      program,
      [
        'server',
        '-dev',
        '-dev-no-store-token',
        '-dev-tls',
        `-dev-tls-cert-dir=${folder}`,
        `-dev-root-token-id=${ROOT_TOKEN}`,
        `-dev-listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'], env: { HOME: folder } },
    );
    const vault = new RealVault(`https://localhost:${port}`, folder, child, kubernetes);
    await vault.ready();
    await vault.mount();
    return vault;
  }

  get tlsRoots(): string {
    const file = ['vault-ca.pem', 'openbao-ca.pem', 'bao-ca.pem'].map((name) => join(this.folder, name));
    for (const path of file) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        // The other program names it otherwise.
      }
    }
    throw new Error('the certificate of Vault is not there yet');
  }

  async setUp({ binds, uses, maxTtl, namespaces, accounts }: VaultSetup): Promise<void> {
    const metadata = `identity.entity.aliases.${this.accessor}.metadata`;
    const bound = `spiffe://cluster.local/ns/{{${metadata}.service_account_namespace}}/sa/{{${metadata}.service_account_name}}`;
    await this.post('istio_ca/roles/istio-pki-role', {
      allowed_uri_sans: [binds ? bound : 'spiffe://*'],
      allowed_uri_sans_template: binds,
      require_cn: false,
      key_type: 'rsa',
      max_ttl: `${maxTtl}s`,
    });
    await this.post('auth/kubernetes/role/istio-cert', {
      bound_service_account_names: accounts,
      bound_service_account_namespaces: namespaces,
      token_policies: ['istio'],
      token_num_uses: uses,
      token_ttl: '1h',
    });
  }

  async seal(isSealed: boolean): Promise<void> {
    if (isSealed) await this.post('sys/seal', {});
    else await this.post('sys/unseal', { key: /Unseal Key: (\S+)/.exec(this.log)?.[1] });
  }

  stop(): void {
    this.child.kill('SIGKILL');
    this.kubernetes.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    for (let i = 0; i < 300; i++) {
      if (/Root Token/.test(this.log)) return;
      await pause(100);
    }
    throw new Error(`Vault does not start: ${this.log}`);
  }

  private async mount(): Promise<void> {
    await this.post('sys/mounts/istio_ca', { type: 'pki', config: { max_lease_ttl: '87600h' } });
    const made = await this.post('istio_ca/root/generate/internal', { common_name: 'Root', ttl: '8760h' });
    this.root = `${String(fieldOf(fieldOf(made, 'data'), 'certificate')).trimEnd()}\n`;
    await this.post('sys/auth/kubernetes', { type: 'kubernetes' });
    const auth = await this.send('GET', 'sys/auth', undefined);
    this.accessor = String(fieldOf(fieldOf(fieldOf(auth, 'data'), 'kubernetes/'), 'accessor'));
    await this.post('auth/kubernetes/config', {
      kubernetes_host: this.kubernetes.address,
      kubernetes_ca_cert: this.kubernetes.tlsRoots,
      disable_local_ca_jwt: true,
    });
    await this.post('sys/policies/acl/istio', { policy: POLICY });
  }

  private post(path: string, body: object): Promise<unknown> {
    return this.send('POST', path, body);
  }

  private async send(method: 'GET' | 'POST', path: string, body: object | undefined): Promise<unknown> {
    const { status, body: reply } = await requestJson({
      url: new URL(`/v1/${path}`, this.address),
      method,
      headers: { 'X-Vault-Token': ROOT_TOKEN },
      body,
      tlsRoots: this.tlsRoots,
      serverName: undefined,
      signal: AbortSignal.timeout(10_000),
    });
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(reply)}`);
    return reply;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** A Kubernetes API that reviews tokens. */
class KubernetesApi {
  private constructor(
    readonly address: string,
    readonly tlsRoots: string,
    private readonly server: Server,
  ) {}

  static async start(cluster: Cluster): Promise<KubernetesApi> {
    const tls = await Authority.create();
    const own = await tls.issue({ names: ['localhost'] });
    const server = createServer({ cert: own.certificate, key: own.key });
    server.on('request', (request: IncomingMessage, reply: ServerResponse) => {
      void review(request, cluster).then((body) => {
        reply.writeHead(201, { 'content-type': 'application/json' });
        reply.end(JSON.stringify(body));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    return new KubernetesApi(`https://localhost:${port}`, tls.root, server);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

async function review(request: IncomingMessage, cluster: Cluster): Promise<object> {
  let text = '';
  for await (const part of request) text += String(part);
  const { spec } = JSON.parse(text) as {
    readonly spec: { readonly token: string; readonly audiences?: readonly string[] };
  };
  const account = await cluster.review(spec.token);
  const common = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' };
  if (account === undefined) return { ...common, status: { authenticated: false, error: 'not a token' } };
  const claims = JSON.parse(Buffer.from(spec.token.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly 'kubernetes.io': { readonly serviceaccount: { readonly uid: string } };
  };
  return {
    ...common,
    status: {
      authenticated: true,
      ...(spec.audiences !== undefined && { audiences: spec.audiences }),
      user: {
        username: `system:serviceaccount:${account.namespace}:${account.account}`,
        uid: claims['kubernetes.io'].serviceaccount.uid,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`],
      },
    },
  };
}
