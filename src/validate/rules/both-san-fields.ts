// The old and the new list of names in one context.

import { TYPED_SANS } from '../../tls/fields.js';
import { sanFields } from '../../tls/peer-validation.js';
import { validationsNaming } from '../checked-peer.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const bothSanFields: Rule = {
  code: 'both-san-fields',
  level: 'warning',
  finds: 'a validation context has both the old and the typed list of subject alternative names',
  why: 'Envoy uses only the typed list, so the names of the other one are not accepted; Envoys around 1.20 reject such a context.',
  source: 'envoy#18628',
  remedy: `move all matchers to ${TYPED_SANS}, each with its san_type`,
  check(run, report) {
    for (const validation of validationsNaming(run, TYPED_SANS)) {
      const fields = sanFields(validation);
      if (!fields.includes(TYPED_SANS) || fields.length < 2) continue;
      const old = fields.find((field) => field !== TYPED_SANS) as string;
      report(fieldAt(validation, old), {
        message: `${old} and ${TYPED_SANS} are both set`,
        expected: 'only one of them',
      });
    }
  },
};
