// What `xdsc sds-server` does: serves until a signal ends it, and logs on standard error.

import { type Agent, startAgent } from '../../agent/agent.js';
import type { AgentEvent } from '../../agent/events.js';
import { logLine } from '../../agent/log.js';
import type { Metrics } from '../../agent/metrics.js';
import { checkPlatform, SocketError } from '../../agent/socket-files.js';
import { quoted } from '../../secrecy/quoted.js';
import { EXIT, Failure } from '../exit.js';
import { isSystemError, systemReason } from '../file-system.js';
import { paintFor, say } from '../terminal.js';
import { certificateAuthority } from './sds-server-ca.js';
import { agentOptions, type SdsServerFlags } from './sds-server-flags.js';

/** Runs the command until a signal ends it, and gives the exit status. */
export async function runSdsServer(flags: SdsServerFlags): Promise<number> {
  const metrics = await metricsOf(flags);
  const observe = (event: AgentEvent): void => {
    metrics?.metrics.observe(event);
    log(event);
  };
  try {
    checkPlatform(process.platform);
    const options = agentOptions(flags);
    const ca = await certificateAuthority(flags);
    const agent = await startAgent({ ...options, ca, observe });
    await untilEnded(agent);
    return EXIT.done;
  } catch (error) {
    if (error instanceof SocketError) throw new Failure(error.message);
    if (isSystemError(error)) throw new Failure(`${error.path ?? 'a file'}: ${systemReason(error)}`);
    throw error;
  } finally {
    metrics?.close();
  }
}

/** Handles signals until one of them ends the agent. */
function untilEnded(agent: Agent): Promise<void> {
  const rotate = () => void agent.rotate();
  const renew = () => {
    if (agent.renewAuthority === undefined)
      warn('SIGUSR2 replaces the keys of the own CA, which does not sign here');
    else void agent.renewAuthority();
  };
  process.on('SIGHUP', rotate);
  process.on('SIGUSR2', renew);
  return new Promise((done) => {
    const end = () => {
      process.off('SIGHUP', rotate);
      process.off('SIGUSR2', renew);
      agent.close();
      done();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    say(`${new Date().toISOString()} ready\n`);
  });
}

async function metricsOf({
  metrics: address,
}: SdsServerFlags): Promise<{ readonly metrics: Metrics; close(): void } | undefined> {
  if (address === undefined) return undefined;
  const [, host = '127.0.0.1', port] = /^(?:(\[[\da-fA-F:]+\]|[\w.-]+):)?(\d{1,5})$/.exec(address) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new Failure(`--metrics: ${quoted(address)} is not PORT or HOST:PORT`);
  const { Metrics } = await import('../../agent/metrics.js');
  const metrics = new Metrics();
  const server = await metrics.serve(host.replace(/^\[|\]$/g, ''), Number(port)).catch((error: unknown) => {
    if (!isSystemError(error)) throw error;
    throw new Failure(
      `--metrics: ${address}: ${error.code === 'EADDRINUSE' ? 'the port is taken' : error.message}`,
    );
  });
  return {
    metrics,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function log(event: AgentEvent): void {
  const line = logLine(event);
  if (line === undefined) return;
  if (line.level === 'warning') warn(line.text);
  else say(`${new Date().toISOString()} ${line.text}\n`);
}

function warn(text: string): void {
  say(`${new Date().toISOString()} ${paintFor(process.stderr).warning(text)}\n`);
}
