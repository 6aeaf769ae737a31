// Kubernetes objects as Istio's model: services with their ports, pods, endpoints, nodes (Pilot 1.1's
// serviceregistry/kube).

import { compareText } from './host.js';
import { spiffeId } from './mesh-config.js';
import {
  type Container,
  type EndpointSubset,
  type MeshSettings,
  type Port,
  type ProbeTarget,
  type Service,
  type ServiceInstance,
  type ServiceObject,
  UNSPECIFIED_ADDRESS,
  type Workload,
} from './model.js';
import { protocolOfPort } from './protocol.js';
import { type KubernetesObject, type Resources, textMap } from './resources.js';

const VM_ACCOUNTS = 'alpha.istio.io/kubernetes-serviceaccounts';
const CANONICAL_ACCOUNTS = 'alpha.istio.io/canonical-serviceaccounts';
const EXPORT_TO = 'networking.istio.io/exportTo';
const REGION = 'failure-domain.beta.kubernetes.io/region';
const ZONE = 'failure-domain.beta.kubernetes.io/zone';

type Fields = { readonly [field: string]: unknown };

/** What Kubernetes' objects say. */
export interface KubernetesRegistry {
  /** By host name. */
  readonly services: readonly Service[];
  readonly serviceObjects: ReadonlyMap<string, readonly ServiceObject[]>;
  readonly endpoints: ReadonlyMap<string, readonly EndpointSubset[]>;
  readonly externalNameInstances: ReadonlyMap<string, readonly ServiceInstance[]>;
  readonly workloads: readonly Workload[];
}

/** Reads services, endpoints and pods; nodes tell the localities. */
export function kubernetesRegistry(
  { core }: Resources,
  settings: MeshSettings,
  domainSuffix: string,
): KubernetesRegistry {
  const localities = new Map(core.Node.map((node) => [node.name, localityOf(node.labels)]));
  const objects = core.Service.map((object) => ({
    object,
    service: serviceOf(object, settings, domainSuffix),
  })).sort((a, b) => compareText(a.service.hostname, b.service.hostname));
  const serviceObjects = new Map<string, ServiceObject[]>();
  const externalNameInstances = new Map<string, readonly ServiceInstance[]>();
  for (const { object, service } of objects) {
    add(serviceObjects, service.namespace, serviceObjectOf(object, service));
    const external = externalNameOf(object);
    if (external !== '') {
      externalNameInstances.set(
        service.hostname,
        service.ports.map((port) => externalNameInstance(service, port, external, object)),
      );
    }
  }
  const endpoints = new Map<string, readonly EndpointSubset[]>();
  const sorted = [...core.Endpoints].sort(
    (a, b) => compareText(a.name, b.name) || compareText(a.namespace, b.namespace),
  );
  for (const object of sorted) {
    endpoints.set(serviceHost(object.name, object.namespace, domainSuffix), subsetsOf(object));
  }
  return {
    services: objects.map(({ service }) => service),
    serviceObjects,
    endpoints,
    externalNameInstances,
    workloads: core.Pod.filter((pod) => !hasEnded(pod)).map((pod) => workloadOf(pod, settings, localities)),
  };
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function localityOf(labels: { readonly [name: string]: string }): string {
  const region = labels[REGION] ?? '';
  const zone = labels[ZONE] ?? '';
  return region === '' && zone === '' ? '' : `${region}/${zone}`;
}

function serviceHost(name: string, namespace: string, domainSuffix: string): string {
  return `${name}.${namespace}.svc.${domainSuffix}`;
}

function fieldsOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

function serviceOf(object: KubernetesObject, settings: MeshSettings, domainSuffix: string): Service {
  const { name, namespace, annotations } = object;
  const spec = fieldsOf(object.object.spec);
  const clusterIp = textOf(spec.clusterIP);
  const address = clusterIp === '' || clusterIp === 'None' ? UNSPECIFIED_ADDRESS : clusterIp;
  const external = externalNameOf(object);
  const accounts = [
    ...words(annotations[CANONICAL_ACCOUNTS]),
    ...words(annotations[VM_ACCOUNTS]).map((account) => spiffeId(settings, namespace, account)),
  ];
  return {
    hostname: serviceHost(name, namespace, domainSuffix),
    address,
    ports: listOf(spec.ports).map((port) => portOf(port)),
    // Headless services are not balanced: their clients choose the address.
    resolution: external !== '' ? 'DNSLB' : address === UNSPECIFIED_ADDRESS ? 'Passthrough' : 'ClientSideLB',
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

function portOf(port: Fields): Port {
  const name = textOf(port.name);
  return {
    name,
    port: Number(port.port),
    protocol: protocolOfPort(name, textOf(port.protocol) || 'TCP'),
  };
}

function externalNameOf(object: KubernetesObject): string {
  const spec = fieldsOf(object.object.spec);
  return spec.type === 'ExternalName' ? textOf(spec.externalName) : '';
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
  const spec = fieldsOf(object.object.spec);
  const selector = spec.selector;
  return {
    service,
    selector: selector === undefined || selector === null ? undefined : textMap(selector),
    targetPorts: listOf(spec.ports).map((port) => ({
      name: textOf(port.name),
      protocol: textOf(port.protocol) || 'TCP',
      // Kubernetes sets what is absent to the port itself.
      target: targetOf(port.targetPort ?? port.port),
    })),
  };
}

function targetOf(value: unknown): number | string {
  return typeof value === 'number' ? value : textOf(value);
}

function subsetsOf(object: KubernetesObject): EndpointSubset[] {
  return listOf(object.object.subsets).map((subset) => ({
    addresses: listOf(subset.addresses).map((address) => textOf(address.ip)),
    notReadyAddresses: listOf(subset.notReadyAddresses).map((address) => textOf(address.ip)),
    ports: listOf(subset.ports).map((port) => ({
      name: textOf(port.name),
      port: Number(port.port),
    })),
  }));
}

/** Pods that have run to their end have no endpoints any more. */
function hasEnded(pod: KubernetesObject): boolean {
  const { phase } = fieldsOf(pod.object.status);
  return phase === 'Succeeded' || phase === 'Failed';
}

function workloadOf(
  pod: KubernetesObject,
  settings: MeshSettings,
  localities: ReadonlyMap<string, string>,
): Workload {
  const spec = fieldsOf(pod.object.spec);
  const account = textOf(spec.serviceAccountName);
  return {
    name: pod.name,
    namespace: pod.namespace,
    ip: textOf(fieldsOf(pod.object.status).podIP),
    labels: pod.labels,
    annotations: pod.annotations,
    serviceAccount: spiffeId(settings, pod.namespace, account),
    locality: localities.get(textOf(spec.nodeName)) ?? '',
    containers: listOf(spec.containers).map(containerOf),
  };
}

function containerOf(container: Fields): Container {
  return {
    ports: listOf(container.ports).map((port) => ({
      name: textOf(port.name),
      port: Number(port.containerPort),
      protocol: textOf(port.protocol) || 'TCP',
    })),
    liveness: probeOf(container.livenessProbe),
    readiness: probeOf(container.readinessProbe),
  };
}

function probeOf(value: unknown): ProbeTarget | undefined {
  const probe = fieldsOf(value);
  if (probe.httpGet !== undefined && probe.httpGet !== null) {
    const get = fieldsOf(probe.httpGet);
    return { kind: 'http', path: textOf(get.path), port: targetOf(get.port) };
  }
  if (probe.tcpSocket !== undefined && probe.tcpSocket !== null) {
    return { kind: 'tcp', path: '', port: targetOf(fieldsOf(probe.tcpSocket).port) };
  }
  return undefined;
}
