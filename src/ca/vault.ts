// Vault's PKI engine with Kubernetes login. A role that lets every workload have any identity is found out by asking
// for another's name.

import { status } from '@grpc/grpc-js';
import {
  CaError,
  type CertificateAuthority,
  type SigningReply,
  type SigningRequest,
  unreachable,
} from './authority.js';
import { requestJson } from './json-request.js';
import { makeKeyPair } from './key-pair.js';

/** Where Vault is, under the names that Istio's node agent has for its settings. */
export interface VaultOptions {
  /** https://HOST:PORT */
  readonly address: string;
  readonly tlsRoots: string | undefined;
  /** The name in its certificate, where that is not the host of its address. */
  readonly serverName: string | undefined;
  /** As in `auth/kubernetes/login`. */
  readonly authPath: string;
  /** The role to log in with. */
  readonly role: string;
  /** As in `istio_ca/sign/istio-pki-role`. */
  readonly signPath: string;
}

/** What Istio 1.1's own example says. */
export const VAULT_DEFAULTS = {
  authPath: 'auth/kubernetes/login',
  role: 'istio-cert',
  signPath: 'istio_ca/sign/istio-pki-role',
} as const;

interface Session {
  readonly clientToken: string;
  readonly jwt: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Part of a login's lease that is used. */
const LEASE_USED = 0.8;

/** Vault as a CA. */
export class Vault implements CertificateAuthority {
  readonly name = 'Vault';
  readonly needsToken = true;
  /** Logins by identity. */
  private readonly sessions = new Map<string, Session>();
  private probed: Promise<readonly string[]> | undefined;

  constructor(private readonly options: VaultOptions) {}

  async sign(request: SigningRequest): Promise<SigningReply> {
    const { session, data, warnings } = await this.loginAndSign(request);
    this.probed ??= this.probe(session, request);
    return {
      certificates: certificatesOf(data),
      warnings: [...warnings.map(String), ...(await this.probed)],
    };
  }

  close(): void {
    this.sessions.clear();
  }

  private async loginAndSign(request: SigningRequest) {
    const { identity, csr, lifetime, signal } = request;
    const known = this.knownSession(request);
    const session = known ?? (await this.login(request));
    try {
      return { session, ...(await this.signCsr(session, csr, lifetime, signal)) };
    } catch (error) {
      this.sessions.delete(identity);
      // An earlier login can be used up or revoked before its lease ends.
      const isUsedUp =
        known !== undefined && error instanceof CaError && error.code === status.PERMISSION_DENIED;
      if (!isUsedUp) throw error;
      const fresh = await this.login(request);
      return { session: fresh, ...(await this.signCsr(fresh, csr, lifetime, signal)) };
    }
  }

  private knownSession({ identity, token }: SigningRequest): Session | undefined {
    const known = this.sessions.get(identity);
    return known !== undefined && known.jwt === token && known.until > Date.now() ? known : undefined;
  }

  private async login({ identity, token = '', signal }: SigningRequest): Promise<Session> {
    const { authPath, role } = this.options;
    const { auth } = await this.post(authPath, {}, { jwt: token, role }, signal);
    const { client_token, lease_duration } = fieldsOf(auth);
    if (typeof client_token !== 'string')
      throw new CaError('Vault logged in without a token', status.INTERNAL);
    const lease = typeof lease_duration === 'number' ? lease_duration : 0;
    const session = { clientToken: client_token, jwt: token, until: Date.now() + lease * LEASE_USED * 1000 };
    this.sessions.set(identity, session);
    return session;
  }

  private async signCsr({ clientToken }: Session, csr: string, lifetime: number, signal: AbortSignal) {
    const body = { format: 'pem', csr, ttl: `${lifetime}s`, exclude_cn_from_sans: true };
    const { data, warnings } = await this.post(
      this.options.signPath,
      { 'X-Vault-Token': clientToken },
      body,
      signal,
    );
    return { data: fieldsOf(data), warnings: Array.isArray(warnings) ? warnings : [] };
  }

  /** Asks for another workload's certificate, which a role that binds identities refuses. */
  private async probe(session: Session, { identity, signal }: SigningRequest): Promise<readonly string[]> {
    const other = identity.replace(/\/ns\/.*$/, '/ns/xdsc-probe/sa/another-workload');
    const { csr } = await makeKeyPair('rsa-2048', other);
    const { signPath } = this.options;
    return this.signCsr(session, csr, 60, signal).then(
      () => [
        `the role of ${signPath} does not bind identities: with the token of ${identity} it signed a certificate for ${other}; use allowed_uri_sans_template`,
      ],
      (error: unknown) => {
        // No answer is none: the next request asks again.
        if (error instanceof CaError && error.transient) this.probed = undefined;
        return [];
      },
    );
  }

  private async post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: object,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { address, tlsRoots, serverName } = this.options;
    const url = new URL(`/v1/${path.replace(/^\/?(?:v1\/)?/, '')}`, address);
    const response = await requestJson({
      url,
      method: 'POST',
      headers,
      body,
      tlsRoots,
      serverName,
      signal,
    }).catch((error: NodeJS.ErrnoException) => {
      throw unreachable(
        `Vault at ${address}`,
        error.code === 'ECONNREFUSED' ? 'connection refused' : error.message,
      );
    });
    const fields = fieldsOf(response.body);
    if (response.status === 200) return fields;
    throw errorOf(response.status, fields, path);
  }
}

function errorOf(code: number, { errors }: Readonly<Record<string, unknown>>, path: string): CaError {
  const reasons = Array.isArray(errors) ? errors.map(String).join('; ') : `HTTP ${code}`;
  const message = `Vault refused ${path}: ${reasons}`;
  if (code === 503 || code === 429 || code === 502 || code === 504)
    return new CaError(message, status.UNAVAILABLE, true);
  if (code === 403) return new CaError(message, status.PERMISSION_DENIED);
  return new CaError(message, code === 400 ? status.INVALID_ARGUMENT : status.INTERNAL);
}

/** Vault's certificates have no final newline, which matters where they are joined. */
function certificatesOf({ certificate, ca_chain, issuing_ca }: Readonly<Record<string, unknown>>): string[] {
  const chain = Array.isArray(ca_chain) ? ca_chain : [issuing_ca];
  return [certificate, ...chain].flatMap((pem) => (typeof pem === 'string' ? [`${pem.trimEnd()}\n`] : []));
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
