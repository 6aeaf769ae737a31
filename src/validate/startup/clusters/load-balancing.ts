// What Envoy asks of load balancing: a policy that the kind of cluster has, and numbers that fit.

import type { Message } from '../../../envoy/message.js';
import { type FindingPlace, fieldAt } from '../../place.js';
import type { Report } from '../../rule.js';
import type { StartupCheck } from '../check.js';
import { isForeign, saidType } from '../registered.js';
import { CLUSTER } from '../types.js';
import { type ClusterKind, kindOf } from './kind.js';

const PACKAGE = 'envoy.extensions.load_balancing_policies';

const short = {
  clusterProvided: `${PACKAGE}.cluster_provided.v3.ClusterProvided`,
  weighted: `${PACKAGE}.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin`,
  maglev: `${PACKAGE}.maglev.v3.Maglev`,
  override: `${PACKAGE}.override_host.v3.OverrideHost`,
  ringHash: `${PACKAGE}.ring_hash.v3.RingHash`,
  subset: `${PACKAGE}.subset.v3.Subset`,
  byLocality: `${PACKAGE}.wrr_locality.v3.WrrLocality`,
  byLoad: `${PACKAGE}.load_aware_locality.v3.LoadAwareLocality`,
} as const;

/** The policies that Envoy has, by the messages of their configurations. */
const POLICIES: ReadonlySet<string> = new Set([
  ...Object.values(short),
  `${PACKAGE}.dynamic_modules.v3.DynamicModulesLoadBalancerConfig`,
  `${PACKAGE}.least_request.v3.LeastRequest`,
  `${PACKAGE}.random.v3.Random`,
  `${PACKAGE}.round_robin.v3.RoundRobin`,
]);

/** The policy that Envoy takes of a list: the first that it has. */
interface Chosen {
  readonly type: string;
  /** Undefined where it is a Struct. */
  readonly config: Message | undefined;
}

function chosen(policy: Message | undefined): Chosen | undefined {
  for (const one of policy?.messages('policies') ?? []) {
    const extension = one.message('typed_extension_config');
    const type = extension === undefined ? undefined : saidType(extension)?.name;
    if (extension !== undefined && type !== undefined && POLICIES.has(type))
      return { type, config: extension.message('typed_config') };
  }
  return undefined;
}

/** Whether a list has policies that others may have built into Envoy. */
function hasForeign(policy: Message | undefined): boolean {
  return (policy?.messages('policies') ?? []).some((one) => {
    const extension = one.message('typed_extension_config');
    return extension !== undefined && isForeign(extension);
  });
}

/** The typed policy that counts, where there is one. */
function typedPolicy(cluster: Message): Message | undefined {
  return cluster.message('load_balancing_policy');
}

function isByPolicy(cluster: Message): boolean {
  return (
    cluster.has('load_balancing_policy') || cluster.enumName('lb_policy') === 'LOAD_BALANCING_POLICY_CONFIG'
  );
}

/** The policies inside of others: what they are called there, and what has to be among them. */
const INNER: ReadonlyMap<string, { readonly field: string; readonly only?: string }> = new Map([
  [short.subset, { field: 'subset_lb_policy' }],
  [short.override, { field: 'fallback_policy' }],
  [short.byLocality, { field: 'endpoint_picking_policy', only: short.weighted }],
  [short.byLoad, { field: 'endpoint_picking_policy' }],
]);

const noPolicy: StartupCheck = {
  code: 'no-load-balancing-policy',
  on: [CLUSTER],
  finds: 'a load_balancing_policy is missing, or names no policy that Envoy has',
  refusal:
    "didn't find a registered load balancer factory implementation for cluster: '…'; No supported endpoint picking policy",
  remedy:
    'add a policy with its message as @type, such as envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin',
  check(cluster, report) {
    if (!isByPolicy(cluster)) return;
    const policy = typedPolicy(cluster);
    if (policy === undefined)
      report(fieldAt(cluster, 'lb_policy'), {
        message: 'LOAD_BALANCING_POLICY_CONFIG stands for a load_balancing_policy, which is not there',
        expected: 'load_balancing_policy',
      });
    else askPolicy(policy, fieldAt(cluster, 'load_balancing_policy'), report);
  },
};

/** Reports a list without a policy that counts, here or in the policy that counts. */
function askPolicy(policy: Message | undefined, place: FindingPlace, report: Report): void {
  const one = chosen(policy);
  if (one === undefined) {
    report(place, {
      message: 'Envoy has none of the policies here',
      expected: 'a policy that Envoy has',
      ...(hasForeign(policy) && { level: 'warning' as const }),
    });
    return;
  }
  const inner = INNER.get(one.type);
  if (inner === undefined || one.config === undefined) return;
  const below = one.config.message(inner.field);
  // The schema check says that it has to be there.
  if (below === undefined && one.type !== short.byLoad) return;
  const at = below === undefined ? fieldAt(one.config) : fieldAt(one.config, inner.field);
  const picked = chosen(below);
  if (inner.only !== undefined && picked !== undefined && picked.type !== inner.only)
    report(at, {
      message: 'weights of localities go with ClientSideWeightedRoundRobin alone',
      expected: 'a ClientSideWeightedRoundRobin',
    });
  else askPolicy(below, at, report);
}

/** Which clusters bring a load balancer of their own; undefined where both is taken, or that is not known. */
function bringsPolicy(kind: ClusterKind): boolean | undefined {
  if (kind === 'other' || kind === 'unknown') return undefined;
  return kind === 'ORIGINAL_DST' || kind === 'dynamic forward proxy' || kind === 'aggregate';
}

const clusterProvided: StartupCheck = {
  code: 'cluster-provided',
  on: [CLUSTER],
  finds: 'the load balancer is CLUSTER_PROVIDED and the kind of cluster has none, or the other way round',
  refusal:
    "cluster provided LB specified but cluster '…' did not provide one; cluster provided LB not specified but …",
  remedy:
    'set lb_policy: CLUSTER_PROVIDED for ORIGINAL_DST, dynamic forward proxy and aggregate clusters, and for no others',
  check(cluster, report) {
    const kind = kindOf(cluster);
    const brings = bringsPolicy(kind);
    if (brings === undefined) return;
    const isProvided = asksForProvided(cluster);
    // What is wrong of ORIGINAL_DST clusters with an lb_policy is another check's.
    if (isProvided === undefined || isProvided === brings) return;
    if (kind === 'ORIGINAL_DST' && cluster.enumName('lb_policy') !== 'CLUSTER_PROVIDED') return;
    const field = ['load_balancing_policy', 'lb_policy', 'cluster_type', 'type'].find((name) =>
      cluster.has(name),
    );
    const what = /^[A-Z]/.test(kind)
      ? `a${/^[AEO]/.test(kind) ? 'n' : ''} ${kind} cluster`
      : `a${kind === 'aggregate' ? 'n' : ''} ${kind} cluster`;
    report(fieldAt(cluster, field), {
      message: brings ? `${what} brings its own load balancer` : `${what} has no load balancer of its own`,
      expected: brings ? 'lb_policy: CLUSTER_PROVIDED' : 'another lb_policy',
    });
  },
};

/** Whether a cluster is to bring its load balancer; undefined where its policy is not known. */
function asksForProvided(cluster: Message): boolean | undefined {
  if (!isByPolicy(cluster)) return cluster.enumName('lb_policy') === 'CLUSTER_PROVIDED';
  const one = chosen(typedPolicy(cluster));
  return one === undefined ? undefined : one.type === short.clusterProvided;
}

const SUBSETS = 'lb_subset_config';

const subsetBeside: StartupCheck = {
  code: 'subset-beside-policy',
  on: [CLUSTER],
  finds: 'a cluster has a load_balancing_policy or CLUSTER_PROVIDED, and settings of other policies',
  refusal:
    'load_balancing_policy cannot be combined with lb_subset_config; LB policy CLUSTER_PROVIDED cannot be combined with lb_subset_config',
  remedy: 'move the settings into the load_balancing_policy',
  check(cluster, report) {
    const isTyped = isByPolicy(cluster);
    const subsets = cluster.message(SUBSETS);
    const isProvided = cluster.enumName('lb_policy') === 'CLUSTER_PROVIDED' && !isTyped;
    if (subsets !== undefined && (isTyped || (isProvided && subsets.hasItems('subset_selectors'))))
      report(fieldAt(cluster, SUBSETS), {
        message: `${SUBSETS} does not go with ${isTyped ? 'load_balancing_policy' : 'lb_policy: CLUSTER_PROVIDED'}`,
        expected: 'one of the two',
      });
    const common = cluster.message('common_lb_config');
    const field = PARTIAL.find((name) => common?.has(name));
    if (isTyped && common !== undefined && field !== undefined)
      report(fieldAt(common, field), {
        message: `${field} does not go with load_balancing_policy`,
        expected: 'one of the two',
      });
  },
};

/** The parts of common_lb_config that typed policies have themselves. */
const PARTIAL = ['zone_aware_lb_config', 'locality_weighted_lb_config', 'consistent_hashing_lb_config'];

const subsetSelectors: StartupCheck = {
  code: 'subset-selector',
  on: [CLUSTER],
  finds:
    'the fallback of a subset selector does not fit its keys, or subsets weigh localities that have no weights',
  refusal:
    'fallback_keys_subset must be a subset of selector keys; … can be set only for KEYS_SUBSET fallback_policy; Locality weight aware subset LB requires …',
  remedy: 'name some, but not all, of the keys in fallback_keys_subset, with fallback_policy: KEYS_SUBSET',
  check(cluster, report) {
    const typed = chosen(typedPolicy(cluster));
    const subsets = isByPolicy(cluster)
      ? typed?.type === short.subset
        ? typed.config
        : undefined
      : cluster.message(SUBSETS);
    if (subsets === undefined) return;
    for (const selector of subsets.messages('subset_selectors')) {
      const fault = selectorFault(selector);
      if (fault === undefined) continue;
      const field = selector.has(FALLBACK_KEYS) ? FALLBACK_KEYS : 'fallback_policy';
      report(fieldAt(selector, field), { message: fault, expected: 'some, but not all, of the keys' });
    }
    if (typed === undefined && subsets.text('locality_weight_aware') === 'true')
      if (!cluster.message('common_lb_config')?.has('locality_weighted_lb_config'))
        report(fieldAt(subsets, 'locality_weight_aware'), {
          message: 'localities have weights only with locality_weighted_lb_config',
          expected: 'locality_weighted_lb_config in common_lb_config',
        });
  },
};

const FALLBACK_KEYS = 'fallback_keys_subset';

function selectorFault(selector: Message): string | undefined {
  const keys = new Set(selector.texts('keys'));
  const kept = selector.texts(FALLBACK_KEYS);
  // Envoy leaves out a selector without keys.
  if (keys.size === 0) return undefined;
  if (selector.enumName('fallback_policy') !== 'KEYS_SUBSET')
    return kept.length === 0 ? undefined : `${FALLBACK_KEYS} is for fallback_policy: KEYS_SUBSET`;
  if (kept.length === 0) return `KEYS_SUBSET asks for a ${FALLBACK_KEYS}`;
  const other = kept.find((key) => !keys.has(key));
  if (other !== undefined) return `a key of ${FALLBACK_KEYS} is not a key of the selector`;
  return new Set(kept).size === keys.size ? `${FALLBACK_KEYS} has all keys of the selector` : undefined;
}

const RING_MINIMUM = 1024;
const RING_MAXIMUM = 8_388_608;

/** The settings of a hashing policy, in either form, where Envoy reads them. */
function hashing(cluster: Message, policy: string, field: string, type: string): Message | undefined {
  if (isByPolicy(cluster)) {
    const one = chosen(typedPolicy(cluster));
    return one?.type === type ? one.config : undefined;
  }
  // With subsets Envoy does not look at them when it starts.
  if (cluster.message(SUBSETS)?.hasItems('subset_selectors')) return undefined;
  return cluster.enumName('lb_policy') === policy ? cluster.message(field) : undefined;
}

/** Where the settings of a hashing policy are. */
function hashingPlace(cluster: Message, field: string, config: Message, ...names: string[]): FindingPlace {
  return isByPolicy(cluster)
    ? fieldAt(
        config,
        names.find((name) => config.has(name)),
      )
    : fieldAt(cluster, field);
}

const ringSize: StartupCheck = {
  code: 'ring-size',
  on: [CLUSTER],
  finds: 'the minimum size of a ring is above the maximum',
  refusal: 'ring hash: minimum_ring_size (…) > maximum_ring_size (…)',
  remedy: `raise maximum_ring_size or lower minimum_ring_size; the defaults are ${RING_MAXIMUM} and ${RING_MINIMUM}`,
  check(cluster, report) {
    const ring = hashing(cluster, 'RING_HASH', 'ring_hash_lb_config', short.ringHash);
    if (ring === undefined) return;
    const least = Number(ring.text('minimum_ring_size') ?? RING_MINIMUM);
    const most = Number(ring.text('maximum_ring_size') ?? RING_MAXIMUM);
    if (!(least > most)) return;
    report(hashingPlace(cluster, 'ring_hash_lb_config', ring, 'minimum_ring_size', 'maximum_ring_size'), {
      message: `the minimum_ring_size is ${least}, and the maximum ${most}`,
      expected: 'a minimum that is not above the maximum',
    });
  },
};

const tableSize: StartupCheck = {
  code: 'maglev-table-size',
  on: [CLUSTER],
  finds: 'the table_size of a Maglev policy is not a prime number',
  refusal: 'The table size of maglev must be prime number',
  remedy: 'use a prime number such as 65537, which is the default',
  check(cluster, report) {
    const maglev = hashing(cluster, 'MAGLEV', 'maglev_lb_config', short.maglev);
    const text = maglev?.text('table_size');
    if (maglev === undefined || text === undefined || isPrime(Number(text))) return;
    report(hashingPlace(cluster, 'maglev_lb_config', maglev, 'table_size'), {
      message: `${text} is not a prime number`,
      expected: 'a prime number',
    });
  },
};

/** Whether a number is prime; what is no whole number of this size is not asked of. */
function isPrime(number: number): boolean {
  if (!Number.isSafeInteger(number) || number > 1e9) return true;
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false;
  return number > 1;
}

const overrideSource: StartupCheck = {
  code: 'override-host-source',
  on: [short.override],
  finds: 'a source of an OverrideHost policy has neither a header nor metadata',
  refusal: 'Empty override source',
  remedy: 'add header or metadata to it',
  check(policy, report) {
    for (const source of policy.messages('override_host_sources'))
      if (!['header', 'metadata', 'dynamic_metadata'].some((field) => source.has(field)))
        report(fieldAt(source), { message: 'this source names no host', expected: 'header or metadata' });
  },
};

/** The checks of load balancing. */
export const BALANCING_CHECKS: readonly StartupCheck[] = [
  noPolicy,
  clusterProvided,
  subsetBeside,
  subsetSelectors,
  ringSize,
  tableSize,
  overrideSource,
];
