// What can be said only of two sides whole: resources that come or go and take or give ways, SDS servers that
// move, secrets that are gone, fields of v2 in v3, and sides with nothing in common.

import { quoted } from '../secrecy/quoted.js';
import { secretName, secretSource, secretUses } from '../tls/secret-uses.js';
import type { ComparisonRules } from './compare-resource.js';
import { listenerChanges } from './listener-changes.js';

import type { Meaning } from './meaning/meaning.js';
import type { ResourcePairs } from './resource-pairs.js';
import type { SideResource } from './resources.js';
import type { SideResources } from './sides.js';
import type { Change, TlsDifference } from './tls/change.js';
import { outwardGuard } from './tls/guard.js';
import { leftover } from './tls/leftovers.js';
import { aroundDifference, loosens } from './tls/tls-difference.js';
import { fieldOf, textOf } from './ways/meanings.js';
import { referencesIn } from './ways/references.js';
import { endpointsName } from './ways/socket-choice.js';
import { type SeenResources, wholeChange } from './whole-change.js';

/** All such changes. */
export function wholeChanges(
  before: SideResources,
  after: SideResources,
  pairs: ResourcePairs,
  seen: SeenResources,
  rules: ComparisonRules,
): Change[] {
  return [
    ...nothingInCommon(before, after, pairs),
    ...listenerChanges(before, after, pairs, seen, rules),
    ...newClusters(before, after, seen, rules),
    ...movedServers(before, after, seen),
    ...lostSecrets(after, seen),
    ...leftovers(before, after),
  ];
}

/** The bootstrap is one on each side, whatever it is of. */
function others(side: SideResources): SideResource[] {
  return side.resources.filter(({ id }) => id.kind !== 'bootstrap');
}

function nothingInCommon(before: SideResources, after: SideResources, pairs: ResourcePairs): Change[] {
  const [old, now] = [others(before), others(after)];
  const [first] = now;
  if (old.length === 0 || first === undefined) return [];
  if (now.some((resource) => pairs.earlier(resource).length > 0)) return [];
  const message = 'the two sides have no resource in common, so nothing can be compared';
  return [wholeChange(first.id, aroundDifference('unknown', message), old[0]?.meaning, first.meaning)];
}

/** A cluster to which nothing leads may have taken the place of another to which nothing led. */
function newClusters(
  before: SideResources,
  after: SideResources,
  seen: SeenResources,
  rules: ComparisonRules,
): Change[] {
  const [gone, added] = [seen.gone, seen.added].map((all) =>
    all.filter(({ id }) => id.kind === 'cluster'),
  ) as [SideResource[], SideResource[]];
  if (gone.length === 0 || added.length === 0) return [];
  const [used, usedNow] = [usedClusters(before), usedClusters(after)];
  const left = gone.filter(({ id }) => !used.has(id.name));
  if (left.length === 0) return [];
  return added.flatMap(({ id, meaning }) => {
    if (usedNow.has(id.name)) return [];
    const same = left.filter((one) => placeOf(one.meaning, before) === placeOf(meaning, after));
    const candidates = same.length > 0 ? same : left.length === 1 && added.length === 1 ? left : [];
    if (candidates.length === 0) return [];
    const names = candidates.map((one) => one.id.name);
    const found = rules.references.replaced({ clusters: names, open: [] }, { clusters: [id.name], open: [] });
    return found.map((tls) =>
      wholeChange(id, same.length > 0 ? tls : unclear(tls), candidates[0]?.meaning, meaning),
    );
  });
}

function unclear(tls: TlsDifference): TlsDifference {
  return loosens(tls) ? { ...tls, class: 'unknown' } : tls;
}

function placeOf(cluster: Meaning, side: SideResources): string {
  const addresses = side.clusterAddresses(textOf(cluster, 'name') ?? '') ?? [];
  return addresses.length > 0 ? [...addresses].sort().join(' ') : `endpoints ${endpointsName(cluster)}`;
}

function usedClusters(side: SideResources): ReadonlySet<string> {
  const used = side.resources.flatMap(({ id, meaning }) =>
    id.kind === 'cluster' || id.kind === 'endpoints' || id.kind === 'secret'
      ? []
      : referencesIn(meaning).clusters,
  );
  return new Set([...used, ...side.sdsClusters]);
}

/** A server that secrets or configuration come from keeps its cluster's name, and is another one. */
function movedServers(before: SideResources, after: SideResources, { moved }: SeenResources): Change[] {
  if (moved.length === 0) return [];
  const servers = new Map<string, 'configuration' | 'secrets'>();
  const planes = controlPlanes(before);
  const delivers = asksAdsForSecrets(after) ? 'secrets' : 'configuration';
  for (const name of controlPlanes(after)) if (planes.has(name)) servers.set(name, delivers);
  for (const name of after.sdsClusters) if (before.sdsClusters.has(name)) servers.set(name, 'secrets');
  return [...servers].flatMap(([name, what]) => {
    const [was, is] = [before.find('cluster', name), after.find('cluster', name)];
    const [earlier, later] = [addressesOf(before, name), addressesOf(after, name)];
    if (was === undefined || is === undefined || earlier === later) return [];
    const isChecked = outwardGuard(fieldOf(is, 'transport_socket')) === 2;
    if (what === 'configuration' && isChecked) return [];
    const message = `the server that ${what === 'secrets' ? 'secrets come' : 'configuration comes'} from is at ${quoted(later)} instead of ${quoted(earlier)}; it may deliver something else`;
    return [wholeChange({ kind: 'cluster', name }, aroundDifference('unknown', message), was, is)];
  });
}

/** Whether secrets come from the server that all configuration comes from. */
function asksAdsForSecrets(side: SideResources): boolean {
  return side.configs.some(({ inventory }) =>
    inventory.contexts.some((context) =>
      secretUses(context).some((use) => secretSource(use)?.has('ads') ?? false),
    ),
  );
}

function addressesOf(side: SideResources, name: string): string {
  return [...(side.clusterAddresses(name) ?? [])].sort().join(' ');
}

function controlPlanes(side: SideResources): ReadonlySet<string> {
  const dynamic = side.resources.flatMap(({ id, meaning }) =>
    id.kind === 'bootstrap' ? referencesIn(fieldOf(meaning, 'dynamic_resources')).clusters : [],
  );
  return new Set(dynamic);
}

/** Static secrets that are gone, though a context asks for them. */
function lostSecrets(after: SideResources, seen: SeenResources): Change[] {
  const gone = seen.gone.filter(({ id }) => id.kind === 'secret');
  if (gone.length === 0 || after.byId.all({ kind: 'bootstrap', name: '' }).length === 0) return [];
  const wanted = new Set(
    after.configs.flatMap(({ inventory }) =>
      inventory.contexts.flatMap((context) =>
        secretUses(context).flatMap((use) => (secretSource(use) === undefined ? [secretName(use)] : [])),
      ),
    ),
  );
  return gone.flatMap(({ id, meaning }) =>
    wanted.has(id.name)
      ? [
          wholeChange(
            id,
            aroundDifference('unknown', 'a static secret that a context uses is removed'),
            meaning,
            undefined,
          ),
        ]
      : [],
  );
}

/** Contexts of v2 in messages of v3, of resources that say it otherwise on the other side. */
function leftovers(before: SideResources, after: SideResources): Change[] {
  const [old, now] = [before.leftovers, after.leftovers];
  const only = [...old, ...now].filter((one) => old.has(one) !== now.has(one));
  return only.flatMap((one) => {
    const [kind = '', name = ''] = one.split(/ (.*)/s);
    const [was, is] = [before.find(kind, name), after.find(kind, name)];
    return was === undefined || is === undefined
      ? []
      : [wholeChange({ kind, name }, leftover('tls_context'), was, is)];
  });
}
