// Static clusters are made before the stream of ADS is there.

import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';
import { isStatic } from '../run.js';

export const staticClusterAdsSecret: Rule = {
  code: 'static-cluster-ads-secret',
  level: 'error',
  finds: 'a static cluster gets its secret over ADS',
  why: 'Envoy creates static clusters before it connects to the ADS server, and crashes.',
  source: 'envoy#19618, envoy#15517',
  remedy: 'give the cluster its own source (api_config_source or a file), or deliver the cluster by CDS',
  check({ instances }, report) {
    for (const instance of instances) {
      for (const { message, from } of instance.surveys.flatMap(({ secretSources }) => secretSources)) {
        if (from !== undefined && isStatic(instance, from) && message.has('ads'))
          report(fieldAt(message, 'ads'), {
            message: `the static cluster ${from.text('name')} fetches a secret over ADS before ADS is connected`,
            expected: 'api_config_source, or a file',
          });
      }
    }
  },
};
