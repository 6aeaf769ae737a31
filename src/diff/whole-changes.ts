// What can be said only of two sides whole: resources that come or go and take or give ways, SDS servers that
// move, secrets that are gone, fields of v2 in v3, and sides with nothing in common.

import { quoted } from '../secrecy/quoted.js';
import { secretName, secretSource, secretUses } from '../tls/secret-uses.js';
import { type ComparisonRules, compareResource } from './compare-resource.js';
import type { Meaning } from './meaning/meaning.js';
import { sameText } from './meaning/same-text.js';
import type { ResourcePairs } from './resource-pairs.js';
import type { SideResource } from './resources.js';
import type { SideResources } from './sides.js';
import type { Change, ResourceId, TlsDifference } from './tls/change.js';
import { GUARDS, guardOf, tlsContextIn } from './tls/guard.js';
import { leftover } from './tls/leftovers.js';
import { aroundDifference, changesTrust, loosens } from './tls/tls-difference.js';
import { listenerAddresses } from './ways/addresses.js';
import { fieldOf, itemsOf, textOf } from './ways/meanings.js';
import { allReferences, type References, referencesIn } from './ways/references.js';
import { endpointsName } from './ways/socket-choice.js';

/** All such changes. */
export function wholeChanges(
  before: SideResources,
  after: SideResources,
  pairs: ResourcePairs,
  rules: ComparisonRules,
): Change[] {
  return [
    ...nothingInCommon(before, after, pairs),
    ...newListeners(before, after, pairs),
    ...takenAddresses(before, after, pairs, rules),
    ...newClusters(before, after, rules),
    ...movedServers(before, after),
    ...lostSecrets(before, after),
    ...leftovers(before, after),
  ];
}

function change(
  resource: ResourceId,
  tls: TlsDifference,
  old: Meaning | undefined,
  now: Meaning | undefined,
): Change {
  return {
    resource,
    path: '',
    kind: 'changed',
    tls,
    context: { path: '', side: undefined },
    old: undefined,
    new: undefined,
    oldPlace: old,
    newPlace: now,
  };
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
  const message = 'the two sides have nothing in common: nothing tells what took the place of what';
  return [change(first.id, aroundDifference('unknown', message), old[0]?.meaning, first.meaning)];
}

/** A listener that was not there is another way to where others lead: it may be less guarded than they are. */
function newListeners(before: SideResources, after: SideResources, pairs: ResourcePairs): Change[] {
  const added = after.resources.filter(
    (resource) => resource.id.kind === 'listener' && pairs.earlier(resource).length === 0,
  );
  if (added.length === 0) return [];
  const earlier = before.resources.filter(({ id }) => id.kind === 'listener');
  return added.flatMap(({ id, meaning }) => {
    const targets = new Set(leadsTo(meaning, after).clusters);
    const guard = worstGuard(meaning);
    const better = earlier.find(
      (old) =>
        worstGuard(old.meaning) > guard &&
        leadsTo(old.meaning, before).clusters.some((one) => targets.has(one)),
    );
    if (better === undefined) return [];
    const message = `a way in with ${GUARDS[guard]} is added to clusters that were reached by ${GUARDS[worstGuard(better.meaning)]}`;
    return [change(id, aroundDifference('loosened', message), undefined, meaning)];
  });
}

/** A listener that took an address from one that it is not compared with: it gets that one's connections. */
function takenAddresses(
  before: SideResources,
  after: SideResources,
  pairs: ResourcePairs,
  rules: ComparisonRules,
): Change[] {
  const listeners = after.resources.filter(({ id }) => id.kind === 'listener');
  if (listeners.every((one) => pairs.earlier(one).every((old) => sameText(old.meaning, one.meaning))))
    return [];
  const owners = new Map<string, SideResource>();
  for (const one of before.resources)
    if (one.id.kind === 'listener')
      for (const address of listenerAddresses(one.meaning)) owners.set(address, one);
  return listeners.flatMap(({ id, meaning }, i) => {
    const compared = pairs.earlier(listeners[i] as SideResource);
    if (compared.length > 1) return [];
    const others = new Set(listenerAddresses(meaning).flatMap((address) => owners.get(address) ?? []));
    const known = compared.flatMap((one) => listenerAddresses(one.meaning));
    return [...others]
      .filter(
        (owner) =>
          !compared.includes(owner) && !listenerAddresses(owner.meaning).every((one) => known.includes(one)),
      )
      .flatMap((owner) =>
        compareResource(id, owner.meaning, meaning, rules).changes.filter(
          ({ tls }) => tls !== undefined && changesTrust(tls),
        ),
      );
  });
}

function worstGuard(listener: Meaning): 0 | 1 | 2 {
  const fallback = fieldOf(listener, 'default_filter_chain');
  const chains = [...itemsOf(listener, 'filter_chains'), ...(fallback === undefined ? [] : [fallback])];
  return Math.min(2, ...chains.map(guardOf)) as 0 | 1 | 2;
}

/** The clusters that a listener leads to, also by routes that it asks for by name. */
function leadsTo(listener: Meaning, side: SideResources): References {
  const named: References[] = [];
  for (const chain of [...itemsOf(listener, 'filter_chains'), fieldOf(listener, 'default_filter_chain')])
    for (const filter of itemsOf(chain, 'filters')) {
      const name = textOf(filter, 'typed_config', 'rds', 'route_config_name');
      if (name !== undefined) named.push(referencesIn(side.find('route', name)));
    }
  return allReferences([referencesIn(listener), ...named]);
}

/** A cluster to which nothing leads may have taken the place of another to which nothing led. */
function newClusters(before: SideResources, after: SideResources, rules: ComparisonRules): Change[] {
  const only = (side: SideResources, other: SideResources): SideResource[] =>
    side.resources.filter(({ id }) => id.kind === 'cluster' && other.byId.all(id).length === 0);
  const [gone, added] = [only(before, after), only(after, before)];
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
      change(id, same.length > 0 ? tls : unclear(tls), candidates[0]?.meaning, meaning),
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
function movedServers(before: SideResources, after: SideResources): Change[] {
  const isOther = ({ id, meaning }: SideResource): boolean => {
    const old = before.byId.all(id)[0]?.meaning;
    return old !== undefined && !sameText(old, meaning);
  };
  const hasMovedEndpoints = after.resources.some((one) => one.id.kind === 'endpoints' && isOther(one));
  const moved = after.resources.filter(
    (one) =>
      one.id.kind === 'cluster' &&
      before.byId.all(one.id).length > 0 &&
      (hasMovedEndpoints || isOther(one)) &&
      addressesOf(before, one.id.name) !== addressesOf(after, one.id.name),
  );
  if (moved.length === 0) return [];
  const servers = new Map<string, string>();
  for (const name of controlPlanes(after))
    if (controlPlanes(before).has(name)) servers.set(name, 'configuration');
  for (const name of after.sdsClusters) if (before.sdsClusters.has(name)) servers.set(name, 'secrets');
  return moved.flatMap(({ id, meaning }) => {
    const what = servers.get(id.name);
    const isChecked = tlsContextIn(fieldOf(meaning, 'transport_socket')) !== undefined;
    if (what === undefined || (what === 'configuration' && isChecked)) return [];
    const message = `the server that ${what} come${what === 'secrets' ? '' : 's'} from is at ${quoted(addressesOf(after, id.name))} in place of ${quoted(addressesOf(before, id.name))}: nothing tells whether it gives the same`;
    return [change(id, aroundDifference('unknown', message), before.find('cluster', id.name), meaning)];
  });
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
function lostSecrets(before: SideResources, after: SideResources): Change[] {
  if (after.byId.all({ kind: 'bootstrap', name: '' }).length === 0) return [];
  const gone = before.resources.filter(({ id }) => id.kind === 'secret' && after.byId.all(id).length === 0);
  if (gone.length === 0) return [];
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
          change(
            id,
            aroundDifference('unknown', 'a static secret that a context asks for is gone'),
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
      : [change({ kind, name }, leftover('tls_context'), was, is)];
  });
}
