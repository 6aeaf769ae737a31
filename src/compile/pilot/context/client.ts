// A proxy as seen from what it calls. Most of what proxies are sent is about others and is the same for many
// of them. So it is compiled for a reduced proxy, in which there is nothing that only its own workload
// depends on: what is not there cannot make a difference, and all proxies that look alike share the result.

import { memo } from '../../../collections/memo.js';
import type { Labels, Mesh } from '../../../mesh/model.js';
import { hasScope, type MeshProxy } from '../../../mesh/proxy.js';

/** The node's metadata that decide on what it calls. */
const CLIENT_METADATA = [
  'BASE',
  'HTTP10',
  'IDLE_TIMEOUT',
  'ROUTER_MODE',
  'SDS_TOKEN_PATH',
  'SIDECAR_UID',
  'TLS_CLIENT_CERT_CHAIN',
  'TLS_CLIENT_KEY',
  'TLS_CLIENT_ROOT_CERT',
] as const;

/** Those that decide on a cluster, for all its callers. */
const PEER_METADATA = [
  'BASE',
  'SDS_TOKEN_PATH',
  'TLS_CLIENT_CERT_CHAIN',
  'TLS_CLIENT_KEY',
  'TLS_CLIENT_ROOT_CERT',
];

/** A proxy without what its own services are: as much as outbound listeners, routes and endpoints depend on. */
export function asClient(mesh: Mesh, proxy: MeshProxy): MeshProxy {
  return {
    ...proxy,
    ip: '',
    id: '',
    workload: undefined,
    instances: [],
    metadata: picked(proxy.metadata, CLIENT_METADATA),
    labels: distinct(proxy.labels.map((labels) => picked(labels, sourceLabels(mesh)))),
  };
}

/** A client without its place in the mesh: as much as the clusters of a service and its rule depend on. */
export function asPeer(client: MeshProxy): MeshProxy {
  const { scope } = client;
  return {
    ...client,
    type: 'sidecar',
    namespace: '',
    domain: '',
    labels: [],
    interceptionMode: 'REDIRECT',
    scope: { ...scope, config: undefined, namespace: '', egressListeners: [], services: [] },
    metadata: picked(client.metadata, PEER_METADATA),
  };
}

/** Clients with one key are the same. */
export function clientKey(client: MeshProxy): string {
  const { scope } = client;
  const config = hasScope(client) ? scope.config : undefined;
  return JSON.stringify([
    client.type,
    client.namespace,
    client.domain,
    client.metadata,
    client.locality,
    client.interceptionMode,
    client.labels,
    config && [config.namespace, config.name],
    client.isVersion11,
  ]);
}

/** Peers with one key are the same. */
export function peerKey({ metadata, locality, isVersion11 }: MeshProxy): string {
  return JSON.stringify([metadata, locality, isVersion11]);
}

type Texts = { readonly [name: string]: string };

/** The named members that are there, in the order of the names. */
function picked(texts: Texts, names: Iterable<string>): Texts {
  const found: Record<string, string> = {};
  for (const name of names) {
    const text = texts[name];
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/** Each set once. One without labels is asked for nothing, which is what no set at all is asked for. */
function distinct(sets: readonly Labels[]): Labels[] {
  const known = new Map(sets.map((labels) => [JSON.stringify(labels), labels]));
  known.delete('{}');
  return [...known.values()];
}

const labelNames = new WeakMap<Mesh, readonly string[]>();

/** The labels that VirtualServices ask of clients; no others make a difference. */
function sourceLabels(mesh: Mesh): readonly string[] {
  return memo(labelNames, mesh, () => {
    const matches = mesh.configs.VirtualService.flatMap(({ spec }) =>
      [...(spec.http ?? []), ...(spec.tls ?? []), ...(spec.tcp ?? [])].flatMap(({ match }) => match ?? []),
    );
    const names = matches.flatMap(({ source_labels }) => Object.keys(source_labels ?? {}));
    return [...new Set(names)].sort();
  });
}
