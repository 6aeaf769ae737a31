// SDS servers are told who asks, and so the node must have a name, even where the secret comes from a file.

import { fieldAt } from '../place.js';
import { type ProxyContainer, proxiesOf } from '../proxies.js';
import type { Rule } from '../rule.js';

export const noNode: Rule = {
  code: 'no-node',
  level: 'error',
  finds: 'a bootstrap uses SDS, but its node has no id or no cluster',
  why: "Envoy refuses to start: TlsCertificateSdsApi: node 'id' and 'cluster' are required.",
  source: 'arangodb/kube-arangodb#2165, envoy#21154',
  remedy:
    'add node.id and node.cluster, or start Envoy with --service-node and --service-cluster and silence this finding',
  check(run, report) {
    const named = new Set(proxiesOf(run).flatMap((one) => (isNamed(one) ? one.instance : [])));
    for (const instance of run.instances) {
      const { bootstrap, surveys } = instance;
      if (named.has(instance)) continue;
      if (bootstrap === undefined || surveys.every(({ secretSources }) => secretSources.length === 0))
        continue;
      const node = bootstrap.message('node');
      const missing = ['id', 'cluster'].filter((field) => (node?.text(field) ?? '') === '');
      if (missing.length > 0)
        report(node === undefined ? fieldAt(bootstrap) : fieldAt(bootstrap, 'node'), {
          message: `SDS is used, but node has no ${missing.join(' and no ')}`,
          expected: 'node: {id: …, cluster: …}',
        });
    }
  },
};

/** Whether the command line says what the bootstrap leaves out. */
function isNamed({ workload, container }: ProxyContainer): boolean {
  const { tape } = workload.document;
  return tape.raw(container.node).includes('--service-node');
}
