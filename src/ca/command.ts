// A program as CA: it reads a certificate signing request on standard input and prints the chain. So a CA of one's
// own is a few lines of shell. The token is in a variable of its environment, not among its arguments, which others
// can see.

import { type ChildProcess, spawn } from 'node:child_process';
import { status } from '@grpc/grpc-js';
import { CaError, type CertificateAuthority, type SigningReply, type SigningRequest } from './authority.js';
import { splitPem } from './chain.js';

/** Output that is longer is an error. */
const LONGEST_OUTPUT = 1 << 20;
/** What is shown of standard error. */
const SHOWN = 300;

/** A program as CA. */
export class CommandAuthority implements CertificateAuthority {
  readonly name: string;
  readonly needsToken = false;
  private readonly running = new Set<ChildProcess>();

  /** @param command a line for the shell */
  constructor(private readonly command: string) {
    this.name = `the command ${JSON.stringify(command)}`;
  }

  async sign({ csr, identity, token, lifetime, signal }: SigningRequest): Promise<SigningReply> {
    const env = {
      ...process.env,
      XDSC_IDENTITY: identity,
      XDSC_TTL: String(lifetime),
      ...(token !== undefined && { XDSC_TOKEN: token }),
    };
    const { code, stdout, stderr } = await this.run(csr, env, signal);
    if (code !== 0)
      throw new CaError(
        `${this.name} failed with ${code === null ? 'a signal' : `exit status ${code}`}${shown(stderr, token)}`,
        status.UNAVAILABLE,
      );
    if (splitPem(stdout).length === 0)
      throw new CaError(`${this.name} printed no certificate${shown(stderr, token)}`, status.INTERNAL);
    return { certificates: [stdout], warnings: [] };
  }

  close(): void {
    for (const child of this.running) end(child);
  }

  private run(
    input: string,
    env: NodeJS.ProcessEnv,
    signal: AbortSignal,
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
    // A group of its own, so that all that it starts can be ended.
    const child = spawn('/bin/sh', ['-c', this.command], { env, detached: true });
    this.running.add(child);
    const abort = () => end(child);
    signal.addEventListener('abort', abort);
    return new Promise((done, failed) => {
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (bytes: Buffer) => {
        stdout += bytes.toString();
        if (stdout.length > LONGEST_OUTPUT) end(child);
      });
      child.stderr.on('data', (bytes: Buffer) => {
        stderr = (stderr + bytes.toString()).slice(-SHOWN);
      });
      child.stdin.on('error', () => {});
      child.on('error', ({ message }) =>
        failed(new CaError(`${this.name} cannot be run: ${message}`, status.UNAVAILABLE)),
      );
      child.on('close', (code) => {
        signal.removeEventListener('abort', abort);
        this.running.delete(child);
        done({ code, stdout, stderr });
      });
      child.stdin.end(input);
    });
  }
}

/** What a program said of its failure, without what must not be shown. */
function shown(stderr: string, token: string | undefined): string {
  const text = stderr.trim().replace(/\s+/g, ' ');
  if (text === '' || /PRIVATE KEY/.test(text)) return '';
  return `: ${token === undefined ? text : text.replaceAll(token, '(the token)')}`;
}

function end(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
