// What an extension's configuration is where only its name and its place tell: the `config` Structs of v2.

import type { Message } from '../message.js';
import type { Category } from './categories.js';
import { type Extension, extensionNamed } from './extensions.js';

/** Which extensions a message names, by the last part of its type's name. */
const CATEGORIES: ReadonlyMap<string, Category> = new Map<string, Category>([
  ['AccessLog', 'access-log'],
  ['CustomHealthCheck', 'health-checker'],
  ['Filter', 'network'],
  ['Http', 'tracer'],
  ['HttpFilter', 'http'],
  ['ListenerFilter', 'listener'],
  ['MetadataCredentialsFromPlugin', 'grpc-credentials'],
  ['ResourceMonitor', 'resource-monitor'],
  ['RetryHostPredicate', 'retry-host'],
  ['RetryPriority', 'retry-priority'],
  ['StatsSink', 'stats-sink'],
  ['ThriftFilter', 'thrift'],
  ['TransportSocket', 'transport-socket'],
]);

function extensionOf(holder: Message): Extension | undefined {
  const category = CATEGORIES.get(holder.type.shortName);
  return category && extensionNamed(category, holder.text('name') ?? '');
}

/** Today's name of the extension that a message names; undefined where none is known. */
export function extensionName(holder: Message): string | undefined {
  return extensionOf(holder)?.name;
}

/** The type of the `config` Struct beside an extension's name. */
export function extensionConfig(holder: Message): string | undefined {
  const extension = extensionOf(holder);
  if (extension?.name !== 'envoy.transport_sockets.tls') return extension?.config;
  return `envoy.api.v2.auth.${isDownstream(holder) ? 'Downstream' : 'Upstream'}TlsContext`;
}

function isDownstream(message: Message): boolean {
  for (let at: Message | undefined = message; at !== undefined; at = at.around) {
    if (/\.(?:FilterChain|Listener)$/.test(at.type.name)) return true;
    if (at.type.name.endsWith('.Cluster')) return false;
  }
  return false;
}
