// A raw gRPC client of the secret discovery service, in both versions of the API. It shows what came over the wire.

import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { Secret as SecretV2 } from '../../src/envoy/generated/wire/envoy/api/v2/auth/secret.js';
import * as v2 from '../../src/envoy/generated/wire/envoy/api/v2/discovery.js';
import { Secret as SecretV3 } from '../../src/envoy/generated/wire/envoy/extensions/transport_sockets/tls/v3/secret.js';
import * as v3 from '../../src/envoy/generated/wire/envoy/service/discovery/v3/discovery.js';

export type ApiVersion = 'v2' | 'v3';

const SERVICES = {
  v2: '/envoy.service.discovery.v2.SecretDiscoveryService',
  v3: '/envoy.service.secret.v3.SecretDiscoveryService',
};
export const TYPE_URLS = {
  v2: 'type.googleapis.com/envoy.api.v2.auth.Secret',
  v3: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
};
const MESSAGES = { v2, v3 };

/** The header of Istio 1.1, misspelling included. */
export const HEADER = 'istio_sds_credentail_header-bin';

/** A secret as it came. */
interface ReceivedSecret {
  readonly name: string;
  readonly chain?: string;
  readonly key?: string;
  readonly roots?: string;
  /** Whether all of it is inline_bytes. */
  readonly isBytes: boolean;
}

/** A response as it came. */
export interface Received {
  readonly version: string;
  readonly nonce: string;
  readonly typeUrl: string;
  readonly secrets: readonly ReceivedSecret[];
  readonly removed: readonly string[];
}

/** The fields of a request that a test sets. */
export type Fields = Readonly<Record<string, unknown>>;

const NODE = { id: 'sidecar~127.0.0.1~sleep.foo~foo.svc.cluster.local', cluster: 'sleep' };

/** A header with a token. */
export function withToken(token: string, header: string = HEADER): Metadata {
  const metadata = new Metadata();
  if (header.endsWith('-bin')) metadata.set(header, Buffer.from(token));
  else metadata.set(header, token);
  return metadata;
}

/** A connection to a socket. */
export class SdsClient {
  private readonly client: Client;

  constructor(socket: string) {
    this.client = new Client(`unix:${socket}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  close(): void {
    this.client.close();
  }

  /** Opens a stream for the state of the world. */
  stream(api: ApiVersion, headers: Metadata = new Metadata()): OpenStream {
    return new OpenStream(this.duplex(api, 'StreamSecrets', headers), api);
  }

  /** Opens a stream for differences. */
  delta(api: ApiVersion, headers: Metadata = new Metadata()): OpenStream {
    return new OpenStream(this.duplex(api, 'DeltaSecrets', headers), api);
  }

  /** Fetches secrets once. */
  fetch(api: ApiVersion, fields: Fields, headers: Metadata = new Metadata()): Promise<Received> {
    const { DiscoveryRequest } = MESSAGES[api] as typeof v3;
    const request = { node: NODE, typeUrl: TYPE_URLS[api], ...fields };
    return new Promise((done, failed) => {
      this.client.makeUnaryRequest(
        `${SERVICES[api]}/FetchSecrets`,
        (message: object) =>
          Buffer.from(DiscoveryRequest.encode(DiscoveryRequest.fromPartial(message)).finish()),
        (bytes) => read(api, MESSAGES[api].DiscoveryResponse.decode(bytes)),
        request,
        headers,
        { deadline: Date.now() + 10_000 },
        (error, response) => (error === null ? done(response as Received) : failed(error)),
      );
    });
  }

  private duplex(
    api: ApiVersion,
    method: 'StreamSecrets' | 'DeltaSecrets',
    headers: Metadata,
  ): ClientDuplexStream<object, Received> {
    const isDelta = method === 'DeltaSecrets';
    const messages = MESSAGES[api];
    const request = isDelta ? messages.DeltaDiscoveryRequest : messages.DiscoveryRequest;
    return this.client.makeBidiStreamRequest(
      `${SERVICES[api]}/${method}`,
      (message: object) => Buffer.from(request.encode(request.fromPartial(message) as never).finish()),
      (bytes) =>
        isDelta
          ? readDelta(api, messages.DeltaDiscoveryResponse.decode(bytes))
          : read(api, messages.DiscoveryResponse.decode(bytes)),
      headers,
    );
  }
}

/** A stream, with what came on it. */
export class OpenStream {
  readonly received: Received[] = [];
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number; readonly details: string }>;
  private readonly waiting: (() => void)[] = [];
  private taken = 0;

  constructor(
    readonly call: ClientDuplexStream<object, Received>,
    private readonly api: ApiVersion,
  ) {
    call.on('data', (response: Received) => {
      this.received.push(response);
      for (const wake of this.waiting.splice(0)) wake();
    });
    call.on('error', () => {});
    this.ended = new Promise((done) => {
      call.on('status', ({ code, details }: ServiceError) => done({ code, details }));
    });
  }

  /** Sends a request with node and type, unless the fields say otherwise. */
  send(fields: Fields): void {
    this.call.write({ node: NODE, typeUrl: TYPE_URLS[this.api], ...fields });
  }

  /** Asks for names, as Envoy does at first. */
  ask(...resourceNames: string[]): void {
    this.send({ resourceNames });
  }

  /** Acknowledges a response, as Envoy does. */
  ack({ version, nonce, secrets }: Received): void {
    this.send({ versionInfo: version, responseNonce: nonce, resourceNames: secrets.map(({ name }) => name) });
  }

  /** The next response that was not taken. */
  async next(timeout = 8000): Promise<Received> {
    const until = Date.now() + timeout;
    for (;;) {
      const response = this.received[this.taken];
      if (response !== undefined) {
        this.taken++;
        return response;
      }
      const left = until - Date.now();
      if (left <= 0) throw new Error(`no response within ${timeout} ms`);
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, left);
        this.waiting.push(() => {
          clearTimeout(timer);
          wake();
        });
        void this.ended.then(({ code, details }) => {
          if (code !== 0 && this.received.length === this.taken) this.failed = `${code} ${details}`;
          wake();
        });
      });
      if (this.failed !== undefined && this.received.length === this.taken)
        throw new Error(`the stream ended: ${this.failed}`);
    }
  }

  /** Waits, and says how many responses came that were not taken. */
  async quiet(milliseconds = 200): Promise<number> {
    await new Promise((done) => setTimeout(done, milliseconds));
    return this.received.length - this.taken;
  }

  close(): void {
    this.call.cancel();
  }

  private failed: string | undefined;
}

function read(api: ApiVersion, response: v2.DiscoveryResponse | v3.DiscoveryResponse): Received {
  return {
    version: response.versionInfo,
    nonce: response.nonce,
    typeUrl: response.typeUrl,
    secrets: response.resources.map((any) => secretIn(api, any)),
    removed: [],
  };
}

function readDelta(
  api: ApiVersion,
  response: v2.DeltaDiscoveryResponse | v3.DeltaDiscoveryResponse,
): Received {
  return {
    version: response.resources.map(({ version }) => version).join(','),
    nonce: response.nonce,
    typeUrl: response.typeUrl,
    secrets: response.resources.flatMap(({ resource }) =>
      resource === undefined ? [] : [secretIn(api, resource)],
    ),
    removed: response.removedResources,
  };
}

function secretIn(
  api: ApiVersion,
  { typeUrl, value }: { readonly typeUrl: string; readonly value: Uint8Array },
): ReceivedSecret {
  if (typeUrl !== TYPE_URLS[api]) throw new Error(`a resource is a ${typeUrl}`);
  const { name, type } = (api === 'v2' ? SecretV2 : SecretV3).decode(value);
  const sources =
    type?.$case === 'tlsCertificate'
      ? { chain: type.value.certificateChain, key: type.value.privateKey }
      : type?.$case === 'validationContext'
        ? { roots: type.value.trustedCa }
        : {};
  const texts = Object.entries(sources).map(([part, source]) => [
    part,
    Buffer.from((source?.specifier?.value ?? '') as string | Uint8Array).toString(),
  ]);
  const isBytes = Object.values(sources).every((source) => source?.specifier?.$case === 'inlineBytes');
  return { name, ...Object.fromEntries(texts), isBytes };
}
