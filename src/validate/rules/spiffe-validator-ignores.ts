// A validator for SPIFFE has trust bundles of its own, and does not look at what stands beside it.

import { CUSTOM_VALIDATOR, customValidator, ignoredBesideSpiffe } from '../../tls/peer-validation.js';
import { validationsNaming } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const spiffeValidatorIgnores: Rule = {
  code: 'spiffe-validator-ignores',
  level: 'warning',
  finds: 'a SPIFFE validator is used together with fields that it ignores',
  why: 'It trusts only the bundles in its own configuration. A reader assumes that the other fields apply as well.',
  source: 'envoy#14884',
  remedy: 'move the trust bundle into the validator, and remove the field',
  check(run, report) {
    for (const validation of validationsNaming(run, CUSTOM_VALIDATOR)) {
      if (customValidator(validation) !== 'envoy.tls.cert_validator.spiffe') continue;
      for (const field of ignoredBesideSpiffe(validation))
        report(fieldAt(validation, field), {
          message: `${field} has no effect with the SPIFFE validator`,
          expected: `trust_domains in ${CUSTOM_VALIDATOR}`,
        });
    }
  },
};
