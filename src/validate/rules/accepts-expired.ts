// Certificates that have expired are accepted.

import { ALLOW_EXPIRED } from '../../tls/fields.js';
import { acceptsExpired } from '../../tls/peer-validation.js';
import { validationsNaming } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const acceptsExpiredCertificates: Rule = {
  code: 'accepts-expired',
  level: 'warning',
  finds: 'expired certificates are accepted',
  why: 'Expiry limits the harm of a stolen key. Without it, a stolen key works forever.',
  source: "Envoy's API: CertificateValidationContext.allow_expired_certificate",
  remedy: 'remove allow_expired_certificate',
  check(run, report) {
    for (const validation of validationsNaming(run, ALLOW_EXPIRED)) {
      const field = acceptsExpired(validation);
      if (field !== undefined)
        report(fieldAt(validation, field), { message: 'expired certificates are accepted' });
    }
  },
};
