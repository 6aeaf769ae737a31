// Blocks that mean the same and are written differently cost a connection each.

import type { Message } from '../../envoy/message.js';
import { fieldAt, lineOf } from '../place.js';
import type { Rule } from '../rule.js';

export const differingSdsBlocks: Rule = {
  code: 'differing-sds-blocks',
  level: 'note',
  finds: 'SDS sources for the same server differ in other fields',
  why: 'Envoy opens one client for each distinct ConfigSource, and the server has to serve all of them.',
  source: 'envoy#5744, istio#16974',
  remedy: 'use the same block everywhere',
  check({ instances }, report) {
    for (const { surveys } of instances) {
      const byServer = new Map<string, { readonly block: string; readonly first: Message }>();
      const said = new Set<string>();
      for (const { message } of surveys.flatMap(({ secretSources }) => secretSources)) {
        const server = serverOf(message);
        if (server === undefined) continue;
        const block = JSON.stringify(message.toValue());
        const known = byServer.get(server);
        if (known === undefined) byServer.set(server, { block, first: message });
        else if (known.block !== block && !said.has(block)) {
          said.add(block);
          report(fieldAt(message), {
            message: `this source uses the same server as the one at ${lineOf(fieldAt(known.first))} but differs from it`,
            expected: 'the same block',
          });
        }
      }
    }
  },
};

function serverOf(source: Message): string | undefined {
  const [service] = source.message('api_config_source')?.messages('grpc_services') ?? [];
  return (
    service?.message('google_grpc')?.text('target_uri') ??
    service?.message('envoy_grpc')?.text('cluster_name')
  );
}
