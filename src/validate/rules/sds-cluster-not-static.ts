// An SDS server is reached through a cluster of the bootstrap whose endpoints need no discovery.

import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';
import { isStatic } from '../run.js';
import { serversOf } from '../sds-servers.js';

export const sdsClusterNotStatic: Rule = {
  code: 'sds-cluster-not-static',
  level: 'error',
  finds: 'in a v2 configuration, the cluster of an SDS server is not static or gets its endpoints from EDS',
  why: 'Envoy before 1.33 rejects such a source: the cluster must be statically defined and not use EDS.',
  source: 'envoy#12161, envoy#36694',
  remedy: 'move the cluster to static_resources, with its endpoints or a DNS name',
  check({ instances }, report) {
    for (const instance of instances) {
      const { surveys, clusters } = instance;
      for (const { secret, message } of surveys.flatMap(({ secretSources }) => secretSources)) {
        if (secret.context.api !== 'v2') continue;
        for (const { name, message: naming, field } of serversOf(message)) {
          const cluster = clusters.get(name);
          if (cluster === undefined) continue;
          const eds = cluster.enumName('type') === 'EDS';
          if (!eds && (instance.bootstrap === undefined || isStatic(instance, cluster))) continue;
          report(fieldAt(naming, field), {
            message: eds
              ? `the endpoints of ${name} come from EDS`
              : `the cluster ${name} is not a static cluster of the bootstrap`,
            expected: 'a static cluster with endpoints of its own',
          });
        }
      }
    }
  },
};
