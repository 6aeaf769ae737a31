// The old and the new list of names in one context.

import { TYPED_SANS } from '../../tls/fields.js';
import { peerValidation } from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const bothSanFields: Rule = {
  code: 'both-san-fields',
  level: 'error',
  finds: 'a validation context has both the old and the typed list of subject alternative names',
  why: 'Envoy rejects a context with both, because it would be unclear which list applies.',
  source: 'envoy#18628',
  remedy: `move all matchers to ${TYPED_SANS}, each with its san_type`,
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(TYPED_SANS)) {
      const { own, sans: fields = [] } = peerValidation(context) ?? {};
      if (own === undefined || !fields.includes(TYPED_SANS) || fields.length < 2) continue;
      const old = fields.find((field) => field !== TYPED_SANS) as string;
      report(fieldAt(own, old), {
        message: `${old} and ${TYPED_SANS} are both set`,
        expected: 'only one of them',
      });
    }
  },
};
