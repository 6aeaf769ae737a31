// Names are checked of certificates that anybody may have signed.

import { customValidator, namesRoot, peerValidation } from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const sansWithoutCa: Rule = {
  code: 'sans-without-ca',
  level: 'error',
  finds: 'subject alternative names are checked without a trusted CA',
  why: 'Anyone can put any name into a self-signed certificate. Envoy rejects such a context.',
  source: 'envoy#3550, istio#32821',
  remedy: 'add a trusted_ca, or get it from SDS with a combined_validation_context',
  check({ contexts }, report) {
    for (const context of contexts) {
      const validation = peerValidation(context);
      const own = validation?.own;
      if (own === undefined || validation?.fromSecret || validation?.fromProvider) continue;
      if (namesRoot(own) || customValidator(own) !== undefined) continue;
      const [field] = validation?.sans ?? [];
      if (field !== undefined)
        report(fieldAt(own, field), {
          message: `${field} checks names, but no trusted CA has to sign the certificate`,
          expected: 'a trusted_ca next to it',
        });
    }
  },
};
