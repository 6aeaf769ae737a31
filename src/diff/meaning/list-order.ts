// Which lists Envoy treats as sets, and by what an item is known. Names of messages without their package:
// they are the same in both versions of the API.

import type { FieldInfo, MessageInfo } from '../../envoy/api-table.js';
import { UNORDERED_LISTS } from '../../tls/fields.js';

/** Whether the order of a list's items means something. */
export type ListOrder = 'ordered' | 'any';

/** Lists whose order means nothing, by message and field. */
const SETS: ReadonlySet<string> = new Set([
  ...UNORDERED_LISTS,
  'Alts.peer_service_accounts',
  // Resources are known by name; the most specific filter chain and virtual host wins.
  'StaticResources.clusters',
  'StaticResources.listeners',
  'StaticResources.secrets',
  'Listener.filter_chains',
  'Listener.access_log',
  'RouteConfiguration.virtual_hosts',
  'VirtualHost.domains',
  'FilterChainMatch.application_protocols',
  'FilterChainMatch.direct_source_prefix_ranges',
  'FilterChainMatch.prefix_ranges',
  'FilterChainMatch.server_names',
  'FilterChainMatch.source_ports',
  'FilterChainMatch.source_prefix_ranges',
  // Endpoints are balanced, whatever their order.
  'Cluster.hosts',
  'ClusterLoadAssignment.endpoints',
  'LocalityLbEndpoints.lb_endpoints',
  'WeightedCluster.clusters',
  'CircuitBreakers.thresholds',
  'CircuitBreakers.per_host_thresholds',
  'LbSubsetConfig.subset_selectors',
  'LbSubsetSelector.keys',
  // All of them must hold, or one of them.
  'RouteMatch.headers',
  'RouteMatch.query_parameters',
  'Policy.permissions',
  'Policy.principals',
  'Set.ids',
  'Set.rules',
  // What is taken away, or only counted.
  'Route.request_headers_to_remove',
  'Route.response_headers_to_remove',
  'VirtualHost.request_headers_to_remove',
  'VirtualHost.response_headers_to_remove',
  'RouteConfiguration.internal_only_headers',
  'RouteConfiguration.request_headers_to_remove',
  'RouteConfiguration.response_headers_to_remove',
  'ClusterWeight.request_headers_to_remove',
  'ClusterWeight.response_headers_to_remove',
  'HttpConnectionManager.access_log',
  'TcpProxy.access_log',
  'Bootstrap.stats_sinks',
  'RetryPolicy.retriable_status_codes',
  'CorsPolicy.allow_origin',
  'CorsPolicy.allow_origin_string_match',
  'JwtProvider.audiences',
  'ListStringMatcher.patterns',
]);

/** Whether the order of a field's items means something; names of headers to match are sets as well. */
export function listOrder(type: MessageInfo, field: FieldInfo): ListOrder {
  return SETS.has(`${type.shortName}.${field.name}`) ? 'any' : 'ordered';
}

/**
 * The fields that an item of a list is known by, by the item's message: the first that is there counts. A
 * dotted path goes into messages; the whole of a message counts where it is named.
 */
const IDENTITIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['FilterChain', ['name', 'filter_chain_match']],
  ['LbEndpoint', ['endpoint.address', 'endpoint_name']],
  ['LocalityLbEndpoints', ['locality', 'priority']],
  ['Thresholds', ['priority']],
  ['Route', ['name', 'match']],
  ['HeaderValueOption', ['header.key']],
  ['HeaderMatcher', ['name']],
  ['ClusterLoadAssignment', ['cluster_name']],
  ['SdsSecretConfig', ['name']],
  ['DropOverload', ['category']],
  ['SubsetSelector', ['keys']],
]);

/** What an item is known by. */
export interface ItemIdentity {
  /** Names of fields, the most telling first. */
  readonly fields: readonly string[];
  /** Whether the absence of all of them tells as well: the filter chain for all other connections. */
  readonly absenceTells: boolean;
}

const BY_NAME: ItemIdentity = { fields: ['name'], absenceTells: false };

/** What the items of a message type are known by. */
export function identityOf(type: MessageInfo): ItemIdentity {
  const fields = IDENTITIES.get(type.shortName);
  return fields === undefined ? BY_NAME : { fields, absenceTells: true };
}
