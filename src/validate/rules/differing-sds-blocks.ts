// Blocks that mean the same and are written differently cost a connection each.

import type { Message } from '../../envoy/message.js';
import { fieldAt, lineOf } from '../place.js';
import type { Rule } from '../rule.js';

export const differingSdsBlocks: Rule = {
  code: 'differing-sds-blocks',
  level: 'note',
  finds: 'sources of secrets that ask the same server differ in other fields',
  why: 'Envoy opens a client for each ConfigSource that differs in a byte, and the server has to serve them all.',
  source: 'envoy#5744, istio#16974',
  remedy: 'write the same block everywhere',
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
            message: `this source asks the same server as that of ${lineOf(fieldAt(known.first))}, and differs from it`,
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
