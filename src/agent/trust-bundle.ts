// The roots that peers are checked by: usually one, and two while the CA changes. A new root is sent to
// all streams before the first certificate that leads to it. An old root stays until no certificate leads to it and
// the overlap is over.

import type { Observer } from './events.js';

/** Times of a change of roots, in milliseconds. */
export interface BundleTimes {
  /** Between sending a new root and the first certificate that leads to it. */
  readonly settle: number;
  /** How long an old root stays after the last certificate that leads to it. */
  readonly overlap: number;
}

/** What the roots are used for. */
export interface BundleUse {
  /** The roots changed; `added` if there were others before. */
  changed(change: 'first' | 'added' | 'removed'): void;
  /** PEM of the roots that certificates in use lead to. */
  inUse(): ReadonlySet<string>;
}

/** The roots, the newest first. */
export class TrustBundle {
  /** PEM, in the one form that checked chains have it in. */
  private roots: readonly string[] = [];
  /** Resolved when all clients have had time to load the newest root. */
  private settled: Promise<void> = Promise.resolve();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly times: BundleTimes,
    private readonly use: BundleUse,
    private readonly observe: Observer,
  ) {}

  /** PEM of all roots. */
  get pem(): string {
    return this.roots.join('');
  }

  get isEmpty(): boolean {
    return this.roots.length === 0;
  }

  /** Adds a root, and waits until certificates that lead to it may be used. */
  add(pem: string): Promise<void> {
    if (this.roots.includes(pem)) return this.settled;
    const isFirst = this.isEmpty;
    this.roots = [pem, ...this.roots];
    this.observe({ kind: 'roots', change: 'added', count: this.roots.length });
    if (!isFirst) {
      this.settled = new Promise((done) => this.after(this.times.settle, done));
      this.retireLater();
    }
    this.use.changed(isFirst ? 'first' : 'added');
    return this.settled;
  }

  /** Forgets all roots. */
  clear(): void {
    this.close();
    this.roots = [];
    this.settled = Promise.resolve();
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  /** After the overlap, removes the older roots that no certificate leads to any more. */
  private retireLater(): void {
    this.after(this.times.settle + this.times.overlap, () => {
      const used = this.use.inUse();
      const [newest] = this.roots;
      const kept = this.roots.filter((root) => root === newest || used.has(root));
      if (kept.length < this.roots.length) {
        this.roots = kept;
        this.observe({ kind: 'roots', change: 'removed', count: kept.length });
        this.use.changed('removed');
      }
      if (kept.length > 1) this.retireLater();
    });
  }

  private after(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, milliseconds);
    this.timers.add(timer);
  }
}
