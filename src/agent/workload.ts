// A workload's certificate: issued when it is first asked for, and renewed in time while a stream uses it.

import type { KeyPair } from '../ca/key-pair.js';
import { withJitter } from '../ca/retry.js';
import type { IssueReason, Observer } from './events.js';
import { type Identity, spiffeId } from './identity.js';
import type { IssuedCertificate, Issuer } from './issuer.js';
import type { TrustBundle } from './trust-bundle.js';

/** When certificates are renewed. */
export interface RotationTimes {
  /** Milliseconds; absent: as the lifetime demands. */
  readonly every: number | undefined;
}

/** Part of a certificate's remaining lifetime after which it is renewed, as today's Istio agent has it. */
const RENEW_AT = 0.5;
/** Timers cannot wait longer. */
const LONGEST_TIMER = 2 ** 31 - 1;
const FIRST_RETRY = 1000;
const LONGEST_RETRY = 60_000;

/** A workload and its certificate. */
export class Workload {
  readonly id: string;
  /** The JWT of the latest caller. */
  token: string | undefined;
  private current: IssuedCertificate | undefined;
  private issuing: Promise<IssuedCertificate> | undefined;
  private spare: Promise<KeyPair> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private retries = 0;
  private isClosed = false;
  private readonly users = new Set<() => void>();

  constructor(
    readonly identity: Identity,
    private readonly issuer: Issuer,
    private readonly bundle: TrustBundle,
    private readonly times: RotationTimes,
    private readonly observe: Observer,
  ) {
    this.id = spiffeId(identity);
  }

  /** PEM of the root that the certificate in use leads to. */
  get root(): string | undefined {
    return this.current?.root;
  }

  /** Tells of each new certificate until the returned function is called. */
  use(changed: () => void): () => void {
    this.users.add(changed);
    return () => this.users.delete(changed);
  }

  /**
   * The certificate, issued now where there is none.
   *
   * @throws a CaError
   */
  async certificate(): Promise<IssuedCertificate> {
    const { current } = this;
    if (current !== undefined && current.notAfter > Date.now()) return current;
    return this.renew(current === undefined ? 'first' : 'expiry');
  }

  /**
   * Has a new certificate issued; at one time only once.
   *
   * @throws a CaError
   */
  renew(reason: IssueReason): Promise<IssuedCertificate> {
    this.issuing ??= this.issue(reason).finally(() => {
      this.issuing = undefined;
    });
    return this.issuing;
  }

  /** Renews the certificate if there is one. A failure is reported, and tried again. */
  async rotate(reason: IssueReason): Promise<void> {
    if (this.current === undefined) return;
    if (this.users.size === 0) {
      // No stream uses it. The next request gets a new one.
      this.forget();
      return;
    }
    await this.renew(reason).catch(() => {
      const wait = Math.min(FIRST_RETRY * 2 ** this.retries++, LONGEST_RETRY);
      this.schedule(withJitter(wait), reason);
    });
  }

  /** Forgets the certificate. */
  forget(): void {
    clearTimeout(this.timer);
    this.current = undefined;
  }

  close(): void {
    this.isClosed = true;
    this.forget();
    this.spare = undefined;
  }

  private async issue(reason: IssueReason): Promise<IssuedCertificate> {
    const begun = performance.now();
    const key = await (this.takeSpare() ?? this.issuer.makeKey(this.id));
    try {
      const issued = await this.issuer.issue(this.id, this.token, key);
      await this.bundle.add(issued.root);
      this.take(issued, reason, performance.now() - begun);
      return issued;
    } catch (error) {
      this.spare ??= Promise.resolve(key);
      throw this.issuer.failed(this.id, error);
    }
  }

  private take(issued: IssuedCertificate, reason: IssueReason, took: number): void {
    if (this.isClosed) return;
    const isNew = this.current === undefined;
    this.current = issued;
    this.retries = 0;
    const { serial, notAfter } = issued;
    this.observe({ kind: 'issued', identity: this.id, reason, serial, ca: this.issuer.ca, notAfter, took });
    this.spare ??= this.issuer.makeSpareKey(this.id);
    this.spare.catch(() => {});
    this.schedule(
      this.times.every ?? this.untilRenewal(notAfter),
      this.times.every === undefined ? 'expiry' : 'interval',
    );
    if (!isNew) for (const changed of this.users) changed();
  }

  private untilRenewal(notAfter: number): number {
    const remaining = notAfter - Date.now();
    // Certificates that were issued together are not renewed together.
    return remaining * RENEW_AT * (0.95 + Math.random() * 0.1);
  }

  private schedule(milliseconds: number, reason: IssueReason): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    this.timer = setTimeout(() => void this.rotate(reason), Math.min(milliseconds, LONGEST_TIMER));
  }

  private takeSpare(): Promise<KeyPair> | undefined {
    const { spare } = this;
    this.spare = undefined;
    return spare;
  }
}
