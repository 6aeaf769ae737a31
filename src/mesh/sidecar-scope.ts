// What a sidecar sees of the mesh: all of it, or what the Sidecar resource of its workload, of its namespace
// or of the root namespace imports (Pilot 1.1's SidecarScope).

import { addToGroup } from '../collections/grouped.js';
import { memo } from '../collections/memo.js';
import type { DestinationRule } from '../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import type { IstioEgressListener, Sidecar } from '../envoy/generated/types/networking/v1alpha3/sidecar.js';
import type { VirtualService } from '../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { destinationRule } from './destination-rules.js';
import { hostsMatch, MESH_GATEWAY } from './host.js';
import { hasLabels } from './instances.js';
import type { Config, Labels, Mesh, Service } from './model.js';
import { virtualServices } from './virtual-services.js';

/** One egress listener with what it imports. */
export interface EgressListener {
  /** Undefined for the listener that imports everything where there is no Sidecar resource. */
  readonly listener: IstioEgressListener | undefined;
  readonly services: readonly Service[];
  readonly virtualServices: readonly Config<VirtualService>[];
}

/** What the sidecars of a namespace, or some of them, see. */
export interface SidecarScope {
  /** The Sidecar resource; undefined where everything is seen. */
  readonly config: Config<Sidecar> | undefined;
  readonly namespace: string;
  readonly egressListeners: readonly EgressListener[];
  /** The services of all egress listeners, each host once. */
  readonly services: readonly Service[];
  /** Whether the resource says which inbound listeners there are. */
  readonly hasIngress: boolean;
}

/**
 * The scope of a sidecar.
 *
 * @param labels the label sets of its workload; a Sidecar that selects labels applies where one set has them all
 */
export function sidecarScope(mesh: Mesh, namespace: string, labels: readonly Labels[]): SidecarScope {
  return scopeUnder(mesh, namespace, sidecarConfig(mesh, namespace, labels));
}

/** The Sidecar resource of a workload: one that selects it, else that of its namespace, else the mesh's. */
function sidecarConfig(
  mesh: Mesh,
  namespace: string,
  labels: readonly Labels[],
): Config<Sidecar> | undefined {
  const own = mesh.sidecars.get(namespace) ?? [];
  const selecting = own.find(
    ({ spec }) =>
      spec.workload_selector !== undefined && anyHasLabels(labels, spec.workload_selector.labels ?? {}),
  );
  // Of several resources without a selector the last one counts.
  const general = own.findLast(({ spec }) => spec.workload_selector === undefined);
  const config = selecting ?? general;
  // A namespace without services is not given the root namespace's resource.
  if (config !== undefined || own.length > 0 || !mesh.serviceNamespaces.has(namespace)) return config;
  const root = mesh.sidecars.get(mesh.settings.root_namespace ?? '');
  return root?.find(({ spec }) => spec.workload_selector === undefined);
}

const scopes = new WeakMap<Mesh, Map<Config<Sidecar> | undefined, Map<string, SidecarScope>>>();

/** A scope is the same object for all that share it, and so is what is found out about it. */
function scopeUnder(mesh: Mesh, namespace: string, config: Config<Sidecar> | undefined): SidecarScope {
  const byConfig = memo(scopes, mesh, () => new Map());
  const byNamespace = memo(byConfig, config, () => new Map());
  return memo(byNamespace, namespace, () =>
    config === undefined ? everything(mesh, namespace) : scopeOf(mesh, namespace, config),
  );
}

/** Whether one of some label sets has all wanted ones; where there is no set, only nothing is had. */
export function anyHasLabels(sets: readonly Labels[], wanted: Labels): boolean {
  if (sets.length === 0) return Object.keys(wanted).length === 0;
  return sets.some((labels) => hasLabels(labels, wanted));
}

/** The services that are visible in a namespace: its own private ones, then the public ones. */
export function visibleServices(mesh: Mesh, namespace: string): readonly Service[] {
  const local = mesh.visibleServices.local.get(namespace);
  return local === undefined ? mesh.visibleServices.exported : [...local, ...mesh.visibleServices.exported];
}

function everything(mesh: Mesh, namespace: string): SidecarScope {
  const services = visibleServices(mesh, namespace);
  const listener: EgressListener = {
    listener: undefined,
    services,
    virtualServices: virtualServices(mesh, namespace, MESH_GATEWAY),
  };
  return { config: undefined, namespace, egressListeners: [listener], services, hasIngress: false };
}

function scopeOf(mesh: Mesh, namespace: string, config: Config<Sidecar>): SidecarScope {
  const services = visibleServices(mesh, namespace);
  const routes = virtualServices(mesh, namespace, MESH_GATEWAY);
  const egressListeners = (config.spec.egress ?? []).map((listener): EgressListener => {
    const hosts = importedHosts(listener.hosts ?? [], namespace);
    return {
      listener,
      services: services.filter((service) => imports(hosts, service.namespace, [service.hostname]) > 0),
      virtualServices: routes.flatMap((route) =>
        // What is imported by its namespace and by `*/…` too is there twice.
        Array.from({ length: imports(hosts, route.namespace, route.spec.hosts ?? []) }, () => route),
      ),
    };
  });
  const seen = new Set<string>();
  const all = egressListeners.flatMap((listener) =>
    listener.services.filter(({ hostname }) => !seen.has(hostname) && seen.add(hostname)),
  );
  return {
    config,
    namespace,
    egressListeners,
    services: all,
    hasIngress: (config.spec.ingress ?? []).length > 0,
  };
}

/** Imports by namespace, `*` among them. */
function importedHosts(hosts: readonly string[], namespace: string): ReadonlyMap<string, readonly string[]> {
  const imported = new Map<string, string[]>();
  for (const entry of hosts) {
    const slash = entry.indexOf('/');
    const from = slash < 0 ? entry : entry.slice(0, slash);
    const host = slash < 0 ? '*' : entry.slice(slash + 1);
    addToGroup(imported, from === '.' ? namespace : from, host);
  }
  return imported;
}

/** In how many ways one of some hosts of a namespace is imported: by that namespace, by `*`, or both. */
function imports(
  imported: ReadonlyMap<string, readonly string[]>,
  namespace: string,
  hosts: readonly string[],
): number {
  const matches = (entries: readonly string[] | undefined): boolean =>
    entries?.some((entry) => hosts.some((host) => hostsMatch(entry, host))) ?? false;
  return Number(matches(imported.get(namespace))) + Number(matches(imported.get('*')));
}

const scopeRules = new WeakMap<SidecarScope, Map<string, Config<DestinationRule> | undefined>>();

/** The destination rule that a scope with a Sidecar resource has for a host; what is not imported has none. */
export function destinationRuleInScope(
  mesh: Mesh,
  scope: SidecarScope,
  hostname: string,
): Config<DestinationRule> | undefined {
  const rules = memo(
    scopeRules,
    scope,
    () =>
      new Map(
        scope.services.map((service) => [service.hostname, destinationRule(mesh, scope.namespace, service)]),
      ),
  );
  return rules.get(hostname);
}

/** The egress listener whose services a route's virtual hosts are made of: that of its port, or the one for all. */
export function egressListenerForRoute(
  scope: SidecarScope,
  port: number,
  bind: string,
): EgressListener | undefined {
  return scope.egressListeners.find(({ listener }) => {
    if (listener?.port === undefined) return true;
    if ((listener.port.number ?? 0) !== port) return false;
    return port !== 0 || listener.bind === bind;
  });
}
