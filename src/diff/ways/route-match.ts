// Which requests a route takes: whether two routes may take the same ones, and whether one takes all of the other's.

import { canonical } from '../meaning/canonical.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import { textOf } from './meanings.js';

/** A route's match. */
export interface RouteMatch {
  /** The same for the same match. */
  readonly text: string;
  /** The path, or what all paths begin with; undefined where nothing is known of paths. */
  readonly path: { readonly value: string; readonly isPrefix: boolean } | undefined;
  /** Whether it asks for nothing but the path. */
  readonly isOfPath: boolean;
}

/** What no request is known of. */
export const ANY_ROUTE: RouteMatch = { text: 'matcher', path: undefined, isOfPath: false };

/** Reads a match of a route. */
export function routeMatch(match: Meaning | undefined): RouteMatch {
  if (!(match instanceof MessageMeaning))
    return { text: '', path: { value: '', isPrefix: true }, isOfPath: true };
  const [prefix, exact] = [textOf(match, 'prefix'), textOf(match, 'path')];
  const value = prefix ?? exact;
  return {
    text: canonical(match),
    path: value === undefined ? undefined : { value, isPrefix: prefix !== undefined },
    isOfPath: value !== undefined && match.members.size === 1,
  };
}

/** Whether a request may fit both: so it is unless their paths differ. */
export function overlaps({ path: a }: RouteMatch, { path: b }: RouteMatch): boolean {
  if (a === undefined || b === undefined) return true;
  // A match may leave case aside.
  const [one, other] = [a, b].map((path) => ({ ...path, value: path.value.toLowerCase() })) as [
    RoutePath,
    RoutePath,
  ];
  return begins(one, other) || begins(other, one);
}

/** Whether each request that fits the inner one fits the outer one. */
export function covers(outer: RouteMatch, inner: RouteMatch): boolean {
  if (outer.text === inner.text) return true;
  if (!outer.isOfPath || outer.path === undefined) return false;
  if (outer.path.isPrefix && (outer.path.value === '' || outer.path.value === '/')) return true;
  return inner.path !== undefined && begins(outer.path, inner.path);
}

type RoutePath = NonNullable<RouteMatch['path']>;

function begins(outer: RoutePath, inner: RoutePath): boolean {
  return outer.isPrefix
    ? inner.value.startsWith(outer.value)
    : !inner.isPrefix && inner.value === outer.value;
}
