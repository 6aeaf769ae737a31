// What Envoy looks at where it makes a TLS context: the context with what static secrets bring to it. It is made
// only when all secrets are there, so that some faults show at the start, and others when SDS delivers.

import { oncePer } from '../../../collections/once-per.js';
import type { Message } from '../../../envoy/message.js';
import type { Finding } from '../../../finding/finding.js';
import type { Instance } from '../../run.js';
import type { Scene } from '../check.js';

const TLS = 'envoy.extensions.transport_sockets.tls.v3';

export const UPSTREAM_CONTEXT = `${TLS}.UpstreamTlsContext`;
export const DOWNSTREAM_CONTEXT = `${TLS}.DownstreamTlsContext`;
export const SECRET = `${TLS}.Secret`;

/** The messages of contexts. */
export const CONTEXTS: readonly string[] = [UPSTREAM_CONTEXT, DOWNSTREAM_CONTEXT];
/** The messages that hold certificates and the like: contexts, and secrets that are served. */
export const HOLDERS: readonly string[] = [...CONTEXTS, SECRET];

/** What a context, or a served secret, consists of. */
export interface Parts {
  /** The context or secret itself. */
  readonly at: Message;
  readonly common: Message | undefined;
  /** The certificates that are there, in their order. */
  readonly certificates: readonly Message[];
  /** The validation contexts that are there; a later one is merged over an earlier one. */
  readonly validations: readonly Message[];
  readonly ticketKeys: Message | undefined;
  /** Whether SDS brings a validation context. */
  readonly validationComes: boolean;
  /** Whether all secrets are there when Envoy starts. */
  readonly complete: boolean;
}

type Kind = 'tls_certificate' | 'validation_context' | 'session_ticket_keys';

/** The static secrets of a bootstrap, by kind and name. */
const staticSecrets = oncePer(({ bootstrap, surveys }: Instance): ReadonlyMap<string, Message> => {
  const secrets = new Map<string, Message>();
  if (bootstrap === undefined) return secrets;
  for (const { config } of surveys)
    for (const { kind, message } of config.inventory.secrets) {
      if (kind !== 'static') continue;
      for (const { name } of message.present) {
        const content = name === 'name' ? undefined : message.message(name);
        if (content !== undefined) secrets.set(`${name} ${message.text('name')}`, content);
      }
    }
  return secrets;
});

const known = new WeakMap<Message, Parts>();

/** The parts of a context or a served secret. A static secret is looked at where a context uses it. */
export function partsOf(at: Message, scene: Scene): Parts {
  let parts = known.get(at);
  if (parts === undefined) {
    parts = at.type.name === SECRET ? partsOfSecret(at) : partsOfContext(at, scene);
    known.set(at, parts);
  }
  return parts;
}

/** Whether a Secret is one of a bootstrap's own. */
export function isStaticSecret({ around }: Message): boolean {
  return around?.type.shortName === 'StaticResources';
}

function partsOfSecret(at: Message): Parts {
  const isStatic = isStaticSecret(at);
  const part = (kind: Kind): Message | undefined => (isStatic ? undefined : at.message(kind));
  const certificate = part('tls_certificate');
  const validation = part('validation_context');
  return {
    at,
    common: undefined,
    certificates: certificate === undefined ? [] : [certificate],
    validations: validation === undefined ? [] : [validation],
    ticketKeys: part('session_ticket_keys'),
    // What else is in the context that it is for is not known.
    validationComes: true,
    complete: true,
  };
}

function partsOfContext(at: Message, { instance }: Scene): Parts {
  const common = at.message('common_tls_context');
  let complete = true;
  const secret = (kind: Kind, use: Message | undefined): Message | undefined => {
    if (use === undefined) return undefined;
    const found = use.has('sds_config')
      ? undefined
      : staticSecrets(instance).get(`${kind} ${use.text('name')}`);
    complete &&= found !== undefined;
    return found;
  };
  const present = (...messages: (Message | undefined)[]): Message[] =>
    messages.filter((one) => one !== undefined);

  const own = common?.messages('tls_certificates') ?? [];
  // Where a context has certificates of its own, Envoy does not look for others.
  const uses = own.length > 0 ? [] : (common?.messages('tls_certificate_sds_secret_configs') ?? []);
  const fetched = uses.map((use) => secret('tls_certificate', use));
  const ticketKeys =
    at.message('session_ticket_keys') ??
    secret('session_ticket_keys', at.message('session_ticket_keys_sds_secret_config'));
  const combined = common?.message('combined_validation_context');
  const validationUse = (combined ?? common)?.message('validation_context_sds_secret_config');
  const brought = secret('validation_context', validationUse);
  return {
    at,
    common,
    certificates: own.length > 0 ? own : present(...fetched),
    validations: present(
      common?.message('validation_context'),
      combined?.message('default_validation_context'),
      brought,
    ),
    ticketKeys,
    validationComes: validationUse !== undefined && brought === undefined,
    complete,
  };
}

/** What a finding says beside its message where Envoy sees the fault only once all secrets are there. */
export function onceComplete(parts: Parts, message: string): Pick<Finding, 'message'> & Partial<Finding> {
  return parts.complete
    ? { message }
    : { message: `${message}; Envoy finds out only when SDS delivers`, level: 'warning' };
}
