// A proxy: what its node says, and what the mesh knows about the workload beside it (Pilot 1.1's Proxy and
// its service instances).

import type { DestinationRule } from '../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { destinationRule } from './destination-rules.js';
import { hasLabels, instanceOf } from './instances.js';
import { type Locality, parseLocality } from './locality.js';
import {
  type Config,
  type Labels,
  type Mesh,
  type Service,
  type ServiceInstance,
  type ServicePortTarget,
  UNSPECIFIED_ADDRESS,
  type Workload,
} from './model.js';
import { destinationRuleInScope, type SidecarScope, sidecarScope, visibleServices } from './sidecar-scope.js';
import { portAt } from './workloads.js';

/** What a node says of itself, as in proxy.json. */
export interface ProxyDescription {
  readonly type: 'sidecar' | 'router';
  readonly ip: string;
  readonly id: string;
  readonly domain: string;
  readonly metadata: { readonly [name: string]: string };
  readonly locality: Locality | undefined;
  /** The workload, where it is known otherwise than by its address. */
  readonly workload?: Workload;
}

/** How the application's traffic gets to the proxy. */
type InterceptionMode = 'REDIRECT' | 'TPROXY' | 'NONE';

/** A proxy in its mesh. */
export interface MeshProxy extends Omit<ProxyDescription, 'workload'> {
  /** The namespace whose configuration it follows. */
  readonly namespace: string;
  readonly interceptionMode: InterceptionMode;
  readonly workload: Workload | undefined;
  /** The ports of the services that its workload belongs to. */
  readonly instances: readonly ServiceInstance[];
  /** The labels of its instances; none of a workload that belongs to no service. */
  readonly labels: readonly Labels[];
  readonly scope: SidecarScope;
  /** Istio's release, 1.1 or later, by `ISTIO_PROXY_VERSION`. */
  readonly isVersion11: boolean;
}

/** Finds the proxy's workload, instances and scope. */
export function resolveProxy(mesh: Mesh, description: ProxyDescription): MeshProxy {
  const { metadata, ip } = description;
  const workload = description.workload ?? mesh.workloadByIp.get(ip);
  const instances = proxyInstances(mesh, ip, workload);
  const namespace = metadata.CONFIG_NAMESPACE || (description.domain.split('.')[0] ?? '');
  const labels = instances.flatMap((instance) => (instance.labels === undefined ? [] : [instance.labels]));
  return {
    ...description,
    namespace,
    interceptionMode: interceptionMode(metadata.INTERCEPTION_MODE),
    locality: placeOf(description, instances),
    workload,
    instances,
    labels,
    scope: sidecarScope(mesh, namespace, workloadLabels(mesh, ip, workload)),
    // Versions are compared as text, as Pilot does.
    isVersion11: (metadata.ISTIO_PROXY_VERSION ?? '') >= '1.1',
  };
}

/** Where a proxy is: where it says, else where its first instance is. Nothing is known without a region. */
function placeOf({ locality }: ProxyDescription, [first]: readonly ServiceInstance[]): Locality | undefined {
  if (first === undefined || (locality !== undefined && locality.region !== '')) return locality;
  return parseLocality(first.locality);
}

/** The labels by which a Sidecar resource selects a proxy: those of its pod, whether a service does or not. */
function workloadLabels(mesh: Mesh, ip: string, workload: Workload | undefined): readonly Labels[] {
  if (workload !== undefined) return [workload.labels];
  return (mesh.serviceEntryInstancesByAddress.get(ip) ?? []).map(({ labels = {} }) => labels);
}

function interceptionMode(mode: string | undefined): InterceptionMode {
  return mode === 'TPROXY' || mode === 'NONE' ? mode : 'REDIRECT';
}

/**
 * The instances at a proxy's address: those of the services that select its pod; where there is none, those
 * of the endpoints with its address, its own namespace first; else those of ServiceEntries.
 */
function proxyInstances(mesh: Mesh, ip: string, workload: Workload | undefined): readonly ServiceInstance[] {
  if (workload !== undefined) {
    const selecting = (mesh.serviceObjects.get(workload.namespace) ?? []).filter(
      ({ selector }) => selector !== undefined && hasLabels(workload.labels, selector),
    );
    if (selecting.length > 0) {
      const selected = selecting.flatMap(({ service, targetPorts }) =>
        targetPorts.flatMap((target) => instanceOfPod(service, target, workload)),
      );
      if (selected.length > 0) return selected;
      return mesh.serviceEntryInstancesByAddress.get(ip) ?? [];
    }
  }
  const same: ServiceInstance[] = [];
  const other: ServiceInstance[] = [];
  for (const [hostname, subsets] of mesh.endpoints) {
    const service = mesh.kubernetesServices.get(hostname);
    if (service === undefined) continue;
    const list = service.namespace === workload?.namespace ? same : other;
    for (const subset of subsets) {
      for (const { name, port } of subset.ports) {
        const servicePort = service.ports.find((candidate) => candidate.name === name);
        if (servicePort === undefined) continue;
        for (const addresses of [subset.addresses, subset.notReadyAddresses]) {
          if (addresses.includes(ip))
            list.push(instanceOf(service, servicePort, ip, port, mesh.workloadByIp.get(ip)));
        }
      }
    }
  }
  const found = [...same, ...other];
  return found.length > 0 ? found : (mesh.serviceEntryInstancesByAddress.get(ip) ?? []);
}

function instanceOfPod(service: Service, target: ServicePortTarget, workload: Workload): ServiceInstance[] {
  const servicePort = service.ports.find((port) => port.name === target.name);
  const port = portAt(workload, target);
  if (servicePort === undefined || port === undefined) return [];
  return [instanceOf(service, servicePort, workload.ip || UNSPECIFIED_ADDRESS, port, workload)];
}

/** The services that a proxy sees. */
export function servicesFor(mesh: Mesh, proxy: MeshProxy): readonly Service[] {
  return hasScope(proxy) ? proxy.scope.services : visibleServices(mesh, proxy.namespace);
}

/** The destination rule that a proxy follows for a service. */
export function destinationRuleFor(
  mesh: Mesh,
  proxy: MeshProxy,
  service: Pick<Service, 'hostname' | 'namespace'>,
): Config<DestinationRule> | undefined {
  return hasScope(proxy)
    ? destinationRuleInScope(mesh, proxy.scope, service.hostname)
    : destinationRule(mesh, proxy.namespace, service);
}

/** Whether a Sidecar resource says what the proxy sees. */
export function hasScope(proxy: MeshProxy): boolean {
  return proxy.type === 'sidecar' && proxy.scope.config !== undefined;
}
