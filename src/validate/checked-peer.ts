// What a context checks of its peer once Envoy has merged into it what a secret delivers: rules that look at the
// context alone miss what stands in a static secret or in the Secret file that it names.

import type { Message } from '../envoy/message.js';
import type { TlsContext } from '../tls/context.js';
import { TRUSTED_CA, VALIDATION } from '../tls/fields.js';
import {
  customValidator,
  type PeerValidation,
  peerValidation,
  pinFields,
  sanFields,
} from '../tls/peer-validation.js';
import { type SecretUse, secretSource, secretUses } from '../tls/secret-uses.js';
import type { Run } from './run.js';

/** A field of a validation context, with the place in the context that brings it. */
interface CheckedField {
  readonly field: string;
  /** The CertificateValidationContext, or where it stands in a secret, the reference to that. */
  readonly at: Message;
  /** The field to show there. */
  readonly shown: string;
}

/** What a context checks of its peer: what it says itself, and what the Secret says that it asks for. */
export class CheckedPeer {
  /**
   * @param own what the context says itself
   * @param use its reference to a Secret that delivers the rest
   * @param delivered the validation context of that Secret, if the run holds it
   */
  constructor(
    private readonly own: PeerValidation | undefined,
    private readonly use: SecretUse | undefined,
    private readonly delivered: Message | undefined,
  ) {}

  /** Whether a secret that the run does not hold checks something, too. */
  get isOpen(): boolean {
    return this.own?.fromSecret === true && this.delivered === undefined;
  }

  get root(): CheckedField | undefined {
    const own = this.own?.own;
    if (own?.has(TRUSTED_CA)) return { field: TRUSTED_CA, at: own, shown: TRUSTED_CA };
    return this.delivered?.has(TRUSTED_CA) || this.isRootServed ? this.inSecret(TRUSTED_CA) : undefined;
  }

  get sans(): readonly CheckedField[] {
    return this.fields(this.own?.sans, sanFields);
  }

  get pins(): readonly CheckedField[] {
    return this.fields(this.own?.pins, pinFields);
  }

  get hasValidator(): boolean {
    return [this.own?.own, this.delivered].some(
      (part) => part !== undefined && customValidator(part) !== undefined,
    );
  }

  /**
   * Whether an SDS server delivers the root into a combined context. Those of Istio and SPIRE bring the CA alone:
   * names are what the default is there for. A Secret in a file may bring whatever somebody wrote into it.
   */
  private get isRootServed(): boolean {
    if (this.own?.own === undefined || this.delivered !== undefined || this.use === undefined) return false;
    const source = secretSource(this.use);
    return source !== undefined && SERVERS.some((field) => source.has(field));
  }

  private fields(
    own: readonly string[] | undefined,
    of: (validation: Message) => readonly string[],
  ): readonly CheckedField[] {
    const at = this.own?.own;
    return [
      ...(at === undefined ? [] : (own ?? []).map((field) => ({ field, at, shown: field }))),
      ...(this.delivered === undefined
        ? []
        : of(this.delivered).flatMap((field) => this.inSecret(field) ?? [])),
    ];
  }

  /** A field of a secret is shown where the context asks for that secret: other contexts may need it as it is. */
  private inSecret(field: string): CheckedField | undefined {
    return this.use === undefined ? undefined : { field, at: this.use.message, shown: 'name' };
  }
}

/** The fields of a ConfigSource that name a server. */
const SERVERS = ['api_config_source', 'ads', 'self'];

/** What a context checks of its peer, with the secrets that a run holds. */
export function checkedPeer(context: TlsContext, run: Run): CheckedPeer {
  const own = peerValidation(context);
  const use = own?.fromSecret ? secretUses(context).find(({ purpose }) => purpose === 'root') : undefined;
  const delivered = use === undefined ? undefined : run.secretOf(use)?.message(VALIDATION);
  return new CheckedPeer(own, use, delivered);
}

/** The validation contexts of a run, of contexts and of Secrets, in configurations that name a field. */
export function validationsNaming(run: Run, field: string): Message[] {
  const inContexts = run.contextsNaming(field).flatMap((context) => peerValidation(context)?.own ?? []);
  const inSecrets = run.secrets.flatMap(({ message }) =>
    message.reader.mentions.has(field) ? (message.message(VALIDATION) ?? []) : [],
  );
  return [...inContexts, ...inSecrets];
}

/** Whether anything of the peer's certificate is checked. System roots and certificate providers by themselves check nothing in Envoy 1.40. */
export function checksAnything(peer: CheckedPeer): boolean {
  return (
    peer.isOpen ||
    peer.root !== undefined ||
    peer.hasValidator ||
    peer.sans.length > 0 ||
    peer.pins.length > 0
  );
}
