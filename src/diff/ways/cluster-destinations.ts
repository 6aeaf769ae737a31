// Who chooses the servers of a cluster: its configuration, the connection that comes in, or the request; and the
// clusters that an aggregate stands for.

import type { Meaning } from '../meaning/meaning.js';
import type { TlsDifference } from '../tls/change.js';
import { outwardGuard } from '../tls/guard.js';
import { aroundDifference } from '../tls/tls-difference.js';
import { fieldOf, isOn, textOf, typeOf } from './meanings.js';
import { type References, referencesIn } from './references.js';
import type { ReferenceComparer } from './route-ways.js';

/** By how much those who are served choose the server themselves. */
const CHOOSERS = ['the configuration', 'the connection that comes in', 'the request'] as const;

function chooserOf(cluster: Meaning): number {
  const config = fieldOf(cluster, 'cluster_type', 'typed_config');
  const kind = textOf(cluster, 'cluster_type', 'name') ?? '';
  if (/dynamic_forward_proxy/.test(kind) || isForwardProxy(config)) return 2;
  if (textOf(cluster, 'type') !== 'ORIGINAL_DST') return 0;
  const choice = fieldOf(cluster, 'original_dst_lb_config');
  return isOn(choice, 'use_http_header') || fieldOf(choice, 'metadata_key') !== undefined ? 2 : 1;
}

function isForwardProxy(config: Meaning | undefined): boolean {
  return config?.shape === 'message' && /dynamic_forward_proxy/.test(config.type.name);
}

/** The clusters that an aggregate stands for; undefined for another cluster. */
export function membersOf(cluster: Meaning): References | undefined {
  const members = referencesIn(fieldOf(cluster, 'cluster_type'));
  return members.clusters.length > 0 ? members : undefined;
}

/** What it means that the servers of a cluster are chosen by others, or are those of other clusters. */
export function destinationDifferences(
  old: Meaning,
  now: Meaning,
  comparer: ReferenceComparer,
): readonly TlsDifference[] {
  if (typeOf(old) !== 'Cluster' || typeOf(now) !== 'Cluster') return [];
  const [before, after] = [membersOf(old), membersOf(now)];
  if ((before === undefined) !== (after === undefined)) {
    const itself = (cluster: Meaning): References => ({
      clusters: [textOf(cluster, 'name') ?? ''],
      open: [],
    });
    return comparer.replaced(before ?? itself(old), after ?? itself(now));
  }
  const [was, is] = [chooserOf(old), chooserOf(now)];
  // Whom TLS accepts does not depend on who asks.
  if (is <= was || outwardGuard(fieldOf(now, 'transport_socket')) === 2) return [];
  return [
    aroundDifference(
      'loosened',
      `${CHOOSERS[is]} chooses the server, which nothing checks, in place of ${CHOOSERS[was]}`,
    ),
  ];
}
