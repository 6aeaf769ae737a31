// VirtualServices: their short names resolved, and those that apply to some gateways (Pilot 1.1's
// PushContext.initVirtualServices and VirtualServices).

import { addToGroup } from '../collections/grouped.js';
import { memo } from '../collections/memo.js';
import type {
  Destination,
  VirtualService,
} from '../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { fullGatewayName, fullHost, MESH_GATEWAY } from './host.js';
import type { ByVisibility, Config, Mesh, MeshSettings } from './model.js';

/** Resolves hosts, destinations and gateway names, and sorts public from local services. */
export function resolveVirtualServices(
  configs: readonly Config<VirtualService>[],
  settings: MeshSettings,
  domainSuffix: string,
): ByVisibility<Config<VirtualService>> {
  const exported: Config<VirtualService>[] = [];
  const local = new Map<string, Config<VirtualService>[]>();
  const defaultExport = settings.default_virtual_service_export_to ?? ['*'];
  for (const given of configs) {
    const config = { ...given, spec: resolve(given, domainSuffix) };
    const exportTo = config.spec.export_to ?? [];
    const isLocal = exportTo.length === 0 ? defaultExport.includes('.') : exportTo[0] === '.';
    if (isLocal) addToGroup(local, config.namespace, config);
    else if (exportTo.length > 0 || defaultExport.includes('*')) exported.push(config);
  }
  return { exported, local };
}

function resolve({ spec, namespace }: Config<VirtualService>, domainSuffix: string): VirtualService {
  const host = (name: string | undefined): string => fullHost(name ?? '', namespace, domainSuffix);
  const gateways = (names: readonly string[]): string[] =>
    names.map((name) => (name === MESH_GATEWAY ? name : fullGatewayName(name, namespace)));
  const destination = (to: Destination | undefined): Destination => ({ ...to, host: host(to?.host) });
  const matches = <M extends { gateways?: string[] | undefined }>(list: readonly M[]): M[] =>
    list.map((match) =>
      match.gateways === undefined ? match : { ...match, gateways: gateways(match.gateways) },
    );
  const routes = <R extends { destination?: Destination | undefined }>(list: readonly R[]): R[] =>
    list.map((route) => ({ ...route, destination: destination(route.destination) }));
  return {
    ...spec,
    hosts: (spec.hosts ?? []).map(host),
    ...(spec.gateways !== undefined && { gateways: gateways(spec.gateways) }),
    ...(spec.http !== undefined && {
      http: spec.http.map((http) => ({
        ...http,
        ...(http.match !== undefined && { match: matches(http.match) }),
        ...(http.route !== undefined && { route: routes(http.route) }),
        ...(http.mirror !== undefined && { mirror: destination(http.mirror) }),
      })),
    }),
    ...(spec.tls !== undefined && {
      tls: spec.tls.map((tls) => ({
        ...tls,
        ...(tls.match !== undefined && { match: matches(tls.match) }),
        ...(tls.route !== undefined && { route: routes(tls.route) }),
      })),
    }),
    ...(spec.tcp !== undefined && {
      tcp: spec.tcp.map((tcp) => ({
        ...tcp,
        ...(tcp.match !== undefined && { match: matches(tcp.match) }),
        ...(tcp.route !== undefined && { route: routes(tcp.route) }),
      })),
    }),
  };
}

type VirtualServices = readonly Config<VirtualService>[];

const seen = new WeakMap<Mesh, Map<string, ReadonlyMap<string, VirtualServices>>>();

const NONE: VirtualServices = [];

/**
 * The virtual services that proxies of a namespace see and that apply to a gateway; always the same list, so
 * that what is found out about it can be kept.
 *
 * @param gateway its name as `namespace/name`, or `mesh`
 */
export function virtualServices(mesh: Mesh, namespace: string, gateway: string): VirtualServices {
  const byNamespace = memo(seen, mesh, () => new Map());
  return memo(byNamespace, namespace, () => byGateway(mesh, namespace)).get(gateway) ?? NONE;
}

/** All that a namespace sees, its own private ones first, by the gateways that they name; `mesh` for none. */
function byGateway(mesh: Mesh, namespace: string): ReadonlyMap<string, VirtualServices> {
  const { exported, local } = mesh.virtualServices;
  const lists = new Map<string, Config<VirtualService>[]>();
  for (const config of [...(local.get(namespace) ?? []), ...exported]) {
    const own = config.spec.gateways ?? [];
    for (const gateway of own.length === 0 ? [MESH_GATEWAY] : new Set(own))
      addToGroup(lists, gateway, config);
  }
  return lists;
}
