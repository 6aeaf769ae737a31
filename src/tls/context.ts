// A TLS context: where it stands, what it asks of its peer, what it is made of and which secrets it names;
// each of these is worked out when it is first asked for, and once, however many ask.

import type { Message } from '../envoy/message.js';
import { type Material, materialOf } from './material.js';
import { type PeerValidation, peerValidation } from './peer-validation.js';
import { type SecretUse, secretUses } from './secret-uses.js';
import type { Side } from './settings.js';

/** A TLS context and where it was found. */
export class TlsContext {
  /** Null while nobody has asked. */
  private knownValidation: PeerValidation | undefined | null = null;
  private knownMaterial: readonly Material[] | undefined;
  private knownUses: readonly SecretUse[] | undefined;

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

  /** How it checks its peer; undefined where it does not. */
  get validation(): PeerValidation | undefined {
    if (this.knownValidation === null) this.knownValidation = peerValidation(this);
    return this.knownValidation;
  }

  /** The files and bytes that stand in it. */
  get material(): readonly Material[] {
    this.knownMaterial ??= materialOf(this);
    return this.knownMaterial;
  }

  /** The secrets that it asks for by name. */
  get uses(): readonly SecretUse[] {
    this.knownUses ??= secretUses(this);
    return this.knownUses;
  }
}
