// Endpoints by locality, and what the mesh's locality load balancing makes of them for a client's own
// locality (Pilot 1.1's buildLocalityLbEndpoints and loadbalancer.ApplyLocalityLBSetting).

import { grouped } from '../../../collections/grouped.js';
import type {
  LbEndpoint,
  LocalityLbEndpoints,
} from '../../../envoy/generated/types/envoy/api/v2/endpoint/endpoint_components.js';
import type { LocalityLoadBalancerSetting } from '../../../envoy/generated/types/mesh/v1alpha1/config.js';
import { type Locality, parseLocality } from '../../../mesh/locality.js';
import type { ServiceInstance } from '../../../mesh/model.js';
import type { Context } from '../context/context.js';

/** The most that Envoy takes as a weight. */
const MAX_WEIGHT = 128;

/**
 * Instances by locality.
 *
 * @param weighted whether endpoints have weights, and a locality weighs as much as its endpoints together;
 *   otherwise it weighs as much as it has endpoints
 */
export function byLocality(
  instances: readonly ServiceInstance[],
  endpoint: (instance: ServiceInstance) => LbEndpoint,
  weighted: boolean,
): LocalityLbEndpoints[] {
  const groups = grouped(instances, ({ locality }) => locality);
  const localities = [...groups].map(([name, group]): Weighted<LocalityLbEndpoints> => {
    const locality = writtenLocality(name);
    const endpoints = weighted
      ? normalWeights(
          group.map((instance) => ({ ...endpoint(instance), load_balancing_weight: instance.weight || 1 })),
        )
      : group.map(endpoint);
    return {
      ...(locality !== undefined && { locality }),
      lb_endpoints: endpoints,
      load_balancing_weight: group.reduce((sum, { weight }) => sum + (weighted ? weight || 1 : 1), 0),
    };
  });
  return normalWeights(localities);
}

type Weighted<T> = T & { readonly load_balancing_weight: number };

/** A locality as Envoy has it, from its name; undefined for none. */
function writtenLocality(name: string): LocalityLbEndpoints['locality'] {
  const locality = parseLocality(name);
  if (locality === undefined) return undefined;
  const { region, zone, subZone } = locality;
  return {
    ...(region !== '' && { region }),
    ...(zone !== '' && { zone }),
    ...(subZone !== '' && { sub_zone: subZone }),
  };
}

/** Where a weight is too large, all are scaled down together, rounded up. */
function normalWeights<T>(items: Weighted<T>[]): Weighted<T>[] {
  if (!items.some(({ load_balancing_weight }) => load_balancing_weight > MAX_WEIGHT)) return items;
  const total = items.reduce((sum, { load_balancing_weight }) => sum + load_balancing_weight, 0);
  return items.map((item) => ({
    ...item,
    load_balancing_weight: Math.ceil((item.load_balancing_weight * MAX_WEIGHT) / total),
  }));
}

/**
 * Weights or priorities of localities as seen from the proxy's own.
 *
 * @param failover whether outlier detection is on: without it a client would never leave its locality
 */
export function applyLocalitySetting(
  { mesh, proxy }: Context,
  endpoints: readonly LocalityLbEndpoints[],
  failover: boolean,
): readonly LocalityLbEndpoints[] {
  const own = proxy.locality;
  if (own === undefined) return endpoints;
  const setting = mesh.settings.locality_lb_setting;
  const distribute = setting?.distribute;
  if (distribute !== undefined) {
    const rule = distribute.find(({ from }) => matches(own, from ?? ''));
    return rule === undefined ? endpoints : distributed(endpoints, rule.to ?? {});
  }
  return failover ? withPriorities(endpoints, own, setting?.failover ?? []) : endpoints;
}

function matches(locality: Partial<Locality> | undefined, rule: string): boolean {
  const [region = '', zone = '', subZone = ''] = rule.split('/');
  return (
    (region === '*' || (locality?.region ?? '') === region) &&
    (zone === '*' || zone === '' || (locality?.zone ?? '') === zone) &&
    (subZone === '*' || subZone === '' || (locality?.subZone ?? '') === subZone)
  );
}

function placeOf({ locality }: LocalityLbEndpoints): Locality {
  return {
    region: locality?.region ?? '',
    zone: locality?.zone ?? '',
    subZone: locality?.sub_zone ?? '',
  };
}

/** Each target's share is divided among its localities by their weights; the others are emptied. */
function distributed(
  endpoints: readonly LocalityLbEndpoints[],
  shares: { readonly [locality: string]: number },
): LocalityLbEndpoints[] {
  const weights = new Map<number, number>();
  for (const [target, share] of Object.entries(shares)) {
    const targeted = [...endpoints.entries()].filter(
      ([index, locality]) => !weights.has(index) && matches(placeOf(locality), target),
    );
    const total = targeted.reduce(
      (sum, [, { load_balancing_weight }]) => sum + (load_balancing_weight ?? 1),
      0,
    );
    for (const [index, { load_balancing_weight }] of targeted) {
      weights.set(index, Math.ceil(((load_balancing_weight ?? 1) * share) / total));
    }
  }
  return endpoints.map((locality, index) => {
    const weight = weights.get(index);
    if (weight !== undefined) return { ...locality, load_balancing_weight: weight };
    const { lb_endpoints: _, ...rest } = locality;
    return rest;
  });
}

/** The nearer the locality, the higher its priority; numbers follow on one another without gaps. */
function withPriorities(
  endpoints: readonly LocalityLbEndpoints[],
  own: Locality,
  failover: NonNullable<LocalityLoadBalancerSetting['failover']>,
): LocalityLbEndpoints[] {
  const distances = endpoints.map((locality): number => {
    const place = placeOf(locality);
    if (place.region !== own.region) {
      const rule = failover.find(({ from }) => from === own.region);
      return rule === undefined || place.region === rule.to ? 3 : 4;
    }
    if (place.zone !== own.zone) return 2;
    return place.subZone === own.subZone ? 0 : 1;
  });
  const ranks = [...new Set(distances)].sort();
  return endpoints.map((locality, index) => {
    const priority = ranks.indexOf(distances[index] as number);
    return priority === 0 ? locality : { ...locality, priority };
  });
}
