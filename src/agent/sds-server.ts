// The SDS server: sockets, and a service on each of them.

import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServedSocket } from './authenticate.js';
import type { Observer } from './events.js';
import { bindError, FileGuard, openSocket, prepareSocket, removeFiles } from './socket-files.js';

/** What is served where. */
export interface SdsServerOptions {
  readonly sockets: readonly ServedSocket[];
  /** Permissions of the sockets. */
  readonly socketMode: number;
  /** Whether a socket at the path is replaced even while another process listens on it. */
  readonly replaceSockets: boolean;
  /** Adds what is served on a socket. */
  readonly addServices: (server: Server, socket: ServedSocket) => void;
  readonly observe: Observer;
  /** Other files and folders that are to be gone when the server is; folders only if they are empty. */
  readonly files?: readonly string[];
  readonly folders?: readonly string[];
}

/** Limits against clients that send too much: bytes of a message, streams of a connection. */
const LIMITS = {
  'grpc.max_receive_message_length': 1 << 20,
  'grpc.max_concurrent_streams': 1024,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
};

/** A server that runs. */
export class SdsServer {
  private readonly servers = new Map<ServedSocket, Server>();
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
      await server.listenAll();
    } catch (error) {
      server.close();
      throw error;
    }
    return server;
  }

  /** Ends all calls and makes the sockets anew, as a process that ends and is started again. */
  async restart(): Promise<void> {
    this.guard?.stop();
    for (const server of this.servers.values()) server.forceShutdown();
    this.servers.clear();
    await this.listenAll();
  }

  /** Ends all calls, and removes all sockets. */
  close(): void {
    const { files = [], folders = [] } = this.options;
    this.guard?.stop();
    for (const server of this.servers.values()) server.forceShutdown();
    const paths = [...this.servers.keys()].map(({ path }) => path);
    removeFiles([...paths, ...files], [...this.folders, ...folders]);
  }

  private async listenAll(): Promise<void> {
    const { sockets, files = [], folders = [] } = this.options;
    for (const socket of sockets) await this.listen(socket);
    const paths = sockets.map(({ path }) => path);
    this.guard = FileGuard.start([...paths, ...files], [...this.folders, ...folders]);
  }

  private async listen(socket: ServedSocket): Promise<void> {
    const { path } = socket;
    const { replaceSockets, socketMode, addServices, observe } = this.options;
    this.folders.unshift(...(await prepareSocket(path, replaceSockets)));
    const server = new Server(LIMITS);
    addServices(server, socket);
    await new Promise<void>((done, failed) => {
      server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? done() : failed(bindError(path, error)),
      );
    });
    this.servers.set(socket, server);
    openSocket(path, socketMode);
    observe({ kind: 'listening', socket: path });
  }
}
