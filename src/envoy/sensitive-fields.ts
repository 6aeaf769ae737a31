// Which fields and messages of the API hold secrets: what its declaration calls sensitive, and what it forgot.

import { namesSecretField } from '../secrecy/secret-names.js';
import type { FieldInfo } from './api-table.js';

/** Messages whose bytes are keys and certificates. */
const HOLDS_MATERIAL =
  /\.(?:CertificateValidationContext|CommonTlsContext|DownstreamTlsContext|GenericSecret|PrivateKeyProvider|SdsSecretConfig|Secret|SslCredentials|TlsCertificate|TlsSessionTicketKeys|UpstreamTlsContext)$/;

/** Whether a message of a type is key material, or holds some. */
export function holdsMaterial(type: string): boolean {
  return HOLDS_MATERIAL.test(type);
}

/**
 * Whether a field holds a secret itself.
 *
 * @param holder the full name of its message's type
 */
export function isSecretField(field: FieldInfo, holder: string): boolean {
  if (field.sensitive) return true;
  const isText = field.scalar === 'string' || field.scalar === 'bytes';
  if (holder.endsWith('.HeaderValue')) return field.name !== 'key';
  // Maps of headers that are set: Envoy's and Istio's.
  if (
    field.map !== undefined &&
    isText &&
    (/headers$/.test(field.name) || /\.HeaderOperations$/.test(holder))
  )
    return true;
  if (holder.endsWith('.EnvironmentVariables')) return field.map !== undefined;
  // Istio names the file of a key.
  if (holder.startsWith('istio.networking.') && field.name === 'private_key') return false;
  return (isText || /\.DataSource$/.test(field.type ?? '')) && namesSecretField(field.name);
}

/** Whether the last of some fields, each of the message that the one before it holds, is a secret or part of one. */
export function endsInSecret(fields: readonly FieldInfo[]): boolean {
  const last = fields.at(-1)?.name ?? '';
  return fields.some((field, i) => {
    const type = field.type ?? '';
    return (
      isSecretField(field, fields[i - 1]?.type ?? '') ||
      (last.startsWith('inline_') && holdsMaterial(type)) ||
      // What a header is compared with is as secret as the header.
      (last !== 'name' && type.endsWith('.HeaderMatcher'))
    );
  });
}
