// A context as those see it who review it: what it asks of its peer, what it is made of, which secrets it
// names, each worked out once, however many ask.

import type { Message } from '../envoy/message.js';
import type { TlsContext } from './contexts.js';
import { type Material, materialOf } from './material.js';
import { type PeerValidation, peerValidation } from './peer-validation.js';
import { type SecretUse, secretUses } from './secret-uses.js';
import type { Side } from './settings.js';

const NONE: readonly SecretUse[] = [];

/** A context under review. */
export class ReviewedContext implements TlsContext {
  readonly side: Side;
  readonly api: 'v2' | 'v3';
  readonly message: Message;
  readonly common: Message | undefined;
  readonly resource: Message | undefined;
  /** How it checks its peer; undefined where it does not. */
  readonly validation: PeerValidation | undefined;
  /** The secrets that it asks for by name. */
  readonly uses: readonly SecretUse[];
  private known: readonly Material[] | undefined;

  /** @param namesSds whether it may ask for secrets by name, as its inventory says */
  constructor(context: TlsContext, namesSds: boolean) {
    this.side = context.side;
    this.api = context.api;
    this.message = context.message;
    this.common = context.common;
    this.resource = context.resource;
    this.validation = peerValidation(context);
    this.uses = namesSds ? secretUses(context) : NONE;
  }

  /** The files and bytes that stand in it. */
  get material(): readonly Material[] {
    this.known ??= materialOf(this);
    return this.known;
  }

  /** Whether it is a CommonTlsContext by itself, which does not say much of its surroundings. */
  get isBare(): boolean {
    return this.common === this.message;
  }
}
