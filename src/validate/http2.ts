// Whether a cluster speaks HTTP/2: a field in v2, an extension of the cluster's in v3.

import type { Message } from '../envoy/message.js';
import { Kind } from '../source/tape.js';

/** The extension that holds a cluster's HTTP options in v3. */
export const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Whether a cluster speaks HTTP/2, or says something of it that is not known here. */
export function speaksHttp2(cluster: Message): boolean {
  if (cluster.has('http2_protocol_options')) return true;
  const { tape } = cluster.reader;
  const options = cluster.value('typed_extension_protocol_options');
  const found = options < 0 ? -1 : tape.get(options, HTTP_OPTIONS);
  if (found < 0) return false;
  const explicit = member(found, 'explicit_http_config', 'explicitHttpConfig');
  // What the downstream speaks, or both by negotiation: it can be HTTP/2.
  if (explicit < 0) return true;
  return member(explicit, 'http2_protocol_options', 'http2ProtocolOptions') >= 0;

  function member(map: number, name: string, jsonName: string): number {
    // `http2_protocol_options:` with nothing behind it is null, and means nothing.
    const node = Math.max(tape.get(map, name), tape.get(map, jsonName));
    return node >= 0 && tape.kind(node) === Kind.Null ? -1 : node;
  }
}
