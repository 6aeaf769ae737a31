// What of a ProxyConfig has no place in a bootstrap: Envoy takes it on its command line (Istio 1.1's
// createArgs; docs/operations/cli of Envoy).

import { wholeSeconds } from '../../mesh/duration.js';
import type { FullProxyConfig } from './proxy-config.js';

/** Arguments for Envoy beside `-c`. */
export function envoyArguments(config: FullProxyConfig): string[] {
  const { concurrency = 0, drain_duration, parent_shutdown_duration } = config;
  return [
    '--drain-time-s',
    String(wholeSeconds(drain_duration)),
    '--parent-shutdown-time-s',
    String(wholeSeconds(parent_shutdown_duration)),
    ...(concurrency > 0 ? ['--concurrency', String(concurrency)] : []),
  ];
}
