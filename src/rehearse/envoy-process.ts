// An Envoy that runs, and what its admin interface says.

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { RehearsalError } from './failure.js';
import { ask } from './http.js';

/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A certificate as the admin interface lists it. */
interface HeldCertificate {
  /** In hexadecimal. */
  readonly serial: string;
  readonly uris: readonly string[];
}

/** What an Envoy presents, and the CAs that it trusts. */
export interface Held {
  readonly presented: readonly HeldCertificate[];
  readonly trusted: readonly HeldCertificate[];
}

/** How much of its log is kept, in characters. */
const LOG = 8000;
/** Milliseconds between two looks. */
const PERIOD = 50;

/** How an Envoy is started. */
export interface EnvoyStart {
  readonly binary: string;
  readonly bootstrap: string;
  readonly arguments: readonly string[];
  readonly admin: Address;
  /** As messages say it. */
  readonly name: string;
}

/** An Envoy. */
export class EnvoyProcess {
  private log = '';
  private readonly child: ChildProcess;
  private isStopping = false;
  private readonly ended: Promise<void>;

  constructor(private readonly start: EnvoyStart) {
    const args = ['-c', start.bootstrap, ...start.arguments, ...FIXED];
    // In a group of its own: Ctrl-C is for the rehearsal, which ends it.
    this.child = spawn(start.binary, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.log = (this.log + bytes.toString()).slice(-LOG);
    });
    this.ended = new Promise((done) => {
      this.child.once('exit', () => done());
      this.child.once('error', (error) => {
        this.log += error.message;
        done();
      });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Waits until it has all that it needs to serve.
   *
   * @throws a RehearsalError where it ends, or is not ready in time
   */
  async ready(milliseconds: number): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (performance.now() < deadline) {
      if (!this.isRunning)
        throw new RehearsalError(`the Envoy of ${this.start.name} ended: ${this.reason()}`);
      const reply = await this.admin('/ready').catch(() => undefined);
      if (reply === 'LIVE') return;
      await pause(PERIOD);
    }
    throw new RehearsalError(
      `the Envoy of ${this.start.name} is not ready after ${milliseconds / 1000} s: ${this.reason()}`,
    );
  }

  /** The body of a page of the admin interface, without its final newline. */
  async admin(path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
    const { host, port } = this.start.admin;
    const { text } = await ask({ host, port, path, method });
    return text.trimEnd();
  }

  /** What it presents and trusts at the moment. */
  async certificates(): Promise<Held> {
    const { certificates = [] } = JSON.parse(await this.admin('/certs')) as {
      readonly certificates?: readonly {
        readonly cert_chain?: readonly AdminCertificate[];
        readonly ca_cert?: readonly AdminCertificate[];
      }[];
    };
    return {
      presented: distinct(certificates.flatMap(({ cert_chain = [] }) => cert_chain)),
      trusted: distinct(certificates.flatMap(({ ca_cert = [] }) => ca_cert)),
    };
  }

  /** Milliseconds since it was started, as it says. */
  async uptime(): Promise<number> {
    const { uptime_current_epoch: said = '0s' } = JSON.parse(await this.admin('/server_info')) as {
      readonly uptime_current_epoch?: string;
    };
    return Number.parseFloat(said) * 1000;
  }

  /** Has its listeners closed, and tells clients to close their connections. */
  async drain(): Promise<void> {
    await this.admin('/drain_listeners?graceful', 'POST');
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.isRunning) this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Why it ended, where nobody ended it. */
  get failure(): string | undefined {
    return this.isRunning || this.isStopping ? undefined : this.reason();
  }

  /** The last that it said of grave things. */
  private reason(): string {
    const lines = this.log.split('\n').filter((line) => line !== '');
    const grave = lines.filter(
      (line) => /\]\[(?:error|critical)\]/.test(line) && !line.includes('backtrace'),
    );
    const said = (grave.length > 0 ? grave : lines)
      .slice(-3)
      .map((line) => line.replace(/^(?:\[[^\]]*\])+ */, ''));
    return said.join('; ') || 'its log is empty';
  }
}

interface AdminCertificate {
  readonly serial_number?: string;
  readonly subject_alt_names?: readonly { readonly uri?: string }[];
}

function distinct(certificates: readonly AdminCertificate[]): HeldCertificate[] {
  const bySerial = new Map<string, HeldCertificate>();
  for (const { serial_number: serial = '', subject_alt_names: names = [] } of certificates)
    bySerial.set(serial, { serial, uris: names.flatMap(({ uri }) => uri ?? []) });
  return [...bySerial.values()];
}

/** One thread is enough for a rehearsal, and keeps twenty Envoys small. */
const FIXED = ['--concurrency', '1', '--disable-hot-restart', '-l', 'warning'];
