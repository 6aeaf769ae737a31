// Endpoints of other networks are reached through their gateways (istiod 1.29's xds/endpoints/ep_filters.go).

import type { LbEndpoint } from '../../../envoy/generated/types/envoy/config/endpoint/v3/endpoint_components.js';
import { augmented, TLS_ISTIO } from '../../../mesh/istiod/labels.js';
import type { NetworkGateway, NetworkGateways } from '../../../mesh/istiod/model.js';
import { byAddress } from '../../../mesh/istiod/networks.js';
import type { Context } from '../context/context.js';
import { addressOf } from '../context/extensions.js';
import { type Group, isMutual, withEndpoints } from './groups.js';

/** The largest weight that there is. */
const MOST = 4294967295;

/** Groups with the endpoints of other networks replaced by gateways, which share their weight. */
export function throughGateways(
  context: Context,
  gateways: NetworkGateways,
  groups: readonly Group[],
): readonly Group[] {
  return groups.map((group) => throughGatewaysOf(context, gateways, group));
}

function throughGatewaysOf(
  { mesh, proxy }: Context,
  gateways: NetworkGateways,
  { message, endpoints }: Group,
): Group {
  const own = proxy.metadata.network;
  const kept: LbEndpoint[] = [];
  const keptFrom: Pick<Group['endpoints'][number], 'labels' | 'network'>[] = [];
  const weights = new Map<NetworkGateway, number>();
  (message.lb_endpoints ?? []).forEach((endpoint, index) => {
    const from = endpoints[index] as Group['endpoints'][number];
    const isNear = from.network === '' || own === '' || from.network === own;
    const ways = usable(proxy.type, waysTo(gateways, from.network, mesh.clusterId));
    const weight = scaled(endpoint.load_balancing_weight ?? 0, gateways.scaleFactor);
    if (isNear || ways.length === 0) {
      if (!hasHost(endpoint)) return;
      kept.push({ ...endpoint, load_balancing_weight: weight });
      keptFrom.push(from);
    } else if (isMutual(endpoint)) {
      const share = Math.floor(weight / ways.length);
      for (const gateway of ways) weights.set(gateway, (weights.get(gateway) ?? 0) + share);
    }
  });
  for (const [gateway, weight] of [...weights].sort(([a], [b]) => byAddress(a, b))) {
    kept.push(gatewayEndpoint(gateway, weight || 1));
    keptFrom.push({
      network: gateway.network,
      labels: augmented({}, { cluster: gateway.cluster, locality: '', node: '', network: gateway.network }),
    });
  }
  return { message: withEndpoints(message, kept), endpoints: keptFrom };
}

function waysTo(
  { byNetwork, byNetworkAndCluster }: NetworkGateways,
  network: string,
  cluster: string,
): readonly NetworkGateway[] {
  return byNetworkAndCluster.get(`${network} ${cluster}`) ?? byNetwork.get(network) ?? [];
}

function usable(type: string, gateways: readonly NetworkGateway[]): readonly NetworkGateway[] {
  return type === 'sidecar' ? gateways.filter(({ port }) => port !== 0) : gateways;
}

function scaled(weight: number, factor: number): number {
  if (weight === 0) return factor;
  return weight < MOST / factor ? weight * factor : MOST;
}

function hasHost({ endpoint }: LbEndpoint): boolean {
  return (endpoint?.address?.socket_address?.address ?? '') !== '';
}

function gatewayEndpoint({ address, port, cluster }: NetworkGateway, weight: number): LbEndpoint {
  return {
    endpoint: { address: addressOf(address, port) },
    metadata: {
      filter_metadata: {
        'envoy.transport_socket_match': { tlsMode: TLS_ISTIO },
        istio: { workload: `;;;;${cluster}` },
      },
    },
    load_balancing_weight: weight,
  };
}
