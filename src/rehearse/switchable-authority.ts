// A CA that can be taken down for a while, as a CA behind a network can.

import {
  type CertificateAuthority,
  type SigningReply,
  type SigningRequest,
  unreachable,
} from '../ca/authority.js';

/** Asks another CA, unless it is down. */
export class SwitchableAuthority implements CertificateAuthority {
  readonly name: string;
  readonly needsToken: boolean;
  isDown = false;

  constructor(private readonly ca: CertificateAuthority) {
    this.name = ca.name;
    this.needsToken = ca.needsToken;
  }

  async sign(request: SigningRequest): Promise<SigningReply> {
    if (this.isDown) throw unreachable(this.name, 'the rehearsal has taken it down');
    return this.ca.sign(request);
  }

  close(): void {
    this.ca.close();
  }
}
