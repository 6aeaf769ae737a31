// The ways out that routes are: for every domain and match, the clusters that requests went to, and those that
// they go to.

import { compareText } from '../../collections/compare-text.js';
import { grouped } from '../../collections/grouped.js';
import { canonical } from '../meaning/canonical.js';
import type { Meaning } from '../meaning/meaning.js';
import type { TlsDifference } from '../tls/change.js';
import { aroundDifference } from '../tls/tls-difference.js';
import { fieldOf, itemsOf, textsOf } from './meanings.js';
import { allReferences, isEmpty, type References, referencesIn, sameReferences } from './references.js';

/** Compares the clusters that two places lead to. */
export interface ReferenceComparer {
  /** What it means that one leads where the other led. */
  replaced(old: References, now: References): readonly TlsDifference[];
  /** How well the worst guarded of some clusters is guarded; undefined where none is known. */
  guard(references: References): number | undefined;
  /** Where the endpoints of a cluster are, as far as it is known. */
  addresses(cluster: string): readonly string[];
}

/** A difference of routes, and the routes that it is of. */
interface RouteDifference {
  readonly tls: TlsDifference;
  readonly old: Meaning | undefined;
  readonly new: Meaning | undefined;
}

interface Entry {
  readonly domain: string;
  readonly match: string;
  readonly route: Meaning;
  readonly references: References;
}

/** Compares two RouteConfigurations. */
export function compareRoutes(old: Meaning, now: Meaning, comparer: ReferenceComparer): RouteDifference[] {
  const [before, after] = [entriesOf(old), entriesOf(now)];
  const [byDomain, byLaterDomain] = [
    grouped(before, ({ domain }) => domain),
    grouped(after, ({ domain }) => domain),
  ];
  const found: RouteDifference[] = [];
  const add = (
    differences: readonly TlsDifference[],
    was: Meaning | undefined,
    is: Meaning | undefined,
  ): void => {
    for (const tls of differences) found.push({ tls, old: was, new: is });
  };
  for (const [domain, entries] of byLaterDomain) {
    const earlier: readonly Entry[] = byDomain.get(domain) ?? [];
    const known = new Map(earlier.map((entry) => [entry.match, entry]));
    for (const entry of entries) {
      const same = known.get(entry.match);
      if (same === undefined)
        add(
          added(entry, earlier.length > 0 ? earlier : fallback(byDomain), comparer),
          undefined,
          entry.route,
        );
      else if (!sameReferences(same.references, entry.references))
        add(comparer.replaced(same.references, entry.references), same.route, entry.route);
    }
    add(reordered(earlier, entries, comparer), undefined, entries[0]?.route);
  }
  for (const [domain, entries] of byDomain) {
    const later = byLaterDomain.get(domain);
    const matches = new Set(later?.map(({ match }) => match));
    for (const entry of entries)
      if (!matches.has(entry.match))
        add(removed(entry, later ?? fallback(byLaterDomain), comparer), entry.route, undefined);
  }
  return found;
}

/** What serves requests for domains that are not named. */
function fallback(byDomain: ReadonlyMap<string, readonly Entry[]>): readonly Entry[] {
  return byDomain.get('*') ?? [];
}

function entriesOf(routes: Meaning): Entry[] {
  const plugins = fieldOf(routes, 'cluster_specifier_plugins');
  const always = referencesIn(fieldOf(routes, 'request_mirror_policies'));
  return itemsOf(routes, 'virtual_hosts').flatMap((host) => {
    const mirrors = [always, referencesIn(fieldOf(host, 'request_mirror_policies'))];
    const entry = (match: string, route: Meaning): Omit<Entry, 'domain'> => ({
      match,
      route,
      references: withPlugins(allReferences([referencesIn(route), ...mirrors]), plugins),
    });
    const matcher = fieldOf(host, 'matcher');
    const entries = [
      ...itemsOf(host, 'routes').map((route) => entry(matchText(fieldOf(route, 'match')), route)),
      ...(matcher === undefined ? [] : [entry('matcher', matcher)]),
    ];
    return textsOf(host, 'domains')
      .sort(compareText)
      .flatMap((domain) => entries.map((one) => ({ ...one, domain: domain.toLowerCase() })));
  });
}

function matchText(match: Meaning | undefined): string {
  return match === undefined ? '' : canonical(match);
}

/** What a plugin chooses depends on what the plugin is. */
function withPlugins(references: References, plugins: Meaning | undefined): References {
  if (plugins === undefined || !references.open.some((one) => one.startsWith('cluster_specifier_plugin ')))
    return references;
  return { ...references, open: references.open.map((one) => `${one} of ${canonical(plugins)}`) };
}

function referencesOf(entries: readonly Entry[]): References {
  return allReferences(entries.map(({ references }) => references));
}

/** A route that takes requests from others. */
function added(entry: Entry, others: readonly Entry[], comparer: ReferenceComparer): TlsDifference[] {
  const before = referencesOf(others);
  if (isEmpty(entry.references) || isEmpty(before)) return [];
  if (entry.references.open.length > 0) return comparer.replaced(before, entry.references).slice();
  return weaker(
    comparer.guard(before),
    comparer.guard(entry.references),
    'a route is added to a cluster that is less guarded',
  );
}

/** Requests of a route that is gone go to others. */
function removed(entry: Entry, others: readonly Entry[], comparer: ReferenceComparer): TlsDifference[] {
  const after = referencesOf(others);
  if (isEmpty(entry.references) || isEmpty(after)) return [];
  return weaker(
    comparer.guard(entry.references),
    comparer.guard(after),
    'requests of a route that is gone may go to a cluster that is less guarded',
  );
}

function weaker(before: number | undefined, after: number | undefined, message: string): TlsDifference[] {
  if (before === undefined || after === undefined || after >= before) return [];
  return [aroundDifference('loosened', message)];
}

/** The first route that fits counts. */
function reordered(
  before: readonly Entry[],
  after: readonly Entry[],
  comparer: ReferenceComparer,
): TlsDifference[] {
  const [old, now] = [before, after].map((entries) => new Set(entries.map(({ match }) => match)));
  const order = (entries: readonly Entry[], others: ReadonlySet<string> | undefined): string =>
    entries.flatMap(({ match }) => (others?.has(match) ? [match] : [])).join('\0');
  if (order(before, now) === order(after, old)) return [];
  const guards = new Set([...before, ...after].map(({ references }) => comparer.guard(references)));
  guards.delete(undefined);
  return guards.size < 2
    ? []
    : [aroundDifference('unknown', 'another route may come first, to a cluster that is guarded otherwise')];
}
