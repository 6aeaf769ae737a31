// A validator for SPIFFE has trust bundles of its own, and does not look at what stands beside it.

import {
  CUSTOM_VALIDATOR,
  customValidator,
  ignoredBesideSpiffe,
  peerValidation,
} from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const spiffeValidatorIgnores: Rule = {
  code: 'spiffe-validator-ignores',
  level: 'warning',
  finds: 'a SPIFFE validator is used together with fields that it ignores',
  why: 'It trusts only the bundles in its own configuration. A reader assumes that the other fields apply as well.',
  source: 'envoy#14884',
  remedy: 'move the trust bundle into the validator, and remove the field',
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(CUSTOM_VALIDATOR)) {
      const own = peerValidation(context)?.own;
      if (own === undefined || customValidator(own) !== 'envoy.tls.cert_validator.spiffe') continue;
      for (const field of ignoredBesideSpiffe(own))
        report(fieldAt(own, field), {
          message: `${field} has no effect with the SPIFFE validator`,
          expected: `trust_domains in ${CUSTOM_VALIDATOR}`,
        });
    }
  },
};
