// The secret discovery service as Istio 1.1's node agent serves it. Its quirks are listed in quirks.ts.

import { setTimeout as pause } from 'node:timers/promises';
import { type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { CaError } from '../../ca/authority.js';
import type { Authenticate, Caller, ServedSocket } from '../authenticate.js';
import type { Observer } from '../events.js';
import { spiffeId } from '../identity.js';
import type { Issuer } from '../issuer.js';
import { type Request, type Response, V2 } from '../protocol.js';
import { internalError, Refusal } from '../refusal.js';
import { opened } from '../session.js';
import { goTime } from './go-time.js';

/** How the node agent is set up; its environment variables have the names in brackets. */
export interface NodeAgentOptions {
  readonly issuer: Issuer;
  readonly authenticate: Authenticate;
  readonly observe: Observer;
  /** Whether errors of the CA keep their status, as with Citadel; with Vault all are 2. */
  readonly keepsStatus: boolean;
  /** Whether renewed certificates are pushed; otherwise streams are closed (VALID_TOKEN). */
  readonly validToken: boolean;
  /** Milliseconds: the lifetime that is asked for (SECRET_TTL). */
  readonly lifetime: number;
  /** Milliseconds (SECRET_GRACE_DURATION). */
  readonly grace: number;
  /** Milliseconds (SECRET_JOB_RUN_INTERVAL). */
  readonly jobInterval: number;
  /** Ends the agent, and starts it again. */
  readonly crash: () => void;
}

/** A certificate or the root, as it was sent. */
interface Sent {
  readonly version: string;
  readonly created: number;
  readonly isRoot: boolean;
  readonly response: Response;
}

interface OpenStream {
  readonly call: ServerDuplexStream<Request, Response>;
  readonly caller: Caller;
  readonly name: string;
  sent: Sent;
}

const ROOT = 'ROOTCA';
/** How long the agent waits for a first root, in milliseconds. */
const ROOT_WAIT = 1100;

/** The node agent. */
export class NodeAgent {
  private root: string | undefined;
  private readonly streams = new Set<OpenStream>();
  private readonly job: NodeJS.Timeout;
  private isRenewing = false;

  constructor(private readonly options: NodeAgentOptions) {
    this.job = setInterval(() => void this.renewOld(), options.jobInterval);
  }

  /** Serves a stream. */
  stream(call: ServerDuplexStream<Request, Response>, socket: ServedSocket): void {
    const ended = opened('stream', { api: V2, observe: this.options.observe });
    let open: OpenStream | undefined;
    const finish = () => {
      ended();
      if (open !== undefined) this.streams.delete(open);
    };
    call.on('data', (request: Request) => {
      call.pause();
      this.answer(call, request, socket, open)
        .then((next) => {
          open = next;
          this.streams.add(next);
        })
        .catch((error: unknown) => {
          const ending = this.endingOf(error, socket);
          finish();
          call.emit('error', ending);
        })
        .finally(() => call.resume());
    });
    call.on('end', () => {
      finish();
      call.end();
    });
    call.on('error', finish);
    call.on('cancelled', finish);
  }

  /** Serves a fetch. */
  fetch(
    { metadata, request }: ServerUnaryCall<Request, Response>,
    reply: sendUnaryData<Response>,
    socket: ServedSocket,
  ): void {
    const ended = opened('fetch', { api: V2, observe: this.options.observe });
    if (request.node === undefined) {
      // The agent reads the node's ID without looking whether there is a node.
      ended();
      this.options.crash();
      return;
    }
    this.options
      .authenticate(metadata, socket)
      .then((caller) => this.generate(caller, nameIn(request)))
      .then(
        ({ response }) => reply(null, response),
        (error: unknown) => reply(this.endingOf(error, socket)),
      )
      .finally(ended);
  }

  /** Renews all certificates; with the status 2 instead where tokens may be out of date. */
  async renewAll(): Promise<void> {
    await Promise.all(
      [...this.streams].filter(({ sent }) => !sent.isRoot).map((stream) => this.renew(stream)),
    );
  }

  /** Forgets all certificates and the root. */
  forget(): void {
    this.root = undefined;
    this.streams.clear();
  }

  close(): void {
    clearInterval(this.job);
    this.options.issuer.close();
  }

  private async answer(
    call: ServerDuplexStream<Request, Response>,
    request: Request,
    socket: ServedSocket,
    open: OpenStream | undefined,
  ): Promise<OpenStream> {
    const caller = open?.caller ?? (await this.options.authenticate(call.metadata, socket));
    if (request.node === undefined)
      throw new Refusal(status.UNKNOWN, 'invalid discovery request with no node');
    const name = nameIn(request);
    // Whatever does not confirm what was sent is a request, a NACK too.
    if (open !== undefined && request.versionInfo === open.sent.version && open.name === name) return open;
    const sent = await this.generate(caller, name);
    call.write(sent.response);
    return { call, caller, name, sent };
  }

  private async generate(caller: Caller, name: string): Promise<Sent> {
    if (name !== ROOT) return this.issue(caller, name);
    if (this.root === undefined) await pause(ROOT_WAIT);
    if (this.root === undefined) throw new Refusal(status.UNKNOWN, 'failed to get root cert');
    return sentOf(name, { kind: 'roots', roots: this.root });
  }

  private async issue({ identity, token }: Caller, name: string): Promise<Sent> {
    const { issuer, observe } = this.options;
    const id = spiffeId(identity);
    const begun = performance.now();
    try {
      const issued = await issuer.issue(id, token, await issuer.makeKey(id));
      this.root = issued.root;
      const { serial, notAfter, certificates, root, privateKey } = issued;
      const took = performance.now() - begun;
      observe({ kind: 'issued', identity: id, reason: 'first', serial, ca: issuer.ca, notAfter, took });
      const chain = [...certificates, root].join('');
      return sentOf(name, { kind: 'certificate', chain, privateKey });
    } catch (error) {
      throw issuer.failed(id, error);
    }
  }

  private async renewOld(): Promise<void> {
    // A run that takes longer than the interval is not joined by the next one.
    if (this.isRenewing) return;
    this.isRenewing = true;
    const { lifetime, grace } = this.options;
    const old = [...this.streams].filter(
      ({ sent }) => !sent.isRoot && Date.now() - sent.created > lifetime - grace,
    );
    await Promise.all(old.map((stream) => this.renew(stream)));
    this.isRenewing = false;
  }

  private async renew(stream: OpenStream): Promise<void> {
    const { call, caller, name } = stream;
    if (!this.options.validToken) {
      this.streams.delete(stream);
      call.emit('error', { code: status.UNKNOWN, details: 'the token may be out of date, connect again' });
      return;
    }
    // A failure is reported; the next run of the job tries again.
    const sent = await this.generate(caller, name).catch(() => undefined);
    if (sent === undefined || !this.streams.has(stream)) return;
    stream.sent = sent;
    call.write(sent.response);
  }

  private endingOf(
    error: unknown,
    socket: ServedSocket,
  ): { readonly code: status; readonly details: string } {
    if (error instanceof Refusal) {
      const { code, message } = error;
      this.options.observe({ kind: 'refused', code, reason: message, socket: socket.path });
      return { code, details: message };
    }
    if (!(error instanceof CaError)) {
      this.options.observe({ kind: 'warning', message: internalError(error) });
      return { code: status.INTERNAL, details: 'internal error' };
    }
    return { code: this.options.keepsStatus ? error.code : status.UNKNOWN, details: error.message };
  }
}

function nameIn({ resourceNames }: Request): string {
  const [name, ...others] = resourceNames;
  if (name === undefined || others.length > 0)
    throw new Refusal(
      status.UNKNOWN,
      `discovery request has invalid resourceNames [${resourceNames.join(' ').slice(0, 200)}]`,
    );
  return name;
}

function sentOf(name: string, content: Parameters<typeof V2.form.encode>[0]['content']): Sent {
  const version = goTime();
  const { typeUrl } = V2.form;
  return {
    version,
    created: Date.now(),
    isRoot: content.kind === 'roots',
    response: {
      versionInfo: version,
      nonce: version,
      typeUrl,
      resources: [{ typeUrl, value: V2.form.encode({ name, content, version }) }],
    },
  };
}
