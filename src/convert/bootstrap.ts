// What a bootstrap needs beside its contexts when they move: the cluster that leads to the SDS server, and a
// node that says who asks.

import type { Api } from '../envoy/detect.js';
import type { Message } from '../envoy/message.js';
import type { Finding } from '../finding/finding.js';
import type { Source } from '../source/document.js';
import type { Edit } from '../source/edit.js';
import type { Fragment } from '../source/fragment.js';
import { insertFirstItem, insertFirstMember, replaceMember } from '../source/map-edit.js';
import { Kind } from '../source/tape.js';
import type { SdsCluster } from '../tls/providers/provider.js';

/** Adds the provider's cluster before all others, unless one of its name is there. */
export function sdsClusterEdits(
  bootstrap: Message,
  { name, definition: define }: SdsCluster,
  api: Api,
): Edit[] {
  if (define === undefined) return [];
  const definition = define(api);
  const { tape } = bootstrap.reader;
  const resources = bootstrap.message('static_resources');
  if (resources === undefined) return [setMember(bootstrap, 'static_resources', { clusters: [definition] })];
  const clusters = resources.messages('clusters');
  if (clusters.some((cluster) => cluster.text('name') === name)) return [];
  const list = resources.value('clusters');
  if (clusters.length === 0 || tape.kind(list) !== Kind.List)
    return [setMember(resources, 'clusters', [definition])];
  return [insertFirstItem(tape, list, definition)];
}

/** The id and cluster to give a bootstrap's node. */
export interface NodeIdentity {
  readonly id: string | undefined;
  readonly cluster: string | undefined;
}

/** Gives the node what it lacks; a warning where the user gave nothing for it. */
export function nodeEdits(
  bootstrap: Message,
  given: NodeIdentity,
): { edits: Edit[]; warning: Omit<Finding, 'region'> | undefined } {
  const node = bootstrap.message('node');
  const lacking = (['id', 'cluster'] as const).filter((name) => (node?.text(name) ?? '') === '');
  const added = lacking.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const]));
  const missing = lacking.filter((name) => given[name] === undefined);
  const edits =
    node === undefined || node.present.length === 0
      ? added.length > 0
        ? [setMember(bootstrap, 'node', Object.fromEntries(added))]
        : []
      : added.map(([name, value]) => setMember(node, name, value));
  if (missing.length === 0) return { edits, warning: undefined };
  return {
    edits,
    warning: {
      code: 'node-missing',
      level: 'warning',
      message: `this bootstrap does not set the node's ${missing.join(' and ')}, which SDS requires`,
      expected: 'node.id and node.cluster',
      remedy: `add ${missing.map((name) => `--node-${name}`).join(' and ')}, or start Envoy with ${missing.map((name) => (name === 'id' ? '--service-node' : '--service-cluster')).join(' and ')}`,
      path: 'node',
    },
  };
}

/** What to know where contexts moved in a run without the bootstrap that they belong to. */
export function nodeElsewhere(source: Source): Finding {
  return {
    code: 'node-missing',
    level: 'warning',
    message: 'SDS requires a node id and cluster, and this run has no bootstrap that sets them',
    expected: 'node.id and node.cluster in the bootstrap',
    remedy: 'check the bootstrap, or start Envoy with --service-node and --service-cluster',
    region: source.region(0, 0),
  };
}

/** Writes a member that the message lacks, or has without a value. */
function setMember(message: Message, name: string, value: Fragment): Edit {
  const { tape } = message.reader;
  const end = tape.links[message.node] as number;
  for (let key = message.node + 1; key < end; key = tape.next(key + 1)) {
    if (message.reader.field(message.type, key)?.name === name)
      return replaceMember(tape, message.node, key, name, value);
  }
  return insertFirstMember(tape, message.node, name, value);
}
