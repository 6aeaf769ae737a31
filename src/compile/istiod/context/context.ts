// What everything in this folder is compiled from: the mesh, the proxy, and how istiod is installed. What does
// not depend on the proxy itself is kept for all proxies that are alike in what it does depend on.

import { memo } from '../../../collections/memo.js';
import {
  HOSTNAME_LABEL,
  NETWORK_LABEL,
  REGION_LABEL,
  SUBZONE_LABEL,
  ZONE_LABEL,
} from '../../../mesh/istiod/labels.js';
import { type MergedGateway, mergedGateway } from '../../../mesh/istiod/merged-gateway.js';
import type { Labels, Mesh } from '../../../mesh/istiod/model.js';
import type { IstioProxy } from '../../../mesh/istiod/proxy.js';
import type { Features } from './features.js';

/** The mesh as one proxy sees it. */
export interface Context {
  readonly mesh: Mesh;
  readonly proxy: IstioProxy;
  readonly features: Features;
  /** The Gateways of a router; undefined for none. */
  readonly gateway: MergedGateway | undefined;
  /** What is kept for all proxies whose clusters and endpoints are alike for one service and rule. */
  readonly peers: PeerCache;
}

/** Values by service and rule. */
class PeerCache {
  private readonly values = new WeakMap<object, WeakMap<object, Map<string, unknown>>>();

  /** The value for a pair of objects and a name, made once. */
  value<T>(first: object, second: object, name: string, make: () => T): T {
    const byFirst = memo(this.values, first, () => new WeakMap<object, Map<string, unknown>>());
    const byName = memo(byFirst, second, () => new Map<string, unknown>());
    return memo(byName, name, make as () => unknown) as T;
  }
}

const caches = new WeakMap<Mesh, Map<string, PeerCache>>();

/** Puts together what a proxy's configuration is compiled from. */
export function contextFor(mesh: Mesh, proxy: IstioProxy, features: Features): Context {
  const known = memo(caches, mesh, () => new Map<string, PeerCache>());
  const peers = memo(known, peerKey(mesh, proxy, features), () => new PeerCache());
  const gateway =
    proxy.type === 'router' ? mergedGateway(mesh, proxy, features.scopeGatewayToNamespace) : undefined;
  return { mesh, proxy, features, gateway, peers };
}

/** What clusters and endpoints depend on beside a service and its rule. */
function peerKey(mesh: Mesh, proxy: IstioProxy, features: Features): string {
  const { metadata } = proxy;
  return JSON.stringify([
    features,
    proxy.type,
    proxy.locality,
    proxy.supports,
    metadata.clusterId,
    metadata.network,
    metadata.requestedNetworkView,
    metadata.tlsClient,
    metadata.credentialSocket,
    metadata.fileCredentialSocket,
    proxy.config.proxy_headers?.preserve_http1_header_case,
    mesh.services.some(({ nodeLocal }) => nodeLocal) ? metadata.nodeName : '',
    picked(proxy.labels, priorityLabels(mesh)),
  ]);
}

function picked(labels: Labels, names: readonly string[]): readonly (string | undefined)[] {
  return names.map((name) => labels[name]);
}

const labelNames = new WeakMap<Mesh, readonly string[]>();

/** The labels of a proxy by which localities are sorted. */
function priorityLabels(mesh: Mesh): readonly string[] {
  return memo(labelNames, mesh, () => {
    const settings = [
      mesh.settings.locality_lb_setting,
      ...mesh.configs.DestinationRule.flatMap(({ spec }) =>
        [spec.traffic_policy, ...(spec.subsets ?? []).map(({ traffic_policy }) => traffic_policy)].flatMap(
          (policy) => [
            policy?.load_balancer?.locality_lb_setting,
            ...(policy?.port_level_settings ?? []).map(
              ({ load_balancer }) => load_balancer?.locality_lb_setting,
            ),
          ],
        ),
      ),
    ];
    const said = settings.flatMap((setting) => setting?.failover_priority ?? []);
    const distributed = mesh.services.some(({ trafficDistribution }) => trafficDistribution !== 'Any');
    const topology = [NETWORK_LABEL, REGION_LABEL, ZONE_LABEL, SUBZONE_LABEL, HOSTNAME_LABEL];
    const names = [...said.map((text) => text.split('=')[0] ?? ''), ...(distributed ? topology : [])];
    return [...new Set(names)].sort();
  });
}

/** A function whose result is computed once for each context. */
export function perContext<T>(compute: (context: Context) => T): (context: Context) => T {
  const results = new WeakMap<Context, { readonly value: T }>();
  return (context) => memo(results, context, () => ({ value: compute(context) })).value;
}
