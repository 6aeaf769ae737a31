// Inbound and outbound listeners that meet on one address. A sidecar distinguishes inbound traffic from
// what the workload calls by the workload's address; where that is not known, both are listened for on
// 0.0.0.0, and a port can be both only if the two can be distinguished otherwise.

import type { FilterChain } from '../../../envoy/generated/types/envoy/api/v2/listener/listener_components.js';
import type { Listener } from '../../../envoy/generated/types/envoy/api/v2/listener.js';
import type { Finding } from '../../../finding/finding.js';
import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import type { Context } from '../context/context.js';

/** Listeners with each name once. */
export interface SharedListeners {
  readonly listeners: readonly Listener[];
  /** Outbound ones that had to give way. */
  readonly lost: readonly Listener[];
}

/**
 * Joins inbound with outbound listeners. Where a workload takes nothing but mTLS, TLS on a shared port is for
 * the workload and all else from it; otherwise the port is the workload's alone.
 */
export function shareListeners(inbound: readonly Listener[], outbound: readonly Listener[]): SharedListeners {
  const own = new Map(inbound.map((listener) => [listener.name, listener]));
  const lost: Listener[] = [];
  const others: Listener[] = [];
  for (const listener of outbound) {
    const known = own.get(listener.name);
    if (known === undefined) others.push(listener);
    else if (takesTlsOnly(known)) own.set(listener.name, joined(known, listener));
    else lost.push(listener);
  }
  return { listeners: [...own.values(), ...others], lost };
}

function takesTlsOnly({ filter_chains = [] }: Listener): boolean {
  return filter_chains.every(
    ({ tls_context, filter_chain_match }) => tls_context !== undefined && filter_chain_match === undefined,
  );
}

function joined(inbound: Listener, outbound: Listener): Listener {
  const own = (inbound.filter_chains ?? []).map(
    (chain): FilterChain => ({ filter_chain_match: { transport_protocol: 'tls' }, ...chain }),
  );
  return { ...inbound, filter_chains: [...own, ...(outbound.filter_chains ?? [])] };
}

/** Warnings about ports that a workload cannot call, since they are its own. */
export function lostPorts({ proxy }: Context, lost: readonly Listener[]): Finding[] {
  return lost.map(({ address }) => {
    const port = address?.socket_address?.port_value;
    return {
      code: 'shared-port',
      level: 'warning',
      message: `${proxy.id} accepts plaintext on port ${port} and calls other services on it: without the workload's address, inbound and outbound traffic cannot be distinguished, so port ${port} of ${UNSPECIFIED_ADDRESS} is for inbound traffic only`,
      remedy: 'add its Pod, or use a proxy file with its ip, or require mTLS on the port',
    };
  });
}
