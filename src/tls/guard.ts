// How well the ways into a listener and out of a cluster are guarded: each filter chain, and each socket of a
// cluster, is a way of its own, and the least guarded one is what a peer can use.

import type { Message } from '../envoy/message.js';
import type { TlsContext } from './context.js';
import { readTlsSettings } from './read.js';
import type { TlsSettings } from './settings.js';

/** How well a connection is guarded. */
export type Guard = 'plain text' | 'unchecked TLS' | 'TLS' | 'mutual TLS';

/** The guards, the weakest first. */
export const GUARDS: readonly Guard[] = ['plain text', 'unchecked TLS', 'TLS', 'mutual TLS'];

/** The weaker of two guards. */
function weaker(a: Guard, b: Guard): Guard {
  return GUARDS.indexOf(b) < GUARDS.indexOf(a) ? b : a;
}

/** How a TLS context guards its connections. */
export function guardOf({ side, certificates, validation, requireClientCertificate }: TlsSettings): Guard {
  const checks = validation?.root !== undefined;
  if (side === 'downstream') return requireClientCertificate === true && checks ? 'mutual TLS' : 'TLS';
  if (!checks) return 'unchecked TLS';
  return certificates.length > 0 ? 'mutual TLS' : 'TLS';
}

/**
 * How the least guarded way of a cluster or listener is guarded.
 *
 * @param resource a Cluster or Listener of either version
 * @param contexts the TLS contexts of the resource
 */
export function guardOfResource(resource: Message, contexts: readonly TlsContext[]): Guard {
  const guarded = new Map<string, Guard>();
  for (const context of contexts) {
    const way = wayOf(context.message.path(undefined, resource));
    const guard = guardOf(readTlsSettings(context));
    guarded.set(way, weaker(guarded.get(way) ?? guard, guard));
  }
  return waysOf(resource)
    .map((way) => guarded.get(way) ?? 'plain text')
    .reduce(weaker);
}

/** The part of a path that names a way: a filter chain, an entry of `transport_socket_matches`, or ''. */
function wayOf(path: string): string {
  return (
    /^(?:filter_chains\[\d+\]|default_filter_chain|transport_socket_matches\[\d+\])(?=\.|$)/.exec(
      path,
    )?.[0] ?? ''
  );
}

function waysOf(resource: Message): string[] {
  const matches = resource
    .messages('transport_socket_matches')
    .map((_, i) => `transport_socket_matches[${i}]`);
  const chains = resource.messages('filter_chains').map((_, i) => `filter_chains[${i}]`);
  if (resource.has('default_filter_chain')) chains.push('default_filter_chain');
  // A cluster's own socket serves what no match selects; a listener without a chain has no way in.
  return chains.length > 0 ? chains : ['', ...matches];
}
