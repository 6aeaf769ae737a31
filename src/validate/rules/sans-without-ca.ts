// Names are checked of certificates that anybody may have signed.

import { customValidator, namesRoot, peerValidation } from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const sansWithoutCa: Rule = {
  code: 'sans-without-ca',
  level: 'error',
  finds: 'subject alternative names are checked, but no CA is trusted to vouch for them',
  why: 'Anybody can write any name into a certificate of their own. Envoy refuses such a context.',
  source: 'envoy#3550, istio#32821',
  remedy: 'name a trusted_ca, or get it from SDS with a combined_validation_context',
  check({ contexts }, report) {
    for (const context of contexts) {
      const validation = peerValidation(context);
      const own = validation?.own;
      if (own === undefined || validation?.fromSecret || validation?.fromProvider) continue;
      if (namesRoot(own) || customValidator(own) !== undefined) continue;
      const [field] = validation?.sans ?? [];
      if (field !== undefined)
        report(fieldAt(own, field), {
          message: `${field} checks names in certificates that no CA has to vouch for`,
          expected: 'a trusted_ca beside it',
        });
    }
  },
};
