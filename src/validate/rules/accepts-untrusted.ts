// The chain is looked at and accepted whatever it is.

import { TRUST_CHAIN } from '../../tls/fields.js';
import { acceptsUntrusted } from '../../tls/peer-validation.js';
import { validationsNaming } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const acceptsUntrustedChain: Rule = {
  code: 'accepts-untrusted',
  level: 'warning',
  finds: 'a peer is accepted even if no trusted CA signed its certificate',
  why: 'Anyone can create such a certificate, with any name in it.',
  source: "Envoy's API: CertificateValidationContext.trust_chain_verification",
  remedy: 'remove trust_chain_verification once all peers have certificates from a trusted CA',
  check(run, report) {
    for (const validation of validationsNaming(run, TRUST_CHAIN)) {
      const field = acceptsUntrusted(validation);
      if (field !== undefined)
        report(fieldAt(validation, field), {
          message: 'certificates that no trusted CA signed are accepted',
          expected: 'VERIFY_TRUST_CHAIN',
        });
    }
  },
};
