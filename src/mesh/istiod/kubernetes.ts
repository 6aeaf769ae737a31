// Kubernetes services and their endpoints (istiod 1.29's kube.ConvertService, kube/controller/endpointslice.go).

import { compareText } from '../../collections/compare-text.js';
import { grouped, keyed } from '../../collections/grouped.js';
import { havingLabels } from '../label-index.js';
import { UNSPECIFIED_ADDRESS } from '../model.js';
import { DOMAIN_SUFFIX } from './hosts.js';
import {
  containerPorts,
  type EndpointSlice,
  type KubernetesService,
  type SliceEndpoint,
} from './kubernetes-objects.js';
import { TLS_DISABLED, tlsModeOf } from './labels.js';
import type {
  Endpoint,
  Health,
  Service,
  ServiceObject,
  Settings,
  TargetPort,
  TrafficDistribution,
  Workload,
} from './model.js';
import { servicePortProtocol } from './protocol.js';
import { identity } from './settings.js';
import type { Places } from './workloads.js';

const CANONICAL_ACCOUNTS = 'alpha.istio.io/canonical-serviceaccounts';
const KUBERNETES_ACCOUNTS = 'alpha.istio.io/kubernetes-serviceaccounts';
const EXPORT_TO = 'networking.istio.io/exportTo';
const TRAFFIC_DISTRIBUTION = 'networking.istio.io/traffic-distribution';
/** Services with it keep their connections to endpoints that are about to end. */
const PERSISTENT_SESSION = ['istio.io/persistent-session', 'istio.io/persistent-session-header'] as const;

/** The host name of a Kubernetes service. */
function serviceHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc.${DOMAIN_SUFFIX}`;
}

/** Kubernetes services by host name. */
export function serviceObjectsOf(
  services: readonly KubernetesService[],
  settings: Settings,
): ServiceObject[] {
  return services
    .map((object) => ({
      service: serviceOf(object, settings),
      targetPorts: object.ports,
      document: object.document,
      node: object.node,
    }))
    .sort((a, b) => compareText(a.service.hostname, b.service.hostname));
}

function serviceOf(object: KubernetesService, settings: Settings): Service {
  const { name, namespace, annotations, clusterIp, clusterIps } = object;
  const externalName = object.type === 'ExternalName' ? object.externalName : '';
  const hasAddress = clusterIp !== '' && clusterIp !== 'None';
  const addresses = !hasAddress ? [UNSPECIFIED_ADDRESS] : clusterIps.length > 1 ? clusterIps : [clusterIp];
  return {
    hostname: serviceHost(name, namespace),
    address: addresses[0] ?? UNSPECIFIED_ADDRESS,
    addresses,
    allocated: undefined,
    ports: object.ports.map((port) => ({
      name: port.name,
      port: port.port,
      protocol: servicePortProtocol(port.port, port.name, port.transport, port.appProtocol),
    })),
    resolution: clusterIp === 'None' ? 'Passthrough' : externalName !== '' ? 'Alias' : 'ClientSideLB',
    meshExternal: externalName !== '',
    creationTime: object.creationTime,
    name,
    namespace,
    exportTo: annotations[EXPORT_TO]
      ? new Set(annotations[EXPORT_TO].split(',').map((item) => item.trim()))
      : undefined,
    serviceAccounts: [
      ...words(annotations[CANONICAL_ACCOUNTS]),
      ...words(annotations[KUBERNETES_ACCOUNTS]).map((account) => identity(settings, namespace, account)),
    ],
    registry: 'Kubernetes',
    labels: object.labels,
    selector: object.selector,
    aliases: [],
    externalName,
    nodeLocal: object.internalTrafficPolicy === 'Local',
    trafficDistribution: trafficDistribution(object.trafficDistribution, annotations),
    publishNotReadyAddresses: object.publishNotReadyAddresses,
    passthroughTargetPorts: undefined,
    externalAddresses: [...(object.type === 'LoadBalancer' ? object.ingress : []), ...object.externalIps],
  };
}

function words(text: string | undefined): readonly string[] {
  return text ? text.split(',') : [];
}

/** Which endpoints a service prefers, by its own field or its annotation. */
export function trafficDistribution(
  said: string,
  annotations: { readonly [name: string]: string },
): TrafficDistribution {
  const own = distributionNamed(said, (text) => text);
  return own !== 'Any' ? own : distributionNamed(annotations[TRAFFIC_DISTRIBUTION] ?? '', lower);
}

function lower(text: string): string {
  return text.toLowerCase();
}

function distributionNamed(text: string, normal: (text: string) => string): TrafficDistribution {
  const name = normal(text);
  if (name === normal('PreferClose') || name === normal('PreferSameZone')) return 'PreferSameZone';
  return name === normal('PreferSameNode') ? 'PreferSameNode' : 'Any';
}

/** Whether endpoints of a service that are about to end are kept. */
export function keepsDraining({ labels }: Pick<Service, 'labels'>): boolean {
  return PERSISTENT_SESSION.some((label) => (labels[label] ?? '') !== '');
}

/** Endpoints of Kubernetes services by host name. */
export function kubernetesEndpoints(
  objects: readonly ServiceObject[],
  slices: readonly EndpointSlice[],
  workloads: readonly Workload[],
  settings: Settings,
  places: Places,
): Map<string, Endpoint[]> {
  const endpoints = new Map<string, Endpoint[]>();
  const sliced = grouped([...slices].sort(byName), ({ namespace, service }) =>
    serviceHost(service, namespace),
  );
  const pods = workloads.filter(({ kind }) => kind === 'Pod');
  const reader = new EndpointReader(pods, settings, places);
  const having = onDemand(() => havingLabels(pods));
  for (const { service, targetPorts } of objects) {
    const own = sliced.get(service.hostname);
    const list =
      own !== undefined
        ? reader.read(service, own)
        : service.selector === undefined || Object.keys(service.selector).length === 0
          ? []
          : reader.selected(targetPorts, having()(service.namespace, service.selector));
    if (list.length > 0) endpoints.set(service.hostname, list);
  }
  return endpoints;
}

/** A value that is made when it is first asked for. */
function onDemand<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function byName(a: EndpointSlice, b: EndpointSlice): number {
  return compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

class EndpointReader {
  private readonly byName: ReadonlyMap<string, Workload>;
  private readonly byAddress: ReadonlyMap<string, readonly Workload[]>;

  constructor(
    pods: readonly Workload[],
    private readonly settings: Settings,
    private readonly places: Places,
  ) {
    this.byName = keyed(pods, ({ namespace, name }) => `${namespace}/${name}`);
    this.byAddress = grouped(
      pods.filter(({ ready }) => ready),
      ({ ip }) => ip,
    );
  }

  /** What slices say of a service; of several with one address and port name the first. */
  read(service: Service, slices: readonly EndpointSlice[]): Endpoint[] {
    const found = new Map<string, Endpoint>();
    for (const slice of slices) {
      if (slice.addressType === 'FQDN') continue;
      for (const endpoint of slice.endpoints) {
        const health = healthOf(service, endpoint);
        for (const address of endpoint.addresses) {
          const pod = this.podOf(slice.namespace, address, endpoint.pod);
          // One whose pod is named and not there is not known yet.
          if (pod === undefined && endpoint.pod !== '') continue;
          for (const { name, port } of slice.ports) {
            const key = `${address} ${name}`;
            if (!found.has(key)) found.set(key, this.endpoint(address, port, name, health, pod));
          }
        }
      }
    }
    return [...found.values()];
  }

  private podOf(namespace: string, address: string, named: string): Workload | undefined {
    if (named !== '') return this.byName.get(named);
    return this.byAddress.get(address)?.find((pod) => pod.namespace === namespace);
  }

  /** The endpoints that the cluster would list for a service that selects some pods. */
  selected(targetPorts: readonly TargetPort[], pods: readonly Workload[]): Endpoint[] {
    return pods.flatMap((pod) =>
      pod.ip === ''
        ? []
        : targetPorts.flatMap((target) => {
            const port = podPort(pod, target);
            const health = pod.ready ? 'HEALTHY' : 'UNHEALTHY';
            return port === undefined ? [] : [this.endpoint(pod.ip, port, target.name, health, pod)];
          }),
    );
  }

  private endpoint(
    address: string,
    port: number,
    portName: string,
    health: Health,
    pod: Workload | undefined,
  ): Endpoint {
    const labels = pod?.endpointLabels ?? this.labelsWithoutPod(address);
    return {
      address,
      port,
      portName,
      servicePort: 0,
      serviceAccount: pod === undefined ? '' : identity(this.settings, pod.namespace, pod.account),
      network: pod?.network ?? this.places.networkOf(address, {}),
      locality: pod?.locality ?? '',
      weight: 0,
      tlsMode: pod === undefined ? TLS_DISABLED : tlsModeOf(pod.labels),
      namespace: pod?.namespace ?? '',
      workloadName: pod?.workloadName ?? '',
      labels,
      health,
      nodeName: pod?.nodeName ?? '',
    };
  }

  private labelsWithoutPod(address: string) {
    const network = this.places.networkOf(address, {});
    return {
      ...(this.places.clusterId !== '' && { 'topology.istio.io/cluster': this.places.clusterId }),
      'topology.istio.io/network': network,
    };
  }
}

/** The health of an endpoint. What a slice does not say of it counts as said. */
function healthOf(service: Service, { ready, serving, terminating }: SliceEndpoint): Health {
  if (ready ?? true) return 'HEALTHY';
  if (keepsDraining(service) && (serving ?? true) && (terminating ?? true)) return 'DRAINING';
  return (terminating ?? true) ? 'TERMINATING' : 'UNHEALTHY';
}

/** The port of a pod to which a service's port leads; undefined where it has none of that name. */
export function podPort(workload: Workload, { target, transport }: TargetPort): number | undefined {
  if (typeof target === 'number') return target;
  return containerPorts(workload).find((port) => port.name === target && port.transport === transport)?.port;
}
