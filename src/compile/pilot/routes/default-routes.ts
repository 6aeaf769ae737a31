// Default routes, without a VirtualService: to a service, and for unknown hosts (Pilot 1.1's
// BuildDefaultHTTPOutboundRoute and what is added to it).

import type {
  Route,
  VirtualHost,
} from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type { Context } from '../context/context.js';
import { PASSTHROUGH } from '../context/names.js';
import { DEFAULT_RETRY_POLICY } from './retry-policy.js';

/** No request times out by default, nor is a gRPC client's own timeout cut short. */
export const NO_TIMEOUT = '0s';

/** The route to a service. */
export function defaultOutboundRoute(cluster: string, operation: string): Route {
  return {
    match: { prefix: '/' },
    route: {
      cluster,
      timeout: NO_TIMEOUT,
      retry_policy: DEFAULT_RETRY_POLICY,
      max_grpc_timeout: NO_TIMEOUT,
    },
    decorator: { operation },
  };
}

/** The virtual host for unknown hosts: the mesh allows or rejects such requests. */
export function unknownHost({ mesh }: Context): VirtualHost {
  const match = { prefix: '/' };
  return mesh.settings.outbound_traffic_policy?.mode === 'ALLOW_ANY'
    ? { name: 'allow_any', domains: ['*'], routes: [{ match, route: { cluster: PASSTHROUGH } }] }
    : { name: 'block_all', domains: ['*'], routes: [{ match, direct_response: { status: 502 } }] };
}

/** The virtual host of a gateway to which no VirtualService is bound. */
export function nothingFound(port: number): VirtualHost {
  return {
    name: `blackhole:${port}`,
    domains: ['*'],
    routes: [{ match: { prefix: '/' }, direct_response: { status: 404 } }],
  };
}
