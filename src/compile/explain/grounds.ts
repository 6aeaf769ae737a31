import type { Mesh, Service } from '../../mesh/model.js';
import type { Context } from '../pilot/context/context.js';
import { placeOf } from '../pilot/context/place.js';
import type { Reason } from './tls-explanation.js';

/** The resource that a service is read from. */
export function serviceReason(mesh: Mesh, service: Service, port: Service['ports'][number]): Reason {
  const { hostname, namespace, registry } = service;
  const object = mesh.serviceObjects.get(namespace)?.find((one) => one.service === service);
  const entry = mesh.configs.ServiceEntry.find(
    (config) => config.namespace === namespace && (config.spec.hosts ?? []).includes(hostname),
  );
  const placed = registry === 'Kubernetes' ? object : entry;
  const kind = registry === 'Kubernetes' ? 'Service' : 'ServiceEntry';
  const name = port.name === '' ? '' : ` (${port.name})`;
  return {
    text: `${kind} ${hostname} has port ${port.port}${name}, which uses ${port.protocol}`,
    region: placed && placeOf(placed),
  };
}

/** Why the workload's own certificate comes from where it does. */
export function sourceReason({ mesh, workloadSource }: Context): Reason {
  const { settings } = mesh;
  const text =
    workloadSource === undefined
      ? "the mesh sets no sdsUdsPath, so the workload's certificate is in files"
      : `the mesh sets sdsUdsPath ${settings.sds_uds_path}, so the workload's certificate comes from SDS`;
  return { text, region: settings.sds_uds_path_region };
}
