// Endpoints grouped by locality, with what they were made from.

import type {
  LbEndpoint,
  LocalityLbEndpoints,
} from '../../../envoy/generated/types/envoy/config/endpoint/v3/endpoint_components.js';
import { TLS_ISTIO } from '../../../mesh/istiod/labels.js';
import type { Endpoint } from '../../../mesh/istiod/model.js';

/** Endpoints of a locality with what they were made from. */
export interface Group {
  readonly message: LocalityLbEndpoints;
  readonly endpoints: readonly Pick<Endpoint, 'labels' | 'network'>[];
}

/** The weight of some endpoints. */
export function totalWeight(endpoints: readonly LbEndpoint[]): number {
  return endpoints.reduce((sum, { load_balancing_weight = 0 }) => sum + load_balancing_weight, 0);
}

/** A group with the endpoints of some indexes; its weight goes with them. */
export function withEndpoints(
  message: LocalityLbEndpoints,
  endpoints: readonly LbEndpoint[],
): LocalityLbEndpoints {
  return {
    ...(message.locality !== undefined && { locality: message.locality }),
    ...(endpoints.length > 0 && {
      lb_endpoints: [...endpoints],
      load_balancing_weight: totalWeight(endpoints),
    }),
    ...(message.priority !== undefined && { priority: message.priority }),
  };
}

/** Whether an endpoint is called with mutual TLS. */
export function isMutual({ metadata }: LbEndpoint): boolean {
  const match = metadata?.filter_metadata?.['envoy.transport_socket_match'];
  return match?.tlsMode === TLS_ISTIO;
}
