// VirtualServices: their short names resolved, and those that apply to some gateways (Pilot 1.1's
// PushContext.initVirtualServices and VirtualServices).

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
    if (isLocal) local.set(config.namespace, [...(local.get(config.namespace) ?? []), config]);
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

/**
 * The virtual services that proxies of a namespace see and that apply to one of some gateways.
 *
 * @param gateways names as `namespace/name`, or `mesh`
 */
export function virtualServices(
  mesh: Mesh,
  namespace: string,
  gateways: ReadonlySet<string>,
): Config<VirtualService>[] {
  const { exported, local } = mesh.virtualServices;
  return [...(local.get(namespace) ?? []), ...exported].filter(({ spec }) => {
    const own = spec.gateways ?? [];
    return own.length === 0 ? gateways.has(MESH_GATEWAY) : own.some((name) => gateways.has(name));
  });
}
