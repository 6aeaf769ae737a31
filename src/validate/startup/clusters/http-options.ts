// The HTTP options of a cluster, typed or in the old fields.

import type { Message } from '../../../envoy/message.js';
import { Kind } from '../../../source/tape.js';

export const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** The keys of typed HTTP options. */
const KEYS = [HTTP_OPTIONS, 'envoy.upstreams.http.http_protocol_options'];

/** The typed HTTP options of a cluster. */
export function httpOptionsOf(cluster: Message): Message | undefined {
  const { tape } = cluster.reader;
  const map = cluster.value('typed_extension_protocol_options');
  const field = cluster.type.field('typed_extension_protocol_options');
  if (map < 0 || field === undefined || tape.kind(map) !== Kind.Map) return undefined;
  for (const name of KEYS) {
    const node = tape.get(map, name);
    const options = node < 0 ? undefined : cluster.open(field, node, -1);
    if (options?.type.name === HTTP_OPTIONS) return options;
  }
  return undefined;
}

/** The protocols that typed options choose: those that are set where they are chosen. */
export function chosenProtocols(options: Message): Message | undefined {
  return ['explicit_http_config', 'use_downstream_protocol_config', 'auto_config']
    .map((field) => options.message(field))
    .find((one) => one !== undefined);
}

/** Whether connections of a cluster may be of HTTP/2. */
export function speaksHttp2(cluster: Message): boolean {
  const options = httpOptionsOf(cluster);
  if (options === undefined) return cluster.has('http2_protocol_options');
  return options.has('auto_config') || (chosenProtocols(options)?.has('http2_protocol_options') ?? false);
}
