// v3 over a protocol of v2, or the other way round.

import { setting } from '../mending.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const noApiVersion: Rule = {
  code: 'no-api-version',
  level: 'warning',
  finds: 'a v3 source does not set its resource and transport API versions to V3',
  why: 'Both default to AUTO, which meant v2 for a long time. Envoys and servers of different versions interpret AUTO differently, and V2 is rejected.',
  source: 'envoy#36384, envoy#10650, envoy#11012',
  remedy: 'set resource_api_version: V3, and transport_api_version: V3 in api_config_source',
  check({ surveys }, report) {
    for (const { message } of surveys.flatMap((survey) => [...survey.sources, ...survey.secretSources])) {
      if (!message.type.isV3) continue;
      const api = message.message('api_config_source');
      // Files and ADS have no protocol of their own; what they hold says its version in its type.
      if (api === undefined) continue;
      const missing = [
        ...(api.enumName('transport_api_version') === 'V3' ? [] : ['transport_api_version']),
        ...(message.enumName('resource_api_version') === 'V3' ? [] : ['resource_api_version']),
      ];
      if (missing.length > 0)
        report(fieldAt(message, 'api_config_source'), {
          message: `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not V3`,
          expected: missing.map((field) => `${field}: V3`).join(', '),
          ...setting(
            missing.map((field) => ({
              message: field === 'transport_api_version' ? api : message,
              field,
              value: 'V3',
            })),
          ),
        });
    }
  },
};
