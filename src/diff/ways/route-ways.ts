// The ways out that routes are: for every domain and match, the clusters that requests went to, and those that
// they go to.

import { compareText } from '../../collections/compare-text.js';
import { grouped } from '../../collections/grouped.js';
import { quoted } from '../../secrecy/quoted.js';
import { canonical } from '../meaning/canonical.js';
import type { Meaning } from '../meaning/meaning.js';
import type { TlsDifference } from '../tls/change.js';
import { aroundDifference } from '../tls/tls-difference.js';
import { fieldOf, itemsOf, textOf, textsOf } from './meanings.js';
import { allReferences, isEmpty, type References, referencesIn, sameReferences } from './references.js';
import { ANY_ROUTE, covers, overlaps, type RouteMatch, routeMatch } from './route-match.js';

/** Compares the clusters that two places lead to. */
export interface ReferenceComparer {
  /** What it means that one leads where the other led. */
  replaced(old: References, now: References): readonly TlsDifference[];
  /** How well the worst guarded of some clusters is guarded; undefined where none is known. */
  guard(references: References): number | undefined;
  /** The headers that hold the names which servers of some clusters must have, '' for the host. */
  nameHeaders(references: References): readonly string[];
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
  readonly match: RouteMatch;
  readonly route: Meaning;
  readonly references: References;
  /** What the configuration writes into a header of the route's requests, as text. */
  readonly written: (header: string) => string;
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
    const known = new Map(earlier.map((entry) => [entry.match.text, entry]));
    for (const [i, entry] of entries.entries()) {
      const same = known.get(entry.match.text);
      if (same === undefined) {
        // Behind a route that takes all requests of its own, it takes none.
        if (entries.slice(0, i).some(({ match }) => covers(match, entry.match))) continue;
        add(
          added(entry, earlier.length > 0 ? earlier : fallback(byDomain, domain), comparer),
          undefined,
          entry.route,
        );
      } else add(between(same, entry, comparer), same.route, entry.route);
    }
    add(reordered(earlier, entries, comparer), undefined, entries[0]?.route);
  }
  for (const [domain, entries] of byDomain) {
    const later = byLaterDomain.get(domain);
    const matches = new Set(later?.map(({ match }) => match.text));
    for (const entry of entries)
      if (!matches.has(entry.match.text))
        add(removed(entry, later ?? fallback(byLaterDomain, domain), comparer), entry.route, undefined);
  }
  return found;
}

/** What it means that requests of one route go by another. */
function between(old: Entry, now: Entry, comparer: ReferenceComparer): TlsDifference[] {
  const found = sameReferences(old.references, now.references)
    ? []
    : [...comparer.replaced(old.references, now.references)];
  const headers = comparer.nameHeaders(now.references);
  const before = headers.length === 0 ? [] : comparer.nameHeaders(old.references);
  const other = headers.find(
    (header) => before.includes(header) && old.written(header) !== now.written(header),
  );
  if (other !== undefined)
    found.push(
      aroundDifference(
        'loosened',
        `the name that the server's certificate must have comes from ${other === '' ? 'another host' : `another ${quoted(other)}`}`,
      ),
    );
  return found;
}

/** Fields that change a request's host before Envoy chooses a server; `auto_host_rewrite` does so after that. */
const REWRITES_HOST = [
  'host_rewrite',
  'host_rewrite_literal',
  'host_rewrite_header',
  'auto_host_rewrite_header',
  'host_rewrite_path_regex',
  'host_rewrite_path',
];

/** @param holders what writes headers of a route's requests: the route and what is around and in it */
function writtenBy(holders: readonly (Meaning | undefined)[]): Entry['written'] {
  return (header) => {
    const names = header === '' ? ['host', ':authority'] : [header];
    const fields = header === '' ? REWRITES_HOST : [];
    const parts = holders.flatMap((holder) => [
      ...itemsOf(holder, 'request_headers_to_add').filter((one) =>
        names.includes(textOf(one, 'header', 'key')?.toLowerCase() ?? ''),
      ),
      ...fields.flatMap((name) => fieldOf(holder, name) ?? []),
    ]);
    return parts.map(canonical).join();
  };
}

/** What serves requests for a domain that is not named: the longest suffix, then the longest prefix, then all. */
function fallback(byDomain: ReadonlyMap<string, readonly Entry[]>, domain: string): readonly Entry[] {
  const longest = (fits: (wildcard: string) => boolean): string | undefined =>
    [...byDomain.keys()].filter(fits).sort((a, b) => b.length - a.length || compareText(a, b))[0];
  const name =
    longest((one) => one.length > 1 && one.startsWith('*') && domain.endsWith(one.slice(1))) ??
    longest((one) => one.length > 1 && one.endsWith('*') && domain.startsWith(one.slice(0, -1)));
  return byDomain.get(name ?? '*') ?? [];
}

function entriesOf(routes: Meaning): Entry[] {
  const plugins = fieldOf(routes, 'cluster_specifier_plugins');
  const always = referencesIn(fieldOf(routes, 'request_mirror_policies'));
  return itemsOf(routes, 'virtual_hosts').flatMap((host) => {
    const mirrors = [always, referencesIn(fieldOf(host, 'request_mirror_policies'))];
    const entry = (match: RouteMatch, route: Meaning): Omit<Entry, 'domain'> => ({
      match,
      route,
      written: writtenBy([
        routes,
        host,
        route,
        fieldOf(route, 'route'),
        ...itemsOf(route, 'route', 'weighted_clusters', 'clusters'),
      ]),
      references: withPlugins(allReferences([referencesIn(route), ...mirrors]), plugins),
    });
    const matcher = fieldOf(host, 'matcher');
    const entries = [
      ...itemsOf(host, 'routes').map((route) => entry(routeMatch(fieldOf(route, 'match')), route)),
      ...(matcher === undefined ? [] : [entry(ANY_ROUTE, matcher)]),
    ];
    return textsOf(host, 'domains')
      .sort(compareText)
      .flatMap((domain) => entries.map((one) => ({ ...one, domain: domain.toLowerCase() })));
  });
}

/** What a plugin chooses depends on what the plugin is. */
function withPlugins(references: References, plugins: Meaning | undefined): References {
  if (plugins === undefined || !references.open.some((one) => one.startsWith('cluster_specifier_plugin ')))
    return references;
  return { ...references, open: references.open.map((one) => `${one} of ${canonical(plugins)}`) };
}

/** A route that takes requests from others. */
function added(entry: Entry, others: readonly Entry[], comparer: ReferenceComparer): TlsDifference[] {
  if (isEmpty(entry.references)) return [];
  return sharing(entry, others).flatMap((one) =>
    isEmpty(one.references) ? [] : between(one, entry, comparer),
  );
}

/** Requests of a route that is gone go to others. */
function removed(entry: Entry, others: readonly Entry[], comparer: ReferenceComparer): TlsDifference[] {
  if (isEmpty(entry.references)) return [];
  return sharing(entry, others).flatMap((one) =>
    isEmpty(one.references) ? [] : between(entry, one, comparer),
  );
}

/** The routes, up to the first that takes all, that take requests of another where that is not there. */
function sharing({ match }: Entry, others: readonly Entry[]): readonly Entry[] {
  const found = others.filter((other) => overlaps(match, other.match));
  const last = found.findIndex((other) => covers(other.match, match));
  return last < 0 ? found : found.slice(0, last + 1);
}

/** More routes than this are not tried with each other. */
const MOST_TRIED = 500;

/** The first route that fits counts. */
function reordered(
  before: readonly Entry[],
  after: readonly Entry[],
  comparer: ReferenceComparer,
): TlsDifference[] {
  const places = new Map(before.map(({ match }, i) => [match.text, i]));
  const both = after.flatMap((entry) => {
    const place = places.get(entry.match.text);
    return place === undefined ? [] : [{ entry, place }];
  });
  if (both.every(({ place }, i) => i === 0 || place > (both[i - 1]?.place ?? 0))) return [];
  const lead = new Set(both.map(({ entry }) => comparer.guard(entry.references)));
  if (both.length > MOST_TRIED)
    return lead.size < 2
      ? []
      : [aroundDifference('unknown', 'another route may come first, to a cluster that is guarded otherwise')];
  return both.flatMap(({ entry, place }, i) =>
    both
      .slice(i + 1)
      .filter((one) => one.place < place && overlaps(entry.match, one.entry.match))
      .flatMap((one) => between(one.entry, entry, comparer)),
  );
}
