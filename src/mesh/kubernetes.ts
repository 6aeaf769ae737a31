// Kubernetes objects as Istio's model: services with their ports, pods, endpoints, nodes (Pilot 1.1's
// serviceregistry/kube).

import { compareText } from '../collections/compare-text.js';
import { grouped } from '../collections/grouped.js';
import type { KubernetesObject, ServiceSpec } from './kubernetes-objects.js';
import { havingLabels } from './label-index.js';
import { spiffeId } from './mesh-config.js';
import {
  type EndpointSubset,
  type Labels,
  type MeshSettings,
  type Port,
  type Service,
  type ServiceInstance,
  type ServiceObject,
  UNSPECIFIED_ADDRESS,
  type Workload,
} from './model.js';
import { protocolOfPort } from './protocol.js';
import type { Resources } from './resources.js';
import { endpointsOf, isManifest, workloadsOf } from './workloads.js';

const VM_ACCOUNTS = 'alpha.istio.io/kubernetes-serviceaccounts';
const CANONICAL_ACCOUNTS = 'alpha.istio.io/canonical-serviceaccounts';
const EXPORT_TO = 'networking.istio.io/exportTo';
const REGION = 'failure-domain.beta.kubernetes.io/region';
const ZONE = 'failure-domain.beta.kubernetes.io/zone';

/** What Kubernetes' objects say. */
export interface KubernetesRegistry {
  /** By host name. */
  readonly services: readonly Service[];
  readonly serviceObjects: ReadonlyMap<string, readonly ServiceObject[]>;
  readonly endpoints: ReadonlyMap<string, readonly EndpointSubset[]>;
  readonly externalNameInstances: ReadonlyMap<string, readonly ServiceInstance[]>;
  readonly workloads: readonly Workload[];
}

/** Reads services, endpoints and workloads; localities come from nodes. */
export function kubernetesRegistry(
  resources: Resources,
  settings: MeshSettings,
  domainSuffix: string,
): KubernetesRegistry {
  const { core } = resources;
  const localities = new Map(core.Node.map((node) => [node.name, localityOf(node.labels)]));
  const workloads = workloadsOf(resources, settings, localities);
  // Where Pods and Endpoints are among the resources, the selectors of services are not needed.
  let workloadsWith: ReturnType<typeof havingLabels<Workload>> | undefined;
  const selectedBy = ({ service, selector }: ServiceObject): readonly Workload[] => {
    if (selector === undefined || isEmpty(selector)) return NOBODY;
    workloadsWith ??= havingLabels(workloads);
    return workloadsWith(service.namespace, selector);
  };
  const hasManifests = workloads.some(isManifest);
  const objects = core.Service.map((object) => {
    const entry = serviceObjectOf(object, serviceOf(object, settings, domainSuffix));
    return { object, entry: hasManifests ? withAccounts(entry, selectedBy(entry)) : entry };
  }).sort((a, b) => compareText(a.entry.service.hostname, b.entry.service.hostname));
  const externalNameInstances = new Map<string, readonly ServiceInstance[]>();
  for (const { object, entry } of objects) {
    const { service } = entry;
    const external = object.spec.externalName;
    if (external !== '') {
      externalNameInstances.set(
        service.hostname,
        service.ports.map((port) => externalNameInstance(service, port, external, object)),
      );
    }
  }
  // The last entry for a host is used.
  const endpoints = new Map<string, EndpointsOfHost>();
  for (const object of core.Endpoints) {
    const host = serviceHost(object, domainSuffix);
    endpoints.set(host, { host, object, subsets: object.spec.subsets });
  }
  for (const { object, entry } of objects) {
    const host = entry.service.hostname;
    if (endpoints.has(host)) continue;
    const subsets = endpointsOf(entry, selectedBy(entry));
    if (subsets.length > 0) endpoints.set(host, { host, object, subsets });
  }
  return {
    services: objects.map(({ entry }) => entry.service),
    serviceObjects: grouped(
      objects.map(({ entry }) => entry),
      ({ service }) => service.namespace,
    ),
    endpoints: byName(endpoints),
    externalNameInstances,
    workloads,
  };
}

interface EndpointsOfHost {
  readonly host: string;
  /** The object that says them, or the service whose they are. */
  readonly object: KubernetesObject;
  readonly subsets: readonly EndpointSubset[];
}

/** The endpoints of hosts, by the names of the objects that say them. */
function byName(endpoints: ReadonlyMap<string, EndpointsOfHost>): Map<string, readonly EndpointSubset[]> {
  const sorted = [...endpoints.values()].sort(
    ({ object: a }, { object: b }) => compareText(a.name, b.name) || compareText(a.namespace, b.namespace),
  );
  const named = new Map<string, readonly EndpointSubset[]>();
  for (const { host, subsets } of sorted) named.set(host, subsets);
  return named;
}

const NOBODY: readonly Workload[] = [];

function isEmpty(labels: Labels): boolean {
  for (const _ in labels) return false;
  return true;
}

/** A service with the accounts of those that it will select, as far as they have no address yet. */
function withAccounts(entry: ServiceObject, selected: readonly Workload[]): ServiceObject {
  if (!selected.some(isManifest)) return entry;
  const accounts = selected.filter(isManifest).map(({ serviceAccount }) => serviceAccount);
  const { service } = entry;
  const all = new Set([...service.serviceAccounts, ...accounts]);
  return { ...entry, service: { ...service, serviceAccounts: [...all].sort(compareText) } };
}

function localityOf(labels: { readonly [name: string]: string }): string {
  const region = labels[REGION] ?? '';
  const zone = labels[ZONE] ?? '';
  return region === '' && zone === '' ? '' : `${region}/${zone}`;
}

function serviceHost(
  { name, namespace }: Pick<KubernetesObject, 'name' | 'namespace'>,
  domainSuffix: string,
): string {
  return `${name}.${namespace}.svc.${domainSuffix}`;
}

function serviceOf(
  object: KubernetesObject<ServiceSpec>,
  settings: MeshSettings,
  domainSuffix: string,
): Service {
  const { name, namespace, annotations } = object;
  const { clusterIp, externalName, ports } = object.spec;
  const address = clusterIp === '' || clusterIp === 'None' ? UNSPECIFIED_ADDRESS : clusterIp;
  return {
    hostname: serviceHost(object, domainSuffix),
    address,
    ports: ports.map(portOf),
    // Headless services are not balanced: their clients choose the address. One that does not say its address
    // is given one by the cluster.
    resolution: externalName !== '' ? 'DNSLB' : clusterIp === 'None' ? 'Passthrough' : 'ClientSideLB',
    meshExternal: externalName !== '',
    creationTime: object.creationTime,
    name,
    namespace,
    exportTo: annotations[EXPORT_TO] ? words(annotations[EXPORT_TO]) : undefined,
    serviceAccounts: saidAccounts(object, settings),
    registry: 'Kubernetes',
  };
}

/** The accounts that a service's annotations name, sorted. */
function saidAccounts(
  { namespace, annotations }: KubernetesObject,
  settings: MeshSettings,
): readonly string[] {
  const canonical = words(annotations[CANONICAL_ACCOUNTS]);
  const ofMachines = words(annotations[VM_ACCOUNTS]);
  if (canonical.length === 0 && ofMachines.length === 0) return NONE;
  const ids = ofMachines.map((account) => spiffeId(settings, namespace, account));
  return [...canonical, ...ids].sort(compareText);
}

const NONE: readonly string[] = [];

function words(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? NONE : text.split(',');
}

function portOf({ name, port, protocol }: ServiceSpec['ports'][number]): Port {
  return { name, port, protocol: protocolOfPort(name, protocol) };
}

function externalNameInstance(
  service: Service,
  port: Port,
  address: string,
  object: KubernetesObject,
): ServiceInstance {
  return {
    service,
    servicePort: port,
    address,
    unix: false,
    port: port.port,
    labels: object.labels,
    serviceAccount: '',
    locality: '',
    uid: '',
    network: '',
    weight: 0,
  };
}

function serviceObjectOf(object: KubernetesObject<ServiceSpec>, service: Service): ServiceObject {
  const { document, node } = object;
  const { selector, ports } = object.spec;
  return { service, document, node, selector, targetPorts: ports };
}
