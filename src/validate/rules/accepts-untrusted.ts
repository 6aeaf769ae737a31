// The chain is looked at and accepted whatever it is.

import { TRUST_CHAIN } from '../../tls/fields.js';
import { acceptsUntrusted, peerValidation } from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const acceptsUntrustedChain: Rule = {
  code: 'accepts-untrusted',
  level: 'warning',
  finds: 'a peer is accepted even if no trusted CA signed its certificate',
  why: 'Anyone can create such a certificate, with any name in it.',
  source: "Envoy's API: CertificateValidationContext.trust_chain_verification",
  remedy: 'remove trust_chain_verification once all peers have certificates from a trusted CA',
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(TRUST_CHAIN)) {
      const own = peerValidation(context)?.own;
      const field = own === undefined ? undefined : acceptsUntrusted(own);
      if (own !== undefined && field !== undefined)
        report(fieldAt(own, field), {
          message: 'certificates that no trusted CA signed are accepted',
          expected: 'VERIFY_TRUST_CHAIN',
        });
    }
  },
};
