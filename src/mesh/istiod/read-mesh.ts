// Documents to a mesh of istiod 1.29: reads the resources and builds what everything else is looked up in.

import { compareText } from '../../collections/compare-text.js';
import { grouped, keyed } from '../../collections/grouped.js';
import { memo } from '../../collections/memo.js';
import type { MeshNetworks } from '../../envoy/generated/types/mesh/v1/network.js';
import type { Sidecar } from '../../envoy/generated/types/networking/v1/sidecar.js';
import type { Finding } from '../../finding/finding.js';
import type { Document } from '../../source/document.js';
import { indexRules } from './destination-rules.js';
import { kubernetesEndpoints, serviceObjectsOf } from './kubernetes.js';
import { covers, NETWORK_LABEL } from './labels.js';
import type {
  Config,
  Endpoint,
  EntryInstance,
  Mesh,
  NamespacedHost,
  Service,
  ServiceIndex,
  ServiceObject,
  Settings,
  WorkloadInstance,
} from './model.js';
import { networkGateways, networkOf } from './networks.js';
import { indexPeerAuthentications } from './peer-authentication.js';
import { byTime, type Resources, readResources } from './resources.js';
import { instancesOf, servicesOf, workloadInstanceOf } from './service-entries.js';
import { indexVirtualServices } from './virtual-services.js';
import { workloadEndpoints } from './workload-endpoints.js';
import { type Places, workloadsOf } from './workloads.js';

/** What a mesh is read with beside its documents. */
export interface MeshInputs {
  readonly settings: Settings;
  readonly networks: MeshNetworks | undefined;
  /** The name of the cluster that the resources are of. */
  readonly clusterId: string;
}

/** A mesh, and what was wrong with its resources. */
export interface ReadIstiodMesh {
  readonly mesh: Mesh;
  readonly findings: readonly Finding[];
  readonly ignored: ReadonlyMap<string, number>;
}

/** Reads the mesh that some documents describe; their order does not matter. */
export function readIstiodMesh(documents: readonly Document[], inputs: MeshInputs): ReadIstiodMesh {
  const findings: Finding[] = [];
  const resources = discovered(readResources(documents, findings), inputs.settings);
  return { mesh: buildMesh(resources, inputs), findings, ignored: resources.ignored };
}

/**
 * The Kubernetes objects of the namespaces that the mesh discovers: all of them where it does not say. Istio's own
 * resources of other namespaces stay, as they do in the measured istiod, whose store of them is not filtered.
 */
function discovered(resources: Resources, { discovery_selectors = [] }: Settings): Resources {
  if (discovery_selectors.length === 0) return resources;
  const selected = new Set(
    resources.namespaces
      .filter(({ labels }) =>
        discovery_selectors.some(
          ({ matchLabels, matchExpressions = [] }) =>
            covers(labels, matchLabels) &&
            matchExpressions.every(({ key = '', operator, values = [] }) => {
              const value = labels[key];
              switch (operator) {
                case 'In':
                  return value !== undefined && values.includes(value);
                case 'NotIn':
                  return value === undefined || !values.includes(value);
                case 'Exists':
                  return value !== undefined;
                default:
                  return value === undefined;
              }
            }),
        ),
      )
      .map(({ name }) => name),
  );
  const kept = <T extends { readonly namespace: string }>(list: readonly T[]): readonly T[] =>
    list.filter(({ namespace }) => selected.has(namespace));
  return {
    ...resources,
    services: kept(resources.services),
    slices: kept(resources.slices),
    pods: kept(resources.pods),
    templates: kept(resources.templates),
  };
}

function buildMesh(resources: Resources, { settings, networks, clusterId }: MeshInputs): Mesh {
  const { configs } = resources;
  const root = settings.root_namespace;
  const namespaces = new Map(resources.namespaces.map(({ name, labels }) => [name, labels]));
  const places: Places = {
    clusterId,
    networkOf: networkOf(networks, clusterId, namespaces.get(root)?.[NETWORK_LABEL] ?? ''),
  };
  const workloads = workloadsOf(resources, places);
  const objects = serviceObjectsOf(resources.services, settings);
  const workloadEntries = configs.WorkloadEntry.flatMap((config) => {
    const instance = workloadInstanceOf(config, settings, places);
    return instance === undefined ? [] : [{ config, instance }];
  }).sort(
    (a, b) =>
      compareText(a.config.namespace, b.config.namespace) || compareText(a.config.name, b.config.name),
  );
  const instances: EntryInstance[] = [];
  const entryServices: Service[] = [];
  const inputs = { settings, places, workloadEntries, workloads };
  const roundRobin = new Map<string, Config<unknown>>();
  for (const config of configs.ServiceEntry) {
    const services = servicesOf(config);
    entryServices.push(...services);
    for (const instance of instancesOf(config, services, inputs)) {
      if (instance.service.resolution === 'DNSRoundRobinLB' && isTaken(roundRobin, instance)) continue;
      instances.push(instance);
    }
  }
  const services = withAliases(
    [...objects.map(({ service }) => service), ...entryServices].sort(
      (a, b) =>
        byTime(a.creationTime, b.creationTime) ||
        compareText(a.name, b.name) ||
        compareText(a.namespace, b.namespace),
    ),
  );
  const selectable = workloadEntries
    .map(({ instance }) => instance)
    .filter(({ dnsOnly, endpoint }) => !dnsOnly && Object.keys(endpoint.labels).length > 0);
  return {
    settings,
    networks,
    clusterId,
    configs,
    services,
    serviceIndex: indexServices(services, settings),
    rules: indexRules(configs.DestinationRule, settings),
    virtualServices: indexVirtualServices(configs.VirtualService, settings),
    ...indexSidecars(configs.Sidecar, root),
    endpoints: endpointIndex(
      kubernetesEndpoints(objects, resources.slices, workloads, settings, places),
      objects,
      instances,
      selectable,
    ),
    peerAuthentications: indexPeerAuthentications(configs.PeerAuthentication, settings),
    ...networkGateways(networks, services, clusterId),
    workloads,
    serviceObjects: withSameServices(objects, services),
    workloadEntries: grouped(selectable, ({ endpoint }) => endpoint.address),
    entryInstances: grouped(instances, ({ endpoint }) => endpoint.address),
    namespaces,
  };
}

/** Of one host and port that DNS resolves to one address only the first endpoint counts. */
function isTaken(taken: Map<string, unknown>, { service, port }: EntryInstance): boolean {
  const key = `${service.namespace} ${service.hostname} ${port.port}`;
  if (taken.has(key)) return true;
  taken.set(key, service);
  return false;
}

/** Services with the names of the aliases that lead to them, also over other aliases. */
function withAliases(services: readonly Service[]): Service[] {
  const targets = new Map(
    services.flatMap(({ resolution, hostname, externalName }) =>
      resolution === 'Alias' ? [[hostname, externalName] as const] : [],
    ),
  );
  if (targets.size === 0) return [...services];
  const aliases = new Map<string, NamespacedHost[]>();
  for (const { resolution, hostname, namespace, externalName } of services) {
    if (resolution !== 'Alias') continue;
    const seen = new Set([hostname]);
    let target: string | undefined = externalName;
    while (targets.has(target) && !seen.has(target)) {
      seen.add(target);
      target = targets.get(target) as string;
    }
    if (!targets.has(target)) memo(aliases, target, () => []).push({ hostname, namespace });
  }
  for (const list of aliases.values())
    list.sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.hostname, b.hostname));
  return services.map((service) => {
    const own = aliases.get(service.hostname);
    return own === undefined ? service : { ...service, aliases: own };
  });
}

/** The objects of services by namespace, with the services that the rest of the mesh has. */
function withSameServices(
  objects: readonly ServiceObject[],
  services: readonly Service[],
): ReadonlyMap<string, readonly ServiceObject[]> {
  const byHost = keyed(
    services.filter(({ registry }) => registry === 'Kubernetes'),
    ({ hostname }) => hostname,
  );
  return grouped(
    objects.map((object) => ({
      ...object,
      service: byHost.get(object.service.hostname) ?? object.service,
    })),
    ({ service }) => service.namespace,
  );
}

function indexServices(services: readonly Service[], { default_service_export_to }: Settings): ServiceIndex {
  const everywhere: Service[] = [];
  const local = new Map<string, Service[]>();
  const exportedTo = new Map<string, Service[]>();
  const byHost = new Map<string, Map<string, Service>>();
  for (const service of services) {
    const { namespace, exportTo } = service;
    const own = memo(byHost, service.hostname, () => new Map<string, Service>());
    const known = own.get(namespace);
    if (known === undefined || (known.registry === 'External' && service.registry === 'Kubernetes'))
      own.set(namespace, service);
    const addLocal = (): void => void memo(local, namespace, () => []).push(service);
    if (exportTo === undefined) {
      if (default_service_export_to.includes('.')) addLocal();
      else if (default_service_export_to.includes('*')) everywhere.push(service);
    } else if (exportTo.has('*')) everywhere.push(service);
    else if (!exportTo.has('~')) {
      for (const to of exportTo) {
        if (to === '.' || to === namespace) addLocal();
        else memo(exportedTo, to, () => []).push(service);
      }
    }
  }
  return { public: everywhere, local, exportedTo, byHost };
}

function indexSidecars(
  configs: readonly Config<Sidecar>[],
  root: string,
): Pick<Mesh, 'sidecars' | 'rootSidecar'> {
  const selecting = configs.filter(({ spec }) => spec.workload_selector !== undefined);
  const others = configs.filter(({ spec }) => spec.workload_selector === undefined);
  return {
    sidecars: grouped([...selecting, ...others], ({ namespace }) => namespace),
    rootSidecar: others.find(({ namespace }) => namespace === root),
  };
}

/** The key of a service's endpoints. */
export function endpointKey({ hostname, namespace }: Pick<Service, 'hostname' | 'namespace'>): string {
  return `${hostname} ${namespace}`;
}

/** All endpoints by service: of ServiceEntries first, as istiod sorts its registries. */
function endpointIndex(
  kubernetes: ReadonlyMap<string, readonly Endpoint[]>,
  objects: readonly ServiceObject[],
  instances: readonly EntryInstance[],
  workloadEntries: readonly WorkloadInstance[],
): ReadonlyMap<string, readonly Endpoint[]> {
  const index = new Map<string, Endpoint[]>();
  for (const { service, endpoint } of instances) memo(index, endpointKey(service), () => []).push(endpoint);
  for (const object of objects) {
    const { service } = object;
    const list = [...(kubernetes.get(service.hostname) ?? []), ...workloadEndpoints(object, workloadEntries)];
    if (list.length > 0) memo(index, endpointKey(service), () => []).push(...list);
  }
  return index;
}
