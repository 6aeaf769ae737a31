// What an upstream Envoy takes: the same configuration without the filters that only Istio's proxy has. Resources
// that proxies have in common stay in common.

import { memo } from '../../collections/memo.js';
import type { Cluster } from '../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type { Listener } from '../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type { FilterChain } from '../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';

/** The filters that only Istio's proxy has. */
const ISTIO_FILTERS: ReadonlySet<string> = new Set(['istio.metadata_exchange', 'istio.stats', 'istio.alpn']);

interface Named {
  readonly name?: string | undefined;
}

function upstreamOnly<T extends Named>(filters: readonly T[]): T[] {
  return filters.filter(({ name = '' }) => !ISTIO_FILTERS.has(name));
}

const clusters = new WeakMap<Cluster, Cluster>();

/** A cluster for an upstream Envoy. */
export function upstreamCluster(cluster: Cluster): Cluster {
  return memo(clusters, cluster, () => {
    const { filters = [], ...rest } = cluster;
    const kept = upstreamOnly(filters);
    return kept.length === filters.length ? cluster : { ...rest, ...(kept.length > 0 && { filters: kept }) };
  });
}

/** A listener for an upstream Envoy. */
export function upstreamListener(listener: Listener): Listener {
  const { filter_chains, default_filter_chain } = listener;
  return {
    ...listener,
    ...(filter_chains && { filter_chains: filter_chains.map(upstreamChain) }),
    ...(default_filter_chain && { default_filter_chain: upstreamChain(default_filter_chain) }),
  };
}

function upstreamChain(chain: FilterChain): FilterChain {
  return {
    ...chain,
    filters: upstreamOnly(chain.filters ?? []).map((filter) => {
      const { typed_config } = filter;
      const filters = typed_config?.http_filters as readonly Named[] | undefined;
      return typed_config === undefined || filters === undefined
        ? filter
        : { ...filter, typed_config: { ...typed_config, http_filters: upstreamOnly(filters) } };
    }),
  };
}
