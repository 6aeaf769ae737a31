// The gRPC service that Citadel and istiod have in common: CreateCertificate, over TLS, with the workload's token.

import {
  ChannelCredentials,
  Client,
  type ClientOptions,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import {
  type IstioCertificateRequest,
  type IstioCertificateResponse,
  IstioCertificateServiceService,
} from '../envoy/generated/wire/istioca/ca.js';
import { CaError, type SigningReply, type SigningRequest, unreachable } from './authority.js';

/** Where the service is. */
export interface CertificateServiceOptions {
  /** As messages name the CA. */
  readonly name: string;
  /** HOST:PORT. */
  readonly address: string;
  /** PEM of the roots that its own certificate is checked by; the system's where absent. */
  readonly tlsRoots: string | undefined;
  /** The name that its certificate has to have; the host's where absent. */
  readonly serverName: string | undefined;
}

/** What the CAs differ in. */
export type RequestExtras = Pick<IstioCertificateRequest, 'metadata'> & {
  readonly headers: Readonly<Record<string, string>>;
};

/** Statuses after which the same request can succeed. */
const TRANSIENT: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
]);

/** A connection to the service. */
export class CertificateService {
  private readonly client: Client;

  constructor(private readonly options: CertificateServiceOptions) {
    const { address, tlsRoots, serverName } = options;
    const roots = tlsRoots === undefined ? null : Buffer.from(tlsRoots);
    const settings: ClientOptions = {
      // An agent that waits for its CA tries often enough to notice that it is back.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2000,
      'grpc.use_local_subchannel_pool': 1,
      ...(serverName !== undefined && {
        'grpc.ssl_target_name_override': serverName,
        'grpc.default_authority': serverName,
      }),
    };
    this.client = new Client(address, ChannelCredentials.createSsl(roots), settings);
  }

  /**
   * Has a request signed.
   *
   * @throws a CaError
   */
  create(
    { csr, token, lifetime, signal }: SigningRequest,
    { headers, metadata }: RequestExtras,
  ): Promise<SigningReply> {
    const { name } = this.options;
    const sent = new Metadata();
    sent.set('authorization', `Bearer ${token ?? ''}`);
    for (const [header, value] of Object.entries(headers)) sent.set(header, value);
    const { path, requestSerialize, responseDeserialize } = IstioCertificateServiceService.createCertificate;
    const request = { csr, subjectId: '', validityDuration: lifetime, metadata };
    return new Promise((done, failed) => {
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        sent,
        (error: ServiceError | null, response: IstioCertificateResponse | undefined) => {
          signal.removeEventListener('abort', cancel);
          if (error !== null) failed(this.errorOf(error));
          else if (response === undefined) failed(unreachable(name, 'it sent no response'));
          else done({ certificates: response.certChain, warnings: [] });
        },
      );
      const cancel = () => call.cancel();
      signal.addEventListener('abort', cancel);
    });
  }

  close(): void {
    this.client.close();
  }

  private errorOf({ code, details }: ServiceError): CaError {
    const { name, address } = this.options;
    if (code === status.UNAVAILABLE) return unreachable(`${name} at ${address}`, details);
    return new CaError(`${name} refused: ${details}`, code, TRANSIENT.has(code));
  }
}
