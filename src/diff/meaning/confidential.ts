// What of a configuration must not be shown: what its declaration or its name calls a secret, and all material
// that stands inside of TLS contexts and Secrets. The rest, access log formats, bodies, scripts, is shown.

import type { FieldInfo } from '../../envoy/api-table.js';
import type { Message } from '../../envoy/message.js';

/** Names under which secrets stand in extensions that say no more of themselves. */
const SECRET_NAME =
  /^(?:access_?token|api_?key|auth_?password|client_?secret|google_?refresh_?token|hmac_?secret|json_?key|passphrase|password|private_?key|refresh_?token|secret(?:_?(?:access_?)?key)?|session_?token|token_?secret)$/i;

/** Whether a name is one that secrets stand under. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Whether a field holds a secret. */
export function isSecretField({ name, sensitive }: FieldInfo): boolean {
  return sensitive || namesSecret(name);
}

/** Messages whose bytes are keys and certificates. */
const HOLDS_MATERIAL =
  /\.(?:CertificateValidationContext|CommonTlsContext|DownstreamTlsContext|GenericSecret|Secret|SslCredentials|TlsCertificate|TlsSessionTicketKeys|UpstreamTlsContext)$/;

/** Whether a message is key material, or stands in what is made of it. */
export function isMaterial(message: Message): boolean {
  for (let at: Message | undefined = message; at !== undefined; at = at.around)
    if (HOLDS_MATERIAL.test(at.type.name)) return true;
  return false;
}

/** Private keys, wherever they stand: PEM, and the symmetric and private ones of a JSON Web Key Set. */
const SECRET_CONTENT = /-----BEGIN [A-Z ]*PRIVATE KEY-----|"(?:d|k)"\s*:\s*"[\w-]{16,}"/;

/** Whether a text shows by itself that it is a secret. */
export function looksSecret(text: string): boolean {
  return SECRET_CONTENT.test(text);
}
