// What requests are hashed by, so that those that are alike go to one endpoint.

import type { RouteAction_HashPolicy } from '../../../envoy/generated/types/envoy/config/route/v3/route_components.js';
import type {
  LoadBalancerSettings_ConsistentHashLB as ConsistentHash,
  TrafficPolicy,
} from '../../../envoy/generated/types/networking/v1/destination_rule.js';
import type { Destination } from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { destinationRule } from '../../../mesh/istiod/scope.js';
import type { Context } from '../context/context.js';

/** The hash of a port of a service, as its rule says. */
export function hashOfService(
  { proxy }: Context,
  hostname: string,
  port: number,
): ConsistentHash | undefined {
  const policy = destinationRule(proxy.scope, hostname, proxy.labels)?.spec.traffic_policy;
  return portHash(policy, port) ?? policy?.load_balancer?.consistent_hash;
}

/** The hash of a destination. */
export function hashOfDestination({ proxy }: Context, to: Destination): ConsistentHash | undefined {
  const rule = destinationRule(proxy.scope, to.host ?? '', proxy.labels)?.spec;
  if (rule === undefined) return undefined;
  const subset = rule.subsets?.find(({ name = '' }) => name === (to.subset ?? ''))?.traffic_policy;
  const port = to.port === undefined ? undefined : (to.port.number ?? 0);
  return (
    portHash(subset, port) ??
    subset?.load_balancer?.consistent_hash ??
    portHash(rule.traffic_policy, port) ??
    rule.traffic_policy?.load_balancer?.consistent_hash
  );
}

function portHash(policy: TrafficPolicy | undefined, port: number | undefined): ConsistentHash | undefined {
  if (port === undefined) return undefined;
  const entry = policy?.port_level_settings?.find((setting) => (setting.port?.number ?? 0) === port);
  return entry?.load_balancer?.consistent_hash;
}

/** A hash as Envoy has it. */
export function hashPolicy(hash: ConsistentHash | undefined): RouteAction_HashPolicy | undefined {
  if (hash?.http_header_name !== undefined) return { header: { header_name: hash.http_header_name } };
  if (hash?.http_cookie !== undefined) {
    const { name, ttl, path, attributes = [] } = hash.http_cookie;
    return {
      cookie: {
        name: name ?? '',
        ...(ttl !== undefined && { ttl }),
        ...(path !== undefined && { path }),
        ...(attributes.length > 0 && { attributes }),
      },
    };
  }
  if (hash?.use_source_ip !== undefined) return { connection_properties: { source_ip: hash.use_source_ip } };
  return hash?.http_query_parameter_name === undefined
    ? undefined
    : { query_parameter: { name: hash.http_query_parameter_name } };
}
