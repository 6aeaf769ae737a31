// Names of clusters and statistics, and other names that istiod 1.29 fixes.

import type { Port, Service } from '../../../mesh/istiod/model.js';

export const BLACK_HOLE = 'BlackHoleCluster';
export const PASSTHROUGH = 'PassthroughCluster';
export const INBOUND_PASSTHROUGH = 'InboundPassthroughCluster';

/** What ends the names of statistics. */
const STATISTICS_END = ';';

/** The name of a cluster that is called. */
export function outboundName(host: string, port: number, subset = ''): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** The name of a cluster of the proxy's own workload. */
export function inboundName(port: number): string {
  return `inbound|${port}||`;
}

/** The name of a service in SNI, which is also that of a cluster that passes TLS on. */
export function sniName(host: string, port: number, subset = ''): string {
  return `outbound_.${port}_.${subset}_.${host}`;
}

/** A name of statistics. */
export function statisticsName(name: string): string {
  return name + STATISTICS_END;
}

/** What a pattern for the names of statistics is filled in with. */
export interface StatisticsOf {
  /** Whether it is of a Kubernetes service: these have short names. */
  readonly service: Pick<Service, 'hostname' | 'name' | 'namespace' | 'registry'>;
  readonly port: Pick<Port, 'port' | 'name'>;
  readonly subset?: string;
  readonly targetPort?: number;
}

/** Fills in a pattern for the names of statistics. */
export function statisticsPattern(
  pattern: string,
  { service, port, subset = '', targetPort }: StatisticsOf,
): string {
  const isKubernetes = service.registry === 'Kubernetes';
  const filled = pattern
    .replaceAll('%SERVICE%', isKubernetes ? `${service.name}.${service.namespace}` : service.hostname)
    .replaceAll('%SERVICE_NAME%', isKubernetes ? service.name : service.hostname)
    .replaceAll('%SERVICE_FQDN%', service.hostname)
    .replaceAll('%SUBSET_NAME%', subset);
  const withTarget =
    targetPort === undefined ? filled : filled.replaceAll('%TARGET_PORT%', String(targetPort));
  return withTarget
    .replaceAll('%SERVICE_PORT%', String(port.port))
    .replaceAll('%SERVICE_PORT_NAME%', port.name);
}

const KEBAB: { readonly [kind: string]: string } = {
  DestinationRule: 'destination-rule',
  VirtualService: 'virtual-service',
  Sidecar: 'sidecar',
};

/** What metadata say of the resource that something comes from. */
export function configPath({
  kind,
  name,
  namespace,
}: {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}): string {
  return `/apis/networking.istio.io/v1/namespaces/${namespace}/${KEBAB[kind] ?? kind.toLowerCase()}/${name}`;
}

/** Metadata that name the resource that something comes from. */
export function configMetadata(config: Parameters<typeof configPath>[0]): {
  readonly filter_metadata: { readonly istio: { readonly config: string } };
} {
  return { filter_metadata: { istio: { config: configPath(config) } } };
}
