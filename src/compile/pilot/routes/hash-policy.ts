// By what a route keeps a client at one endpoint: the consistent hash of the destination's rule, since Envoy
// computes it in the route (Pilot 1.1's getHashPolicy).

import type { RouteAction_HashPolicy } from '../../../envoy/generated/types/envoy/api/v2/route/route_components.js';
import type {
  LoadBalancerSettings_ConsistentHashLB,
  TrafficPolicy,
} from '../../../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import type { Destination } from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { normalDuration } from '../../../mesh/duration.js';
import { destinationRuleFor } from '../../../mesh/proxy.js';
import type { Context } from '../context/context.js';

/**
 * The policy for a destination: that of its subset's port, its subset, its port, or its rule.
 *
 * @param namespace the namespace of the destination's service, as far as the route knows it: public rules of
 *   that namespace count too
 */
export function hashPolicy(
  { mesh, proxy }: Context,
  destination: Destination | undefined,
  namespace: string,
): RouteAction_HashPolicy | undefined {
  const { host = '', subset: wanted = '', port } = destination ?? {};
  const rule = destinationRuleFor(mesh, proxy, { hostname: host, namespace })?.spec;
  const subset = rule?.subsets?.find(({ name = '' }) => name === wanted);
  const hash =
    portHash(subset?.traffic_policy, port?.number) ??
    subset?.traffic_policy?.load_balancer?.consistent_hash ??
    portHash(rule?.traffic_policy, port?.number) ??
    rule?.traffic_policy?.load_balancer?.consistent_hash;
  return hash === undefined ? undefined : policy(hash);
}

/** The hash of a port's settings, where the destination names its port. */
function portHash(
  policy: TrafficPolicy | undefined,
  port: number | undefined,
): LoadBalancerSettings_ConsistentHashLB | undefined {
  if (port === undefined) return undefined;
  const settings = policy?.port_level_settings?.find((setting) => (setting.port?.number ?? 0) === port);
  return settings?.load_balancer?.consistent_hash;
}

function policy(hash: LoadBalancerSettings_ConsistentHashLB): RouteAction_HashPolicy | undefined {
  const { http_header_name: header, http_cookie: cookie, use_source_ip: sourceIp } = hash;
  if (header !== undefined) return { header: { ...(header !== '' && { header_name: header }) } };
  if (cookie !== undefined) {
    return {
      cookie: {
        ...(cookie.name && { name: cookie.name }),
        ...(cookie.ttl !== undefined && { ttl: normalDuration(cookie.ttl) }),
        ...(cookie.path && { path: cookie.path }),
      },
    };
  }
  return sourceIp === undefined
    ? undefined
    : { connection_properties: { ...(sourceIp && { source_ip: true }) } };
}
