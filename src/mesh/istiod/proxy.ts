// A proxy as istiod 1.29 sees it when it connects: its addresses, labels, place, and the ports that it serves
// (model.Proxy, kube/controller GetProxyServiceTargets).

import { compareText } from '../../collections/compare-text.js';
import type { ProxyConfig } from '../../envoy/generated/types/mesh/v1/proxy.js';
import type { NormalValue } from '../../envoy/normal-value.js';
import { ipFamily } from './addresses.js';
import { podPort } from './kubernetes.js';
import { augmented, localityParts, REGION_LABEL, SUBZONE_LABEL, selects, ZONE_LABEL } from './labels.js';
import type {
  Labels,
  Mesh,
  Port,
  Service,
  ServiceObject,
  TargetPort,
  Workload,
  WorkloadInstance,
} from './model.js';
import { type NodeMetadata, nodeMetadata } from './node-metadata.js';
import { endpointKey } from './read-mesh.js';
import { byTime } from './resources.js';
import { gatewayScope, type Scope, sidecarScope } from './scope.js';
import { workloadPort } from './workload-endpoints.js';

/** A proxy as its node describes it. */
export interface NodeDescription {
  readonly type: 'sidecar' | 'router';
  readonly ip: string;
  readonly id: string;
  /** What its traces call it. */
  readonly cluster?: string;
  readonly domain: string;
  readonly metadata: { readonly [name: string]: NormalValue };
  /** The node's own locality. */
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string } | undefined;
  /** The workload that it was made from, if any. */
  readonly workload?: Workload;
}

/** A port of a service that a proxy serves. */
export interface ServiceTarget {
  readonly service: Service;
  readonly port: Port;
  readonly targetPort: number;
}

/** Where a proxy is; what is not known is ''. */
export interface ProxyLocality {
  readonly region: string;
  readonly zone: string;
  readonly sub_zone: string;
}

/** A proxy with what it sees. */
export interface IstioProxy {
  readonly type: 'sidecar' | 'router';
  readonly ips: readonly string[];
  readonly id: string;
  /** What its traces call it; ''. */
  readonly cluster: string;
  readonly domain: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly metadata: NodeMetadata;
  readonly config: ProxyConfig;
  readonly locality: ProxyLocality;
  readonly supports: { readonly v4: boolean; readonly v6: boolean };
  /** Its services, oldest first. */
  readonly targets: readonly ServiceTarget[];
  readonly scope: Scope;
}

/** Finds out what istiod would know of a proxy. */
export function resolveProxy(mesh: Mesh, node: NodeDescription): IstioProxy {
  const metadata = nodeMetadata(node.metadata);
  const given = metadata.instanceIps;
  const ips = given.length > 0 && given.every((ip) => ipFamily(ip) !== 0) ? given : [node.ip];
  const namespace =
    metadata.namespace || (node.domain.includes('.') ? (node.domain.split('.')[0] ?? '') : '');
  const isOwnCluster = metadata.clusterId === '' || metadata.clusterId === mesh.clusterId;
  const workload = isOwnCluster
    ? (node.workload ?? workloadOf(mesh, node.id, metadata.namespace))
    : undefined;
  const registered = registeredLabels(mesh, metadata, ips, workload);
  const known = registered === undefined ? metadata.labels : { ...metadata.staticLabels, ...registered };
  const locality = localityOf(known, node);
  const labels = augmented(known, {
    cluster: metadata.clusterId,
    locality: localityText(locality),
    node: metadata.nodeName,
    network: metadata.network,
  });
  return {
    type: node.type,
    ips,
    id: node.id,
    cluster: node.cluster ?? '',
    domain: node.domain,
    namespace,
    labels,
    metadata,
    config: metadata.proxyConfig ?? mesh.settings.default_config,
    locality,
    supports: {
      v4: ips.some((ip) => ipFamily(ip) === 4),
      v6: ips.some((ip) => ipFamily(ip) === 6),
    },
    targets: targetsOf(mesh, { node, metadata, ips, namespace, labels, isOwnCluster, workload }),
    scope: node.type === 'router' ? gatewayScope(mesh, namespace) : sidecarScope(mesh, namespace, labels),
  };
}

/** The pod of a proxy's id, `NAME.NAMESPACE`. */
function workloadOf({ workloads }: Mesh, id: string, namespace: string): Workload | undefined {
  const dot = id.indexOf('.');
  if (dot < 0 || id.slice(dot + 1) !== namespace) return undefined;
  const name = id.slice(0, dot);
  return workloads.find(
    (workload) => workload.kind === 'Pod' && workload.name === name && workload.namespace === namespace,
  );
}

/** The labels that a registry knows of a proxy; undefined where none does. */
function registeredLabels(
  mesh: Mesh,
  metadata: NodeMetadata,
  ips: readonly string[],
  workload: Workload | undefined,
): Labels | undefined {
  if (workload !== undefined)
    return augmented(workload.labels, {
      cluster: mesh.clusterId,
      locality: workload.locality,
      node: metadata.nodeName,
      network: workload.network,
    });
  for (const ip of ips) {
    const found = mesh.entryInstances
      .get(ip)
      ?.find(({ service }) => metadata.namespace === '' || service.namespace === metadata.namespace);
    if (found !== undefined) return found.endpoint.labels;
  }
  return undefined;
}

function localityOf(labels: Labels, { locality }: NodeDescription): ProxyLocality {
  const names = [REGION_LABEL, ZONE_LABEL, SUBZONE_LABEL] as const;
  if (names.some((name) => labels[name] !== undefined)) {
    const [region = '', zone = '', sub_zone = ''] = names.map((name) => labels[name] ?? '');
    return { region, zone, sub_zone };
  }
  return {
    region: locality?.region ?? '',
    zone: locality?.zone ?? '',
    sub_zone: locality?.subZone ?? '',
  };
}

/** A locality as text, up to the first part that is not known. */
export function localityText({ region, zone, sub_zone }: ProxyLocality): string {
  if (zone === '') return region;
  return sub_zone === '' ? `${region}/${zone}` : `${region}/${zone}/${sub_zone}`;
}

/** A locality's text as a locality. */
export function localityOfText(text: string): ProxyLocality {
  const [region, zone, sub_zone] = localityParts(text);
  return { region, zone, sub_zone };
}

interface Known {
  readonly node: NodeDescription;
  readonly metadata: NodeMetadata;
  readonly ips: readonly string[];
  readonly namespace: string;
  readonly labels: Labels;
  readonly isOwnCluster: boolean;
  readonly workload: Workload | undefined;
}

function targetsOf(mesh: Mesh, known: Known): readonly ServiceTarget[] {
  const targets = [
    ...(known.isOwnCluster ? kubernetesTargets(mesh, known) : []),
    ...entryTargets(mesh, known),
  ];
  return targets.sort(
    (a, b) =>
      byTime(a.service.creationTime, b.service.creationTime) ||
      compareText(a.service.hostname, b.service.hostname),
  );
}

function entryTargets(mesh: Mesh, { ips, metadata }: Known): readonly ServiceTarget[] {
  return ips.flatMap((ip) =>
    (mesh.entryInstances.get(ip) ?? [])
      .filter(({ service }) => metadata.namespace === '' || service.namespace === metadata.namespace)
      .map(({ service, port, endpoint }) => ({ service, port, targetPort: endpoint.port })),
  );
}

/** Those of the WorkloadEntry at its address; else of its pod; else of its labels. */
function kubernetesTargets(mesh: Mesh, known: Known): readonly ServiceTarget[] {
  const { node, workload, namespace, metadata, ips } = known;
  const entry = workloadEntryOf(mesh, node.id, namespace, ips[0] ?? '');
  if (entry !== undefined) return targetsOfEntry(mesh, entry);
  if (workload === undefined)
    return selecting(mesh, namespace, metadata.labels).flatMap((object) =>
      uniqueTargets(object, (target) => portOfMetadata(metadata, target)),
    );
  const services = selecting(mesh, workload.namespace, workload.labels);
  if (services.length > 0)
    return services.flatMap((object) => uniqueTargets(object, (target) => podPort(workload, target)));
  return targetsOfEndpoints(mesh, metadata.namespace, ips[0] ?? '');
}

function selecting(mesh: Mesh, namespace: string, labels: Labels): readonly ServiceObject[] {
  return (mesh.serviceObjects.get(namespace) ?? []).filter(({ service }) =>
    selects(service.selector, labels),
  );
}

function portOfMetadata({ podPorts }: NodeMetadata, { target, transport }: TargetPort): number | undefined {
  if (typeof target === 'number') return target;
  return podPorts.find(({ name, protocol }) => name === target && protocol === transport)?.containerPort;
}

/** The ports of a service that a workload serves: each port of the workload and protocol once. */
function uniqueTargets(
  { service, targetPorts }: ServiceObject,
  portOf: (target: TargetPort) => number | undefined,
): ServiceTarget[] {
  const seen = new Set<string>();
  return targetPorts.flatMap((target) => {
    const port = service.ports.find(({ name }) => name === target.name);
    const targetPort = port && portOf(target);
    if (port === undefined || targetPort === undefined) return [];
    const key = `${targetPort} ${port.protocol}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ service, port, targetPort }];
  });
}

function workloadEntryOf(
  mesh: Mesh,
  id: string,
  namespace: string,
  ip: string,
): WorkloadInstance | undefined {
  const entries = mesh.workloadEntries.get(ip) ?? [];
  if (entries.length <= 1) return entries[0];
  const own = entries.filter((entry) => entry.namespace === namespace);
  return own.find(({ name }) => `${name}.${namespace}` === id) ?? own[0] ?? entries[0];
}

function targetsOfEntry(mesh: Mesh, entry: WorkloadInstance): ServiceTarget[] {
  return selecting(mesh, entry.namespace, entry.endpoint.labels).flatMap((object) => {
    const { service } = object;
    if (service.resolution !== 'ClientSideLB') return [];
    return service.ports.flatMap((port) => {
      const targetPort = port.protocol === 'UDP' ? undefined : workloadPort(object, port, entry);
      return targetPort === undefined ? [] : [{ service, port, targetPort }];
    });
  });
}

function targetsOfEndpoints(mesh: Mesh, namespace: string, ip: string): ServiceTarget[] {
  return (mesh.serviceObjects.get(namespace) ?? []).flatMap(({ service }) =>
    (mesh.endpoints.get(endpointKey(service)) ?? []).flatMap((endpoint) => {
      const port = service.ports.find(({ name }) => name === endpoint.portName);
      return endpoint.address === ip && port !== undefined
        ? [{ service, port, targetPort: endpoint.port }]
        : [];
    }),
  );
}
