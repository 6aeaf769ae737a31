// The filter chains of listeners, each with the TLS context that guards it.

import type { Message } from '../envoy/message.js';
import type { TlsContext } from '../tls/context.js';
import { checkedPeer, checksAnything } from './checked-peer.js';
import type { Run } from './run.js';
import type { Survey } from './survey.js';

/** A filter chain of a listener. */
export interface GuardedChain {
  readonly chain: Message;
  /** Whether its connections are not protected at all. */
  readonly isPlain: boolean;
  /** Whether what a client presents is checked. */
  readonly checksClients: boolean;
}

/** The filter chains of a listener of a survey, the default one last. */
export function guardedChains(listener: Message, contexts: ChainContexts, run: Run): GuardedChain[] {
  const fallback = listener.message('default_filter_chain');
  const chains = listener.messages('filter_chains');
  if (fallback !== undefined) chains.push(fallback);
  return chains.map((chain) => {
    const context = contexts.get(chain.node);
    return {
      chain,
      isPlain: context === undefined && isPlain(chain),
      checksClients: context !== undefined && checksAnything(checkedPeer(context, run)),
    };
  });
}

/** The TLS contexts of filter chains, by the chain's node. */
export type ChainContexts = ReadonlyMap<number, TlsContext>;

/** The TLS contexts that guard the filter chains of a survey. */
export function chainContexts({ contexts }: Survey): ChainContexts {
  const byChain = new Map<number, TlsContext>();
  for (const context of contexts) {
    if (context.side !== 'downstream') continue;
    for (let at: Message | undefined = context.message; at !== undefined; at = at.around)
      if (at.type.name.endsWith('.FilterChain')) byChain.set(at.node, context);
  }
  return byChain;
}

/** Whether a chain without a TLS context has no other protection either, as ALTS would be. */
function isPlain(chain: Message): boolean {
  const socket = chain.message('transport_socket');
  if (socket === undefined) return !chain.has('tls_context');
  return /RawBuffer$|raw_buffer$/.test(
    socket.message('typed_config')?.type.name ?? socket.text('name') ?? '',
  );
}
