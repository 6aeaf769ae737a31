// A CA that, as Citadel does, finds out by the token itself who asks.

import { status } from '@grpc/grpc-js';
import {
  CaError,
  type CertificateAuthority,
  type SigningReply,
  type SigningRequest,
} from '../../ca/authority.js';
import { spiffeId } from '../identity.js';
import { Refusal } from '../refusal.js';
import type { TokenCheck } from '../tokens.js';

/** A CA that signs for the identity of the token. */
export class TokenReviewing implements CertificateAuthority {
  readonly needsToken = true;

  constructor(
    private readonly ca: CertificateAuthority,
    private readonly check: TokenCheck,
  ) {}

  get name(): string {
    return this.ca.name;
  }

  async sign(request: SigningRequest): Promise<SigningReply> {
    const claims = await this.check(request.token ?? '').catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      // Citadel's words.
      throw new CaError('request authenticate failure', status.UNAUTHENTICATED);
    });
    return this.ca.sign({ ...request, identity: spiffeId(claims.identity) });
  }

  close(): void {
    this.ca.close();
  }
}
