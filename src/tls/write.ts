// TLS settings as messages, in the fields that the v2 and v3 APIs have in common. `certificateField` and
// `validationField` are what convert puts in the place of file mounts; `writeTlsContext` is a whole context,
// for what is compiled.

import { oncePer } from '../collections/once-per.js';
import { type Fragment, repeated } from '../source/fragment.js';
import {
  ALPN,
  CERTIFICATE_SECRETS,
  COMMON,
  SANS_V2,
  SDS_CONFIG,
  SDS_FIELDS,
  VALIDATION_SECRET,
} from './fields.js';
import type { Certificate, DataSource, SdsSecret, TlsSettings, Validation } from './settings.js';

/** A field of a message: its proto name and its value. */
export interface Field {
  readonly name: string;
  readonly value: Fragment;
}

/** A message that is being built, by proto field name. */
type Fields = Record<string, Fragment>;

/** Fields of CommonTlsContext whose numbers come after that of `alpn_protocols`; those of SDS came last. */
const AFTER_ALPN: ReadonlySet<string> = new Set(SDS_FIELDS);

/** The field of CommonTlsContext that delivers the certificates; all of them arrive in the same way. */
export function certificateField(certificates: readonly Certificate[]): Field | undefined {
  if (certificates.length === 0) return undefined;
  const [first, ...others] = certificates.filter((certificate) => certificate.delivery === 'sds');
  if (first !== undefined) {
    return {
      name: 'tls_certificate_sds_secret_configs',
      value:
        others.length === 0
          ? secretList(first.secret)
          : [first, ...others].map(({ secret }) => secretConfig(secret)),
    };
  }
  return {
    name: 'tls_certificates',
    value: certificates.flatMap((certificate) => tlsCertificate(certificate)),
  };
}

function tlsCertificate(certificate: Certificate): Fields[] {
  if (certificate.delivery === 'sds') return [];
  return [
    {
      ...dataSourceField('certificate_chain', certificate.chain),
      ...dataSourceField('private_key', certificate.key),
      ...certificate.extras,
    },
  ];
}

/**
 * The field of CommonTlsContext that says how the peer is checked. A root from SDS with other rules beside
 * it makes a combined context, whose default context is there even when it is empty (Istio 1.1 writes it so).
 */
export function validationField({ root, rest }: Validation): Field {
  if (root?.delivery !== 'sds') {
    const trustedCa = dataSourceField('trusted_ca', root?.source);
    return { name: 'validation_context', value: { ...trustedCa, ...(rest as Fields | undefined) } };
  }
  const secret = secretConfig(root.secret);
  if (rest === undefined) return { name: 'validation_context_sds_secret_config', value: secret };
  return {
    name: 'combined_validation_context',
    value: { default_validation_context: rest, validation_context_sds_secret_config: secret },
  };
}

/** An SdsSecretConfig; the same object for the same secret, so that it is printed once. */
const secretConfig = oncePer(
  ({ name, source }: SdsSecret): Fields =>
    repeated({ name, ...(source !== undefined && { sds_config: source }) }),
);

/** A list of one SdsSecretConfig; the same for the same secret too. */
const secretList = oncePer((secret: SdsSecret): Fields[] => [secretConfig(secret)]);

/** The fields that are the same object for the same secret. */
export const SECRET_FIELDS: readonly string[] = [SDS_CONFIG, CERTIFICATE_SECRETS, VALIDATION_SECRET];

/** The rule that a peer has one of some subject alternative names, as v2 has it. */
export function sansRule(names: readonly string[]): { readonly [field: string]: Fragment } {
  return { [SANS_V2]: names };
}

/** An UpstreamTlsContext or DownstreamTlsContext, by proto field name. */
export type WrittenTlsContext = { readonly [field: string]: Fragment };

/** A whole UpstreamTlsContext or DownstreamTlsContext. */
export function writeTlsContext(settings: TlsSettings): WrittenTlsContext {
  const certificates = certificateField(settings.certificates);
  const validation = settings.validation === undefined ? undefined : validationField(settings.validation);
  // There are many contexts: members are set one by one, which is fastest.
  const common: Fields = {};
  if (settings.parameters !== undefined) common.tls_params = settings.parameters;
  const fields = [certificates, validation].filter((field) => field !== undefined);
  for (const { name, value } of fields) if (!AFTER_ALPN.has(name)) common[name] = value;
  if (settings.alpn.length > 0) common.alpn_protocols = settings.alpn;
  for (const { name, value } of fields) if (AFTER_ALPN.has(name)) common[name] = value;
  const context: Fields = { common_tls_context: common };
  if (settings.sni !== undefined) context.sni = settings.sni;
  if (settings.requireClientCertificate !== undefined)
    context.require_client_certificate = settings.requireClientCertificate;
  return Object.assign(context, settings.rest);
}

/** Whether a context offers protocols for ALPN. */
export function offersAlpn(context: WrittenTlsContext | undefined): boolean {
  const common = context?.[COMMON] as { readonly [ALPN]?: readonly string[] } | undefined;
  return (common?.[ALPN] ?? []).length > 0;
}

/** A DataSource under a field's name. What is inline is known by its digest only and cannot be written. */
function dataSourceField(name: string, source: DataSource | undefined): Fields {
  switch (source?.from) {
    case 'file':
      return { [name]: { filename: source.filename } };
    case 'environment':
      return { [name]: { environment_variable: source.variable } };
    case 'inline':
      throw new Error(`${name} is inline: its bytes are not held`);
    case undefined:
      return {};
  }
}
