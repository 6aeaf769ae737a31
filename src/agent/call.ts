// A stream's call: requests one at a time, at most one response on its way, and an end.

import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Method } from './events.js';
import { Refusal } from './refusal.js';
import { endingOf, opened, type Service } from './session.js';

/** What a stream does with its call. */
export interface StreamHandler<Q> {
  /** Answers a request; what it throws ends the stream. */
  handle(request: Q): Promise<void>;
  /** Sends what changed meanwhile; what it throws ends the stream. */
  update(): Promise<void>;
  /** The stream is over. */
  closed(): void;
}

/** How long a stream may be open before its first request, in milliseconds. */
const FIRST_REQUEST = 30_000;
/** Requests that may come at once, and how many more each second. */
const BURST = 100;
const PER_SECOND = 20;

/** A call. */
export class StreamCall<Q, R> {
  private isOpen = true;
  private isWriting = false;
  private isStale = false;
  private credit = BURST;
  private credited = performance.now();
  private readonly ended: () => void;
  private readonly firstRequest: NodeJS.Timeout;
  private handler: StreamHandler<Q> | undefined;

  constructor(
    private readonly call: ServerDuplexStream<Q, R>,
    method: Method,
    private readonly service: Service,
  ) {
    this.ended = opened(method, service);
    this.firstRequest = setTimeout(
      () => this.fail(new Refusal(status.DEADLINE_EXCEEDED, `no request within ${FIRST_REQUEST / 1000} s`)),
      FIRST_REQUEST,
    );
  }

  /** Passes requests to a handler until the call ends. */
  serve(handler: StreamHandler<Q>): void {
    this.handler = handler;
    const { call } = this;
    call.on('data', (request: Q) => {
      clearTimeout(this.firstRequest);
      // The next request is read when this one is done: a flood waits in the sender.
      call.pause();
      this.guard(async () => {
        this.checkRate();
        await handler.handle(request);
      }).finally(() => call.resume());
    });
    call.on('end', () => {
      this.finish();
      call.end();
    });
    call.on('error', () => this.finish());
    call.on('cancelled', () => this.finish());
  }

  /** Sends the response that is made when the one before is on its way; then only the newest state counts. */
  send(response: R): void {
    if (!this.isOpen) return;
    this.isWriting = true;
    this.call.write(response, () => {
      this.isWriting = false;
      if (this.isStale) this.changed();
    });
  }

  /** Has the handler send what changed, now or when the response before is on its way. */
  changed(): void {
    if (!this.isOpen) return;
    this.isStale = this.isWriting;
    if (!this.isStale) void this.guard(async () => this.handler?.update());
  }

  /** Ends the call. */
  fail(error: unknown): void {
    if (!this.isOpen) return;
    const ending = endingOf(error, this.service);
    this.finish();
    this.call.emit('error', ending);
  }

  private async guard(work: () => Promise<void>): Promise<void> {
    if (!this.isOpen) return;
    await work().catch((error: unknown) => this.fail(error));
  }

  private finish(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    clearTimeout(this.firstRequest);
    this.ended();
    this.handler?.closed();
  }

  private checkRate(): void {
    const now = performance.now();
    this.credit = Math.min(BURST, this.credit + ((now - this.credited) / 1000) * PER_SECOND);
    this.credited = now;
    if (this.credit < 1)
      throw new Refusal(status.RESOURCE_EXHAUSTED, `more than ${PER_SECOND} requests a second on one stream`);
    this.credit--;
  }
}
