// The endpoints of a service's port, and the accounts that run it (Pilot 1.1's InstancesByPort and
// GetIstioServiceAccounts).

import { compareText } from '../collections/compare-text.js';
import type { Labels, Mesh, Port, Service, ServiceInstance, Workload } from './model.js';

/** Whether all of some labels are among others; absent labels are none. */
export function hasLabels(labels: Labels | undefined, wanted: Labels | undefined): boolean {
  if (wanted === undefined) return true;
  for (const name in wanted) {
    if (labels?.[name] !== wanted[name]) return false;
  }
  return true;
}

/**
 * The instances of a host's port, of all registries.
 *
 * @param labels those that an instance must have; of ExternalName services none is asked for labels or port
 */
export function instancesByPort(
  mesh: Mesh,
  hostname: string,
  port: number,
  labels?: Labels,
): ServiceInstance[] {
  const entries = mesh.serviceEntryInstances.get(hostname);
  const kubernetes = kubernetesInstances(mesh, hostname, port, labels);
  if (entries === undefined) return kubernetes;
  return [
    ...kubernetes,
    ...entries.filter((instance) => instance.servicePort.port === port && hasLabels(instance.labels, labels)),
  ];
}

function kubernetesInstances(
  mesh: Mesh,
  hostname: string,
  port: number,
  labels: Labels | undefined,
): ServiceInstance[] {
  const service = mesh.kubernetesServices.get(hostname);
  const servicePort = service?.ports.find((candidate) => candidate.port === port);
  if (service === undefined || servicePort === undefined) return [];
  const external = mesh.externalNameInstances.get(hostname);
  if (external !== undefined) return [...external];
  const instances: ServiceInstance[] = [];
  for (const subset of mesh.endpoints.get(hostname) ?? []) {
    for (const address of subset.addresses) {
      const workload = mesh.workloadByIp.get(address);
      if (!hasLabels(workload?.labels, labels)) continue;
      for (const { name, port: target } of subset.ports) {
        if (name === '' || name === servicePort.name)
          instances.push(instanceOf(service, servicePort, address, target, workload));
      }
    }
  }
  return instances;
}

/** An instance at a workload's address; where there is no workload it has no account, labels or locality. */
export function instanceOf(
  service: Service,
  servicePort: Port,
  address: string,
  port: number,
  workload: Workload | undefined,
): ServiceInstance {
  return {
    service,
    servicePort,
    address,
    unix: false,
    port,
    labels: workload?.labels,
    serviceAccount: workload?.serviceAccount ?? '',
    locality: workload?.locality ?? '',
    uid: workload === undefined ? '' : `kubernetes://${workload.name}.${workload.namespace}`,
    network: '',
    weight: 0,
  };
}

/** The SPIFFE ids that may serve a port of a Kubernetes service, sorted; none for a ServiceEntry. */
export function serviceAccounts(mesh: Mesh, hostname: string, port: number): string[] {
  const holders = accountHolders(mesh, hostname, port);
  const [first] = holders;
  if (first !== undefined && holders.length === 1) return [first.account];
  return [...new Set(holders.map(({ account }) => account))].sort(compareText);
}

/** A SPIFFE id that may serve a port: of a workload behind it, or since the service says so. */
export interface AccountHolder {
  readonly account: string;
  /** The address of the workload; undefined where it is the service that says it. */
  readonly address: string | undefined;
}

/** Who may serve a port of a Kubernetes service, and why. */
export function accountHolders(mesh: Mesh, hostname: string, port: number): AccountHolder[] {
  const service = mesh.kubernetesServices.get(hostname);
  if (service === undefined) return [];
  const holders: AccountHolder[] = [];
  for (const account of service.serviceAccounts) holders.push({ account, address: undefined });
  for (const { serviceAccount, address } of kubernetesInstances(mesh, hostname, port, undefined)) {
    if (serviceAccount !== '') holders.push({ account: serviceAccount, address });
  }
  return holders;
}
