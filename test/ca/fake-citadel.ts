// Citadel 1.1.7 as the facts have it, error by error: ../shared/facts/identity-flow.md. istiod is the same service
// without Citadel's server name.

import { createPublicKey } from 'node:crypto';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { OwnAuthority } from '../../src/ca/own.js';
import {
  type IstioCertificateRequest,
  type IstioCertificateResponse,
  IstioCertificateServiceService,
} from '../../src/envoy/generated/wire/istioca/ca.js';
import { Authority } from '../real-envoy/certificates.js';
import type { Cluster } from './workloads.js';

const MAX_TTL = 90 * 86_400;

/** A request as it came. */
export interface Seen {
  readonly request: IstioCertificateRequest;
  readonly metadata: Metadata;
}

/** A fake of the service. */
export class FakeCitadel {
  readonly seen: Seen[] = [];
  /** How many of the next requests are answered with UNAVAILABLE. */
  failures = 0;
  /** How long an answer takes, in milliseconds. */
  delay = 0;

  private constructor(
    readonly address: string,
    /** PEM of the root of its own certificate. */
    readonly tlsRoots: string,
    readonly signer: OwnAuthority,
    private readonly server: Server,
    private readonly cluster: Cluster,
  ) {}

  static async start(
    cluster: Cluster,
    { serverName = 'istio-citadel', intermediate = false } = {},
  ): Promise<FakeCitadel> {
    const signer = await OwnAuthority.create({
      trustDomain: 'cluster.local',
      keyType: 'rsa-2048',
      intermediate,
      maxLifetime: MAX_TTL,
    });
    const tls = await Authority.create();
    const own = await tls.issue({ names: [serverName] });
    const server = new Server();
    const pair = { cert_chain: Buffer.from(own.certificate), private_key: Buffer.from(own.key) };
    const port = await new Promise<number>((done, failed) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, bound) =>
        error === null ? done(bound) : failed(error),
      );
    });
    const fake = new FakeCitadel(`127.0.0.1:${port}`, tls.root, signer, server, cluster);
    server.addService(IstioCertificateServiceService, {
      createCertificate: (
        call: ServerUnaryCall<IstioCertificateRequest, IstioCertificateResponse>,
        reply: sendUnaryData<IstioCertificateResponse>,
      ) => {
        fake.answer(call).then(
          (certChain) => reply(null, { certChain }),
          (error: Error & { code: status }) =>
            reply({ code: error.code ?? status.INTERNAL, details: error.message }),
        );
      },
    });
    return fake;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private async answer({
    request,
    metadata,
  }: ServerUnaryCall<IstioCertificateRequest, IstioCertificateResponse>): Promise<string[]> {
    this.seen.push({ request, metadata });
    await new Promise((done) => setTimeout(done, this.delay));
    if (this.failures-- > 0) throw refusal(status.UNAVAILABLE, 'not now');
    const [header] = metadata.get('authorization');
    const token = /^Bearer (.+)$/.exec(String(header ?? ''))?.[1];
    const account = token === undefined ? undefined : await this.cluster.review(token);
    if (account === undefined) throw refusal(status.UNAUTHENTICATED, 'request authenticate failure');
    checkCsr(request.csr);
    const lifetime = request.validityDuration || MAX_TTL;
    if (lifetime > MAX_TTL)
      throw refusal(
        status.INVALID_ARGUMENT,
        `CSR signing error (requested TTL ${lifetime}s is greater than the max allowed TTL 2160h0m0s)`,
      );
    // The identity is the token's, whatever the CSR says.
    const identity = `spiffe://cluster.local/ns/${account.namespace}/sa/${account.account}`;
    const { certificates } = await this.signer.sign({
      csr: request.csr,
      identity,
      token,
      lifetime,
      signal: new AbortController().signal,
    });
    const [leaf = '', ...rest] = certificates;
    const root = rest.pop() ?? '';
    return [leaf, ...(rest.length > 0 ? [rest.join('')] : []), root];
  }
}

function checkCsr(pem: string): void {
  let type: string | undefined;
  try {
    type = createPublicKey({
      key: Buffer.from(new Pkcs10CertificateRequest(pem).publicKey.rawData),
      format: 'der',
      type: 'spki',
    }).asymmetricKeyType;
  } catch {
    throw refusal(
      status.INVALID_ARGUMENT,
      'CSR signing error (certificate signing request is not properly encoded)',
    );
  }
  if (type !== 'rsa')
    throw refusal(
      status.INTERNAL,
      'CSR signing error (requested SignatureAlgorithm does not match private key type)',
    );
}

function refusal(code: status, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** A port of the loopback where nobody listens. */
export const NOBODY = '127.0.0.1:1';
