// The route of an inbound HTTP listener: everything goes to the application (Pilot 1.1's
// buildSidecarInboundHTTPRouteConfig).

import type { RouteConfiguration } from '../../../envoy/generated/types/envoy/api/v2/route.js';
import type { Port } from '../../../mesh/model.js';
import { clusterName } from '../context/names.js';

/** The route of a service's port. */
export function inboundRoute(hostname: string, port: Port): RouteConfiguration {
  const cluster = clusterName('inbound', port.name, hostname, port.port);
  return {
    name: cluster,
    virtual_hosts: [
      {
        name: `inbound|http|${port.port}`,
        domains: ['*'],
        routes: [
          {
            match: { prefix: '/' },
            route: { cluster, timeout: '0s', max_grpc_timeout: '0s' },
            decorator: { operation: `${hostname}:${port.port}/*` },
          },
        ],
      },
    ],
    validate_clusters: false,
  };
}
