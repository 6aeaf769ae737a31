// What proxies of a namespace see: services, VirtualServices and DestinationRules, as their Sidecar resource
// says (istiod 1.29's model/sidecar.go). Scopes are shared by all proxies that have the same.

import { compareText } from '../../collections/compare-text.js';
import { memo } from '../../collections/memo.js';
import type { DestinationRule } from '../../envoy/generated/types/networking/v1/destination_rule.js';
import type {
  IstioEgressListener,
  OutboundTrafficPolicy,
  Sidecar,
} from '../../envoy/generated/types/networking/v1/sidecar.js';
import type {
  Destination,
  VirtualService,
} from '../../envoy/generated/types/networking/v1/virtual_service.js';
import { rulesFor } from './destination-rules.js';
import { isSubset, isWildcard, MESH, mostSpecific, overlap } from './hosts.js';
import { covers } from './labels.js';
import type { Config, Labels, MergedRule, Mesh, Port, Service } from './model.js';
import { parseProtocol } from './protocol.js';
import { virtualServicesOf } from './virtual-services.js';

/** An egress listener of a Sidecar with what it imports. */
export interface EgressListener {
  /** Undefined where no Sidecar says it. */
  readonly spec: IstioEgressListener | undefined;
  readonly services: readonly Service[];
  readonly virtualServices: readonly Config<VirtualService>[];
  /** For each host of a service the VirtualService that is the most specific for it, as `namespace/name`. */
  readonly mostSpecific: ReadonlyMap<string, string>;
}

/** What proxies see. */
export interface Scope {
  readonly sidecar: Config<Sidecar> | undefined;
  readonly name: string;
  readonly namespace: string;
  readonly egress: readonly EgressListener[];
  readonly services: readonly Service[];
  readonly byHost: ReadonlyMap<string, Service>;
  readonly outboundPolicy: OutboundTrafficPolicy | undefined;
  /** The rules of a host. */
  rules(hostname: string): readonly MergedRule[] | undefined;
}

const DEFAULT_NAME = 'default-sidecar';
const scopes = new WeakMap<Mesh, Map<string, Scope>>();

/** The scope of a sidecar with some labels. */
export function sidecarScope(mesh: Mesh, namespace: string, labels: Labels): Scope {
  const config =
    (mesh.sidecars.get(namespace) ?? []).find(
      ({ spec }) => spec.workload_selector === undefined || covers(labels, spec.workload_selector.labels),
    ) ?? mesh.rootSidecar;
  const key = `${namespace} ${config?.namespace ?? ''} ${config?.name ?? ''}`;
  const known = memo(scopes, mesh, () => new Map<string, Scope>());
  return memo(known, key, () => scopeOf(mesh, config, namespace));
}

/** The scope of a gateway: all that its namespace may see. */
export function gatewayScope(mesh: Mesh, namespace: string): Scope {
  const known = memo(scopes, mesh, () => new Map<string, Scope>());
  return memo(known, `gateway ${namespace}`, () => {
    const collected = new Collected();
    for (const service of servicesVisibleTo(mesh, namespace)) collected.add(service);
    const virtualServices = virtualServicesOf(mesh.virtualServices, namespace, MESH);
    const listener = { spec: undefined, services: [], virtualServices, mostSpecific: new Map() };
    return finished(mesh, undefined, namespace, [listener], collected);
  });
}

/** The services that a namespace may see. */
function servicesVisibleTo({ serviceIndex }: Mesh, namespace: string): readonly Service[] {
  const { local, exportedTo } = serviceIndex;
  const own = local.get(namespace) ?? [];
  const given = exportedTo.get(namespace) ?? [];
  return own.length + given.length === 0 ? serviceIndex.public : [...own, ...given, ...serviceIndex.public];
}

function scopeOf(mesh: Mesh, config: Config<Sidecar> | undefined, namespace: string): Scope {
  const said = config?.spec.egress ?? [];
  const listeners = (said.length > 0 ? said : [{ hosts: ['*/*'] }]).map((spec) =>
    egressListener(mesh, namespace, spec),
  );
  const collected = new Collected();
  for (const listener of listeners) {
    for (const service of listener.services) collected.add(service);
    for (const { spec } of listener.virtualServices) {
      for (const [host, ports] of destinationsOf(spec, namespace)) {
        const byNamespace = mesh.serviceIndex.byHost.get(host);
        const service =
          byNamespace && (byNamespace.get(namespace) ?? firstVisible(mesh, byNamespace, namespace));
        if (service === undefined) continue;
        collected.add(
          needsPort(listener.spec) ? atListenerPort(service, listener.spec) : atPorts(service, ports),
        );
      }
    }
  }
  return finished(mesh, config, namespace, listeners, collected);
}

function finished(
  mesh: Mesh,
  sidecar: Config<Sidecar> | undefined,
  namespace: string,
  egress: readonly EgressListener[],
  { services, byHost }: Collected,
): Scope {
  const rules = new Map<string, readonly MergedRule[] | undefined>();
  const said = sidecar?.spec.outbound_traffic_policy;
  const policy = mesh.settings.outbound_traffic_policy;
  return {
    sidecar,
    name: sidecar?.name ?? DEFAULT_NAME,
    namespace,
    egress,
    services,
    byHost,
    outboundPolicy: said ?? (policy && { mode: outboundMode(policy.mode) }),
    rules(hostname) {
      const service = byHost.get(hostname);
      if (service === undefined) return undefined;
      if (!rules.has(hostname)) rules.set(hostname, rulesFor(mesh, namespace, service));
      return rules.get(hostname);
    },
  };
}

function outboundMode(mode: string | undefined): 'REGISTRY_ONLY' | 'ALLOW_ANY' {
  return mode === 'ALLOW_ANY' ? 'ALLOW_ANY' : 'REGISTRY_ONLY';
}

/** Imported hosts of a namespace. */
interface Hosts {
  readonly exact: Set<string>;
  readonly all: string[];
  readonly wildcards: string[];
}

function hostsByNamespace(listener: IstioEgressListener, namespace: string): Map<string, Hosts> {
  const byNamespace = new Map<string, Hosts>();
  for (const text of listener.hosts ?? []) {
    const [scope = '', host, ...rest] = text.split('/');
    if (host === undefined || rest.length > 0) continue;
    const hosts = memo(byNamespace, scope === '.' ? namespace : scope, () => ({
      exact: new Set<string>(),
      all: [],
      wildcards: [],
    }));
    hosts.all.push(host);
    if (isWildcard(host)) hosts.wildcards.push(host);
    else hosts.exact.add(host);
  }
  return byNamespace;
}

/** Whether a service's host is imported. */
function imports({ exact, wildcards, all }: Hosts, host: string): boolean {
  if (exact.has(host)) return true;
  return (isWildcard(host) ? all : wildcards).some((imported) => isSubset(host, imported));
}

/** Whether a VirtualService's host is imported, or imported hosts are among its names. */
function importsOverlapping({ exact, wildcards, all }: Hosts, host: string): boolean {
  if (exact.has(host)) return true;
  return (isWildcard(host) ? all : wildcards).some((imported) => overlap(host, imported));
}

function egressListener(mesh: Mesh, namespace: string, spec: IstioEgressListener): EgressListener {
  const hosts = hostsByNamespace(spec, namespace);
  const virtualServices = virtualServicesOf(mesh.virtualServices, namespace, MESH).filter(
    (config, index, all) => {
      if (all.indexOf(config) !== index) return false;
      const scopes = [hosts.get(config.namespace), hosts.get('*')];
      return scopes.some(
        (scope) =>
          scope !== undefined && (config.spec.hosts ?? []).some((host) => importsOverlapping(scope, host)),
      );
    },
  );
  const services = importedServices(servicesVisibleTo(mesh, namespace), namespace, hosts, spec);
  return { spec, services, virtualServices, mostSpecific: mostSpecificHosts(virtualServices, services) };
}

function importedServices(
  visible: readonly Service[],
  namespace: string,
  hosts: ReadonlyMap<string, Hosts>,
  spec: IstioEgressListener,
): readonly Service[] {
  const everywhere = hosts.get('*');
  const matching = (scope: Hosts | undefined, service: Service): Service | undefined => {
    if (scope === undefined || !imports(scope, service.hostname)) return undefined;
    const cut = needsPort(spec) ? atListenerPort(service, spec) : service;
    return cut && withImportedAliases(cut, scope);
  };
  const imported = visible.flatMap(
    (service) => matching(hosts.get(service.namespace), service) ?? matching(everywhere, service) ?? [],
  );
  // Of several services with one host those of one namespace are taken.
  const chosen = new Map<string, Service>();
  for (const service of imported) {
    const known = chosen.get(service.hostname);
    if (
      known === undefined ||
      service.namespace === namespace ||
      (known.registry === 'External' && service.registry === 'Kubernetes' && known.namespace !== namespace)
    )
      chosen.set(service.hostname, service);
  }
  return imported.filter(({ hostname, namespace: own }) => chosen.get(hostname)?.namespace === own);
}

function withImportedAliases(service: Service, scope: Hosts): Service {
  const aliases = service.aliases.filter(({ hostname }) => imports(scope, hostname));
  return aliases.length === service.aliases.length ? service : { ...service, aliases };
}

/** Whether a listener is only for services that have its port. */
function needsPort(spec: IstioEgressListener | undefined): spec is IstioEgressListener {
  return (spec?.port?.number ?? 0) !== 0 && parseProtocol(spec?.port?.protocol ?? '') !== 'HTTP_PROXY';
}

function atListenerPort(service: Service, { port }: IstioEgressListener): Service | undefined {
  const found = service.ports.find((own) => own.port === port?.number);
  if (found === undefined) return undefined;
  return service.ports.length === 1 ? service : { ...service, ports: [found] };
}

function atPorts(service: Service, wanted: ReadonlySet<number>): Service | undefined {
  if (wanted.size === 0 || wanted.has(0)) return service;
  const ports = service.ports.filter(({ port }) => wanted.has(port));
  if (ports.length === service.ports.length) return service;
  return ports.length > 0 ? { ...service, ports } : undefined;
}

function mostSpecificHosts(
  virtualServices: readonly Config<VirtualService>[],
  services: readonly Service[],
): ReadonlyMap<string, string> {
  const exact = new Map<string, string>();
  const wildcard = new Map<string, string>();
  for (const { namespace, name, spec } of virtualServices) {
    for (const host of spec.hosts ?? []) {
      const map = isWildcard(host) ? wildcard : exact;
      if (!map.has(host)) map.set(host, `${namespace}/${name}`);
    }
  }
  const found = new Map<string, string>();
  for (const { hostname } of services) {
    const best = mostSpecific(hostname, exact, wildcard);
    if (best !== undefined) found.set(hostname, best);
  }
  return found;
}

/**
 * The hosts that a VirtualService leads to, with the ports that it names; 0 where it names none.
 *
 * @param namespace of the callers: routes for others lead nowhere; '' for all
 */
export function destinationsOf(
  spec: VirtualService,
  namespace: string,
): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>();
  const add = (to: Destination | undefined): void => {
    if (to !== undefined) memo(found, to.host ?? '', () => new Set<number>()).add(to.port?.number ?? 0);
  };
  for (const { match = [], route = [], mirror, mirrors = [] } of spec.http ?? []) {
    const sources = match.flatMap(({ source_namespace }) => source_namespace || []);
    if (namespace !== '' && sources.length > 0 && !sources.includes(namespace)) continue;
    for (const { destination } of route) add(destination);
    add(mirror);
    for (const { destination } of mirrors) add(destination);
  }
  for (const { route = [] } of [...(spec.tcp ?? []), ...(spec.tls ?? [])]) {
    for (const { destination } of route) add(destination);
  }
  return found;
}

function firstVisible(
  mesh: Mesh,
  byNamespace: ReadonlyMap<string, Service>,
  namespace: string,
): Service | undefined {
  const [first] = [...byNamespace]
    .filter(([, service]) => isVisible(mesh, service, namespace))
    .sort(([a], [b]) => compareText(a, b));
  return first?.[1];
}

/** Whether a namespace sees a service. */
export function isVisible(
  { settings }: Mesh,
  { exportTo, namespace: own }: Service,
  namespace: string,
): boolean {
  if (exportTo === undefined) {
    if (settings.default_service_export_to.includes('.')) return own === namespace;
    return settings.default_service_export_to.includes('*');
  }
  return exportTo.has('*') || (exportTo.has('.') && own === namespace) || exportTo.has(namespace);
}

/** Services collected one by one; of several with one host the better one stays, or their ports are united. */
class Collected {
  readonly services: Service[] = [];
  readonly byHost = new Map<string, Service>();
  private readonly places = new Map<string, number>();

  add(service: Service | undefined): void {
    if (service === undefined) return;
    const { hostname } = service;
    const known = this.byHost.get(hostname);
    if (known === undefined) {
      this.places.set(hostname, this.services.length);
      this.services.push(service);
      this.byHost.set(hostname, service);
    } else if (known !== service && known.registry === service.registry) {
      if (!samePorts(known.ports, service.ports) && canMerge(known, service))
        this.replace({ ...known, ports: united(known.ports, service.ports) });
    } else if (known.registry === 'External' && service.registry === 'Kubernetes') this.replace(service);
  }

  private replace(service: Service): void {
    this.services[this.places.get(service.hostname) as number] = service;
    this.byHost.set(service.hostname, service);
  }
}

function samePorts(a: readonly Port[], b: readonly Port[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, port, protocol }, index) => {
      const other = b[index];
      return name === other?.name && port === other.port && protocol === other.protocol;
    })
  );
}

function united(ports: readonly Port[], others: readonly Port[]): readonly Port[] {
  const all = [...ports];
  for (const port of others) if (!all.some((own) => own.port === port.port)) all.push(port);
  return all;
}

function canMerge(a: Service, b: Service): boolean {
  return (
    a.namespace === b.namespace &&
    a.resolution === b.resolution &&
    sameEntries(a.labels, b.labels) &&
    sameEntries(a.selector ?? {}, b.selector ?? {}) &&
    sameSet(a.exportTo, b.exportTo)
  );
}

function sameEntries(a: Labels, b: Labels): boolean {
  return Object.keys(a).length === Object.keys(b).length && covers(a, b);
}

function sameSet(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  return (a?.size ?? 0) === (b?.size ?? 0) && [...(a ?? [])].every((item) => b?.has(item));
}

/** The DestinationRule that a proxy follows for a host: of its own workloads first, for what it calls. */
export function destinationRule(
  scope: Scope,
  hostname: string,
  labels: Labels | undefined,
): Config<DestinationRule> | undefined {
  let general: Config<DestinationRule> | undefined;
  for (const { config } of scope.rules(hostname) ?? []) {
    const selector = config.spec.workload_selector;
    if (selector === undefined) general = config;
    else if (
      labels !== undefined &&
      config.namespace === scope.namespace &&
      covers(labels, selector.match_labels)
    )
      return config;
  }
  return general;
}
