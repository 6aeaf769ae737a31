// Load balancing by locality: weights, failover and priorities (istiod 1.29's core/loadbalancer).

import { memo } from '../../../collections/memo.js';
import type { LocalityLbEndpoints } from '../../../envoy/generated/types/envoy/config/endpoint/v3/endpoint_components.js';
import type {
  LocalityLoadBalancerSetting,
  LocalityLoadBalancerSetting_Distribute,
  LocalityLoadBalancerSetting_Failover,
} from '../../../envoy/generated/types/networking/v1/destination_rule.js';
import {
  HOSTNAME_LABEL,
  localityParts,
  NETWORK_LABEL,
  REGION_LABEL,
  SUBZONE_LABEL,
  ZONE_LABEL,
} from '../../../mesh/istiod/labels.js';
import type { Labels, Service } from '../../../mesh/istiod/model.js';
import type { ProxyLocality } from '../../../mesh/istiod/proxy.js';

/** Endpoints of a locality, with the labels of each. */
export interface LocalityGroup {
  readonly message: LocalityLbEndpoints;
  /** Undefined where they do not matter. */
  readonly labels: readonly Labels[] | undefined;
}

/** The setting that applies, and whether endpoints fail over without outlier detection. */
export interface ChosenLocality {
  readonly setting: LocalityLoadBalancerSetting | undefined;
  readonly forcesFailover: boolean;
}

const SAME_ZONE: LocalityLoadBalancerSetting = {
  enabled: true,
  failover_priority: [NETWORK_LABEL, REGION_LABEL, ZONE_LABEL],
};
const SAME_NODE: LocalityLoadBalancerSetting = {
  enabled: true,
  failover_priority: [NETWORK_LABEL, REGION_LABEL, ZONE_LABEL, SUBZONE_LABEL, HOSTNAME_LABEL],
};
const NONE: ChosenLocality = { setting: undefined, forcesFailover: false };

/** The setting of the rule, else what the service prefers, else that of the mesh. */
export function chosenLocality(
  mesh: LocalityLoadBalancerSetting | undefined,
  rule: LocalityLoadBalancerSetting | undefined,
  { trafficDistribution }: Pick<Service, 'trafficDistribution'>,
): ChosenLocality {
  if (rule !== undefined) return rule.enabled === false ? NONE : { setting: rule, forcesFailover: false };
  if (trafficDistribution !== 'Any')
    return {
      setting: trafficDistribution === 'PreferSameZone' ? SAME_ZONE : SAME_NODE,
      forcesFailover: true,
    };
  return mesh?.enabled === false ? NONE : { setting: mesh, forcesFailover: false };
}

/** Whether clusters need weights of localities. */
export function weighsLocalities(
  setting: LocalityLoadBalancerSetting | undefined,
  failsOver: boolean,
): boolean {
  const { distribute = [], failover = [], failover_priority = [] } = setting ?? {};
  return distribute.length > 0 || (failsOver && failover.length + failover_priority.length > 0);
}

/** Groups as the proxy's place and the setting have them. */
export function balanced(
  groups: readonly LocalityGroup[],
  setting: LocalityLoadBalancerSetting | undefined,
  failsOver: boolean,
  locality: ProxyLocality,
  proxyLabels: Labels,
): readonly LocalityLbEndpoints[] {
  if (setting === undefined) return groups.map(({ message }) => message);
  const { distribute = [], failover = [], failover_priority = [] } = setting;
  if (distribute.length > 0) return distributed(groups, distribute, locality);
  if (!failsOver) return groups.map(({ message }) => message);
  if (failover_priority.length === 0) return failedOver(messages(groups), failover, locality);
  const sorted = prioritized(groups, failover_priority, proxyLabels);
  return failover.length > 0 ? failedOver(sorted, failover, locality) : sorted;
}

function messages(groups: readonly LocalityGroup[]): readonly LocalityLbEndpoints[] {
  return groups.map(({ message }) => message);
}

function isAt(
  { region = '', zone = '', sub_zone = '' }: Partial<ProxyLocality> = {},
  pattern: string,
): boolean {
  const [wantedRegion, wantedZone, wantedSubZone] = localityParts(pattern);
  const fits = (value: string, wanted: string): boolean =>
    wanted === '*' || wanted === '' || value === wanted;
  return (
    (wantedRegion === '*' || region === wantedRegion) &&
    fits(zone, wantedZone) &&
    fits(sub_zone, wantedSubZone)
  );
}

/** Weights by the first rule for the proxy's place; localities that it does not name lose their endpoints. */
function distributed(
  groups: readonly LocalityGroup[],
  rules: readonly LocalityLoadBalancerSetting_Distribute[],
  locality: ProxyLocality,
): readonly LocalityLbEndpoints[] {
  const rule = rules.find(({ from = '' }) => isAt(locality, from));
  if (rule === undefined) return messages(groups);
  const weights = new Map<LocalityLbEndpoints, number>();
  for (const [pattern, weight] of Object.entries(rule.to ?? {})) {
    const there = messages(groups).filter(
      (message) => !weights.has(message) && isAt(message.locality as ProxyLocality, pattern),
    );
    const total = there.reduce((sum, message) => sum + weightOf(message), 0);
    for (const message of there) weights.set(message, (weightOf(message) * weight) / total);
  }
  return messages(groups).map((message) => {
    const weight = weights.get(message);
    if (weight === undefined) {
      const { lb_endpoints: _lost, ...rest } = message;
      return rest;
    }
    return weight > 0 ? { ...message, load_balancing_weight: Math.ceil(weight) } : message;
  });
}

function weightOf({ load_balancing_weight = 1 }: LocalityLbEndpoints): number {
  return load_balancing_weight;
}

/** How far a place is: 0 is the same, 3 is another region. */
function distance(a: Partial<ProxyLocality> = {}, b: Partial<ProxyLocality> = {}): number {
  if ((a.region ?? '') !== (b.region ?? '')) return 3;
  if ((a.zone ?? '') !== (b.zone ?? '')) return 2;
  return (a.sub_zone ?? '') === (b.sub_zone ?? '') ? 0 : 1;
}

/** Priorities by distance; of other regions the one that the proxy's region fails over to is nearer. */
function failedOver(
  groups: readonly LocalityLbEndpoints[],
  failover: readonly LocalityLoadBalancerSetting_Failover[],
  locality: ProxyLocality,
): readonly LocalityLbEndpoints[] {
  const rule = failover.find(({ from = '' }) => from === locality.region);
  const priorities = groups.map((group) => {
    const place = group.locality as ProxyLocality | undefined;
    const far = distance(locality, place);
    const isFarther = far === 3 && rule !== undefined && (place?.region ?? '') !== (rule.to ?? '');
    return (group.priority ?? 0) * 5 + (isFarther ? 4 : far);
  });
  return compressed(groups, priorities);
}

/** Groups with priorities from 0 without gaps. */
function compressed(
  groups: readonly LocalityLbEndpoints[],
  priorities: readonly number[],
): readonly LocalityLbEndpoints[] {
  const order = [...new Set(priorities)].sort((a, b) => a - b);
  return groups.map((group, index) => {
    const priority = order.indexOf(priorities[index] as number);
    const { priority: _before, ...rest } = group;
    return priority === 0 ? rest : { ...rest, priority };
  });
}

/** Each locality split by how many labels its endpoints have in common with the proxy, in order. */
function prioritized(
  groups: readonly LocalityGroup[],
  priorities: readonly string[],
  proxyLabels: Labels,
): readonly LocalityLbEndpoints[] {
  if (Object.keys(proxyLabels).length === 0 || groups.some(({ labels }) => labels === undefined))
    return messages(groups);
  const wanted = wantedLabels(priorities, proxyLabels);
  const split: LocalityLbEndpoints[] = [];
  const numbers: number[] = [];
  for (const { message, labels = [] } of groups) {
    const byPriority = new Map<number, number[]>();
    labels.forEach((own, index) => {
      const first = wanted.findIndex(([name, value]) => (own[name] ?? '') !== value);
      memo(byPriority, first < 0 ? 0 : priorities.length - first, () => []).push(index);
    });
    for (const [priority, indexes] of [...byPriority].sort(([a], [b]) => a - b)) {
      const endpoints = indexes.flatMap((index) => message.lb_endpoints?.[index] ?? []);
      const weight = endpoints.reduce((sum, endpoint) => sum + (endpoint.load_balancing_weight ?? 0), 0);
      split.push({ ...message, lb_endpoints: endpoints, load_balancing_weight: weight });
      numbers.push(priority);
    }
  }
  return compressed(split, numbers);
}

/** The values that labels should have: the proxy's own, or those that the priorities say. */
function wantedLabels(
  priorities: readonly string[],
  proxyLabels: Labels,
): readonly (readonly [name: string, value: string])[] {
  const parts = priorities.map((text) => text.split('='));
  const said = new Map(
    parts.flatMap(([name = '', value, ...rest]) =>
      value !== undefined && rest.length === 0 ? [[name, value] as const] : [],
    ),
  );
  return parts.map(([name = '']) => [name, said.get(name) ?? proxyLabels[name] ?? '']);
}
