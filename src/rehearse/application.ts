// The application of a pod: it answers each request with its name and with what its proxy says of the caller, over
// HTTP/1.1 and HTTP/2 on the same port.

import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { RehearsalError } from './failure.js';

/** What an application answers. */
export interface Answer {
  /** `NAME.NAMESPACE` of the workload. */
  readonly served: string;
  /** What the proxy says of the peers (x-forwarded-client-cert); absent where they spoke plain text. */
  readonly peers?: string;
}

/** How each connection of HTTP/2 begins. */
const PREFACE = 'PRI * HTTP/2';

/** An application that runs. */
export class Application {
  private constructor(
    private readonly servers: readonly Server[],
    private readonly sockets: Set<Socket>,
  ) {}

  /**
   * Listens on some ports of an address.
   *
   * @throws a RehearsalError where a port is taken
   */
  static async start(name: string, host: string, ports: Iterable<number>): Promise<Application> {
    const sockets = new Set<Socket>();
    const servers: Server[] = [];
    const application = new Application(servers, sockets);
    try {
      for (const port of new Set(ports)) servers.push(await listen(name, host, port, sockets));
    } catch (error) {
      application.close();
      throw error;
    }
    return application;
  }

  close(): void {
    for (const server of this.servers) server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

function listen(name: string, host: string, port: number, sockets: Set<Socket>): Promise<Server> {
  const answer = (
    asked: IncomingMessage | Http2ServerRequest,
    reply: ServerResponse | Http2ServerResponse,
  ): void => {
    const peers = asked.headers['x-forwarded-client-cert'];
    const said: Answer = { served: name, ...(peers !== undefined && { peers: String(peers) }) };
    reply.end(JSON.stringify(said));
  };
  const http = createHttp({ keepAliveTimeout: 0 }, answer);
  const http2 = createHttp2(answer);
  http2.on('sessionError', () => {});
  const server = createTcp((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      const isHttp2 = first.toString('latin1', 0, PREFACE.length) === PREFACE;
      (isHttp2 ? http2 : http).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  return new Promise((done, failed) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      failed(
        new RehearsalError(
          `port ${port} of ${host} cannot be used: ${code === 'EADDRINUSE' ? 'another process listens on it' : message}`,
        ),
      ),
    );
    server.listen(port, host, () => done(server));
  });
}
