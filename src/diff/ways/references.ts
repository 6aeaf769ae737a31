// Which fields name a cluster: routes and proxies, mirrors, aggregates, gRPC and HTTP services, collectors. They
// are known by their names, so that one of a later API or of an extension that is not known is found as well.

import { memo } from '../../collections/memo.js';
import type { FieldInfo, MessageInfo } from '../../envoy/api-table.js';
import { canonical } from '../meaning/canonical.js';
import { type Difference, fieldsAbove } from '../meaning/compare.js';
import type { Meaning, MessageMeaning } from '../meaning/meaning.js';
import { isTlsContext } from '../tls/guard.js';
import { textOf, textsOf } from './meanings.js';
import { type Criteria, criteriaText } from './socket-choice.js';
import { subsetIn } from './subsets.js';

/** The clusters that something leads to. */
export interface References {
  /** Each once, in order. */
  readonly clusters: readonly string[];
  /** What chooses a cluster in a way that is not followed: a header, a plugin, by its field and value. */
  readonly open: readonly string[];
  /** What is asked of the endpoints of a cluster, for each that something leads to in this way. */
  readonly subsets?: ReadonlyMap<string, readonly Criteria[]>;
}

export const NO_REFERENCES: References = { clusters: [], open: [] };

const NAMES_CLUSTER =
  /^(?:cluster|clusters|cluster_names?|catch_all_cluster|collector_cluster|tcp_cluster_name|auth_api_cluster|default_cluster)$/;

/** Names of clusters that nothing is sent to: of the proxy itself, of what is counted, of a filter's condition. */
const NO_WAY_OUT =
  /(?:\.ClusterLoadAssignment|\.Node|\.ClusterStats|\.LoadStatsResponse|\.HTTPFault|\.ClusterHealthCheck|\.ClusterEndpointsHealth|\.DnsEndpoint|\.DnsServiceTarget|\.CommandLineOptions|\.ProxyConfig)$|^envoy\.(?:data|admin)\./;

const OPEN = new Set(['cluster_header', 'cluster_specifier_plugin']);

/** Whether a field names a cluster that something is sent to. */
function namesCluster({ name: type, shortName }: MessageInfo, field: FieldInfo): boolean {
  if (field.kind !== 'scalar' || field.scalar !== 'string') return false;
  if (shortName === 'ClusterWeight' && field.name === 'name') return true;
  return NAMES_CLUSTER.test(field.name) && !NO_WAY_OUT.test(type);
}

/** The clusters that a part of a configuration leads to; those of its TLS contexts' SDS are no part of it. */
export function referencesIn(meaning: Meaning | undefined): References {
  const found = new Found();
  collect(found, meaning);
  return found.references();
}

/** The clusters that one side of a difference leads to. */
export function referencesAt(meaning: Meaning | undefined, { path, field, holder }: Difference): References {
  if (meaning === undefined) return NO_REFERENCES;
  const found = new Found();
  const [name = ''] = fieldsAbove(path);
  if (field?.name === name && holder !== undefined) {
    if (meaning.shape === 'message' || !addField(found, holder.type, field, meaning)) collect(found, meaning);
  } else collectMember(found, name, meaning);
  if (name === PLUGIN) found.open.add(`${PLUGIN} ${canonical(meaning)}`);
  return found.references();
}

const PLUGIN = 'inline_cluster_specifier_plugin';

class Found {
  /** What is asked of the endpoints of each, by its text. */
  readonly clusters = new Map<string, Map<string, Criteria>>();
  readonly open = new Set<string>();

  add(cluster: string, asked: Criteria = ANY_ENDPOINT): void {
    memo(this.clusters, cluster, () => new Map()).set(criteriaText(asked), asked);
  }

  /** Adds what is found in a part that asks for endpoints, unless a part of that asks for others. */
  addAsked({ clusters, open }: Found, asked: Criteria): void {
    for (const [cluster, all] of clusters)
      for (const one of all.values()) this.add(cluster, new Map([...asked, ...one]));
    for (const one of open) this.open.add(one);
  }

  references(): References {
    const subsets = new Map<string, readonly Criteria[]>();
    for (const [cluster, all] of this.clusters)
      if (all.size > 1 || !all.has('')) subsets.set(cluster, [...all.values()]);
    const found = { clusters: [...this.clusters.keys()], open: [...this.open] };
    return subsets.size === 0 ? found : { ...found, subsets };
  }
}

const ANY_ENDPOINT: Criteria = new Map();

function collect(found: Found, meaning: Meaning | undefined): void {
  if (meaning === undefined || meaning.shape === 'scalar') return;
  if (meaning.shape === 'list') for (const item of meaning.items) collect(found, item);
  else if (meaning.shape === 'map')
    for (const [name, member] of meaning.members) collectMember(found, name, member);
  else if (!isTlsContext(meaning)) collectMessage(found, meaning);
}

/** Keys of filter state that decide which cluster or server a connection goes to, and whom it accepts there. */
const STATE_CHOOSES = /^envoy\.(?:tcp_proxy\.cluster|network\.upstream_|upstream\.)/;

/** What a message chooses that is no field of its own. */
function chosenBy(message: MessageMeaning): string | undefined {
  const key = textOf(message.get('object_key'));
  if (key !== undefined && STATE_CHOOSES.test(key)) return `the filter state ${key} of ${canonical(message)}`;
  const isFilter = message.type.field('typed_config') !== undefined;
  return isFilter && /(?:^|\.)sni_cluster$/.test(textOf(message.get('name')) ?? '')
    ? 'the server name of the client'
    : undefined;
}

function collectMessage(found: Found, message: MessageMeaning): void {
  // What has no weight gets nothing.
  if (message.type.shortName === 'ClusterWeight' && textOf(message.get('weight')) === '0') return;
  const asked = subsetIn(message.get('metadata_match'));
  if (asked.size === 0) collectMembers(found, message);
  else {
    const inner = new Found();
    collectMembers(inner, message);
    found.addAsked(inner, asked);
  }
}

function collectMembers(found: Found, message: MessageMeaning): void {
  const chosen = chosenBy(message);
  if (chosen !== undefined) found.open.add(chosen);
  for (const [name, { field }] of message.members) {
    const meaning = message.get(name);
    if (meaning === undefined) continue;
    if (field === undefined) collectMember(found, name, meaning);
    else if (!addField(found, message.type, field, meaning)) collect(found, meaning);
    if (name === PLUGIN) found.open.add(`${PLUGIN} ${canonical(meaning)}`);
  }
}

/** What is not known by type is known by name. */
function collectMember(found: Found, name: string, meaning: Meaning): void {
  if (NAMES_CLUSTER.test(name) && meaning.shape !== 'map' && meaning.shape !== 'message') {
    const text = textOf(meaning);
    for (const one of text === undefined ? textsOf(meaning) : [text]) found.add(one);
  }
  collect(found, meaning);
}

function addField(found: Found, type: MessageInfo, field: FieldInfo, meaning: Meaning): boolean {
  const texts = meaning.shape === 'list' ? textsOf(meaning) : [textOf(meaning) ?? ''];
  const said = texts.filter((text) => text !== '');
  if (namesCluster(type, field)) {
    for (const text of said) found.add(text);
    return true;
  }
  if (OPEN.has(field.name) && field.kind === 'scalar') {
    for (const text of said) found.open.add(`${field.name} ${text}`);
    return true;
  }
  return false;
}

/** Whether two say the same. */
export function sameReferences(a: References, b: References): boolean {
  return key(a) === key(b);
}

function key(references: References): string {
  const { clusters, open } = references;
  const asked = clusters.map((cluster) => `${cluster} ${subsetsText(references, cluster)}`);
  return [asked, open].map((names) => [...names].sort().join('\0')).join('\0\0');
}

/** What is asked of the endpoints of a cluster; all that is asked as one text. */
export function subsetsText({ subsets }: References, cluster: string): string {
  return (subsets?.get(cluster) ?? []).map(criteriaText).sort().join(' or ');
}

/** Whether there are none. */
export function isEmpty({ clusters, open }: References): boolean {
  return clusters.length === 0 && open.length === 0;
}

/** Those of several. */
export function allReferences(parts: Iterable<References>): References {
  const found = new Found();
  for (const { clusters, open, subsets } of parts) {
    for (const cluster of clusters)
      for (const asked of subsets?.get(cluster) ?? [ANY_ENDPOINT]) found.add(cluster, asked);
    for (const one of open) found.open.add(one);
  }
  return found.references();
}
