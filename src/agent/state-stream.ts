// StreamSecrets: each response holds all secrets that the stream asked for (state of the world).

import type { ServerDuplexStream } from '@grpc/grpc-js';
import { Acknowledgements } from './acknowledgements.js';
import type { Caller } from './authenticate.js';
import { StreamCall, type StreamHandler } from './call.js';
import type { Request, Response } from './protocol.js';
import { versionOfAll } from './secrets.js';
import {
  checkExpiry,
  checkNode,
  checkRequest,
  isRoots,
  reportRefusal,
  type Service,
  secretsOf,
  workloadOf,
} from './session.js';
import type { Workload } from './workload.js';

/** Serves a stream. */
export function serveStream(call: ServerDuplexStream<Request, Response>, service: Service): void {
  const stream = new StreamCall(call, 'stream', service);
  stream.serve(new StateStream(stream, service, service.authenticate(call.metadata, service.socket)));
}

class StateStream implements StreamHandler<Request> {
  private started: Started | undefined;

  constructor(
    private readonly call: StreamCall<Request, Response>,
    private readonly service: Service,
    private readonly caller: Promise<Caller>,
  ) {
    caller.catch((error: unknown) => call.fail(error));
  }

  async handle(request: Request): Promise<void> {
    const { resourceNames, responseNonce, errorDetail } = request;
    checkRequest(request.typeUrl, resourceNames, this.service);
    const isFirst = this.started === undefined;
    const started = await this.start(request);
    const { acknowledgements } = started;
    // After a reconnect the first request has an old version, and no nonce or one of the stream before.
    const isAnswer = !isFirst && responseNonce !== '';
    if (isAnswer && acknowledgements.isStale(responseNonce)) return;
    const isChanged = takeNames(started, resourceNames);
    if (isAnswer && errorDetail !== undefined) acknowledgements.nack(started.names, errorDetail.message);
    else if (isAnswer) acknowledgements.ack();
    if (!isAnswer || isChanged) await this.send(started, true);
  }

  async update(): Promise<void> {
    if (this.started !== undefined) await this.send(this.started, false);
  }

  closed(): void {
    this.started?.close();
  }

  private async start({ node }: Request): Promise<Started> {
    if (this.started !== undefined) return this.started;
    const caller = await this.caller;
    checkNode(node);
    const workload = workloadOf(caller, this.service);
    const { store, observe } = this.service;
    const changed = () => this.call.changed();
    const acknowledgements = new Acknowledgements(workload.id, observe, () => void this.tryAgain());
    const releases = [workload.use(changed), store.useRoots(changed), () => acknowledgements.close()];
    const close = () => {
      for (const release of releases) release();
    };
    this.started = { caller, workload, acknowledgements, close, names: new Set(), sent: '' };
    return this.started;
  }

  /** After a NACK: the certificate is replaced, since it was refused. */
  private async tryAgain(): Promise<void> {
    const { started, service } = this;
    if (started === undefined) return;
    const { workload } = started;
    started.sent = '';
    const hasCertificate = [...started.names].some((name) => !isRoots(name, service.names, workload));
    // A failure is reported by the workload; the old certificate is then sent again.
    if (hasCertificate) await workload.renew('nack').catch(() => {});
    this.call.changed();
  }

  private async send(started: Started, always: boolean): Promise<void> {
    const { caller, workload, acknowledgements, names } = started;
    if (names.size === 0) return;
    checkExpiry(caller);
    const { form } = this.service.api;
    const { secrets, refusal } = await secretsOf(names, workload, this.service);
    if (always && refusal !== undefined) reportRefusal(refusal, this.service);
    const versionInfo = versionOfAll(secrets);
    if (!always && versionInfo === started.sent) return;
    started.sent = versionInfo;
    this.service.observe({ kind: 'pushed', identity: workload.id, names: secrets.map(({ name }) => name) });
    this.call.send({
      versionInfo,
      resources: secrets.map((secret) => ({ typeUrl: form.typeUrl, value: form.encode(secret) })),
      typeUrl: form.typeUrl,
      nonce: acknowledgements.next(),
    });
  }
}

/** A stream whose sender is known. */
interface Started {
  readonly caller: Caller;
  readonly workload: Workload;
  readonly acknowledgements: Acknowledgements;
  names: ReadonlySet<string>;
  /** The version that was sent last. */
  sent: string;
  close(): void;
}

/** Takes the names of a request, and says whether they are others than before. */
function takeNames(started: Started, requested: readonly string[]): boolean {
  const names = new Set(requested);
  const isSame = names.size === started.names.size && requested.every((name) => started.names.has(name));
  started.names = names;
  return !isSame;
}
