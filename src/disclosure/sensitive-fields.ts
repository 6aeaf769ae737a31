// Which fields and messages of the API hold secrets: what its declaration calls sensitive, and what it forgot.

import type { FieldInfo, MessageInfo } from '../envoy/api-table.js';
import { namesSecretField } from '../secrecy/secret-names.js';

/** Messages whose bytes are keys and certificates. */
const HOLDS_MATERIAL =
  /\.(?:CertificateValidationContext|CommonTlsContext|DownstreamTlsContext|GenericSecret|PrivateKeyProvider|Secret|SslCredentials|TlsCertificate|TlsSessionTicketKeys|UpstreamTlsContext)$/;

/** Whether a message is key material, or holds some. */
export function holdsMaterial({ name }: MessageInfo): boolean {
  return HOLDS_MATERIAL.test(name);
}

/** Whether a field of a message holds a secret itself. */
export function isSecretField(type: MessageInfo, field: FieldInfo): boolean {
  if (field.sensitive) return true;
  const isText = field.scalar === 'string' || field.scalar === 'bytes';
  if (type.shortName === 'HeaderValue') return field.name !== 'key';
  // Maps of headers that are set: Envoy's and Istio's.
  if (
    field.map !== undefined &&
    isText &&
    (/headers$/.test(field.name) || type.shortName === 'HeaderOperations')
  )
    return true;
  return (isText || /\.DataSource$/.test(field.type ?? '')) && namesSecretField(field.name);
}

/** Whether a field names the header or parameter that its message is about. */
export function namesHeader({ name }: FieldInfo): boolean {
  return name === 'name' || name === 'key' || name === 'tag';
}
