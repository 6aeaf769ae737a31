// Which item of one list is which of another: equal ones first, then those known by the same name, then those
// most alike; and which of them moved. What comes out for (a, b) mirrors what comes out for (b, a).

import { canonical } from './canonical.js';
import type { ListOrder } from './list-order.js';
import { identityOf } from './list-order.js';
import { type Meaning, MessageMeaning } from './meaning.js';

/** How the items of two lists belong together, by their numbers. */
export interface Pairing {
  /** In the order of the newer list. */
  readonly pairs: readonly (readonly [old: number, new: number])[];
  readonly removed: readonly number[];
  readonly added: readonly number[];
  /** Pairs that stand elsewhere among the pairs than they stood; none where the order means nothing. */
  readonly moved: readonly (readonly [old: number, new: number])[];
}

/** What an item of a list is known by; undefined where nothing tells. */
export function identity(item: Meaning): string | undefined {
  const known = fieldIdentity(item);
  // A filter chain with TLS is first of all another than one without, though both take the same connections.
  return known !== undefined && isChainByMatch(item) && item.get('transport_socket') !== undefined
    ? `${known}{TLS}`
    : known;
}

/** What a filter chain without a name is known by, with TLS or without. */
function matchIdentity(item: Meaning): string | undefined {
  return isChainByMatch(item) ? fieldIdentity(item) : undefined;
}

function fieldIdentity(item: Meaning): string | undefined {
  if (item.shape !== 'message') return undefined;
  const { fields, absenceTells } = identityOf(item.type);
  for (const path of fields) {
    const found = at(item, path.split('.'));
    if (found !== undefined) return found.shape === 'scalar' ? String(found.value) : canonical(found);
  }
  return absenceTells ? '' : undefined;
}

function isChainByMatch(item: Meaning): item is MessageMeaning {
  return (
    item.shape === 'message' &&
    item.type.field('filter_chain_match') !== undefined &&
    item.get('name') === undefined
  );
}

function at(item: Meaning, path: readonly string[]): Meaning | undefined {
  let found: Meaning | undefined = item;
  for (const name of path) found = found instanceof MessageMeaning ? found.get(name) : undefined;
  return found;
}

/** Above this many, items that nothing tells are paired in their order, not by likeness. */
const MOST_COMPARED = 2500;

/** Pairs the items of two lists. */
export function pair(old: readonly Meaning[], now: readonly Meaning[], order: ListOrder): Pairing {
  const pairs: [number, number][] = [];
  let left = indexes(old);
  let right = indexes(now);
  const take = (keyOf: (item: Meaning) => string | undefined): void => {
    const found = samePairs(old, now, left, right, keyOf);
    pairs.push(...found);
    const [taken, used] = [new Set(found.map(([i]) => i)), new Set(found.map(([, j]) => j))];
    left = left.filter((i) => !taken.has(i));
    right = right.filter((j) => !used.has(j));
  };
  take(canonical);
  if (left.length > 0 && right.length > 0) take(identity);
  // A filter chain that TLS came to or went from.
  if (left.length > 0 && right.length > 0) take(matchIdentity);
  const unnamed =
    (items: readonly Meaning[]) =>
    (i: number): boolean =>
      pairsByLikeness(items[i] as Meaning);
  const alike = alikePairs(old, now, left.filter(unnamed(old)), right.filter(unnamed(now)), order);
  pairs.push(...alike);
  const [taken, used] = [new Set(alike.map(([i]) => i)), new Set(alike.map(([, j]) => j))];
  pairs.sort(([, a], [, b]) => a - b);
  return {
    pairs,
    removed: left.filter((i) => !taken.has(i)),
    added: right.filter((j) => !used.has(j)),
    moved: order === 'any' ? [] : movedPairs(old, now, pairs),
  };
}

function indexes(items: readonly unknown[]): number[] {
  return items.map((_, i) => i);
}

/** Scalars are what they are; of messages a likeness may show that one became another. */
function pairsByLikeness(item: Meaning): boolean {
  return item.shape === 'message' || item.shape === 'map';
}

/** What has a name is not another thing of another name, unless the two are alike. */
function isNamed(item: Meaning): boolean {
  return item instanceof MessageMeaning && item.get('name') !== undefined;
}

function samePairs(
  old: readonly Meaning[],
  now: readonly Meaning[],
  left: readonly number[],
  right: readonly number[],
  keyOf: (item: Meaning) => string | undefined,
): [number, number][] {
  const byKey = new Map<string, number[]>();
  for (const i of left) {
    const key = keyOf(old[i] as Meaning);
    if (key === undefined) continue;
    const there = byKey.get(key);
    if (there === undefined) byKey.set(key, [i]);
    else there.push(i);
  }
  const found: [number, number][] = [];
  for (const j of right) {
    const key = keyOf(now[j] as Meaning);
    const i = key === undefined ? undefined : byKey.get(key)?.shift();
    if (i !== undefined) found.push([i, j]);
  }
  return found;
}

/** Pairs what nothing tells apart: one each as it is, several by how much they have in common. */
function alikePairs(
  old: readonly Meaning[],
  now: readonly Meaning[],
  left: readonly number[],
  right: readonly number[],
  order: ListOrder,
): [number, number][] {
  if (left.length === 0 || right.length === 0) return [];
  const named = left.some((i) => isNamed(old[i] as Meaning)) || right.some((j) => isNamed(now[j] as Meaning));
  if (!named && left.length === right.length && (left.length === 1 || order === 'ordered'))
    return left.map((i, k) => [i, right[k] as number]);
  if (left.length * right.length > MOST_COMPARED) return [];
  const scored = left.flatMap((i) =>
    right.flatMap((j) => {
      const score = likeness(old[i] as Meaning, now[j] as Meaning);
      return score === undefined ? [] : [{ i, j, score }];
    }),
  );
  const keyOf = (i: number, j: number): string =>
    [canonical(old[i] as Meaning), canonical(now[j] as Meaning)].sort().join();
  scored.sort(
    (a, b) =>
      b.score - a.score ||
      (keyOf(a.i, a.j) < keyOf(b.i, b.j) ? -1 : keyOf(a.i, a.j) > keyOf(b.i, b.j) ? 1 : 0),
  );
  const found: [number, number][] = [];
  for (const { i, j, score } of scored) {
    if (score >= 0 && !found.some(([one, other]) => one === i || other === j)) found.push([i, j]);
  }
  return found;
}

/**
 * How much two messages or maps are alike: a member that says the same counts most, one that both have counts,
 * one that only one has counts against. Undefined where they say nothing alike.
 */
function likeness(a: Meaning, b: Meaning): number | undefined {
  const [left, right] = [membersOf(a), membersOf(b)];
  const shared = [...left.keys()].filter((name) => right.has(name));
  const same = shared.filter((name) => left.get(name) === right.get(name)).length;
  if (same === 0) return undefined;
  return same + 2 * shared.length - Math.max(left.size, right.size);
}

function membersOf(meaning: Meaning): Map<string, string> {
  const members = new Map<string, string>();
  if (meaning.shape === 'map') {
    for (const [name, member] of meaning.members) members.set(name, canonical(member));
  } else if (meaning.shape === 'message') {
    for (const name of meaning.members.keys()) {
      const member = meaning.get(name);
      if (member !== undefined) members.set(name, canonical(member));
    }
  }
  return members;
}

/** The pairs outside a longest run that kept its order. Seen from the side whose order comes first, both ways. */
function movedPairs(
  old: readonly Meaning[],
  now: readonly Meaning[],
  pairs: readonly (readonly [number, number])[],
): (readonly [number, number])[] {
  const byNew = pairs.map(([i, j]) => ({ i, j }));
  if (byNew.every(({ i }, k) => k === 0 || (byNew[k - 1]?.i ?? 0) < i)) return [];
  const byOld = [...byNew].sort((a, b) => a.i - b.i);
  const keyOf = ({ i, j }: { readonly i: number; readonly j: number }): string =>
    [canonical(old[i] as Meaning), canonical(now[j] as Meaning)].sort().join();
  const forward = byOld.map(keyOf).join() <= byNew.map(keyOf).join();
  const sequence = forward ? byOld : byNew;
  const places = sequence.map(({ i, j }) => (forward ? j : i));
  const kept = new Set(longestRise(places).map((at) => sequence[at]));
  return byNew.filter((one) => !kept.has(one)).map(({ i, j }) => [i, j]);
}

/** The places of a longest increasing subsequence. */
function longestRise(values: readonly number[]): number[] {
  const tails: number[] = [];
  const before: number[] = [];
  values.forEach((value, at) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[tails[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    before[at] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = at;
  });
  const rise: number[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] as number) rise.push(at);
  return rise.reverse();
}
