// What a context asks of its peer's certificate, in both versions of the API, with the places where it says so.

import { oncePer } from '../collections/once-per.js';
import type { Message } from '../envoy/message.js';
import { Kind } from '../source/tape.js';
import type { TlsContext } from './context.js';
import {
  ALLOW_EXPIRED,
  PARAMETER,
  PARAMETERS,
  PIN_FIELDS,
  REQUIRE_CLIENT_CERTIFICATE,
  SAN_FIELDS,
  TRUST_CHAIN,
  TRUSTED_CA,
  TYPED_SANS,
} from './fields.js';

/** How the peer's certificate is checked. */
export interface PeerValidation {
  /** The CertificateValidationContext that stands in the context itself, alone or as the default of a combined one. */
  readonly own: Message | undefined;
  /** Whether a secret brings a validation context, too. */
  readonly fromSecret: boolean;
  /** The fields of its own that list names of which the peer must have one, and are not empty. */
  readonly sans: readonly string[];
  /** The fields of its own that list hashes, and are not empty. */
  readonly pins: readonly string[];
}

const NOTHING = { own: undefined, sans: [], pins: [] };

/** What a context checks; undefined where it checks nothing at all. */
export const peerValidation = oncePer(({ common }: TlsContext): PeerValidation | undefined => {
  if (common === undefined) return undefined;
  const combined = common.message('combined_validation_context');
  const own = combined?.message('default_validation_context') ?? common.message('validation_context');
  const fromSecret =
    common.has('validation_context_sds_secret_config') ||
    (combined?.has('validation_context_sds_secret_config') ?? false);
  if (own === undefined) return fromSecret ? { ...NOTHING, fromSecret } : undefined;
  return { own, fromSecret, sans: sanFields(own), pins: pinFields(own) };
});

/** The fields of a validation context that list names and are not empty. */
export function sanFields(validation: Message): readonly string[] {
  return listed(validation, SAN_FIELDS);
}

/** The fields of a validation context that list hashes and are not empty. */
export function pinFields(validation: Message): readonly string[] {
  return listed(validation, PIN_FIELDS);
}

const NONE: readonly string[] = [];

/** Those of some lists that are not empty; most contexts have none of most. */
function listed(validation: Message, fields: readonly string[]): readonly string[] {
  const found = fields.filter((field) => validation.hasItems(field));
  return found.length === 0 ? NONE : found;
}

/** A validator that replaces Envoy's own, by its name; undefined where there is none. */
export function customValidator(validation: Message): string | undefined {
  return validation.message(CUSTOM_VALIDATOR)?.text('name');
}

/** The field of a validator that replaces Envoy's own. */
export const CUSTOM_VALIDATOR = 'custom_validator_config';

/** What the SPIFFE validator does not look at (envoy#14884; it inherits SAN matchers and expiry). */
const IGNORED_BY_SPIFFE = [
  TRUSTED_CA,
  'ca_certificate_provider_instance',
  'crl',
  ...PIN_FIELDS,
  ...SAN_FIELDS.filter((field) => field !== TYPED_SANS),
  'require_signed_certificate_timestamp',
  TRUST_CHAIN,
  'only_verify_leaf_cert_crl',
  'max_verify_depth',
] as const;

/** The fields beside a SPIFFE validator that have no effect. */
export function ignoredBesideSpiffe(validation: Message): string[] {
  return IGNORED_BY_SPIFFE.filter((field) => validation.has(field));
}

/** The field that turns off the check of the chain, if it does. */
export function acceptsUntrusted(validation: Message): string | undefined {
  return validation.enumName(TRUST_CHAIN) === 'ACCEPT_UNTRUSTED' ? TRUST_CHAIN : undefined;
}

/** The field that lets expired certificates pass, if it does. */
export function acceptsExpired(validation: Message): string | undefined {
  return validation.text(ALLOW_EXPIRED) === 'true' ? ALLOW_EXPIRED : undefined;
}

/** Whether a server's context lets clients in that present no certificate. */
export function admitsAnonymous({ side, message }: TlsContext): boolean {
  if (side !== 'downstream') return false;
  const { tape } = message.reader;
  const node = message.value(REQUIRE_CLIENT_CERTIFICATE);
  // Old Envoys also read a wrapper's fields: `{value: true}`.
  const value = node >= 0 && tape.kind(node) === Kind.Map ? tape.get(node, 'value') : node;
  return value < 0 || tape.string(value) !== 'true';
}

/** TlsParameters of a context. */
export function parametersOf({ common }: TlsContext): Message | undefined {
  return common?.message(PARAMETERS);
}

const VERSION_FIELDS = [PARAMETER.minimum, PARAMETER.maximum];
const OUTDATED = new Set(['TLSv1_0', 'TLSv1_1']);

/** The bounds of the protocol version that are below TLS 1.2. */
export function outdatedVersions(parameters: Message): { field: string; version: string }[] {
  return VERSION_FIELDS.flatMap((field) => {
    const version = parameters.enumName(field) ?? '';
    return OUTDATED.has(version) ? [{ field, version: version.replace('v', ' ').replace('_', '.') }] : [];
  });
}

/** The cipher suites that a context names; a name may be a group, as `[A|B]`. */
export function cipherSuites(parameters: Message): { name: string; node: number }[] {
  const { tape } = parameters.reader;
  return parameters.items(PARAMETER.ciphers).flatMap((node) =>
    tape
      .string(node)
      .split(/[[\]|:]/)
      .filter(Boolean)
      .map((name) => ({ name, node })),
  );
}
