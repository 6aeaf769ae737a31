// Cipher suites that protect little or nothing.

import { cipherSuites, parametersOf } from '../../tls/peer-validation.js';
import { atNode } from '../place.js';
import type { Rule } from '../rule.js';

/** Broken ciphers and hashes, no encryption, no authentication. */
const WEAK = /RC4|3DES|DES-CBC|DES_|EXPORT|NULL|MD5|^(?:ADH|AECDH|ALL|LOW|DEFAULT|COMPLEMENTOF)/i;

export const weakCipher: Rule = {
  code: 'weak-cipher',
  level: 'warning',
  finds: 'a cipher suite with RC4, 3DES, MD5, no encryption or no authentication is offered',
  why: 'What it carries can be read or changed by others.',
  source: 'RFC 7525, section 4',
  remedy: "remove it; Envoy's own list is good where cipher_suites is absent",
  check({ contexts }, report) {
    for (const context of contexts) {
      const parameters = parametersOf(context);
      if (parameters === undefined) continue;
      for (const { name, node } of cipherSuites(parameters)) {
        if (!name.startsWith('!') && !name.startsWith('-') && WEAK.test(name))
          report(atNode(parameters, node, 'cipher_suites'), {
            message: `the cipher suite ${name} is weak`,
            expected: 'suites with AES-GCM or CHACHA20-POLY1305',
          });
      }
    }
  },
};
