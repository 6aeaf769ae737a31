// Static clusters are made in the order in which they stand.

import { fieldAt, lineOf } from '../place.js';
import type { Rule } from '../rule.js';
import { serversOf } from '../sds-servers.js';

export const sdsClusterOrder: Rule = {
  code: 'sds-cluster-order',
  level: 'warning',
  finds: 'the cluster of an SDS server is defined after a cluster that uses it',
  why: 'Envoy creates clusters in order. The first request for a secret fails, and startup waits for the retry.',
  source: 'envoy#4522, envoy#27702',
  remedy: 'move the cluster of the SDS server before its users',
  check({ instances }, report) {
    for (const { surveys, clusters, staticClusters } of instances) {
      if (surveys.every(({ secretSources }) => secretSources.length === 0)) continue;
      const order = new Map(staticClusters.map((cluster, index) => [cluster, index]));
      const said = new Set<unknown>();
      for (const source of surveys.flatMap(({ secretSources }) => secretSources)) {
        const user = source.from === undefined ? undefined : order.get(source.from);
        if (user === undefined) continue;
        for (const { name } of serversOf(source.message)) {
          const server = clusters.get(name);
          const place = server === undefined ? undefined : order.get(server);
          if (server === undefined || place === undefined || place <= user || said.has(server)) continue;
          said.add(server);
          report(fieldAt(server), {
            message: `the SDS server's cluster ${name} is defined after a cluster that needs it (${lineOf(fieldAt(source.from as typeof server))})`,
            expected: 'the cluster before its users',
          });
        }
      }
    }
  },
};
