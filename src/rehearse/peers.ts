// Peers that a proxy should refuse, or take: they connect to a server's proxy directly, as a pod without a proxy would.

import { connect, createServer, type Server } from 'node:tls';
import type { Credentials } from './credentials.js';
import type { Address } from './envoy-process.js';
import { RehearsalError } from './failure.js';
import { ask } from './http.js';

/** The protocol that the proxies of the mesh offer, by which permissive servers know them. */
const MESH_PROTOCOL = 'istio';
/** How long a proxy may take for its answer, in milliseconds. */
const PATIENCE = 5000;

/** Whether a proxy answers a request; with TLS and a certificate, where there is one. */
export function answersTls(address: Address, credentials?: Credentials): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({
      ...address,
      ALPNProtocols: [MESH_PROTOCOL],
      // What the server presents is not what is asked here.
      rejectUnauthorized: false,
      ...(credentials !== undefined && { cert: credentials.chain, key: credentials.key }),
    });
    let text = '';
    const end = (answers: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      done(answers);
    };
    const timer = setTimeout(() => end(false), PATIENCE);
    socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nhost: rehearsal\r\n\r\n'));
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (/^HTTP\/1\.1 \d/.test(text)) end(true);
    });
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
}

/** Whether a proxy answers a request in plain text. */
export function answersPlain({ host, port }: Address): Promise<boolean> {
  return ask({ host, port, headers: { host: 'rehearsal' } }).then(
    () => true,
    () => false,
  );
}

/** A server that shows an identity which is not the one that its clients want. */
export class Impostor {
  /** How many clients began a handshake. */
  connections = 0;

  private constructor(private readonly servers: Server[]) {}

  /**
   * Listens on addresses.
   *
   * @throws a RehearsalError where one is taken
   */
  static async start(addresses: readonly Address[], credentials: Credentials): Promise<Impostor> {
    const impostor = new Impostor([]);
    for (const { host, port } of addresses) {
      const server = createServer(
        {
          cert: credentials.chain,
          key: credentials.key,
          requestCert: true,
          rejectUnauthorized: false,
          ALPNProtocols: ['h2', 'http/1.1', MESH_PROTOCOL],
        },
        (socket) => socket.on('error', () => {}),
      );
      server.on('connection', () => impostor.connections++);
      server.on('tlsClientError', () => {});
      await new Promise<void>((done, failed) => {
        server.once('error', ({ message }) => failed(new RehearsalError(message)));
        server.listen(port, host, done);
      });
      impostor.servers.push(server);
    }
    return impostor;
  }

  close(): void {
    for (const server of this.servers) server.close();
  }
}
