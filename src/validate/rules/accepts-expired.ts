// Certificates that have expired are accepted.

import { ALLOW_EXPIRED } from '../../tls/fields.js';
import { acceptsExpired, peerValidation } from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const acceptsExpiredCertificates: Rule = {
  code: 'accepts-expired',
  level: 'warning',
  finds: 'expired certificates are accepted',
  why: 'Expiry limits the harm of a stolen key. Without it, a stolen key works forever.',
  source: "Envoy's API: CertificateValidationContext.allow_expired_certificate",
  remedy: 'remove allow_expired_certificate',
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(ALLOW_EXPIRED)) {
      const own = peerValidation(context)?.own;
      const field = own === undefined ? undefined : acceptsExpired(own);
      if (own !== undefined && field !== undefined)
        report(fieldAt(own, field), { message: 'expired certificates are accepted' });
    }
  },
};
