// Health check filters: requests of probes to a service's own port are not traced (Pilot 1.1's
// plugin/health).

import type { Context } from '../context/context.js';
import { extension, type NamedConfig } from '../context/extension.js';
import { healthPaths } from '../context/management-ports.js';

/** A filter for each path that is asked on a port; each path once. */
export function healthFilters(context: Context, port: number): NamedConfig[] {
  const paths = healthPaths(context.proxy.workload)
    .filter((probe) => probe.port === undefined || probe.port === port)
    .map(({ path }) => path);
  return [...new Set(paths)].map((path) =>
    extension(context, 'envoy.health_check', 'envoy.config.filter.http.health_check.v2.HealthCheck', {
      pass_through_mode: true,
      headers: [{ name: ':path', exact_match: path }],
    }),
  );
}
