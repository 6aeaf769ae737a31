// Explains the TLS of a cluster or listener of a proxy: what came out, read from the resource itself, and what
// decided it.

import { detect } from '../../envoy/detect.js';
import type { Cluster } from '../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { Listener } from '../../envoy/generated/types/envoy/api/v2/listener.js';
import { MessageReader } from '../../envoy/message-reader.js';
import type { Finding } from '../../finding/finding.js';
import { readSource } from '../../source/document.js';
import { tlsInventory } from '../../tls/contexts.js';
import { readTlsSettings } from '../../tls/read.js';
import type { TlsSettings } from '../../tls/settings.js';
import type { Compiled } from '../compiled.js';
import { discoveryResponse, type ResourceKind } from '../output/response.js';
import type { Context } from '../pilot/context/context.js';
import { outboundGrounds } from './explain-cluster.js';
import { listenerGrounds } from './explain-listener.js';
import { noSuchName } from './no-such-name.js';
import type { Grounds, TlsExplanation, TlsOutcome } from './tls-explanation.js';

/** Explains a cluster or listener by its name, or says what it may have been. */
export function explainTls(context: Context, compiled: Compiled, name: string): TlsExplanation | Finding {
  const cluster = compiled.clusters.find((one) => one.name === name);
  if (cluster !== undefined) {
    const settings = settingsOf('clusters', cluster);
    const grounds = outboundGrounds(context, name) ?? ownGrounds(cluster);
    return { kind: 'cluster', name, ...grounds, outcomes: [{ of: '', settings }] };
  }
  const listener = compiled.listeners.find((one) => one.name === name);
  if (listener !== undefined) {
    const grounds = listenerGrounds(context, listener);
    return { kind: 'listener', name, ...grounds, outcomes: chainOutcomes(listener) };
  }
  return noSuchName(
    [...compiled.clusters, ...compiled.listeners].flatMap((one) => one.name ?? []),
    name,
  );
}

/** Clusters that no service of others is behind. */
function ownGrounds({ name = '' }: Cluster): Grounds {
  return name.startsWith('inbound|')
    ? {
        purpose: 'for traffic from the proxy to its own workload',
        reasons: [{ text: 'the proxy terminates TLS: see the explanation of its listener' }],
      }
    : {
        purpose: 'for traffic to no service of the mesh',
        reasons: [{ text: 'no DestinationRule applies to it' }],
      };
}

/** The TLS of each chain, for which connections; of chains that are alike once. */
function chainOutcomes(listener: Listener): TlsOutcome[] {
  const outcomes = new Map<string, TlsOutcome>();
  for (const chain of listener.filter_chains ?? []) {
    const {
      application_protocols = [],
      server_names = [],
      transport_protocol,
    } = chain.filter_chain_match ?? {};
    const of = [
      application_protocols.length > 0 && `the protocol ${application_protocols.join(' or ')}`,
      server_names.length > 0 && `the server name ${server_names.join(' or ')}`,
      transport_protocol && `the transport ${transport_protocol}`,
    ]
      .filter(Boolean)
      .join(' and ');
    const settings = settingsOf('listeners', { ...listener, filter_chains: [chain] });
    const outcome = { of, settings };
    outcomes.set(JSON.stringify(outcome), outcome);
  }
  return [...outcomes.values()];
}

/** The TLS settings in a resource as it is written. */
function settingsOf(kind: ResourceKind, resource: object): TlsSettings | undefined {
  const text = JSON.stringify(discoveryResponse(kind, [resource]));
  const [document] = readSource('resource.json', text).documents;
  if (document === undefined) return undefined;
  const { contexts } = tlsInventory(new MessageReader(document), detect(document.tape, 'v2').roots);
  return contexts[0] && readTlsSettings(contexts[0]);
}
