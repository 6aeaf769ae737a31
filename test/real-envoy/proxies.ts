// Envoys that run for a test, and what they are asked.

import { type ChildProcess, spawn } from 'node:child_process';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

/** A port of the loopback that is free now. */
export function freePort(host: string): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

/** An Envoy that runs. */
export class RunningEnvoy {
  private log = '';
  private readonly child: ChildProcess;

  constructor(envoy: string, config: string, baseId: number) {
    const args = [
      '-c',
      config,
      '-l',
      'warning',
      '--concurrency',
      '1',
      '--base-id',
      String(baseId),
      '--disable-hot-restart',
    ];
    this.child = spawn(envoy, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.log = (this.log + bytes.toString()).slice(-4000);
    });
  }

  /** Waits until it has all that it needs to serve. */
  async ready(adminPort: number): Promise<void> {
    for (let i = 0; i < 200; i++) {
      if (this.child.exitCode !== null) throw new Error(`Envoy ended: ${this.log}`);
      const reply = await fetchText('127.0.0.1', adminPort, '/ready', 'localhost').catch(() => undefined);
      if (reply?.status === 200) return;
      await pause(50);
    }
    throw new Error(`Envoy is not ready: ${this.log}`);
  }

  stop(): Promise<void> {
    return new Promise((done) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        done();
        return;
      }
      this.child.once('exit', () => done());
      this.child.kill('SIGKILL');
    });
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}

/** A GET, with a Host of one's own. */
export function fetchText(
  address: string,
  port: number,
  path: string,
  host: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((done, failed) => {
    const request = get(
      { host: address, port, path, headers: { host }, timeout: 5000, agent: false },
      (reply: IncomingMessage) => {
        let text = '';
        reply.on('data', (bytes: Buffer) => {
          text += bytes.toString();
        });
        reply.on('end', () => done({ status: reply.statusCode ?? 0, text }));
      },
    );
    request.on('timeout', () => request.destroy(new Error('no reply in 5 s')));
    request.on('error', failed);
  });
}
