// The networks of a mesh: which one an address is in, and by which gateways others reach it (istiod 1.29's
// model/network.go, kube/controller/network.go).

import { compareText } from '../../collections/compare-text.js';
import { memo } from '../../collections/memo.js';
import type { MeshNetworks } from '../../envoy/generated/types/mesh/v1/network.js';
import type { Labels } from '../model.js';
import { inRange, ipFamily, parseCidr } from './addresses.js';
import type { NetworkGateway, NetworkGateways, Service } from './model.js';

const NETWORK_LABEL = 'topology.istio.io/network';
const GATEWAY_PORT_LABEL = 'networking.istio.io/gatewayPort';
const DEFAULT_GATEWAY_PORT = 15443;
const HBONE_PORT = 15008;

/** A function that says which network an endpoint of the cluster is in; '' where none is known. */
export function networkOf(
  networks: MeshNetworks | undefined,
  clusterId: string,
  systemNetwork: string,
): (address: string, labels: Labels) => string {
  const ranges: { readonly network: string; readonly bits: number; has(address: string): boolean }[] = [];
  let fromRegistry = '';
  for (const [network, { endpoints = [] }] of sortedEntries(networks)) {
    for (const { from_cidr = '', from_registry = '' } of endpoints) {
      const range = parseCidr(from_cidr);
      if (range !== undefined) ranges.push({ network, bits: range.bits, has: inRange(from_cidr) });
      if (from_registry !== '' && from_registry === clusterId && fromRegistry === '') fromRegistry = network;
    }
  }
  // The widest range comes first, as in the tree that istiod keeps them in.
  ranges.sort((a, b) => a.bits - b.bits);
  return (address, labels) =>
    labels[NETWORK_LABEL] ||
    systemNetwork ||
    fromRegistry ||
    (ranges.find((range) => range.has(address))?.network ?? '');
}

function sortedEntries(networks: MeshNetworks | undefined) {
  return Object.entries(networks?.networks ?? {}).sort(([a], [b]) => compareText(a, b));
}

/** The gateways that meshNetworks and services name: those with addresses, and all. */
export function networkGateways(
  networks: MeshNetworks | undefined,
  services: readonly Service[],
  clusterId: string,
): { readonly gateways: NetworkGateways; readonly namedGateways: NetworkGateways } {
  const known = new Map<string, NetworkGateway>();
  const add = (gateway: NetworkGateway): void => void known.set(JSON.stringify(gateway), gateway);
  const registryNames = new Map<string, { readonly network: string; readonly port: number }[]>();
  for (const [network, { gateways = [], endpoints = [] }] of sortedEntries(networks)) {
    const isOwn = endpoints.some(({ from_registry }) => from_registry === clusterId);
    for (const { address = '', registry_service_name = '', port = 0 } of gateways) {
      if (address !== '') add({ network, cluster: '', address, port });
      if (registry_service_name !== '' && isOwn)
        memo(registryNames, registry_service_name, () => []).push({ network, port });
    }
  }
  for (const service of services) {
    for (const address of service.externalAddresses) {
      for (const { network, port } of gatewaysOfService(service, registryNames.get(service.hostname) ?? []))
        add({ network, cluster: clusterId, address, port });
    }
  }
  const all = [...known.values()];
  return {
    // Names would have to be resolved.
    gateways: indexed(all.filter(({ address }) => ipFamily(address) !== 0)),
    namedGateways: indexed(all),
  };
}

function gatewaysOfService(
  { labels, ports }: Service,
  named: readonly { readonly network: string; readonly port: number }[],
): readonly { readonly network: string; readonly port: number }[] {
  const network = labels[NETWORK_LABEL] ?? '';
  if (network === '') return named;
  const text = labels[GATEWAY_PORT_LABEL] ?? '';
  const wanted = /^[-+]?\d+$/.test(text) ? Number(text) : DEFAULT_GATEWAY_PORT;
  const has = (number: number): boolean =>
    ports.some(({ port, protocol }) => port === number && protocol !== 'UDP');
  if (!has(wanted) && !has(HBONE_PORT)) return [];
  return [{ network, port: has(wanted) ? wanted : 0 }];
}

function indexed(gateways: readonly NetworkGateway[]): NetworkGateways {
  const byNetwork = new Map<string, NetworkGateway[]>();
  const byNetworkAndCluster = new Map<string, NetworkGateway[]>();
  for (const gateway of [...gateways].sort(byAddress)) {
    memo(byNetwork, gateway.network, () => []).push(gateway);
    memo(byNetworkAndCluster, `${gateway.network} ${gateway.cluster}`, () => []).push(gateway);
  }
  const counts = [...byNetwork.values(), ...byNetworkAndCluster.values()].map(({ length }) => length);
  return { byNetwork, byNetworkAndCluster, scaleFactor: counts.reduce(leastCommonMultiple, 1) };
}

/** Orders gateways by address and port. */
export function byAddress(a: NetworkGateway, b: NetworkGateway): number {
  return compareText(a.address, b.address) || a.port - b.port;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a * b) / x;
}
