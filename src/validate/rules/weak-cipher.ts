// Cipher suites that protect little or nothing.

import { PARAMETER } from '../../tls/fields.js';
import { cipherSuites, parametersOf } from '../../tls/peer-validation.js';
import { atNode } from '../place.js';
import type { Rule } from '../rule.js';

/** Broken ciphers and hashes, no encryption, no authentication. */
const WEAK = /RC4|3DES|DES-CBC|DES_|EXPORT|NULL|MD5|^(?:ADH|AECDH|ALL|LOW|DEFAULT|COMPLEMENTOF)/i;

/** Keys that travel encrypted for the certificate's RSA key, in the names of BoringSSL and of IANA. */
const RSA_KEY_EXCHANGE = /^(?:AES(?:128|256)-|TLS_RSA_WITH_|k?RSA$)/;

export const weakCipher: Rule = {
  code: 'weak-cipher',
  level: 'warning',
  finds:
    'a cipher suite with RC4, 3DES, MD5, no encryption, no authentication or no forward secrecy is offered',
  why: "Others can read or change the traffic. Without forward secrecy, someone who recorded it can decrypt it once they have the server's key.",
  source:
    "RFC 9325, section 4; Envoy's API: TlsParameters.cipher_suites, whose defaults have forward secrecy",
  remedy: 'remove it; if cipher_suites is absent, current Envoys offer only strong suites',
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(PARAMETER.ciphers)) {
      const parameters = parametersOf(context);
      // TLS 1.3 has suites of its own, which nobody chooses.
      if (parameters === undefined || parameters.enumName(PARAMETER.minimum) === 'TLSv1_3') continue;
      for (const { name, node } of cipherSuites(parameters)) {
        const weakness = weaknessOf(name);
        if (weakness !== undefined)
          report(atNode(parameters, node, PARAMETER.ciphers), {
            message: `the cipher suite ${name} ${weakness}`,
            expected: 'ECDHE suites with AES-GCM or CHACHA20-POLY1305',
          });
      }
    }
  },
};

/** What is wrong with a suite; nothing where its name takes it out of the list. */
function weaknessOf(name: string): string | undefined {
  if (name.startsWith('!') || name.startsWith('-')) return undefined;
  if (WEAK.test(name)) return 'is weak';
  return RSA_KEY_EXCHANGE.test(name) ? 'has no forward secrecy' : undefined;
}
