// DeltaSecrets: each response holds only the secrets that changed, and the names of those that there are not.

import type { ServerDuplexStream } from '@grpc/grpc-js';
import { Acknowledgements } from './acknowledgements.js';
import type { Caller } from './authenticate.js';
import { StreamCall, type StreamHandler } from './call.js';
import type { DeltaRequest, DeltaResponse } from './protocol.js';
import { type NamedSecret, versionOfAll } from './secrets.js';
import {
  checkExpiry,
  checkNode,
  checkRequest,
  isRoots,
  reportRefusal,
  type Service,
  secretOf,
  unknownNames,
  workloadOf,
} from './session.js';
import type { Workload } from './workload.js';

/** Serves a stream. */
export function serveDelta(call: ServerDuplexStream<DeltaRequest, DeltaResponse>, service: Service): void {
  const stream = new StreamCall(call, 'delta', service);
  stream.serve(new DeltaStream(stream, service, service.authenticate(call.metadata, service.socket)));
}

/** A stream whose sender is known. */
interface Started {
  readonly caller: Caller;
  readonly workload: Workload;
  readonly acknowledgements: Acknowledgements;
  /** The version of each secret that the client has or was sent, by name; '' where it has none. */
  readonly versions: Map<string, string>;
  close(): void;
}

class DeltaStream implements StreamHandler<DeltaRequest> {
  private started: Started | undefined;

  constructor(
    private readonly call: StreamCall<DeltaRequest, DeltaResponse>,
    private readonly service: Service,
    private readonly caller: Promise<Caller>,
  ) {
    caller.catch((error: unknown) => call.fail(error));
  }

  async handle(request: DeltaRequest): Promise<void> {
    const { resourceNamesSubscribe, resourceNamesUnsubscribe, initialResourceVersions } = request;
    checkRequest(request.typeUrl, resourceNamesSubscribe, this.service);
    const isFirst = this.started === undefined;
    const started = await this.start(request);
    const { versions } = started;
    if (!isFirst && request.responseNonce !== '') answered(request, started);
    for (const name of resourceNamesUnsubscribe) versions.delete(name);
    for (const name of resourceNamesSubscribe)
      versions.set(name, isFirst ? (initialResourceVersions[name] ?? '') : '');
    if (resourceNamesSubscribe.length > 0) await this.send(started, resourceNamesSubscribe);
  }

  async update(): Promise<void> {
    if (this.started !== undefined) await this.send(this.started, [...this.started.versions.keys()]);
  }

  closed(): void {
    this.started?.close();
  }

  private async start({ node }: DeltaRequest): Promise<Started> {
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
    this.started = { caller, workload, acknowledgements, close, versions: new Map() };
    return this.started;
  }

  /** After a NACK: the certificate is replaced, since it was refused. */
  private async tryAgain(): Promise<void> {
    const { started, service } = this;
    if (started === undefined) return;
    const { workload, versions } = started;
    const hasCertificate = [...versions.keys()].some((name) => !isRoots(name, service.names, workload));
    for (const name of versions.keys()) versions.set(name, '');
    if (hasCertificate) await workload.renew('nack').catch(() => {});
    this.call.changed();
  }

  /** Sends those of the secrets that the client does not have. */
  private async send(started: Started, names: readonly string[]): Promise<void> {
    const { caller, workload, acknowledgements, versions } = started;
    checkExpiry(caller);
    const found = await Promise.all(names.map((name) => secretOf(name, workload, this.service)));
    const changed = found.filter(
      (secret): secret is NamedSecret => secret !== undefined && versions.get(secret.name) !== secret.version,
    );
    // A name that is unknown is not asked for any more: it would stay unknown.
    const removed = names.filter((name, i) => found[i] === undefined && versions.delete(name));
    if (removed.length > 0) reportRefusal(unknownNames(removed, workload, this.service), this.service);
    if (changed.length === 0 && removed.length === 0) return;
    for (const { name, version } of changed) versions.set(name, version);
    const { form } = this.service.api;
    this.service.observe({ kind: 'pushed', identity: workload.id, names: changed.map(({ name }) => name) });
    this.call.send({
      systemVersionInfo: versionOfAll(changed),
      resources: changed.map((secret) => ({
        name: secret.name,
        version: secret.version,
        resource: { typeUrl: form.typeUrl, value: form.encode(secret) },
      })),
      typeUrl: form.typeUrl,
      removedResources: removed,
      nonce: acknowledgements.next(),
    });
  }
}

function answered(
  { responseNonce, errorDetail }: DeltaRequest,
  { acknowledgements, versions }: Started,
): void {
  if (acknowledgements.isStale(responseNonce)) return;
  if (errorDetail === undefined) acknowledgements.ack();
  else acknowledgements.nack(versions.keys(), errorDetail.message);
}
