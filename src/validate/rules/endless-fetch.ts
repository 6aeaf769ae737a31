// A secret that never comes keeps its cluster warming, and all clusters of the response with it.

import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';
import { isStatic } from '../run.js';

export const endlessFetch: Rule = {
  code: 'endless-fetch',
  level: 'warning',
  finds: 'a cluster from CDS waits for its secret without a timeout',
  why: 'While one cluster waits, no later CDS update is applied.',
  source: 'envoy#47067',
  remedy: 'remove initial_fetch_timeout (the default is 15 s), or set a limit',
  check({ instances }, report) {
    for (const instance of instances) {
      for (const { message, from } of instance.surveys.flatMap(({ secretSources }) => secretSources)) {
        if (from === undefined || isStatic(instance, from)) continue;
        const timeout = message.text('initial_fetch_timeout');
        if (timeout !== undefined && /^0(?:\.0*)?s$/.test(timeout))
          report(fieldAt(message, 'initial_fetch_timeout'), {
            message: 'a missing secret blocks all CDS updates',
            expected: 'a timeout above 0s',
          });
      }
    }
  },
};
