// The chains of ports whose protocol is not HTTP: by VirtualService, else to the service (istiod 1.29's
// core/tls.go).

import { compareText } from '../../../collections/compare-text.js';
import type {
  L4MatchAttributes,
  TLSMatchAttributes,
  VirtualService,
} from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import { MESH, overlap } from '../../../mesh/istiod/hosts.js';
import { covers } from '../../../mesh/istiod/labels.js';
import type { Config, Port, Service } from '../../../mesh/istiod/model.js';
import { isTls } from '../../../mesh/istiod/protocol.js';
import { destinationRule } from '../../../mesh/istiod/scope.js';
import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import type { Context } from '../context/context.js';
import { localAddresses } from '../context/local-addresses.js';
import { configMetadata, outboundName, statisticsPattern } from '../context/names.js';
import { serviceAddress } from '../context/service-addresses.js';
import { alternativeNames } from '../routes/domains.js';
import type { Chain } from './chains.js';
import { routeFilters, singleFilters } from './network-filters.js';

const OUTBOUND = { kind: 'outbound', isChecked: false, exchangesMetadata: false } as const;

/** A port of a service, with where it is listened for. */
export interface TcpPort {
  readonly service: Service;
  readonly port: Port;
  readonly bind: string;
  /** Ranges of addresses that the service has. */
  readonly cidrs: readonly string[];
  readonly virtualServices: readonly Config<VirtualService>[];
}

/** The chains of a port. */
export function tcpChains(context: Context, of: TcpPort): readonly Chain[] {
  const { hostname } = of.service;
  const configs = of.virtualServices.filter(({ spec }) =>
    (spec.hosts ?? []).some((host) => overlap(host, hostname)),
  );
  return isTls(of.port.protocol) ? tlsRoutes(context, of, configs) : plainRoutes(context, of, configs);
}

/** Whether a match is for connections of a proxy to a port. */
function isMatch(
  { proxy }: Context,
  match: TLSMatchAttributes | L4MatchAttributes,
  gateways: ReadonlySet<string>,
  port: number,
): boolean {
  const { gateways: said = [], source_labels, port: own = 0, source_namespace = '' } = match;
  return (
    (said.length === 0 || said.some((gateway) => gateways.has(gateway))) &&
    covers(proxy.labels, source_labels) &&
    (own === 0 || own === port) &&
    (source_namespace === '' || source_namespace === proxy.metadata.namespace)
  );
}

const MESH_ONLY: ReadonlySet<string> = new Set([MESH]);

function tlsRoutes(
  context: Context,
  of: TcpPort,
  configs: readonly Config<VirtualService>[],
): readonly Chain[] {
  const { port } = of;
  let { cidrs } = of;
  const chains: Chain[] = [];
  const seen = new Set<string>();
  for (const config of configs) {
    for (const { match: matches = [], route = [] } of config.spec.tls ?? []) {
      for (const match of matches) {
        if (!isMatch(context, match, MESH_ONLY, port.port)) continue;
        const { sni_hosts = [], destination_subnets = [] } = match;
        if (destination_subnets.length > 0 && port.port > 0) cidrs = destination_subnets;
        const key = `${sni_hosts.join(',')}|${destination_subnets.join(',')}`;
        if (seen.has(key)) continue;
        seen.add(key);
        chains.push({
          metadata: configMetadata(config),
          sniHosts: sni_hosts,
          cidrs,
          filters: () => routeFilters(context, OUTBOUND, route, port, config),
        });
      }
    }
  }
  return chains.length > 0 ? chains : [serviceChain(context, of, cidrs, sniOf(context, of, cidrs))];
}

/** What SNI has to say where several services are listened for at one address. */
function sniOf(context: Context, { service, bind }: TcpPort, cidrs: readonly string[]): readonly string[] {
  const { proxy } = context;
  const said = serviceAddress(context, service);
  const isUnspecifiedV6 =
    service.registry === 'External' &&
    proxy.supports.v6 &&
    !proxy.supports.v4 &&
    said === UNSPECIFIED_ADDRESS;
  const address = said.includes('/') ? '' : isUnspecifiedV6 ? '::' : said;
  const { wildcard } = localAddresses(proxy);
  if (cidrs.length === 0 && address !== '' && !(address === wildcard && bind === wildcard)) return [];
  return [
    service.hostname,
    ...service.aliases.flatMap(({ hostname }) => [hostname, ...alternativeNames(context, hostname, 0)]),
  ];
}

function serviceChain(
  context: Context,
  { service, port }: TcpPort,
  cidrs: readonly string[],
  sniHosts: readonly string[],
): Chain {
  const { mesh, proxy } = context;
  const number = service.ports.length === 1 ? (service.ports[0]?.port ?? 0) : port.port;
  const cluster = outboundName(service.hostname, number);
  const pattern = mesh.settings.outbound_cluster_stat_name ?? '';
  const statPrefix =
    pattern === ''
      ? cluster
      : statisticsPattern(pattern, { service, port: { port: number, name: '' }, targetPort: 0 });
  const rule = destinationRule(proxy.scope, service.hostname, proxy.labels)?.spec;
  return {
    sniHosts,
    cidrs,
    filters: () => singleFilters(context, OUTBOUND, port, { cluster, statPrefix, subset: '', rule }),
  };
}

function plainRoutes(
  context: Context,
  of: TcpPort,
  configs: readonly Config<VirtualService>[],
): readonly Chain[] {
  const { port, cidrs } = of;
  const chains: Chain[] = [];
  let isCovered = false;
  for (const config of configs) {
    for (const { match: matches = [], route = [] } of config.spec.tcp ?? []) {
      const filters = () => routeFilters(context, OUTBOUND, route, port, config);
      const general: Chain = { metadata: configMetadata(config), cidrs, filters };
      if (matches.length === 0) return [...chains, general];
      const subnets: string[] = [];
      for (const match of matches) {
        if (!isMatch(context, match, MESH_ONLY, port.port)) continue;
        const { destination_subnets = [] } = match;
        if (destination_subnets.length === 0 || port.port === 0) return [...chains, general];
        subnets.push(...destination_subnets);
      }
      if (subnets.length === 0) continue;
      chains.push({ cidrs: subnets, filters });
      const sorted = (items: readonly string[]): string => [...items].sort(compareText).join(' ');
      if (sorted(subnets) === sorted(cidrs)) isCovered = true;
    }
  }
  return isCovered ? chains : [...chains, serviceChain(context, of, cidrs, [])];
}
