// What it means that something leads to another cluster: the two clusters are compared, by their sockets, their
// names and all else that decides whom they reach.

import { quoted } from '../../secrecy/quoted.js';
import type { Meaning } from '../meaning/meaning.js';
import type { TlsDifference } from '../tls/change.js';
import { outwardGuard } from '../tls/guard.js';
import { nameHeader } from '../tls/san-validation.js';
import { aroundDifference, changesTrust, loosens } from '../tls/tls-difference.js';
import { isLocal } from './addresses.js';
import { membersOf } from './cluster-destinations.js';
import { fieldOf } from './meanings.js';
import { type References, referencesIn, subsetsText } from './references.js';
import type { ReferenceComparer } from './route-ways.js';
import { type Criteria, endpointsIn, endpointsName, entriesOf, ownEndpoints } from './socket-choice.js';
import type { AskedCluster } from './subsets.js';

/** The resources of one side by kind and name. */
export interface SideIndex {
  find(kind: string, name: string): Meaning | undefined;
}

/** Compares two clusters of a name. */
interface ClusterComparer {
  /** Whole. */
  clusters(name: string, old: Meaning, now: Meaning): readonly TlsDifference[];
  /** By the endpoints that requests get which ask for some of them. */
  subsets(name: string, old: AskedCluster, now: AskedCluster): readonly TlsDifference[];
}

/** Plain text that stays within the host is guarded better than any socket guards. */
const WITHIN_HOST = 3;

/** Compares what clusters of both sides lead to. */
export class ClusterReferences implements ReferenceComparer {
  private readonly pairs = new Map<string, readonly TlsDifference[]>();
  private readonly guards = new Map<string, number | undefined>();

  constructor(
    private readonly old: SideIndex,
    private readonly now: SideIndex,
    private readonly comparer: ClusterComparer,
  ) {}

  replaced(old: References, now: References): readonly TlsDifference[] {
    const found: TlsDifference[] = [];
    const opened = now.open.find((one) => !old.open.includes(one));
    if (opened !== undefined)
      found.push(aroundDifference('unknown', `the cluster is chosen by ${quoted(opened)}, so it is unknown`));
    if (
      old.open.length > 0 &&
      now.open.length === 0 &&
      now.clusters.some((one) => !old.clusters.includes(one))
    )
      found.push(
        aroundDifference(
          'unknown',
          `the cluster was chosen by ${quoted(old.open.join(' and '))}, so it is unknown`,
        ),
      );
    if (old.clusters.length === 0) return found;
    for (const name of now.clusters)
      if (!old.clusters.includes(name)) found.push(...this.nearest(old.clusters, name));
      else if (subsetsText(old, name) !== subsetsText(now, name))
        found.push(...this.subsets(name, old.subsets?.get(name), now.subsets?.get(name)));
    return found;
  }

  /** What it means that something asks for other endpoints of a cluster. */
  private subsets(
    name: string,
    old: readonly Criteria[] | undefined,
    now: readonly Criteria[] | undefined,
  ): TlsDifference[] {
    const [before, after] = [this.old.find('cluster', name), this.now.find('cluster', name)];
    if (before === undefined || after === undefined) return [];
    const any: readonly Criteria[] = [new Map()];
    return this.comparer
      .subsets(name, [before, old ?? any], [after, now ?? any])
      .filter(changesTrust)
      .map((one) => ({ ...one, field: '', message: `other endpoints of ${quoted(name)}: ${one.message}` }));
  }

  /** What a cluster differs in from the one of several that is most like it. */
  private nearest(names: readonly string[], name: string): readonly TlsDifference[] {
    let least: readonly TlsDifference[] | undefined;
    for (const earlier of names) {
      const differences = this.between(earlier, name);
      if (!differences.some(loosens)) return differences;
      if (least === undefined || differences.length < least.length) least = differences;
    }
    return least ?? [];
  }

  private between(old: string, now: string): readonly TlsDifference[] {
    const key = `${old}\0${now}`;
    const known = this.pairs.get(key);
    if (known !== undefined) return known;
    // Clusters that lead to each other are compared once.
    this.pairs.set(key, []);
    const differences = this.differences(old, now);
    this.pairs.set(key, differences);
    return differences;
  }

  private differences(old: string, now: string): TlsDifference[] {
    const [before, after] = [this.old.find('cluster', old), this.now.find('cluster', now)];
    if (before === undefined || after === undefined) {
      const missing = before === undefined ? old : now;
      return [
        aroundDifference(
          'unknown',
          `${quoted(now)} instead of ${quoted(old)}: the cluster ${quoted(missing)} is not among the inputs`,
        ),
      ];
    }
    const [members, later] = [membersOf(before), membersOf(after)];
    if ((members === undefined) !== (later === undefined))
      return [
        ...this.replaced(members ?? { clusters: [old], open: [] }, later ?? { clusters: [now], open: [] }),
      ];
    return this.comparer
      .clusters(now, before, after)
      .filter(changesTrust)
      .map((one) => ({
        ...one,
        field: '',
        message: `${quoted(now)} instead of ${quoted(old)}: ${one.message}`,
      }));
  }

  guard({ clusters }: References): number | undefined {
    let least: number | undefined;
    for (const name of clusters) {
      const guard = this.guardOf(name);
      if (guard !== undefined && (least === undefined || guard < least)) least = guard;
    }
    return least;
  }

  nameHeaders({ clusters }: References): readonly string[] {
    return clusters.flatMap((name) => {
      const cluster = this.now.find('cluster', name) ?? this.old.find('cluster', name);
      if (cluster === undefined || outwardGuard(fieldOf(cluster, 'transport_socket')) === 0) return [];
      return nameHeader(cluster) ?? [];
    });
  }

  addresses(name: string): readonly string[] {
    const side = this.now.find('cluster', name) === undefined ? this.old : this.now;
    const cluster = side.find('cluster', name);
    return cluster === undefined ? [] : this.addressesIn(cluster, side);
  }

  private addressesIn(cluster: Meaning, side: SideIndex): string[] {
    const assignment = side.find('endpoints', endpointsName(cluster));
    return [...ownEndpoints(cluster), ...endpointsIn(assignment)].flatMap(({ address }) => address ?? []);
  }

  private guardOf(name: string): number | undefined {
    if (this.guards.has(name)) return this.guards.get(name);
    this.guards.set(name, undefined);
    const guard = this.worstGuard(name);
    this.guards.set(name, guard);
    return guard;
  }

  private worstGuard(name: string): number | undefined {
    const side = this.now.find('cluster', name) === undefined ? this.old : this.now;
    const cluster = side.find('cluster', name);
    if (cluster === undefined) return undefined;
    const members = referencesIn(fieldOf(cluster, 'cluster_type'));
    if (members.clusters.length > 0) return this.guard(members);
    const addresses = this.addressesIn(cluster, side);
    const isWithin = addresses.length > 0 && addresses.every(isLocal);
    const sockets = [cluster, ...entriesOf(cluster)].map((one) => fieldOf(one, 'transport_socket'));
    const guards = sockets.map((socket) =>
      socket === undefined && isWithin ? WITHIN_HOST : outwardGuard(socket),
    );
    return Math.min(...guards, ...this.behindInternal(addresses, side));
  }

  /** A connection to an internal listener goes on from there. */
  private behindInternal(addresses: readonly string[], side: SideIndex): number[] {
    return addresses.flatMap((address) => {
      if (!address.startsWith('internal:')) return [];
      const listener = side.find('listener', address.slice('internal:'.length));
      return this.guard(referencesIn(listener)) ?? [];
    });
  }
}
