// A TLS context and where it was found.

import type { Side } from '../envoy/extensions/side.js';
import type { Message } from '../envoy/message.js';

/** A TLS context and where it was found. */
export class TlsContext {
  constructor(
    readonly side: Side,
    /** An UpstreamTlsContext or DownstreamTlsContext of either version. */
    readonly message: Message,
    /** Its CommonTlsContext, if it has one. */
    readonly common: Message | undefined,
    /** The cluster or listener that it belongs to, if one is around it. */
    readonly resource: Message | undefined,
  ) {}

  get api(): 'v2' | 'v3' {
    return this.message.type.isV3 ? 'v3' : 'v2';
  }

  /** Whether it is a CommonTlsContext by itself, which does not say much of its surroundings. */
  get isBare(): boolean {
    return this.common === this.message;
  }
}
