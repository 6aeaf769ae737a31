// Which policy of a DestinationRule applies to a port or subset (istiod 1.29's networking/util).

import type {
  DestinationRule,
  TrafficPolicy,
  TrafficPolicy_PortTrafficPolicy,
} from '../../../envoy/generated/types/networking/v1/destination_rule.js';

/** The policy of a port: an entry for the port replaces the rest. */
export function portPolicy(policy: TrafficPolicy | undefined, port: number): TrafficPolicy | undefined {
  const own = portEntry(policy, port);
  return own === undefined ? policy : withoutPort(own);
}

function portEntry(
  policy: TrafficPolicy | undefined,
  number: number,
): TrafficPolicy_PortTrafficPolicy | undefined {
  return policy?.port_level_settings?.find(({ port }) => port?.number === number);
}

function withoutPort({ port: _port, ...policy }: TrafficPolicy_PortTrafficPolicy): TrafficPolicy {
  return policy;
}

const REPLACED_BY_PORTS = ['connection_pool', 'outlier_detection', 'load_balancer', 'tls'] as const;
const NEVER_BY_PORT = ['tunnel', 'proxy_protocol', 'retry_budget'] as const;

/** The policy of a subset's port over that of the rule. */
function subsetPolicy(
  base: TrafficPolicy | undefined,
  subset: TrafficPolicy | undefined,
  port: number,
): TrafficPolicy | undefined {
  const original = portPolicy(base, port);
  if (subset === undefined) return original;
  const entry = portEntry(subset, port);
  const own = entry === undefined ? subset : withoutPort(entry);
  if (original === undefined) return own;
  const merged: TrafficPolicy = {};
  for (const field of REPLACED_BY_PORTS) {
    const value = own[field] ?? (entry === undefined ? original[field] : undefined);
    if (value !== undefined) Object.assign(merged, { [field]: value });
  }
  for (const field of NEVER_BY_PORT) {
    const value = own[field] ?? original[field];
    if (value !== undefined) Object.assign(merged, { [field]: value });
  }
  return merged;
}

/** The policy of a rule for a port, of a subset where one is named. */
export function policyFor(
  rule: DestinationRule | undefined,
  port: number,
  subset = '',
): TrafficPolicy | undefined {
  if (rule === undefined) return undefined;
  const own = rule.subsets?.find(({ name = '' }) => name === subset);
  return subsetPolicy(rule.traffic_policy, own?.traffic_policy, port);
}
