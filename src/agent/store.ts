// All workloads of the agent, and the roots that they share.

import type { IssueReason, Observer } from './events.js';
import { type Identity, spiffeId } from './identity.js';
import { Issuer, type IssuerOptions } from './issuer.js';
import { type NamedSecret, versionOf } from './secrets.js';
import { type BundleTimes, TrustBundle } from './trust-bundle.js';
import { type RotationTimes, Workload } from './workload.js';

/** How the store works. */
export interface StoreOptions extends IssuerOptions, RotationTimes, BundleTimes {}

/** The secrets of all workloads. */
export class SecretStore {
  readonly bundle: TrustBundle;
  private readonly issuer: Issuer;
  private readonly workloads = new Map<string, Workload>();
  private readonly rootUsers = new Set<() => void>();

  constructor(
    private readonly options: StoreOptions,
    private readonly observe: Observer,
  ) {
    this.issuer = new Issuer(options, observe);
    this.bundle = new TrustBundle(
      options,
      {
        changed: (change) => {
          // Who asked for the first root waits for it.
          if (change !== 'first') for (const changed of this.rootUsers) changed();
          if (change === 'added') void this.followRoot();
        },
        inUse: () =>
          new Set([...this.workloads.values()].flatMap(({ root }) => (root === undefined ? [] : [root]))),
      },
      observe,
    );
  }

  /** The workload of an identity. */
  workload(identity: Identity): Workload {
    const id = spiffeId(identity);
    const known = this.workloads.get(id);
    if (known !== undefined) return known;
    const made = new Workload(identity, this.issuer, this.bundle, this.options, this.observe);
    this.workloads.set(id, made);
    return made;
  }

  /** Tells of each change of the roots until the returned function is called. */
  useRoots(changed: () => void): () => void {
    this.rootUsers.add(changed);
    return () => this.rootUsers.delete(changed);
  }

  /**
   * The certificate of a workload as a secret.
   *
   * @throws a CaError
   */
  async certificate(workload: Workload, name: string): Promise<NamedSecret> {
    const { certificates, privateKey } = await workload.certificate();
    const content = { kind: 'certificate', chain: certificates.join(''), privateKey } as const;
    return { name, content, version: versionOf(content) };
  }

  /**
   * The roots as a secret. Before the first certificate, one is issued: its chain ends with the root.
   *
   * @throws a CaError
   */
  async roots(workload: Workload, name: string): Promise<NamedSecret> {
    if (this.bundle.isEmpty) await workload.certificate();
    const content = { kind: 'roots', roots: this.bundle.pem } as const;
    return { name, content, version: versionOf(content) };
  }

  /** Renews the certificates of all workloads that are in use. */
  async rotateAll(reason: IssueReason): Promise<void> {
    await Promise.all([...this.workloads.values()].map((workload) => workload.rotate(reason)));
  }

  /** Forgets all certificates and roots, as a restart would. */
  forgetAll(): void {
    for (const workload of this.workloads.values()) workload.forget();
    this.bundle.clear();
  }

  close(): void {
    for (const workload of this.workloads.values()) workload.close();
    this.bundle.close();
    this.issuer.close();
  }

  /** The CA changed its root with the certificate of one workload; the others follow. */
  private async followRoot(): Promise<void> {
    const before = [...this.workloads.values()].filter(({ root }) => root !== undefined);
    await Promise.all(before.map((workload) => workload.rotate('ca')));
  }
}
