// Which endpoints of a cluster a request gets where it asks for a subset of them (`metadata_match`): those whose
// metadata has what it asks for, where a selector of the cluster is of the same keys, else what the fallback
// policy says (Cluster.LbSubsetConfig in Envoy's API).

import { canonical } from '../meaning/canonical.js';
import type { Meaning } from '../meaning/meaning.js';
import { fieldOf, isOn, itemsOf, textOf, textsOf, typeOf } from './meanings.js';
import { type ClusterSide, type Criteria, criteriaIn, criteriaText, type Endpoint } from './socket-choice.js';

/** A cluster, and what is asked of its endpoints. */
export type AskedCluster = readonly [cluster: Meaning, asked: readonly Criteria[]];

const LOAD_BALANCER = 'envoy.lb';

/** What something with a `metadata_match` asks for. */
export function subsetIn(metadataMatch: Meaning | undefined): Criteria {
  return criteriaIn(fieldOf(metadataMatch, 'filter_metadata', LOAD_BALANCER));
}

/** The side of a cluster with only the endpoints that requests get which ask for one of these subsets. */
export function inSubsets(side: ClusterSide, asked: readonly Criteria[]): ClusterSide {
  return { ...side, endpoints: [...new Set(asked.flatMap((wanted) => chosen(side, wanted)))] };
}

/** Whether it depends on the subset which endpoints a request gets. */
export function hasSubsets({ cluster }: ClusterSide): boolean {
  return selectorsOf(cluster).length > 0;
}

/** Requests for each subset that there is on either side, and for none. */
export function possibleSubsets(sides: readonly ClusterSide[]): Criteria[] {
  const selectors = sides.flatMap(({ cluster }) => selectorsOf(cluster).map(keysOf));
  const endpoints = sides.flatMap((side) => side.endpoints.map(subsetOf));
  const all = selectors.flatMap((keys) =>
    endpoints
      .filter((metadata) => keys.every((key) => metadata.has(key)))
      .map((metadata) => new Map(keys.map((key) => [key, metadata.get(key) as string]))),
  );
  return [...new Map([...all, new Map()].map((criteria) => [criteriaText(criteria), criteria])).values()];
}

/** The metadata by which a load balancer tells endpoints apart. */
function subsetOf({ meaning }: Endpoint): Criteria {
  return subsetIn(fieldOf(meaning, 'metadata'));
}

function chosen({ cluster, endpoints }: ClusterSide, wanted: Criteria): readonly Endpoint[] {
  const config = configOf(cluster);
  const selectors = selectorsOf(cluster);
  const choose = (asked: Criteria): readonly Endpoint[] => {
    const selector = selectors.find((one) => isOfKeys(one, asked));
    const fitting = selector === undefined ? [] : endpoints.filter((one) => fits(one, asked, config));
    if (fitting.length > 0) return fitting;
    const kept = textsOf(selector, 'fallback_keys_subset');
    if (textOf(selector, 'fallback_policy') === 'KEYS_SUBSET' && kept.length < asked.size)
      return choose(new Map([...asked].filter(([key]) => kept.includes(key))));
    return fallback(selector) ?? fallback(config) ?? [];
  };
  const fallback = (holder: Meaning | undefined): readonly Endpoint[] | undefined => {
    switch (fallbackOf(holder)) {
      case 'ANY_ENDPOINT':
        return endpoints;
      case 'DEFAULT_SUBSET': {
        const standard = criteriaIn(fieldOf(config, 'default_subset'));
        return endpoints.filter((one) => fits(one, standard, config));
      }
      case 'NO_FALLBACK':
        return [];
      default:
        return undefined;
    }
  };
  if (selectors.length === 0) return endpoints;
  const found = choose(wanted);
  return found.length === 0 && isOn(config, 'panic_mode_any') ? endpoints : found;
}

/** The subsets of a cluster; a policy that a cluster names as an extension is the one that counts. */
function configOf(cluster: Meaning): Meaning | undefined {
  const [policy] = itemsOf(cluster, 'load_balancing_policy', 'policies');
  if (policy === undefined) return fieldOf(cluster, 'lb_subset_config');
  const config = fieldOf(policy, 'typed_extension_config', 'typed_config');
  return typeOf(config) === 'Subset' ? config : undefined;
}

function selectorsOf(cluster: Meaning): readonly Meaning[] {
  return itemsOf(configOf(cluster), 'subset_selectors');
}

function keysOf(selector: Meaning): string[] {
  return textsOf(selector, 'keys').sort();
}

function isOfKeys(selector: Meaning, criteria: Criteria): boolean {
  const keys = keysOf(selector);
  return keys.length === criteria.size && keys.every((key) => criteria.has(key));
}

function fallbackOf(holder: Meaning | undefined): string | undefined {
  return textOf(holder, 'fallback_policy');
}

function fits(endpoint: Endpoint, wanted: Criteria, config: Meaning | undefined): boolean {
  const metadata = subsetOf(endpoint);
  const isListAny = isOn(config, 'list_as_any');
  return [...wanted].every(([key, value]) => {
    if (metadata.get(key) === value) return true;
    const list = itemsOf(endpoint.meaning, 'metadata', 'filter_metadata', LOAD_BALANCER, key);
    return isListAny && list.some((item) => canonical(item) === value);
  });
}
