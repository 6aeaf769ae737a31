// Has certificates issued: makes the key, sends the request to the CA, checks what comes back.

import { setTimeout as pause } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { CaError, type CertificateAuthority } from '../ca/authority.js';
import { type Chain, checkChain } from '../ca/chain.js';
import { type KeyPair, makeKeyPair } from '../ca/key-pair.js';
import type { KeyType } from '../ca/key-types.js';
import { signWithRetries } from '../ca/retry.js';
import type { Observer } from './events.js';
import { Limit } from './limit.js';
import { internalError } from './refusal.js';

/** How certificates are asked for. */
export interface IssuerOptions {
  readonly ca: CertificateAuthority;
  readonly keyType: KeyType;
  /** The requested lifetime in seconds. */
  readonly lifetime: number;
  /** For one certificate, retries included, in milliseconds. */
  readonly timeout: number;
  /** PEM of roots to use where the CA sends none. */
  readonly roots: readonly string[];
  /** Whether a CA that cannot be reached is asked again. */
  readonly retries: boolean;
}

/** A certificate that was issued. */
export interface IssuedCertificate extends Chain {
  /** PEM. */
  readonly privateKey: string;
}

/** Requests that a CA has open at a time. */
const REQUESTS = 32;

/** How long to wait for requests to end before a key is made ahead of its use, in milliseconds. */
const IDLE = 200;

/** Part of the requested lifetime that a certificate may lack before that is reported. */
const SHORTER = 0.1;

/** The way to the CA. */
export class Issuer {
  private readonly requests = new Limit(REQUESTS);
  /** Keys ahead of their use are made one at a time, when no request is open. */
  private readonly spareKeys = new Limit(1);
  private readonly warned = new Set<string>();

  constructor(
    private readonly options: IssuerOptions,
    private readonly observe: Observer,
  ) {}

  /** The CA's name. */
  get ca(): string {
    return this.options.ca.name;
  }

  /** Makes a key for the identity. */
  makeKey(identity: string): Promise<KeyPair> {
    return makeKeyPair(this.options.keyType, identity);
  }

  /** Makes a key for a later certificate, when others are not waiting. */
  makeSpareKey(identity: string): Promise<KeyPair> {
    return this.spareKeys.run(async () => {
      while (this.requests.isBusy) await pause(IDLE);
      return this.makeKey(identity);
    });
  }

  /**
   * Has a certificate issued for a key.
   *
   * @throws a CaError where the CA refuses, cannot be reached, or answers something else
   */
  async issue(identity: string, token: string | undefined, key: KeyPair): Promise<IssuedCertificate> {
    const { ca, lifetime, timeout, roots, retries } = this.options;
    if (ca.needsToken && (token === undefined || token === ''))
      throw new CaError(
        `${ca.name} knows workloads by their tokens, and there is none of ${identity}`,
        status.UNAUTHENTICATED,
      );
    const { certificates, warnings } = await this.requests.run(() =>
      signWithRetries(ca, { csr: key.csr, identity, token, lifetime }, { timeout, retries }),
    );
    const now = Date.now();
    const chain = checkChain(certificates, { ca: ca.name, identity, publicKey: key.publicKey, roots, now });
    for (const warning of warnings) this.warnOnce(warning, `${ca.name}: ${warning}`);
    const got = (chain.notAfter - now) / 1000;
    if (got < lifetime * (1 - SHORTER))
      this.warnOnce(
        'lifetime',
        `${ca.name} issues certificates for ${Math.round(got)} s instead of ${lifetime} s`,
      );
    return { ...chain, privateKey: key.privateKey };
  }

  /** Reports a failure, and gives it as an error of the CA. */
  failed(identity: string, error: unknown): CaError {
    const known = error instanceof CaError ? error : new CaError(internalError(error), status.INTERNAL);
    this.observe({ kind: 'ca-failed', identity, ca: this.ca, code: known.code, reason: known.message });
    return known;
  }

  close(): void {
    this.options.ca.close();
  }

  /** Reports something that stays as it is, once. */
  private warnOnce(what: string, message: string): void {
    if (this.warned.has(what)) return;
    this.warned.add(what);
    this.observe({ kind: 'warning', message });
  }
}
