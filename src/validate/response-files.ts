// Discovery responses as files: what Envoy reads from a path, and what was captured on its way.

import type { EnvoyConfig } from '../tls/configs.js';

const RESPONSE = /DiscoveryResponse$/;

/** Whether a configuration is a discovery response. */
export function isResponse({ detected: { roots } }: EnvoyConfig): boolean {
  return roots.length === 1 && RESPONSE.test(roots[0]?.type.name ?? '');
}

/** What only servers write: a response that was captured has it, and a file that somebody wrote has not. */
const OF_SERVERS = ['type_url', 'nonce', 'control_plane', 'canary'];

/** Whether a configuration is a response of v3 that is written as a file for Envoy. */
export function isResponseFile(config: EnvoyConfig): boolean {
  const [root] = config.detected.roots;
  if (root === undefined || config.detected.api === 'v2' || !isResponse(config)) return false;
  const response = config.reader.read(root.type, root.node);
  return response !== undefined && !OF_SERVERS.some((field) => response.has(field));
}
