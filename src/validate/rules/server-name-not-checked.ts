// Any certificate of the CA will do.

import { CHECKS_SERVER_NAME, TRUSTED_CA } from '../../tls/fields.js';
import { customValidator, peerValidation } from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

/** What tells Envoy to check the name that it asks for; it may stand in options far from the context. */
const AUTOMATIC = [CHECKS_SERVER_NAME, 'auto_san_validation'];

export const serverNameNotChecked: Rule = {
  code: 'server-name-not-checked',
  level: 'note',
  finds: "a cluster checks which CA signed the server's certificate but not the server's name",
  why: 'Anyone with a certificate from that CA can impersonate the server. sni requests a name but does not check it.',
  source: "Envoy's API: CertificateValidationContext.match_typed_subject_alt_names",
  remedy: "list the names that the server's certificate may have",
  check({ contexts }, report) {
    for (const context of contexts) {
      if (context.side !== 'upstream' || context.isBare) continue;
      const validation = peerValidation(context);
      const own = validation?.own;
      // A secret's own validation context may have names.
      if (validation === undefined || own === undefined || validation.fromSecret || validation.fromProvider)
        continue;
      if (validation.sans.length > 0 || validation.pins.length > 0 || customValidator(own) !== undefined)
        continue;
      if (!own.has(TRUSTED_CA) || AUTOMATIC.some((field) => own.reader.mentions.has(field))) continue;
      report(fieldAt(own, TRUSTED_CA), {
        message: 'any certificate signed by this CA is accepted, whatever its name',
        expected: 'the names of the server',
      });
    }
  },
};
