// Protocol versions that are no longer safe.

import { PARAMETER, PARAMETERS } from '../../tls/fields.js';
import { outdatedVersions, parametersOf } from '../../tls/peer-validation.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const outdatedTls: Rule = {
  code: 'outdated-tls',
  level: 'warning',
  finds: 'TLS 1.0 or 1.1 is allowed',
  why: 'Both versions are deprecated and have known attacks. As a maximum they also exclude better versions.',
  source: 'RFC 8996',
  remedy: 'set tls_minimum_protocol_version to TLSv1_2 or higher, and no lower maximum',
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(PARAMETERS)) {
      const parameters = parametersOf(context);
      if (parameters === undefined) continue;
      for (const { field, version } of outdatedVersions(parameters))
        report(fieldAt(parameters, field), {
          message:
            field === PARAMETER.minimum ? `${version} is allowed` : `nothing above ${version} is allowed`,
          expected: 'TLS 1.2 or higher',
        });
    }
  },
};
