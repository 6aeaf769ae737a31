// Today's istiod, asked as today's agent asks it: with the cluster's ID, and the signer that is wanted.

import type { CertificateAuthority, SigningReply, SigningRequest } from './authority.js';
import { CertificateService } from './istio-certificate-service.js';

/** The address of istiod's service in its cluster. */
export const ISTIOD_ADDRESS = 'istiod.istio-system.svc:15012';

/** Address of istiod, and parameters of requests. */
export interface IstiodOptions {
  readonly address: string;
  readonly tlsRoots: string | undefined;
  /** The name in its certificate, where that is not the host of its address. */
  readonly serverName: string | undefined;
  readonly clusterId: string;
  /** A signer of Kubernetes' certificate API. */
  readonly certSigner: string | undefined;
}

/** istiod as a CA. */
export class Istiod implements CertificateAuthority {
  readonly name = 'istiod';
  readonly needsToken = true;
  private readonly service: CertificateService;

  constructor(private readonly options: IstiodOptions) {
    const { address, tlsRoots, serverName } = options;
    this.service = new CertificateService({ name: this.name, address, tlsRoots, serverName });
  }

  sign(request: SigningRequest): Promise<SigningReply> {
    const { clusterId, certSigner } = this.options;
    return this.service.create(request, {
      headers: { clusterid: clusterId },
      metadata: certSigner === undefined ? undefined : { CertSigner: certSigner },
    });
  }

  close(): void {
    this.service.close();
  }
}
