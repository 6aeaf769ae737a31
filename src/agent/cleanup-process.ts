// A small process that waits for this one to be gone, whatever ends it, and cleans up what it left.

import { type ChildProcess, spawn } from 'node:child_process';

/** The process that cleans up. */
export class CleanupProcess {
  private constructor(private readonly child: ChildProcess) {}

  /**
   * Starts it; without a shell there is none.
   *
   * @param script what it runs: its standard input ends when the last process that holds the other end is gone
   * @param args the script's parameters
   */
  static start(script: string, args: readonly string[]): CleanupProcess {
    const child = spawn('/bin/sh', ['-c', script, 'sh', ...args], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
    });
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    child.unref();
    (child.stdin as unknown as { unref?(): void } | null)?.unref?.();
    return new CleanupProcess(child);
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Ends it, without any cleaning up. */
  stop(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      // Its own group: the shell and what it waits in.
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  }
}
