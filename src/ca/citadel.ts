// Citadel of Istio 1.1: it takes the identity from the token, and signs RSA keys only.

import type { CertificateAuthority, SigningReply, SigningRequest } from './authority.js';
import { CertificateService } from './istio-certificate-service.js';

/** The address of Citadel's service in its cluster. */
export const CITADEL_ADDRESS = 'istio-citadel:8060';

/** The name in Citadel's own certificate, for every address. */
const SERVER_NAME = 'istio-citadel';

/** Where Citadel is. */
export interface CitadelOptions {
  readonly address: string;
  /** PEM, the ConfigMap `istio-security`'s `caTLSRootCert`, decoded. */
  readonly tlsRoots: string | undefined;
}

/** Citadel as a CA. */
export class Citadel implements CertificateAuthority {
  readonly name = 'Citadel';
  readonly needsToken = true;
  private readonly service: CertificateService;

  constructor({ address, tlsRoots }: CitadelOptions) {
    this.service = new CertificateService({ name: this.name, address, tlsRoots, serverName: SERVER_NAME });
  }

  sign(request: SigningRequest): Promise<SigningReply> {
    return this.service.create(request, { headers: {}, metadata: undefined });
  }

  close(): void {
    this.service.close();
  }
}
