// Which fields name a cluster: routes and proxies, mirrors, aggregates, gRPC and HTTP services, collectors. They
// are known by their names, so that one of a later API or of an extension that is not known is found as well.

import type { FieldInfo, MessageInfo } from '../../envoy/api-table.js';
import { canonical } from '../meaning/canonical.js';
import { type Difference, fieldsAbove } from '../meaning/compare.js';
import type { Meaning, MessageMeaning } from '../meaning/meaning.js';
import { isTlsContext } from '../tls/guard.js';
import { textOf, textsOf } from './meanings.js';

/** The clusters that something leads to. */
export interface References {
  /** Each once, in order. */
  readonly clusters: readonly string[];
  /** What chooses a cluster in a way that is not followed: a header, a plugin, by its field and value. */
  readonly open: readonly string[];
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
  const found = { clusters: new Set<string>(), open: new Set<string>() };
  collect(found, meaning);
  return { clusters: [...found.clusters], open: [...found.open] };
}

/** The clusters that one side of a difference leads to. */
export function referencesAt(meaning: Meaning | undefined, { path, field, holder }: Difference): References {
  if (meaning === undefined) return NO_REFERENCES;
  const found = { clusters: new Set<string>(), open: new Set<string>() };
  const [name = ''] = fieldsAbove(path);
  if (field?.name === name && holder !== undefined) {
    if (meaning.shape === 'message' || !addField(found, holder.type, field, meaning)) collect(found, meaning);
  } else collectMember(found, name, meaning);
  if (name === PLUGIN) found.open.add(`${PLUGIN} ${canonical(meaning)}`);
  return { clusters: [...found.clusters], open: [...found.open] };
}

const PLUGIN = 'inline_cluster_specifier_plugin';

interface Found {
  readonly clusters: Set<string>;
  readonly open: Set<string>;
}

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
    for (const one of text === undefined ? textsOf(meaning) : [text]) found.clusters.add(one);
  }
  collect(found, meaning);
}

function addField(found: Found, type: MessageInfo, field: FieldInfo, meaning: Meaning): boolean {
  const texts = meaning.shape === 'list' ? textsOf(meaning) : [textOf(meaning) ?? ''];
  const said = texts.filter((text) => text !== '');
  if (namesCluster(type, field)) {
    for (const text of said) found.clusters.add(text);
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

function key({ clusters, open }: References): string {
  return [clusters, open].map((names) => [...names].sort().join('\0')).join('\0\0');
}

/** Whether there are none. */
export function isEmpty({ clusters, open }: References): boolean {
  return clusters.length === 0 && open.length === 0;
}

/** Those of several. */
export function allReferences(parts: Iterable<References>): References {
  const all = [...parts];
  return {
    clusters: [...new Set(all.flatMap(({ clusters }) => clusters))],
    open: [...new Set(all.flatMap(({ open }) => open))],
  };
}
