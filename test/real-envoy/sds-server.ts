// An SDS server for tests: it listens on a Unix socket, knows each proxy by its token, and pushes a secret
// again when it changes.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  create,
  createFileRegistry,
  type DescMessage,
  fromBinary,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import { AnySchema, anyPack, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';

const DESCRIPTORS = resolve(import.meta.dirname, '../../src/envoy/generated/descriptors.binpb');
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS)));

function messageNamed(name: string): DescMessage {
  const found = registry.getMessage(name);
  if (found === undefined) throw new Error(`no descriptor of ${name}`);
  return found;
}

const REQUEST = messageNamed('envoy.service.discovery.v3.DiscoveryRequest');
const RESPONSE = messageNamed('envoy.service.discovery.v3.DiscoveryResponse');
const SECRET = messageNamed('envoy.extensions.transport_sockets.tls.v3.Secret');

/** What a proxy gets as the secret `default`. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

type Request = Message & { readonly resourceNames: readonly string[]; readonly responseNonce: string };
type Stream = ServerDuplexStream<Request, Message>;

/** The server. */
export class SdsServer {
  /** How many streams came with a token, and how many without one that is known. */
  readonly calls = { known: 0, refused: 0 };
  private readonly server = new Server();
  private readonly identities = new Map<string, Identity>();
  private readonly streams = new Set<{
    readonly token: string;
    readonly names: Set<string>;
    readonly stream: Stream;
  }>();
  private version = 0;

  constructor(
    private readonly root: string,
    private readonly header: string,
  ) {
    this.server.addService(
      {
        StreamSecrets: {
          path: '/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets',
          requestStream: true,
          responseStream: true,
          requestSerialize: (message: Message) => Buffer.from(toBinary(REQUEST, message)),
          requestDeserialize: (bytes: Buffer) => fromBinary(REQUEST, bytes) as Request,
          responseSerialize: (message: Message) => Buffer.from(toBinary(RESPONSE, message)),
          responseDeserialize: (bytes: Buffer) => fromBinary(RESPONSE, bytes),
        },
      },
      { StreamSecrets: (stream: Stream) => this.open(stream) },
    );
  }

  /** Listens on a socket. */
  listen(socket: string): Promise<void> {
    return new Promise((done, failed) => {
      this.server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? done() : failed(error),
      );
    });
  }

  close(): void {
    this.server.forceShutdown();
  }

  /** Gives the proxy with a token an identity, now and in the place of an earlier one. */
  issue(token: string, identity: Identity): void {
    this.identities.set(token, identity);
    this.version++;
    for (const one of this.streams) if (one.token === token) this.answer(one.token, one.names, one.stream);
  }

  private open(stream: Stream): void {
    const [said] = stream.metadata.get(this.header);
    const token = said === undefined ? '' : said.toString();
    if (!this.identities.has(token)) {
      this.calls.refused++;
      stream.emit('error', { code: 16, details: 'no token that is known' });
      return;
    }
    this.calls.known++;
    const known = { token, names: new Set<string>(), stream };
    this.streams.add(known);
    stream.on('data', ({ resourceNames, responseNonce }: Request) => {
      // An acknowledgement asks for nothing new.
      if (responseNonce !== '' && resourceNames.every((name) => known.names.has(name))) return;
      for (const name of resourceNames) known.names.add(name);
      this.answer(token, known.names, stream);
    });
    const gone = (): void => {
      this.streams.delete(known);
    };
    stream.on('end', () => {
      gone();
      stream.end();
    });
    stream.on('error', gone);
    stream.on('cancelled', gone);
  }

  private answer(token: string, names: ReadonlySet<string>, stream: Stream): void {
    const resources = [...names].map((name) => anyPack(SECRET, this.secret(name, token)));
    stream.write(
      create(RESPONSE, {
        versionInfo: String(this.version),
        resources: resources.map((any) => create(AnySchema, any)),
        typeUrl: `type.googleapis.com/${SECRET.typeName}`,
        nonce: String(this.version),
      } as never),
    );
  }

  private secret(name: string, token: string): Message {
    const inline = (text: string) => ({ specifier: { case: 'inlineString', value: text } });
    const identity = this.identities.get(token) as Identity;
    const type =
      name === 'ROOTCA'
        ? { case: 'validationContext', value: { trustedCa: inline(this.root) } }
        : {
            case: 'tlsCertificate',
            value: { certificateChain: inline(identity.certificate), privateKey: inline(identity.key) },
          };
    return create(SECRET, { name, type } as never);
  }
}
