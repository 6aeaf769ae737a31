// Asks a CA again where that can help: with growing pauses, within one deadline for all attempts.

import { setTimeout as pause } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { CaError, type CertificateAuthority, type SigningReply, type SigningRequest } from './authority.js';

/** Pauses between attempts double from the first to the longest, in milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;

/** A pause with jitter: between half of the time and all of it. */
export function withJitter(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random() / 2);
}

/** How long and how often a CA is asked. */
interface Patience {
  /** For all attempts together, in milliseconds. */
  readonly timeout: number;
  /** Whether it is asked again where it cannot be reached. */
  readonly retries: boolean;
}

/**
 * Has a request signed, and tries again where the CA cannot be reached.
 *
 * @throws the last CaError; one with DEADLINE_EXCEEDED where the CA did not answer in time
 */
export async function signWithRetries(
  ca: CertificateAuthority,
  request: Omit<SigningRequest, 'signal'>,
  { timeout, retries }: Patience,
): Promise<SigningReply> {
  const signal = AbortSignal.timeout(timeout);
  const late = new CaError(
    `${ca.name} did not answer within ${timeout / 1000} s`,
    status.DEADLINE_EXCEEDED,
    true,
  );
  const timedOut = new Promise<never>((_, failed) => {
    signal.addEventListener('abort', () => failed(late), { once: true });
  });
  timedOut.catch(() => {});
  let last: unknown = late;
  for (let wait = FIRST_PAUSE; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    try {
      return await Promise.race([ca.sign({ ...request, signal }), timedOut]);
    } catch (error) {
      if (error !== late || last === late) last = error;
      const canHelp = retries && error instanceof CaError && error.transient;
      if (!canHelp || signal.aborted) throw last;
    }
    await pause(withJitter(wait), undefined, { signal }).catch(() => {});
    if (signal.aborted) throw last;
  }
}
