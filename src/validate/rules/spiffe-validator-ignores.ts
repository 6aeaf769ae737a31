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
  finds: 'a SPIFFE validator stands beside fields that it ignores',
  why: 'It trusts the bundles in its own configuration only; a reader takes the fields beside it to be in force.',
  source: 'envoy#14884',
  remedy: 'move the trust bundle into the validator, and remove the field',
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(CUSTOM_VALIDATOR)) {
      const own = peerValidation(context)?.own;
      if (own === undefined || customValidator(own) !== 'envoy.tls.cert_validator.spiffe') continue;
      for (const field of ignoredBesideSpiffe(own))
        report(fieldAt(own, field), {
          message: `${field} has no effect beside the SPIFFE validator`,
          expected: `trust_domains in ${CUSTOM_VALIDATOR}`,
        });
    }
  },
};
