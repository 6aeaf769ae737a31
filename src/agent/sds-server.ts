// The SDS server: sockets, and the service on each of them.

import { Server, ServerCredentials, type UntypedHandleCall } from '@grpc/grpc-js';
import type { Authenticate, ServedSocket } from './authenticate.js';
import { serveDelta } from './delta-stream.js';
import type { Observer } from './events.js';
import { serveFetch } from './fetch.js';
import { type Api, V2, V3 } from './protocol.js';
import type { SecretNames, Service } from './session.js';
import { bindError, FileGuard, openSocket, prepareSocket, removeFiles } from './socket-files.js';
import { serveStream } from './state-stream.js';
import type { SecretStore } from './store.js';

/** What is served where. */
export interface SdsServerOptions {
  readonly sockets: readonly ServedSocket[];
  /** Permissions of the sockets. */
  readonly socketMode: number;
  /** Whether a socket at the path is replaced even while another process listens on it. */
  readonly replaceSockets: boolean;
  readonly store: SecretStore;
  readonly authenticate: Authenticate;
  readonly names: SecretNames;
  readonly observe: Observer;
  /** Other files that are to be gone when the server is. */
  readonly files?: readonly string[];
  readonly folders?: readonly string[];
}

/** Limits against clients that send too much: bytes of a message, streams of a connection. */
const LIMITS = {
  'grpc.max_receive_message_length': 1 << 20,
  'grpc.max_concurrent_streams': 1024,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.enable_channelz': 0,
};

/** A server that runs. */
export class SdsServer {
  private readonly servers: Server[] = [];
  private readonly folders: string[] = [];
  private guard: FileGuard | undefined;

  private constructor(private readonly options: SdsServerOptions) {}

  /**
   * Serves secrets on all sockets.
   *
   * @throws a SocketError where a socket cannot be made; then there is none
   */
  static async start(options: SdsServerOptions): Promise<SdsServer> {
    const server = new SdsServer(options);
    try {
      for (const socket of options.sockets) await server.listen(socket);
    } catch (error) {
      server.close();
      throw error;
    }
    const files = [...options.sockets.map(({ path }) => path), ...(options.files ?? [])];
    server.guard = FileGuard.start(files, [...server.folders, ...(options.folders ?? [])]);
    return server;
  }

  /** Ends all calls, and removes all sockets. */
  close(): void {
    const { sockets, files = [], folders = [], store } = this.options;
    this.guard?.stop();
    for (const server of this.servers) server.forceShutdown();
    const paths = sockets.slice(0, this.servers.length).map(({ path }) => path);
    removeFiles([...paths, ...files], [...this.folders, ...folders]);
    store.close();
  }

  private async listen(socket: ServedSocket): Promise<void> {
    const { path } = socket;
    const { replaceSockets, socketMode, observe } = this.options;
    this.folders.unshift(...(await prepareSocket(path, replaceSockets)));
    const server = new Server(LIMITS);
    for (const api of [V3, V2]) addService(server, { ...this.options, api, socket });
    await new Promise<void>((done, failed) => {
      server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? done() : failed(bindError(path, error)),
      );
    });
    this.servers.push(server);
    openSocket(path, socketMode);
    observe({ kind: 'listening', socket: path });
  }
}

function addService(server: Server, service: Service): void {
  const { stream, fetch, delta }: Api = service.api;
  const handlers: Record<string, UntypedHandleCall> = {
    stream: (call: Parameters<typeof serveStream>[0]) => serveStream(call, service),
    fetch: (call: Parameters<typeof serveFetch>[0], reply: Parameters<typeof serveFetch>[1]) =>
      serveFetch(call, reply, service),
    ...(delta !== undefined && {
      delta: (call: Parameters<typeof serveDelta>[0]) => serveDelta(call, service),
    }),
  };
  server.addService({ stream, fetch, ...(delta !== undefined && { delta }) }, handlers);
}
