// Kubernetes objects as Istio's model: services with their ports, pods, endpoints, nodes (Pilot 1.1's
// serviceregistry/kube).

import { textAt } from '../kubernetes/objects.js';
import type { Tape } from '../source/tape.js';
import { isSaid, itemsAt, portOrName, textsAt } from './fields.js';
import { grouped } from './grouped.js';
import { compareText } from './host.js';
import { havingLabels } from './label-index.js';
import { spiffeId } from './mesh-config.js';
import {
  type EndpointSubset,
  type MeshSettings,
  type Port,
  type Service,
  type ServiceInstance,
  type ServiceObject,
  UNSPECIFIED_ADDRESS,
  type Workload,
} from './model.js';
import { protocolOfPort } from './protocol.js';
import type { KubernetesObject, Resources } from './resources.js';
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

/** Reads services, endpoints and workloads; nodes tell the localities. */
export function kubernetesRegistry(
  resources: Resources,
  settings: MeshSettings,
  domainSuffix: string,
): KubernetesRegistry {
  const { core } = resources;
  const localities = new Map(core.Node.map((node) => [node.name, localityOf(node.labels)]));
  const workloads = workloadsOf(resources, settings, localities);
  const workloadsWith = havingLabels(workloads);
  const objects = core.Service.map((object) => {
    const service = serviceOf(object, settings, domainSuffix);
    const entry = serviceObjectOf(object, service);
    const { selector } = entry;
    const selected =
      selector === undefined || Object.keys(selector).length === 0
        ? []
        : workloadsWith(service.namespace, selector);
    return { object, entry: withAccounts(entry, selected), selected };
  }).sort((a, b) => compareText(a.entry.service.hostname, b.entry.service.hostname));
  const externalNameInstances = new Map<string, readonly ServiceInstance[]>();
  for (const { object, entry } of objects) {
    const { service } = entry;
    const external = externalNameOf(object);
    if (external !== '') {
      externalNameInstances.set(
        service.hostname,
        service.ports.map((port) => externalNameInstance(service, port, external, object)),
      );
    }
  }
  const given = new Set(core.Endpoints.map((object) => serviceHost(object, domainSuffix)));
  const endpoints = [
    ...core.Endpoints.map((object) => ({ object, subsets: subsetsOf(object) })),
    ...objects
      .filter(({ entry }) => !given.has(entry.service.hostname))
      .map(({ object, entry, selected }) => ({ object, subsets: endpointsOf(entry, selected) }))
      .filter(({ subsets }) => subsets.length > 0),
  ].sort(
    (a, b) =>
      compareText(a.object.name, b.object.name) || compareText(a.object.namespace, b.object.namespace),
  );
  return {
    services: objects.map(({ entry }) => entry.service),
    serviceObjects: grouped(
      objects.map(({ entry }) => entry),
      ({ service }) => service.namespace,
    ),
    endpoints: new Map(endpoints.map(({ object, subsets }) => [serviceHost(object, domainSuffix), subsets])),
    externalNameInstances,
    workloads,
  };
}

/** A service with the accounts of those that it will select, as far as they have no address yet. */
function withAccounts(entry: ServiceObject, selected: readonly Workload[]): ServiceObject {
  const accounts = selected.filter(isManifest).map(({ serviceAccount }) => serviceAccount);
  if (accounts.length === 0) return entry;
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

function serviceOf(object: KubernetesObject, settings: MeshSettings, domainSuffix: string): Service {
  const { name, namespace, annotations } = object;
  const { tape } = object.document;
  const spec = tape.get(object.node, 'spec');
  const clusterIp = textAt(tape, spec, 'clusterIP');
  const address = clusterIp === '' || clusterIp === 'None' ? UNSPECIFIED_ADDRESS : clusterIp;
  const external = externalNameOf(object);
  const accounts = [
    ...words(annotations[CANONICAL_ACCOUNTS]),
    ...words(annotations[VM_ACCOUNTS]).map((account) => spiffeId(settings, namespace, account)),
  ];
  return {
    hostname: serviceHost(object, domainSuffix),
    address,
    ports: itemsAt(tape, spec, 'ports').map((port) => portOf(tape, port)),
    // Headless services are not balanced: their clients choose the address. One that does not say its address
    // is given one by the cluster.
    resolution: external !== '' ? 'DNSLB' : clusterIp === 'None' ? 'Passthrough' : 'ClientSideLB',
    meshExternal: external !== '',
    creationTime: object.creationTime,
    name,
    namespace,
    exportTo: annotations[EXPORT_TO] ? words(annotations[EXPORT_TO]) : undefined,
    serviceAccounts: accounts.sort(compareText),
    registry: 'Kubernetes',
  };
}

function words(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split(',');
}

function portOf(tape: Tape, port: number): Port {
  const name = textAt(tape, port, 'name');
  return {
    name,
    port: Number(textAt(tape, port, 'port')),
    protocol: protocolOfPort(name, textAt(tape, port, 'protocol') || 'TCP'),
  };
}

function externalNameOf({ document: { tape }, node }: KubernetesObject): string {
  const spec = tape.get(node, 'spec');
  return textAt(tape, spec, 'type') === 'ExternalName' ? textAt(tape, spec, 'externalName') : '';
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

function serviceObjectOf(object: KubernetesObject, service: Service): ServiceObject {
  const { document, node } = object;
  const { tape } = document;
  const spec = tape.get(node, 'spec');
  return {
    service,
    document,
    node,
    selector: isSaid(tape, tape.get(spec, 'selector')) ? textsAt(tape, spec, 'selector') : undefined,
    targetPorts: itemsAt(tape, spec, 'ports').map((port) => ({
      name: textAt(tape, port, 'name'),
      protocol: textAt(tape, port, 'protocol') || 'TCP',
      // Kubernetes sets what is absent to the port itself.
      target: portOrName(tape, port, isSaid(tape, tape.get(port, 'targetPort')) ? 'targetPort' : 'port'),
    })),
  };
}

function subsetsOf({ document: { tape }, node }: KubernetesObject): EndpointSubset[] {
  const addresses = (subset: number, name: string): string[] =>
    itemsAt(tape, subset, name).map((address) => textAt(tape, address, 'ip'));
  return itemsAt(tape, node, 'subsets').map((subset) => ({
    addresses: addresses(subset, 'addresses'),
    notReadyAddresses: addresses(subset, 'notReadyAddresses'),
    ports: itemsAt(tape, subset, 'ports').map((port) => ({
      name: textAt(tape, port, 'name'),
      port: Number(textAt(tape, port, 'port')),
    })),
  }));
}
