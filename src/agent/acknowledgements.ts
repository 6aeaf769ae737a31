// What a client says of responses: nonces, ACK and NACK. After a NACK the next attempt waits, longer each time.

import type { Observer } from './events.js';

/** Pauses after a NACK double from the first to the longest, in milliseconds. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
/** Responses without ACK or NACK that are reported. */
const IGNORED = 3;

/** The acknowledgements of a stream. */
export class Acknowledgements {
  private nonce = '';
  private count = 0;
  private nacks = 0;
  private open = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly identity: string,
    private readonly observe: Observer,
    private readonly tryAgain: () => void,
  ) {}

  /** The nonce of the next response. */
  next(): string {
    clearTimeout(this.timer);
    if (++this.open === IGNORED)
      this.observe({ kind: 'not-acknowledged', identity: this.identity, responses: IGNORED });
    this.nonce = String(++this.count);
    return this.nonce;
  }

  /** Whether a request is about another response than the last one. */
  isStale(nonce: string): boolean {
    return nonce !== this.nonce;
  }

  /** The last response was accepted. */
  ack(): void {
    this.open = 0;
    this.nacks = 0;
  }

  /** The last response was refused: it is reported, and tried again later. */
  nack(names: Iterable<string>, reason: string): void {
    this.open = 0;
    const wait = Math.min(FIRST_PAUSE * 2 ** this.nacks++, LONGEST_PAUSE);
    this.observe({ kind: 'nack', identity: this.identity, names: [...names], reason, wait });
    clearTimeout(this.timer);
    this.timer = setTimeout(this.tryAgain, wait);
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
