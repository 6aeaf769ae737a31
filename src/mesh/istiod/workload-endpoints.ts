// WorkloadEntries that Kubernetes services select: their endpoints, and the ports that they serve (istiod
// 1.29's kube/controller: serviceInstancesFromWorkloadInstances, serviceTargetsFromWorkloadInstance).

import { selects } from './labels.js';
import type { Endpoint, Port, ServiceObject, WorkloadInstance } from './model.js';

/** The endpoints of a service among WorkloadEntries. */
export function workloadEndpoints(
  object: ServiceObject,
  instances: readonly WorkloadInstance[],
): readonly Endpoint[] {
  const { service } = object;
  if (instances.length === 0 || service.resolution !== 'ClientSideLB' || service.meshExternal) return [];
  const selected = instances.filter(
    ({ namespace, endpoint }) =>
      namespace === service.namespace && selects(service.selector, endpoint.labels),
  );
  return service.ports.flatMap((port) =>
    selected.flatMap((instance) => {
      const target = workloadPort(object, port, instance);
      return target === undefined ? [] : [{ ...instance.endpoint, port: target, portName: port.name }];
    }),
  );
}

/** The port of a WorkloadEntry that a service's port leads to; undefined where it names one that is not there. */
export function workloadPort(
  { targetPorts }: ServiceObject,
  port: Port,
  { ports }: WorkloadInstance,
): number | undefined {
  const target = targetPorts.find(({ name, port: number }) => name === port.name || number === port.port);
  if (target === undefined) return port.port;
  if (typeof target.target === 'number')
    return (target.name === '' ? 0 : ports[target.name]) || target.target;
  return ports[target.target] || undefined;
}
