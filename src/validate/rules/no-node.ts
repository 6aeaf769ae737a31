// Whoever is asked for resources is told who asks, and so the node must have a name, even where they come from a file.

import type { Message } from '../../envoy/message.js';
import { fieldAt } from '../place.js';
import { type ProxyContainer, proxiesOf } from '../proxies.js';
import type { Rule } from '../rule.js';
import type { Survey } from '../survey.js';

export const noNode: Rule = {
  code: 'no-node',
  level: 'error',
  finds: 'a bootstrap gets secrets or other resources by discovery, but its node has no id or no cluster',
  why: "Envoy refuses to start: TlsCertificateSdsApi: node 'id' and 'cluster' are required.",
  source: 'arangodb/kube-arangodb#2165, envoy#21154',
  remedy:
    'add node.id and node.cluster, or start Envoy with --service-node and --service-cluster and silence this finding',
  check(run, report) {
    const named = new Set(proxiesOf(run).flatMap((one) => (isNamed(one) ? one.instance : [])));
    for (const instance of run.instances) {
      const { bootstrap, surveys } = instance;
      if (named.has(instance)) continue;
      const what = bootstrap === undefined ? undefined : discovered(bootstrap, surveys);
      if (bootstrap === undefined || what === undefined) continue;
      const node = bootstrap.message('node');
      const missing = ['id', 'cluster'].filter((field) => (node?.text(field) ?? '') === '');
      if (missing.length > 0)
        report(node === undefined ? fieldAt(bootstrap) : fieldAt(bootstrap, 'node'), {
          message: `${what}, but node has no ${missing.join(' and no ')}`,
          expected: 'node: {id: …, cluster: …}',
        });
    }
  },
};

/** What comes by discovery; undefined where nothing does. */
function discovered(bootstrap: Message, surveys: readonly Survey[]): string | undefined {
  if (surveys.some(({ secretSources }) => secretSources.length > 0)) return 'SDS is used';
  if (bootstrap.message('dynamic_resources')?.has('ads_config')) return 'ADS is used';
  const layers = bootstrap.message('layered_runtime')?.messages('layers') ?? [];
  if (layers.some((layer) => layer.has('rtds_layer'))) return 'the runtime is discovered';
  const sinks = bootstrap.messages('stats_sinks').map((sink) => sink.message('typed_config'));
  if (sinks.some((sink) => isStatsd(sink) && sink.has('tcp_cluster_name')))
    return 'statistics go out over TCP';
  // Not everything else is asked for wherever a source of it is written, such as endpoints of a locality.
  const isUsed = surveys.some(({ sources }) => sources.some(({ of }) => of !== 'reports' && of !== 'other'));
  return isUsed ? 'resources come by discovery' : undefined;
}

/** Whether the command line says what the bootstrap leaves out. */
function isNamed({ workload, container }: ProxyContainer): boolean {
  const { tape } = workload.document;
  return tape.raw(container.node).includes('--service-node');
}

function isStatsd(sink: Message | undefined): sink is Message {
  return sink?.type.name === 'envoy.config.metrics.v3.StatsdSink';
}
