// Compares two sets of configurations by meaning: resources by kind and name, whatever form and order they
// come in, and says whether the newer one trusts the same peers and presents the same identity.

import type { Api } from '../envoy/detect.js';
import type { Finding } from '../finding/finding.js';
import { NO_SECRET_NAMES, type SecretNames } from '../tls/secret-names.js';
import { type ComparisonRules, compareResource } from './compare-resource.js';
import { ignoring } from './ignore.js';
import { canonical } from './meaning/canonical.js';
import type { Meaning } from './meaning/meaning.js';
import { pair } from './meaning/pairing.js';
import { ResourcesById, type SideResource } from './resources.js';
import { type DiffInput, inLatestForm, readSides, type SideResources } from './sides.js';
import type { Change, ResourceId, TlsDifference } from './tls/change.js';
import { isSanValidation } from './tls/san-validation.js';
import { aroundDifference } from './tls/tls-difference.js';
import { judge, TRUST_CLASSES, type Verdict } from './verdict.js';

export type { DiffInput } from './sides.js';

/** How to compare. */
export interface DiffOptions {
  /** Names that stand for files, beside those that convert gives. */
  readonly secrets?: SecretNames;
  /** Leave out what is no matter of TLS. */
  readonly only?: 'tls';
  /** Paths of changes to pass over, see `ignore.ts`. */
  readonly ignore?: readonly string[];
  /** The API version of documents that leave it open. */
  readonly api?: Api;
}

/** What changed, and the verdict. */
export interface DiffResult {
  readonly verdict: Verdict;
  readonly changes: readonly Change[];
  /** How many changes were passed over. */
  readonly ignored: number;
  /** How many resources each side has. */
  readonly resources: { readonly old: number; readonly new: number };
  /** What was wrong with the inputs; of level error where one cannot be read. */
  readonly findings: readonly Finding[];
}

/**
 * Compares two sides, each of one or more texts.
 *
 * @returns changes by resource in the order of the newer side, then what only the older one has; where an input
 *   cannot be read, findings of level error and nothing of that input
 */
export function diff(
  old: readonly DiffInput[],
  now: readonly DiffInput[],
  options: DiffOptions = {},
): DiffResult {
  const [before, after] = readSides(old, now, options.api);
  const rules: ComparisonRules = {
    names: options.secrets ?? NO_SECRET_NAMES,
    old: before.secrets,
    new: after.secrets,
    upgraded: new Set([...before.upgraded, ...after.upgraded]),
  };
  const all = compareSides(before, after, rules);
  const ignores = ignoring(options.ignore ?? []);
  const kept = all.filter((change) => !ignores(change));
  const changes = options.only === 'tls' ? kept.filter(({ tls }) => tls !== undefined) : kept;
  return {
    verdict: judge(kept),
    changes,
    ignored: all.length - kept.length,
    resources: { old: before.resources.length, new: after.resources.length },
    findings: [...before.findings, ...after.findings],
  };
}

function compareSides(before: SideResources, after: SideResources, rules: ComparisonRules): Change[] {
  const [old, now] = [new ResourcesById(before.resources), new ResourcesById(after.resources)];
  const latest = new LatestForm(before, after, rules);
  const changes: Change[] = [];
  for (const group of now.groups()) {
    const [{ id, meaning }] = group;
    const earlier = old.all(id);
    if (group.length === 1 && earlier.length === 1) {
      const compared = compareResource(id, (earlier[0] as SideResource).meaning, meaning, rules);
      changes.push(...(compared.holdsDeprecated ? latest.unify(id, compared.changes) : compared.changes));
    } else compareGroup(id, earlier, group, before, after, rules, changes);
  }
  for (const group of old.groups()) {
    const [{ id }] = group;
    if (now.all(id).length === 0) compareGroup(id, group, [], before, after, rules, changes);
  }
  return changes;
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
  unify(id: ResourceId, changes: readonly Change[]): readonly Change[] {
    this.#sides ??= [
      new ResourcesById(inLatestForm(this.before).resources),
      new ResourcesById(inLatestForm(this.after).resources),
    ];
    const [[old], [now]] = [this.#sides[0].all(id), this.#sides[1].all(id)];
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
