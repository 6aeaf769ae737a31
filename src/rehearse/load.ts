// Load on every connection, for as long as something else goes on.

import { Agent } from 'node:http';
import { type Connection, call, connectionName } from './calls.js';
import type { Outcome } from './policies.js';
import type { RunningPod } from './running-pod.js';
import type { Stage } from './stage.js';

/** What load has met. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  /** Of each connection that lost a request. */
  readonly problems: readonly string[];
}

/** A connection that works, and how. */
export interface Loaded {
  readonly connection: Connection;
  readonly outcome: Outcome | 'arrived';
}

/** Milliseconds between two requests of a connection. */
const PERIOD = 5;

interface Count {
  requests: number;
  failed: number;
  first?: string;
}

/** Load that goes on until it is ended. */
export class Load {
  private isRunning = true;
  private readonly counts = new Map<string, Count>();
  private readonly names: readonly string[];
  private readonly workers: readonly Promise<void>[];

  constructor(
    private readonly stage: Stage,
    connections: readonly Loaded[],
  ) {
    this.names = connections.map(({ connection }) => connectionName(connection));
    this.workers = connections.map((one) => this.work(one));
    // Where the stage is closed, nobody waits for them.
    for (const worker of this.workers) worker.catch(() => {});
  }

  /** How many requests were made. */
  get requests(): number {
    return [...this.counts.values()].reduce((sum, { requests }) => sum + requests, 0);
  }

  /** What happened since this was asked last. A connection without a request is a problem. */
  take(): LoadResult {
    const counts = this.names.map(
      (name) => [name, this.counts.get(name) ?? { requests: 0, failed: 0 }] as const,
    );
    this.counts.clear();
    return {
      requests: sum(counts, ({ requests }) => requests),
      failed: sum(counts, ({ failed }) => failed),
      problems: counts.flatMap(([name, count]) => problemsOf(name, count)),
    };
  }

  /** Ends it, and says what happened since `take` was asked last. */
  async end(): Promise<LoadResult> {
    this.isRunning = false;
    await Promise.all(this.workers);
    return this.take();
  }

  private async work({ connection, outcome }: Loaded): Promise<void> {
    const name = connectionName(connection);
    // A new connection now and then meets certificates that are new.
    let agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let left = REQUESTS_EACH;
    let pod: RunningPod | undefined;
    while (this.isRunning) {
      const current = this.stage.podOf(connection.client.name);
      if (current !== pod || left-- === 0) {
        agent.destroy();
        agent = new Agent({ keepAlive: true, maxSockets: 1 });
        left = REQUESTS_EACH;
        pod = current;
      }
      const result = await call(this.stage, connection, agent);
      const count = this.counts.get(name) ?? { requests: 0, failed: 0 };
      this.counts.set(name, count);
      count.requests++;
      if (result.outcome !== outcome) {
        count.failed++;
        count.first ??= result.reason ?? result.outcome;
      }
      await this.stage.pause(PERIOD);
    }
    agent.destroy();
  }
}

/** Requests on one connection of the application to its proxy. */
const REQUESTS_EACH = 50;

function problemsOf(name: string, { requests, failed, first }: Count): string[] {
  if (requests === 0) return [`${name}: no request was made`];
  return failed === 0 ? [] : [`${name}: ${failed} of ${requests} lost, the first with ${first}`];
}

function sum(counts: readonly (readonly [string, Count])[], of: (count: Count) => number): number {
  return counts.reduce((total, [, count]) => total + of(count), 0);
}
