// What the agent knows of a certificate authority: it signs a request, or says why not.

import { status } from '@grpc/grpc-js';

/** A certificate that is asked for. */
export interface SigningRequest {
  /** The certificate signing request in PEM. It names the identity as its only SAN. */
  readonly csr: string;
  /** The SPIFFE ID that the agent authenticated. */
  readonly identity: string;
  /** The workload's JWT; absent where workloads are known by their socket. */
  readonly token: string | undefined;
  /** The requested lifetime in seconds. */
  readonly lifetime: number;
  /** Aborts the request. */
  readonly signal: AbortSignal;
}

/** What a CA answered, as it came: PEM texts with one or more certificates each, in any order. */
export interface SigningReply {
  readonly certificates: readonly string[];
  /** What the operator of the CA should know. */
  readonly warnings: readonly string[];
}

/** A certificate authority. */
export interface CertificateAuthority {
  /** As messages name it. */
  readonly name: string;
  /** Whether it identifies workloads by their tokens, so that it cannot sign without one. */
  readonly needsToken: boolean;
  /**
   * Signs a request.
   *
   * @throws a CaError where the CA refuses or cannot be reached
   */
  sign(request: SigningRequest): Promise<SigningReply>;
  /** Releases its connections. */
  close(): void;
}

/** Why a CA did not sign. The message holds neither tokens nor keys. */
export class CaError extends Error {
  constructor(
    message: string,
    /** The gRPC status that a client of the agent gets. */
    readonly code: status,
    /** Whether the same request can succeed a little later. */
    readonly transient = false,
  ) {
    super(message);
  }
}

/** The error of a CA that cannot be reached. */
export function unreachable(ca: string, reason: string): CaError {
  return new CaError(`${ca} is not reachable: ${reason}`, status.UNAVAILABLE, true);
}
