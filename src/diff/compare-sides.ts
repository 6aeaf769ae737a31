// Compares two sides resource by resource, and what can be said only of the whole.

import type { SecretNames } from '../tls/secret-names.js';
import { type ComparisonRules, compareResource, compareSubsets } from './compare-resource.js';
import { canonical } from './meaning/canonical.js';
import type { Meaning } from './meaning/meaning.js';
import { pair } from './meaning/pairing.js';
import { ResourcePairs } from './resource-pairs.js';
import type { ResourcesById, SideResource } from './resources.js';
import { withoutUnusedSecretChanges } from './secret-users.js';
import { inLatestForm, type SideResources } from './sides.js';
import type { Change, ResourceId, TlsDifference } from './tls/change.js';
import { isSanValidation } from './tls/san-validation.js';
import { aroundDifference } from './tls/tls-difference.js';
import { withUndetermined } from './undetermined.js';
import { TRUST_CLASSES } from './verdict.js';
import { ClusterReferences } from './ways/cluster-references.js';
import type { SeenResources } from './whole-change.js';
import { wholeChanges } from './whole-changes.js';

/** All changes between two sides: of resources that belong together, of those that only one has, and of the whole. */
export function compareSides(before: SideResources, after: SideResources, names: SecretNames): Change[] {
  const [old, now] = [before.byId, after.byId];
  const references = new ClusterReferences(before, after, {
    clusters: (name, was, is) =>
      compareResource({ kind: 'cluster', name }, was, is, rules).changes.flatMap(({ tls }) => tls ?? []),
    subsets: (name, was, is) => compareSubsets({ kind: 'cluster', name }, was, is, rules),
  });
  const rules: ComparisonRules = {
    names,
    old: before,
    new: after,
    oldSide: before,
    newSide: after,
    references,
    clusterDifferences: (was, is) =>
      references.replaced({ clusters: [was], open: [] }, { clusters: [is], open: [] }),
    upgraded: new Set([...before.upgraded, ...after.upgraded]),
  };
  const latest = new LatestForm(before, after, rules);
  const pairs = new ResourcePairs(old, now);
  const changes: Change[] = [];
  const seen: SeenResources = { added: [], gone: [], changed: [], moved: [] };
  for (const group of now.groups()) {
    const [{ id, meaning }] = group;
    const earlier = pairs.earlier(group[0]);
    const count = changes.length;
    if (earlier.length === 0) seen.added.push(...group);
    if (group.length === 1 && earlier.length === 1) {
      const [was] = earlier as [SideResource];
      const compared = compareResource(id, was.meaning, meaning, rules);
      changes.push(
        ...(compared.holdsDeprecated ? latest.unify(was.id, id, compared.changes) : compared.changes),
      );
    } else compareGroup(id, earlier, group, before, after, rules, changes);
    if (earlier.length > 0 && changes.length > count) {
      seen.changed.push(group[0]);
      if (movesEndpoints(group[0], changes, count)) seen.moved.push(group[0]);
    }
  }
  for (const group of old.groups()) {
    const [{ id }] = group;
    if (!pairs.isGone(group[0])) continue;
    seen.gone.push(...group);
    compareGroup(id, group, [], before, after, rules, changes);
  }
  changes.push(...wholeChanges(before, after, pairs, seen, rules));
  return withUndetermined(withoutUnusedSecretChanges(changes, before, after, rules), before, after);
}

/** Whether the changes of a resource, from one on, may be of where endpoints are. */
function movesEndpoints({ id }: SideResource, changes: readonly Change[], from: number): boolean {
  if (id.kind === 'endpoints') return true;
  if (id.kind !== 'cluster') return false;
  for (let i = from; i < changes.length; i++)
    if (/^(?:load_assignment|hosts|eds_cluster_config|type|$)/.test(changes[i]?.path ?? '')) return true;
  return false;
}

/**
 * Both sides with their deprecated fields in the form of the successors, where the same in other words must be
 * told from a change. Made when the first resource asks: most comparisons need none.
 */
class LatestForm {
  #sides: readonly [ResourcesById, ResourcesById] | undefined;

  constructor(
    private readonly before: SideResources,
    private readonly after: SideResources,
    private readonly rules: ComparisonRules,
  ) {}

  /** The changes of a resource without those that only put the same in other words. */
  unify(earlier: ResourceId, id: ResourceId, changes: readonly Change[]): readonly Change[] {
    this.#sides ??= [inLatestForm(this.before).byId, inLatestForm(this.after).byId];
    const [[old], [now]] = [this.#sides[0].all(earlier), this.#sides[1].all(id)];
    if (old === undefined || now === undefined) return changes;
    const others = compareResource(id, old.meaning, now.meaning, this.rules).changes.filter(isOther);
    // Where nothing is the same in other words, the file's own words tell more.
    if (others.length >= changes.filter(isOther).length) return changes;
    return [...changes.filter((change) => !isOther(change)), ...others];
  }
}

/** TLS is compared by meaning already, and it is the upgrade that writes which folder Envoy watches. */
function isOther({ tls, path }: Change): boolean {
  return (
    (tls === undefined || isSanValidation(tls)) && !path.endsWith('path_config_source.watched_directory')
  );
}

/** Resources of one kind and name, several on a side or none: what says the same twice is there once. */
function compareGroup(
  id: ResourceId,
  old: readonly SideResource[],
  now: readonly SideResource[],
  before: SideResources,
  after: SideResources,
  rules: ComparisonRules,
  changes: Change[],
): void {
  const [left, right] = [distinct(old), distinct(now)];
  const { pairs, removed, added } = pair(left, right, 'any');
  for (const [i, j] of pairs)
    changes.push(...compareResource(id, left[i] as Meaning, right[j] as Meaning, rules).changes);
  // Where one side has one more of the same name, which of them is meant stays open: it may be the one that
  // trusts others.
  for (const i of removed) {
    changes.push(whole(id, left[i], undefined, before, after));
    if (right.length > 0) changes.push(...trustChanges(id, left[i] as Meaning, right[0] as Meaning, rules));
  }
  for (const j of added) {
    changes.push(whole(id, undefined, right[j], before, after));
    if (left.length > 0) changes.push(...trustChanges(id, left[0] as Meaning, right[j] as Meaning, rules));
  }
}

function trustChanges(id: ResourceId, old: Meaning, now: Meaning, rules: ComparisonRules): Change[] {
  return compareResource(id, old, now, rules).changes.filter(
    ({ tls }) => tls !== undefined && (TRUST_CLASSES.has(tls.class) || tls.class === 'unknown'),
  );
}

function distinct(resources: readonly SideResource[]): Meaning[] {
  if (resources.length < 2) return resources.map(({ meaning }) => meaning);
  return [...new Map(resources.map(({ meaning }) => [canonical(meaning), meaning])).values()];
}

/** A resource that only one side has. */
function whole(
  id: ResourceId,
  old: Meaning | undefined,
  now: Meaning | undefined,
  before: SideResources,
  after: SideResources,
): Change {
  const delivery = deliversSecrets(
    id,
    now === undefined ? before : after,
    now === undefined ? after : before,
  );
  return {
    resource: id,
    path: '',
    kind: now === undefined ? 'removed' : 'added',
    tls: delivery ? deliveryOf(id.kind) : undefined,
    context: undefined,
    old,
    new: now,
    oldPlace: old,
    newPlace: now,
  };
}

/** Whether a resource is there only to deliver secrets: a Secret, or the cluster that SDS is fetched through. */
function deliversSecrets({ kind, name }: ResourceId, side: SideResources, otherSide: SideResources): boolean {
  if (kind === 'secret') return true;
  return kind === 'cluster' && side.sdsClusters.has(name) && !otherSide.sdsClusters.has(name);
}

function deliveryOf(kind: string): TlsDifference {
  const message =
    kind === 'secret' ? 'a secret that SDS delivers' : 'the cluster that SDS is fetched through';
  return aroundDifference('delivery', message);
}
