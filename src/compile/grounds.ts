// What the explanations of clusters and listeners have in common: where resources stand, and why secrets come
// from where they do.

import type { Region } from '../finding/finding.js';
import type { Config, Mesh, Service } from '../mesh/model.js';
import type { Document } from '../source/document.js';
import { fieldPlace } from '../source/field-place.js';
import type { Context } from './context.js';
import type { Reason } from './tls-explanation.js';

/** A path of field names and indices in a resource. */
export type FieldPath = readonly (string | number)[];

/** Where a field of a resource's spec stands. */
export function placeOf({ document, node }: Placed, path: FieldPath = []): Region {
  return fieldPlace(document, node, path);
}

interface Placed {
  readonly document: Document;
  readonly node: number;
}

/** `Kind name.namespace`. */
export function resourceName({
  kind,
  name,
  namespace,
}: Pick<Config<unknown>, 'kind' | 'name' | 'namespace'>): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${name}.${namespace}`;
}

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
    text: `${kind} ${hostname} has the port ${port.port}${name}, which is ${port.protocol}`,
    region: placed && placeOf(placed),
  };
}

/** Why the workload's own certificate comes from where it does. */
export function sourceReason({ mesh, workloadSource }: Context): Reason {
  const { settings } = mesh;
  const text =
    workloadSource === undefined
      ? 'the mesh has no sdsUdsPath, so the workload has its certificate in files'
      : `the mesh has sdsUdsPath ${settings.sds_uds_path}, so the workload has its certificate from SDS`;
  return { text, region: settings.sds_uds_path_region };
}
