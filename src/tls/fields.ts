// What the API calls the parts of a TLS context, and what each is for. v2 and v3 share the names, but for those of
// subject alternative names. Outside this folder only the upgrade to v3 knows them.

/** The field of a context that holds its CommonTlsContext. */
export const COMMON = 'common_tls_context';
/** The field of certificates that the context holds itself. */
export const CERTIFICATES = 'tls_certificates';
/** The field of rules for the peer's certificate that the context holds itself. */
export const VALIDATION = 'validation_context';
/** The field of protocol versions, ciphers and curves. */
export const PARAMETERS = 'tls_params';
/** The field of protocols to negotiate. */
export const ALPN = 'alpn_protocols';
/** The field that says whether a client must present a certificate. */
export const REQUIRE_CLIENT_CERTIFICATE = 'require_client_certificate';

/** The field of the secrets that deliver certificates. */
export const CERTIFICATE_SECRETS = 'tls_certificate_sds_secret_configs';
/** The field of the secret that delivers rules for the peer's certificate. */
export const VALIDATION_SECRET = 'validation_context_sds_secret_config';
/** The field of rules that the context holds itself together with those of a secret. */
export const COMBINED_VALIDATION = 'combined_validation_context';
/** The fields that deliver by SDS, in the API's order. */
export const SDS_FIELDS = [CERTIFICATE_SECRETS, VALIDATION_SECRET, COMBINED_VALIDATION] as const;
/** The field that says where a secret comes from. */
export const SDS_CONFIG = 'sds_config';

/** The fields of contexts and Secrets that may hold the same as one of them, itself first. */
const ALTERNATIVES: Readonly<Record<string, readonly string[]>> = {
  [CERTIFICATES]: [CERTIFICATES, CERTIFICATE_SECRETS, 'tls_certificate'],
  [VALIDATION]: [VALIDATION, COMBINED_VALIDATION, VALIDATION_SECRET],
};

/** The fields of contexts and Secrets that may hold what a field does, itself first. */
export function alternatives(field: string): readonly string[] {
  return ALTERNATIVES[field] ?? [field];
}

/** The field of a trusted CA that the context holds itself. */
export const TRUSTED_CA = 'trusted_ca';
/** v2's field of subject alternative names; v3 reserves it, and it is read there too. */
export const SANS_V2 = 'verify_subject_alt_name';
/** v3's field of subject alternative names, which names a kind for each matcher. */
export const TYPED_SANS = 'match_typed_subject_alt_names';
/** The field of a typed matcher that says which kind of name it is for. */
export const SAN_TYPE = 'san_type';
/** The fields of which a peer must match one subject alternative name, the latest version's last. */
export const SAN_FIELDS = [SANS_V2, 'match_subject_alt_names', TYPED_SANS] as const;

/** The field of pinned certificates. */
export const CERTIFICATE_PINS = 'verify_certificate_hash';
/** The field of pinned public keys. */
export const KEY_PINS = 'verify_certificate_spki';
/** The fields of which a peer must match one pin. */
export const PIN_FIELDS = [CERTIFICATE_PINS, KEY_PINS] as const;

/** The field that lets expired certificates pass. */
export const ALLOW_EXPIRED = 'allow_expired_certificate';
/** The field that says whether a root must vouch for the peer's certificate. */
export const TRUST_CHAIN = 'trust_chain_verification';

/** What a field of a validation context is for. */
export type ValidationRole =
  | 'names'
  | 'pins'
  | 'root'
  | 'accepts-expired'
  | 'accepts-untrusted'
  | 'requires-timestamp'
  | 'revocations'
  | 'leaf-revocations-only'
  | 'depth'
  | 'watched-folder';

const VALIDATION_ROLES: ReadonlyMap<string, ValidationRole> = new Map<string, ValidationRole>([
  ...SAN_FIELDS.map((field) => [field, 'names'] as const),
  ...PIN_FIELDS.map((field) => [field, 'pins'] as const),
  [TRUSTED_CA, 'root'],
  ['custom_validator_config', 'root'],
  ['ca_certificate_provider_instance', 'root'],
  ['system_root_certs', 'root'],
  ['validation_context_certificate_provider', 'root'],
  ['validation_context_certificate_provider_instance', 'root'],
  [ALLOW_EXPIRED, 'accepts-expired'],
  [TRUST_CHAIN, 'accepts-untrusted'],
  ['require_signed_certificate_timestamp', 'requires-timestamp'],
  ['crl', 'revocations'],
  ['only_verify_leaf_cert_crl', 'leaf-revocations-only'],
  ['max_verify_depth', 'depth'],
  ['watched_directory', 'watched-folder'],
]);

/** What a field of a validation context is for; undefined where that is not known. */
export function validationRole(field: string): ValidationRole | undefined {
  return VALIDATION_ROLES.get(field);
}

/** The field that checks the server name against the server's certificate. */
export const CHECKS_SERVER_NAME = 'auto_sni_san_validation';

/** The field that asks for the name of the endpoint. */
export const ASKS_HOST_NAME = 'auto_host_sni';

/** The field that lets a server renegotiate. */
export const RENEGOTIATION = 'allow_renegotiation';
/** The field of the file that session keys are written to. */
export const KEY_LOG = 'key_log';

/** What a field is for that is neither of certificates, of validation, of parameters nor of ALPN. */
export type ContextRole =
  | 'requires-server-name'
  | 'checks-server-name'
  | 'enforces-key-usage'
  | 'server-name'
  | 'certificate'
  | 'certificate-choice'
  | 'root'
  | 'key-log'
  | 'handshake'
  | 'renegotiation'
  | 'ticket-keys'
  | 'resumption-off'
  | 'staple-policy';

const CONTEXT_ROLES: ReadonlyMap<string, ContextRole> = new Map<string, ContextRole>([
  ['require_sni', 'requires-server-name'],
  [CHECKS_SERVER_NAME, 'checks-server-name'],
  ['enforce_rsa_key_usage', 'enforces-key-usage'],
  [ASKS_HOST_NAME, 'server-name'],
  ['tls_certificate_provider_instance', 'certificate'],
  ['tls_certificate_certificate_provider', 'certificate'],
  ['tls_certificate_certificate_provider_instance', 'certificate'],
  ['custom_tls_certificate_selector', 'certificate-choice'],
  ['full_scan_certs_on_sni_mismatch', 'certificate-choice'],
  [KEY_LOG, 'key-log'],
  ['custom_handshaker', 'handshake'],
  [RENEGOTIATION, 'renegotiation'],
  ['session_ticket_keys', 'ticket-keys'],
  ['session_ticket_keys_sds_secret_config', 'ticket-keys'],
  ['disable_stateless_session_resumption', 'resumption-off'],
  ['disable_stateful_session_resumption', 'resumption-off'],
  ['ocsp_staple_policy', 'staple-policy'],
  ['validation_context_certificate_provider', 'root'],
  ['validation_context_certificate_provider_instance', 'root'],
]);

/** What a field of a context or of its CommonTlsContext is for; undefined where that is not known. */
export function contextRole(field: string): ContextRole | undefined {
  return CONTEXT_ROLES.get(field);
}

/** The field of a certificate's chain. */
export const CHAIN = 'certificate_chain';
/** The field of a certificate's private key. */
export const PRIVATE_KEY = 'private_key';
/** The field of an extension that signs with the private key. */
export const PRIVATE_KEY_PROVIDER = 'private_key_provider';

/** What a field of a certificate is for, beside its chain and key. */
export type CertificateRole = 'key' | 'password' | 'watched-folder';

const CERTIFICATE_ROLES: ReadonlyMap<string, CertificateRole> = new Map<string, CertificateRole>([
  [PRIVATE_KEY_PROVIDER, 'key'],
  ['pkcs12', 'key'],
  ['password', 'password'],
  ['watched_directory', 'watched-folder'],
]);

/** What a field of a certificate is for, beside its chain and key; undefined where that is not known. */
export function certificateRole(field: string): CertificateRole | undefined {
  return CERTIFICATE_ROLES.get(field);
}

/** The fields of TlsParameters. */
export const PARAMETER = {
  minimum: 'tls_minimum_protocol_version',
  maximum: 'tls_maximum_protocol_version',
  ciphers: 'cipher_suites',
  curves: 'ecdh_curves',
  signatures: 'signature_algorithms',
  compliance: 'compliance_policies',
} as const;

/** The lists whose order means nothing, each as its message and field: a peer is accepted if any item matches. */
export const UNORDERED_LISTS: readonly string[] = [...SAN_FIELDS, ...PIN_FIELDS].map(
  (field) => `CertificateValidationContext.${field}`,
);

/** The list of a SPIFFE validator that it looks a peer's domain up in. */
export const TRUST_DOMAINS = 'trust_domains';

/** The switches that are off where they are absent, each as its message and field. */
export const SWITCHES_OFF: readonly string[] = [
  `DownstreamTlsContext.${REQUIRE_CLIENT_CERTIFICATE}`,
  'DownstreamTlsContext.require_sni',
  'CertificateValidationContext.require_signed_certificate_timestamp',
];

/** Defaults of contexts that are not zero, by field. */
export const CONTEXT_DEFAULTS: ReadonlyMap<string, string | number> = new Map<string, string | number>([
  ['max_session_keys', 1],
  ['ocsp_staple_policy', 'LENIENT_STAPLING'],
]);
