// Names of servers that Envoy checks without a list: a context, or the HTTP options of its cluster, can ask that the
// certificate has the name that was asked for.

import type { Message } from '../envoy/message.js';
import type { TlsContext } from './context.js';
import { CHECKS_SERVER_NAME } from './fields.js';

/** Whether the server's name is checked because an option says so. */
export function checksServerName({ message, resource }: TlsContext): boolean {
  if (message.text(CHECKS_SERVER_NAME) === 'true') return true;
  return resource !== undefined && validatesNames(resource);
}

/** Whether a cluster's options check names; a dynamic forward proxy's do where nothing is said. */
function validatesNames(cluster: Message): boolean {
  const options = upstreamOptions(cluster);
  if (options === undefined) return isForwardProxy(cluster);
  return options.text('auto_san_validation') === 'true';
}

function upstreamOptions(cluster: Message): Message | undefined {
  const typed = cluster
    .mapMessages('typed_extension_protocol_options')
    .map((options) => options.message('upstream_http_protocol_options'))
    .find((options) => options !== undefined);
  return typed ?? cluster.message('upstream_http_protocol_options');
}

function isForwardProxy(cluster: Message): boolean {
  const type = cluster.message('cluster_type')?.message('typed_config')?.type.name ?? '';
  return type.includes('dynamic_forward_proxy');
}
