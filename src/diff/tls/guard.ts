// How well a way in or out is guarded: a filter chain or socket without TLS beside one with it lets in what the
// other would not, so that adding or removing one changes whom a listener or cluster trusts.

import { alternatives, COMMON, REQUIRE_CLIENT_CERTIFICATE, VALIDATION } from '../../tls/fields.js';
import { type Meaning, MessageMeaning } from '../meaning/meaning.js';

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

/** Whether a context says whom it accepts. */
function checksPeers(context: MessageMeaning): boolean {
  const common = context.get(COMMON) ?? context;
  if (!(common instanceof MessageMeaning)) return false;
  return alternatives(VALIDATION).some((name) => common.get(name) !== undefined);
}

/** How a filter chain, or an entry of `transport_socket_matches`, is guarded. */
export function guardOf(meaning: Meaning | undefined): Guard {
  const socket = meaning instanceof MessageMeaning ? meaning.get('transport_socket') : undefined;
  const context = tlsContextIn(socket);
  if (context === undefined) return 0;
  const required = context.get(REQUIRE_CLIENT_CERTIFICATE);
  return required?.shape === 'scalar' && required.value === true && checksPeers(context) ? 2 : 1;
}

/**
 * How well a transport socket of a cluster guards: 0 is plain text, 1 is TLS without verification, 2 is TLS; a socket
 * that is not known counts as TLS.
 */
export function outwardGuard(socket: Meaning | undefined): number {
  if (socket === undefined) return 0;
  const context = tlsContextIn(socket);
  if (context !== undefined) return checksPeers(context) ? 2 : 1;
  const inner = socket instanceof MessageMeaning && socket.type.field('transport_socket') !== undefined;
  return inner ? outwardGuard(socket.get('transport_socket')) : 2;
}

export const GUARDS: Readonly<Record<Guard, string>> = { 0: 'plain text', 1: 'TLS', 2: 'mutual TLS' };
