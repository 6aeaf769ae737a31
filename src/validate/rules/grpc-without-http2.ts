// gRPC is HTTP/2, and a cluster is HTTP/1.1 unless it says otherwise.

import type { Message } from '../../envoy/message.js';
import { HTTP_OPTIONS, speaksHttp2 } from '../http2.js';
import { appending } from '../mending.js';
import { fieldAt } from '../place.js';
import type { Rule } from '../rule.js';

export const grpcWithoutHttp2: Rule = {
  code: 'grpc-without-http2',
  level: 'error',
  finds: 'a cluster used for gRPC does not use HTTP/2',
  why: 'Every request fails, because the other side closes the connection.',
  source: 'pachyderm/pachyderm#7664',
  remedy:
    'v2: http2_protocol_options: {}; v3: explicit_http_config with http2_protocol_options under typed_extension_protocol_options',
  check({ instances }, report) {
    for (const { surveys, clusters } of instances) {
      const said = new Set<unknown>();
      for (const { message } of surveys.flatMap(({ grpcServices }) => grpcServices)) {
        const name = message.message('envoy_grpc')?.text('cluster_name');
        const cluster = name === undefined ? undefined : clusters.get(name);
        if (cluster === undefined || said.has(cluster) || speaksHttp2(cluster)) continue;
        said.add(cluster);
        report(fieldAt(cluster), {
          message: `cluster ${name} is used for gRPC but uses HTTP/1.1`,
          expected: 'HTTP/2',
          ...speakingHttp2(cluster),
        });
      }
    }
  },
};

/** What makes a cluster speak HTTP/2. Other options of v3 are not taken apart. */
function speakingHttp2(cluster: Message) {
  if (!cluster.type.isV3) return appending(cluster, { http2_protocol_options: {} });
  if (cluster.has('typed_extension_protocol_options')) return {};
  return appending(cluster, {
    typed_extension_protocol_options: {
      [HTTP_OPTIONS]: {
        '@type': `type.googleapis.com/${HTTP_OPTIONS}`,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
  });
}
