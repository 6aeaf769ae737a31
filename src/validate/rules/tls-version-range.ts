// Bounds of the TLS version between which nothing lies.

import { PARAMETER, PARAMETERS } from '../../tls/fields.js';
import { parametersOf } from '../../tls/peer-validation.js';
import { isVersion, versionRank } from '../../tls/strength.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const tlsVersionRange: Rule = {
  code: 'tls-version-range',
  level: 'warning',
  finds: 'the minimum TLS version is above the maximum',
  why: 'Envoy starts, and every handshake fails.',
  source: "Envoy's API: TlsParameters",
  remedy: 'raise or remove tls_maximum_protocol_version',
  check({ contextsNaming }, report) {
    for (const context of contextsNaming(PARAMETERS)) {
      const parameters = parametersOf(context);
      const minimum = parameters?.enumName(PARAMETER.minimum);
      if (parameters === undefined || minimum === undefined || !isVersion(minimum)) continue;
      const maximum = parameters.enumName(PARAMETER.maximum);
      const { side, api } = context;
      if (versionRank(minimum, 'minimum', side, api) <= versionRank(maximum, 'maximum', side, api)) continue;
      report(fieldAt(parameters, PARAMETER.minimum), {
        message: `the minimum ${minimum} is above the maximum${maximum === undefined ? ' (TLSv1_2 by default)' : ` ${maximum}`}: every handshake fails`,
        expected: 'a minimum that is not above the maximum',
      });
    }
  },
};
