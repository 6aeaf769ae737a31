// What a context checks of its peer once Envoy has merged into it what a secret delivers: rules that look at the
// context alone miss what stands in a static secret or in the Secret file that it names.

import { oncePer } from '../collections/once-per.js';
import type { Message } from '../envoy/message.js';
import type { TlsContext } from '../tls/context.js';
import { TRUSTED_CA, VALIDATION } from '../tls/fields.js';
import { customValidator, peerValidation, pinFields, sanFields } from '../tls/peer-validation.js';
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

/** What a context checks of its peer. */
export interface CheckedPeer {
  /** The CertificateValidationContexts: the context's own, then that of its secret. */
  readonly parts: readonly Message[];
  /** Whether a secret that the run does not hold checks something, too. */
  readonly isOpen: boolean;
  readonly root: CheckedField | undefined;
  readonly sans: readonly CheckedField[];
  readonly pins: readonly CheckedField[];
  readonly hasValidator: boolean;
}

/** What a context checks of its peer, with the secrets that a run holds. */
export function checkedPeer(context: TlsContext, run: Run): CheckedPeer {
  return peersOf(run)(context);
}

/** Several rules ask for the same. */
const peersOf = oncePer((run: Run) => oncePer((context: TlsContext) => peerOf(context, run)));

function peerOf(context: TlsContext, run: Run): CheckedPeer {
  const { own, fromSecret } = peerValidation(context) ?? {};
  const use = fromSecret ? secretUses(context).find(({ purpose }) => purpose === 'root') : undefined;
  const delivered = use === undefined ? undefined : run.secretOf(use)?.message(VALIDATION);
  const parts = [own, delivered].filter((part) => part !== undefined);
  const fields = (of: (part: Message) => readonly string[]): CheckedField[] =>
    parts.flatMap((part) =>
      of(part).map((field) => (part === own ? { field, at: part, shown: field } : fromUse(field, part, use))),
    );
  return {
    parts,
    isOpen: fromSecret === true && delivered === undefined,
    root:
      fields((part) => (part.has(TRUSTED_CA) ? [TRUSTED_CA] : []))[0] ?? rootOfServer(own, delivered, use),
    sans: fields(sanFields),
    pins: fields(pinFields),
    hasValidator: parts.some((part) => customValidator(part) !== undefined),
  };
}

/**
 * The root that an SDS server delivers into a combined context. Those of Istio and SPIRE bring the CA alone: names
 * are what the default is there for. A Secret in a file may bring whatever somebody wrote into it.
 */
function rootOfServer(
  own: Message | undefined,
  delivered: Message | undefined,
  use: SecretUse | undefined,
): CheckedField | undefined {
  if (own === undefined || delivered !== undefined || use === undefined) return undefined;
  const source = secretSource(use);
  if (source === undefined || !SERVERS.some((field) => source.has(field))) return undefined;
  return fromUse(TRUSTED_CA, own, use);
}

/** The fields of a ConfigSource that name a server. */
const SERVERS = ['api_config_source', 'ads', 'self'];

/** A field of a secret is shown where the context asks for that secret: other contexts may need it as it is. */
function fromUse(field: string, part: Message, use: SecretUse | undefined): CheckedField {
  return use === undefined ? { field, at: part, shown: field } : { field, at: use.message, shown: 'name' };
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
export function checksAnything({ root, sans, pins, hasValidator, isOpen }: CheckedPeer): boolean {
  return isOpen || hasValidator || root !== undefined || sans.length > 0 || pins.length > 0;
}
