// What can be said only of all listeners of two sides: which of them takes the connections that another took,
// which are reached by more than before, and which lead where only better guarded ones led.

import { compareText } from '../collections/compare-text.js';
import { quoted } from '../secrecy/quoted.js';
import { type ComparisonRules, compareResource } from './compare-resource.js';
import type { Meaning } from './meaning/meaning.js';
import type { ResourcePairs } from './resource-pairs.js';
import type { SideResource } from './resources.js';
import type { SideResources } from './sides.js';
import type { Change, TlsDifference } from './tls/change.js';
import { GUARDS, type Guard, guardOf } from './tls/guard.js';
import { aroundDifference, changesTrust, loosens } from './tls/tls-difference.js';
import { listenerAddresses } from './ways/addresses.js';
import { fieldOf, itemsOf, textOf } from './ways/meanings.js';
import { handsOver, isBound, outsideAddresses, Reach } from './ways/reach.js';
import { allReferences, type References, referencesIn } from './ways/references.js';
import { type SeenResources, wholeChange } from './whole-change.js';

/** All such changes. */
export function listenerChanges(
  before: SideResources,
  after: SideResources,
  pairs: ResourcePairs,
  seen: SeenResources,
  rules: ComparisonRules,
): Change[] {
  if (![seen.added, seen.gone, seen.changed].some((all) => all.some(isListener))) return [];
  return [
    ...newListeners(before, after, seen, rules),
    ...new Takers(before, after, pairs, rules).changes(),
    ...exposedListeners(pairs, seen),
  ];
}

function isListener({ id }: SideResource): boolean {
  return id.kind === 'listener';
}

function worstGuard(listener: Meaning): Guard {
  const fallback = fieldOf(listener, 'default_filter_chain');
  const chains = [...itemsOf(listener, 'filter_chains'), ...(fallback === undefined ? [] : [fallback])];
  return Math.min(2, ...chains.map(guardOf)) as Guard;
}

/** A listener that was not there is another way to where others lead: it may let in more than they do. */
function newListeners(
  before: SideResources,
  after: SideResources,
  { added: all }: SeenResources,
  rules: ComparisonRules,
): Change[] {
  const added = all.filter(isListener);
  if (added.length === 0) return [];
  const earlier = before.resources.filter(isListener).map((listener) => ({
    listener,
    targets: new Set(leadsTo(listener.meaning, before).clusters),
  }));
  return added.flatMap(({ id, meaning }) => {
    for (const target of leadsTo(meaning, after).clusters) {
      const all = earlier.flatMap(({ listener, targets }) => (targets.has(target) ? [listener] : []));
      // What processes of the host may do says nothing of others, where there are ways for these.
      const reached = all.filter((other) => outsideAddresses(other.meaning).length > 0);
      const others = reached.length > 0 && outsideAddresses(meaning).length > 0 ? reached : all;
      const why = nearest(others, (other) => letsInMore(other, { id, meaning }, rules));
      if (why !== undefined) return [wholeChange(id, why, undefined, meaning)];
    }
    return [];
  });
}

/** Undefined where one of several has no difference, else the difference from the first of them. */
function nearest(
  others: readonly SideResource[],
  differ: (other: SideResource) => TlsDifference | undefined,
): TlsDifference | undefined {
  let first: TlsDifference | undefined;
  for (const other of others) {
    const difference = differ(other);
    if (difference === undefined) return undefined;
    first ??= difference;
  }
  return first;
}

/** Whom a listener lets in that one before, which led to the same cluster, did not. */
function letsInMore(old: SideResource, now: SideResource, rules: ComparisonRules): TlsDifference | undefined {
  const [was, is] = [worstGuard(old.meaning), worstGuard(now.meaning)];
  if (is < was)
    return aroundDifference(
      'loosened',
      `a way in with ${GUARDS[is]} is added to clusters that were reached by ${GUARDS[was]}`,
    );
  if (is < 2) {
    const [outside] = outsideAddresses(now.meaning);
    return outside === undefined || outsideAddresses(old.meaning).length > 0
      ? undefined
      : aroundDifference(
          'loosened',
          `a way in at ${quoted(outside)} is added to clusters that only the host could reach`,
        );
  }
  if (was < 2) return undefined;
  const others = compareResource(now.id, old.meaning, now.meaning, rules).changes.flatMap(({ tls }) =>
    tls !== undefined && loosens(tls) && tls.class !== 'identity' ? [tls] : [],
  );
  return others[0] && { ...others[0], field: '', message: added(old, others[0]) };
}

function added({ id }: SideResource, { message }: TlsDifference): string {
  return `a way in is added to clusters that the listener ${quoted(id.name)} leads to: ${message}`;
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

/** Listeners that get connections which another one got, that they are not compared with. */
class Takers {
  readonly #old: Reach<SideResource>;
  readonly #now: Reach<SideResource>;
  readonly #addresses: readonly string[];
  readonly #compared = new Map<SideResource, Set<SideResource>>();

  constructor(
    before: SideResources,
    private readonly after: SideResources,
    private readonly pairs: ResourcePairs,
    private readonly rules: ComparisonRules,
  ) {
    this.#old = new Reach(before.resources.filter(isListener));
    this.#now = new Reach(after.resources.filter(isListener));
    this.#addresses = [...new Set([...this.#old.addresses, ...this.#now.addresses])].sort(compareText);
  }

  changes(): Change[] {
    return [
      ...this.#addresses.flatMap((address) => this.#taken(this.#old.at(address), this.#now.at(address))),
      ...this.after.resources.filter(isListener).flatMap((listener) => this.#handedOver(listener)),
    ];
  }

  /** Two listeners that are not compared as one: what takes the connections differs from what took them. */
  #taken(was: readonly SideResource[], is: readonly SideResource[]): Change[] {
    const [old, now] = this.#unlike(was, is);
    if (old === undefined || now === undefined) return [];
    return compareResource(now.id, old.meaning, now.meaning, this.rules).changes.flatMap((one) =>
      one.tls !== undefined && changesTrust(one.tls)
        ? [{ ...one, tls: { ...one.tls, field: '', message: taken(old, one.tls) } }]
        : [],
    );
  }

  #unlike(
    was: readonly SideResource[],
    is: readonly SideResource[],
  ): readonly [SideResource, SideResource] | readonly [] {
    const [[old], [now]] = [was, is];
    if (old === undefined || now === undefined) return [];
    if (is.some((one) => this.pairs.earlier(one).some((other) => was.includes(other)))) return [];
    const known = this.#compared.get(now) ?? new Set();
    if (known.has(old)) return [];
    this.#compared.set(now, known.add(old));
    return [old, now];
  }

  /** A listener that begins to hand connections over to others, no longer does, or does to fewer or more. */
  #handedOver(listener: SideResource): Change[] {
    const [earlier] = this.pairs.earlier(listener);
    if (earlier === undefined) return [];
    const [did, does] = [handsOver(earlier.meaning), handsOver(listener.meaning)];
    if (!did && !does) return [];
    return this.#addresses.flatMap((address) => {
      const was = did ? this.#old.behind(address) : [];
      const is = does ? this.#now.behind(address) : [];
      // What no listener is declared for, the one that hands over serves itself.
      const [old, now] = [was.length > 0 ? was : [earlier], is.length > 0 ? is : [listener]];
      return did === does ? this.#weaker(old, now) : this.#taken(old, now);
    });
  }

  /** Most listeners to which connections are handed over lead out, where they come and go with services. */
  #weaker(was: readonly SideResource[], is: readonly SideResource[]): Change[] {
    const [old, now] = this.#unlike(was, is);
    if (old === undefined || now === undefined) return [];
    const [guard, later] = [worstGuard(old.meaning), worstGuard(now.meaning)];
    if (later >= guard) return [];
    const message = `connections that need ${GUARDS[guard]} are now accepted with ${GUARDS[later]}`;
    const tls = aroundDifference('loosened', message);
    return [wholeChange(now.id, { ...tls, message: taken(old, tls) }, old.meaning, now.meaning)];
  }
}

function taken({ id }: SideResource, { message }: TlsDifference): string {
  return `it takes connections of the listener ${quoted(id.name)}: ${message}`;
}

/** Listeners without mutual TLS that others than their host's processes reach, and did not before. */
function exposedListeners(pairs: ResourcePairs, { changed }: SeenResources): Change[] {
  return changed.flatMap((listener) => {
    const { id, meaning } = listener;
    if (!isListener(listener) || worstGuard(meaning) === 2) return [];
    const earlier = pairs.earlier(listener);
    const [outside] = outsideAddresses(meaning);
    const isKnown = earlier.some((one) => listenerAddresses(one.meaning).length > 0);
    if (!isKnown || outside === undefined) return [];
    if (earlier.some((one) => outsideAddresses(one.meaning).length > 0)) return [];
    const was = earlier.every((one) => isBound(one.meaning))
      ? 'only its host could reach'
      : 'did not bind its port';
    const message = `a listener that ${was} is now at ${quoted(outside)}`;
    return [wholeChange(id, aroundDifference('loosened', message), earlier[0]?.meaning, meaning)];
  });
}
