// Routes of ports that no VirtualService is for.

import type { Route } from '../../../envoy/generated/types/envoy/config/route/v3/route_components.js';
import type { Protocol } from '../../../mesh/istiod/protocol.js';
import { isGrpc } from '../../../mesh/istiod/protocol.js';
import type { Context } from '../context/context.js';
import { retryPolicy } from './retry.js';

const DEFAULT = 'default';

/** What a trace calls the requests of a port. */
function operation(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}/*`;
}

/** The route of a port of the workload. */
export function inboundRoute(cluster: string, host: string, port: number, protocol: Protocol): Route {
  return {
    name: DEFAULT,
    match: { prefix: '/' },
    decorator: { operation: operation(host, port) },
    route: {
      cluster,
      timeout: '0s',
      max_stream_duration: { max_stream_duration: '0s', grpc_timeout_header_max: '0s' },
      ...(!isGrpc(protocol) && { retry_policy: { retry_on: 'reset-before-request', num_retries: 2 } }),
    },
  };
}

/** The route of a port that is called. */
export function outboundRoute({ mesh }: Context, cluster: string, host: string, port: number): Route {
  const retry = retryPolicy(mesh.settings.default_http_retry_policy, false);
  return {
    name: DEFAULT,
    match: { prefix: '/' },
    decorator: { operation: operation(host, port) },
    route: {
      cluster,
      timeout: '0s',
      max_grpc_timeout: '0s',
      ...(retry !== undefined && { retry_policy: retry }),
    },
  };
}
