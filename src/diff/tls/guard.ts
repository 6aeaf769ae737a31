// How well a way in or out is guarded: a filter chain or socket without TLS beside one with it lets in what the
// other would not, so that adding or removing one changes whom a listener or cluster trusts.

import { REQUIRE_CLIENT_CERTIFICATE } from '../../tls/fields.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';
import type { TlsClass, TlsDifference } from './change.js';
import { difference } from './tls-difference.js';

/** Without TLS, with it, and with certificates of both ends. */
export type Guard = 0 | 1 | 2;

const TLS_CONTEXTS = new Set(['UpstreamTlsContext', 'DownstreamTlsContext', 'CommonTlsContext']);

/** Whether a message is a TLS context of either version. */
export function isTlsContext(meaning: MessageMeaning): boolean {
  return TLS_CONTEXTS.has(meaning.type.shortName);
}

/** The first TLS context at or below a place. */
export function tlsContextIn(meaning: Meaning | undefined): MessageMeaning | undefined {
  const [first] = tlsContextsIn(meaning);
  return first;
}

/** The TLS contexts at or below a place. */
export function* tlsContextsIn(meaning: Meaning | undefined): Generator<MessageMeaning> {
  if (meaning === undefined || meaning.shape === 'scalar') return;
  if (meaning.shape === 'message' && isTlsContext(meaning)) {
    yield meaning;
    return;
  }
  const parts =
    meaning.shape === 'list'
      ? meaning.items
      : meaning.shape === 'map'
        ? meaning.members.values()
        : [...meaning.members.keys()].map((name) => meaning.get(name));
  for (const part of parts) yield* tlsContextsIn(part);
}

/** How a filter chain, or an entry of `transport_socket_matches`, is guarded. */
export function guardOf(meaning: Meaning | undefined): Guard {
  const socket = meaning instanceof MessageMeaning ? meaning.get('transport_socket') : undefined;
  const context = tlsContextIn(socket);
  if (context === undefined) return 0;
  const required = context.get(REQUIRE_CLIENT_CERTIFICATE);
  return required?.shape === 'scalar' && required.value === true ? 2 : 1;
}

/** How many ways have each guard. */
export type GuardCounts = readonly [number, number, number];

/** Counts the ways of one side by their guards. */
export function countGuards(ways: readonly Meaning[]): GuardCounts {
  const counts: [number, number, number] = [0, 0, 0];
  for (const way of ways) counts[guardOf(way)]++;
  return counts;
}

/** The guards that are there when some ways are left out. */
export function guardsBut(sides: readonly GuardCounts[], but: readonly Guard[]): Guard[] {
  return GUARDED.filter((guard) => {
    const all = sides.reduce((sum, counts) => sum + counts[guard], 0);
    return all > but.filter((one) => one === guard).length;
  });
}

const GUARDED: readonly Guard[] = [0, 1, 2];

/** What it means that one of several ways was added to others, or removed from them. */
export function wayDifference(
  kind: 'added' | 'removed',
  way: Guard,
  others: readonly Guard[],
  what: string,
): TlsDifference | undefined {
  const all = [way, ...others];
  if (all.every((guard) => guard === 0)) return undefined;
  const [old, now] = kind === 'added' ? [undefined, GUARDS[way]] : [GUARDS[way], undefined];
  const said = (meaning: TlsClass, message: string): TlsDifference =>
    difference(meaning, '', message, old, now);
  if (others.length > 0 && way < Math.min(...others)) {
    return kind === 'added'
      ? said('loosened', `${what} that is less guarded than the others is added`)
      : said('tightened', `${what} that was less guarded than the others is gone`);
  }
  if (others.length > 0 && way > Math.max(...others)) {
    return kind === 'added'
      ? said('tightened', `${what} that is better guarded than the others is added`)
      : said('loosened', `${what} that was better guarded than the others is gone`);
  }
  return said('other', `${what} with ${way === 0 ? 'no TLS' : 'TLS'} is ${kind}`);
}

export const GUARDS: Readonly<Record<Guard, string>> = { 0: 'plain text', 1: 'TLS', 2: 'mutual TLS' };
