// ServiceEntries and WorkloadEntries as services and endpoints (istiod 1.29's serviceentry package).

import type { ServiceEntry, ServicePort } from '../../envoy/generated/types/networking/v1/service_entry.js';
import type { WorkloadEntry } from '../../envoy/generated/types/networking/v1/workload_entry.js';
import { UNIX_PREFIX } from '../../istio/sockets.js';
import { UNSPECIFIED_ADDRESS } from '../model.js';
import { addressBits, ipFamily, parseCidr } from './addresses.js';
import { trafficDistribution } from './kubernetes.js';
import { containerPorts } from './kubernetes-objects.js';
import {
  augmented,
  localityLabel,
  saidTlsMode,
  selects,
  TLS_DISABLED,
  TLS_ISTIO,
  tlsModeOf,
} from './labels.js';
import type {
  Config,
  Endpoint,
  EntryInstance,
  Labels,
  Port,
  Resolution,
  Service,
  Settings,
  Workload,
  WorkloadInstance,
} from './model.js';
import { parseProtocol } from './protocol.js';
import { allocatedAddresses } from './resources.js';
import { identity } from './settings.js';
import type { Places } from './workloads.js';

const NO_ALLOCATION_LABEL = 'networking.istio.io/enable-autoallocate-ip';
const AUTO_REGISTRATION_GROUP = 'istio.io/autoRegistrationGroup';
const WORKLOAD_NAME_LABEL = 'service.istio.io/workload-name';
const HEALTH_CHECK_ANNOTATION = 'proxy.istio.io/health-checks-enabled';

const RESOLUTIONS: { readonly [Name in NonNullable<ServiceEntry['resolution']>]: Resolution } = {
  NONE: 'Passthrough',
  STATIC: 'ClientSideLB',
  DNS: 'DNSLB',
  DNS_ROUND_ROBIN: 'DNSRoundRobinLB',
  DYNAMIC_DNS: 'DynamicDNS',
};

/** The services of a ServiceEntry: one for each host and address. */
export function servicesOf(config: Config<ServiceEntry>): Service[] {
  const { spec, labels } = config;
  const { hosts = [], ports = [], addresses = [], workload_selector, export_to = [] } = spec;
  const resolution = RESOLUTIONS[spec.resolution ?? 'NONE'];
  const overrides = ports.flatMap(({ number = 0, target_port = 0 }) =>
    resolution === 'Passthrough' && target_port !== 0 ? [[number, target_port] as const] : [],
  );
  const allocated = isAllocated(config) ? allocatedAddresses(config) : new Map<string, string[]>();
  const service = (hostname: string, address: string, given: Service['allocated']): Service => ({
    hostname,
    address,
    addresses: [],
    allocated: given,
    ports: ports.map(portOf),
    resolution,
    meshExternal: (spec.location ?? 'MESH_EXTERNAL') === 'MESH_EXTERNAL',
    creationTime: config.creationTime,
    name: hostname,
    namespace: config.namespace,
    exportTo: export_to.length > 0 ? new Set(export_to) : undefined,
    serviceAccounts: spec.subject_alt_names ?? [],
    registry: 'External',
    labels,
    selector: workload_selector?.labels,
    aliases: [],
    externalName: '',
    nodeLocal: false,
    trafficDistribution: trafficDistribution('', config.annotations),
    publishNotReadyAddresses: false,
    passthroughTargetPorts: overrides.length > 0 ? new Map(overrides) : undefined,
    externalAddresses: [],
  });
  return hosts.flatMap((host) => {
    if (addresses.length > 0)
      return addresses.flatMap(usableAddress).map((address) => service(host, address, undefined));
    const own = allocated.get(host) ?? [];
    const of = (family: 4 | 6): string => own.findLast((address) => ipFamily(address) === family) ?? '';
    return [service(host, UNSPECIFIED_ADDRESS, own.length > 0 ? { v4: of(4), v6: of(6) } : undefined)];
  });
}

function isAllocated({ spec, labels }: Config<ServiceEntry>): boolean {
  return (
    (spec.resolution ?? 'NONE') !== 'NONE' &&
    labels[NO_ALLOCATION_LABEL]?.toLowerCase() !== 'false' &&
    (spec.addresses ?? []).length === 0
  );
}

/** An address; a range of one address is that address. */
function usableAddress(text: string): string[] {
  if (ipFamily(text) !== 0) return [text];
  const range = parseCidr(text);
  if (range === undefined) return [];
  return [range.bits === addressBits(ipFamily(range.address) as 4 | 6) ? range.address : text];
}

function portOf({ name = '', number = 0, protocol = '' }: ServicePort): Port {
  return { name, port: number, protocol: parseProtocol(protocol) };
}

/** Whether a ServiceEntry's endpoints are resolved by DNS. */
function isDns({ resolution }: ServiceEntry): boolean {
  return resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';
}

/** A WorkloadEntry as something that services select; undefined where its health checks fail. */
export function workloadInstanceOf(
  config: Config<WorkloadEntry>,
  settings: Settings,
  places: Places,
): WorkloadInstance | undefined {
  if (!isHealthy(config)) return undefined;
  const { name, namespace, spec, annotations } = config;
  const labels = { ...spec.labels, ...config.labels };
  const address = spec.address ?? '';
  return {
    name,
    namespace,
    endpoint: {
      ...placed({ ...spec, labels }, places),
      address,
      port: 0,
      portName: '',
      servicePort: 0,
      serviceAccount: spec.service_account ? identity(settings, namespace, spec.service_account) : '',
      namespace,
      workloadName: annotations[AUTO_REGISTRATION_GROUP] ?? config.labels[WORKLOAD_NAME_LABEL] ?? name,
      nodeName: '',
    },
    ports: spec.ports ?? {},
    dnsOnly: address !== '' && ipFamily(address) === 0,
  };
}

function isHealthy({ annotations }: Config<WorkloadEntry>): boolean {
  // One whose health is checked counts once its status says that it is healthy; files have no such status.
  return annotations[HEALTH_CHECK_ANNOTATION] !== 'true';
}

/** What a WorkloadEntry says of its place, weight and TLS. */
function placed(
  entry: WorkloadEntry,
  places: Places,
): Pick<Endpoint, 'network' | 'locality' | 'weight' | 'tlsMode' | 'labels' | 'health'> {
  const labels: Labels = entry.labels ?? {};
  const locality = entry.locality || localityLabel(labels);
  const network = entry.network || places.networkOf(entry.address ?? '', labels);
  return {
    network: entry.network ?? '',
    locality,
    weight: entry.weight ?? 0,
    tlsMode: saidTlsMode(labels) ?? (entry.service_account ? TLS_ISTIO : TLS_DISABLED),
    labels: augmented(labels, { cluster: places.clusterId, locality, node: '', network }),
    health: undefined,
  };
}

/** What ServiceEntries' instances are made from. */
export interface EntryInputs {
  readonly settings: Settings;
  readonly places: Places;
  readonly workloadEntries: readonly {
    readonly config: Config<WorkloadEntry>;
    readonly instance: WorkloadInstance;
  }[];
  readonly workloads: readonly Workload[];
}

/** The endpoints of a ServiceEntry with its services and ports. */
export function instancesOf(
  config: Config<ServiceEntry>,
  services: readonly Service[],
  inputs: EntryInputs,
): EntryInstance[] {
  const { spec, namespace } = config;
  const ports = spec.ports ?? [];
  const selector = spec.workload_selector?.labels;
  if (spec.workload_selector !== undefined) {
    return services.flatMap((service) => [
      ...inputs.workloadEntries.flatMap(({ config: entry, instance }) =>
        entry.namespace !== namespace ||
        !selects(selector, { ...entry.spec.labels, ...entry.labels }) ||
        (instance.dnsOnly && !isDns(spec))
          ? []
          : ports.map((port) => ofWorkloadEntry(service, port, entry, inputs)),
      ),
      ...inputs.workloads.flatMap((workload) =>
        workload.ready && workload.namespace === namespace && selects(selector, workload.endpointLabels)
          ? ports.map((port) => ofPod(service, port, workload, inputs))
          : [],
      ),
    ]);
  }
  const endpoints = spec.endpoints ?? [];
  return services.flatMap((service) =>
    ports.flatMap((port) =>
      endpoints.length === 0 && isDns(spec)
        ? [ofHost(service, port, inputs)]
        : endpoints.map((endpoint) => ofEndpoint(service, port, endpoint, inputs)),
    ),
  );
}

/** A host that DNS resolves is its own endpoint. */
function ofHost(service: Service, port: ServicePort, { places }: EntryInputs): EntryInstance {
  void places;
  return {
    service,
    port: portOf(port),
    endpoint: {
      address: service.hostname,
      port: port.target_port || (port.number ?? 0),
      portName: port.name ?? '',
      servicePort: port.number ?? 0,
      serviceAccount: '',
      network: '',
      locality: '',
      weight: 0,
      tlsMode: TLS_DISABLED,
      namespace: '',
      workloadName: '',
      labels: {},
      health: undefined,
      nodeName: '',
    },
  };
}

function ofEndpoint(
  service: Service,
  port: ServicePort,
  entry: WorkloadEntry,
  { settings, places }: EntryInputs,
  owner: { readonly name: string; readonly namespace: string } = { name: '', namespace: '' },
): EntryInstance {
  const given = entry.address ?? '';
  const isSocket = given.startsWith(UNIX_PREFIX);
  return {
    service,
    port: portOf(port),
    endpoint: {
      ...placed(entry, places),
      address: isSocket ? given.slice(UNIX_PREFIX.length) : given,
      port: isSocket ? 0 : targetOf(port, entry.ports),
      portName: port.name ?? '',
      servicePort: port.number ?? 0,
      serviceAccount: entry.service_account
        ? identity(settings, service.namespace, entry.service_account)
        : '',
      namespace: owner.namespace,
      workloadName: owner.name,
      nodeName: '',
    },
  };
}

function targetOf(port: ServicePort, ports: { readonly [name: string]: number } | undefined): number {
  return ports?.[port.name ?? ''] || port.target_port || (port.number ?? 0);
}

function ofWorkloadEntry(
  service: Service,
  port: ServicePort,
  config: Config<WorkloadEntry>,
  inputs: EntryInputs,
): EntryInstance {
  const { spec } = config;
  return ofEndpoint(service, port, { ...spec, labels: { ...spec.labels, ...config.labels } }, inputs, config);
}

function ofPod(
  service: Service,
  port: ServicePort,
  workload: Workload,
  { settings }: EntryInputs,
): EntryInstance {
  const named = Object.fromEntries(
    containerPorts(workload)
      .filter(({ name, transport }) => name !== '' && transport === 'TCP')
      .reverse()
      .map((own) => [own.name, own.port]),
  );
  return {
    service,
    port: portOf(port),
    endpoint: {
      address: workload.ip,
      port: targetOf(port, named),
      portName: port.name ?? '',
      servicePort: port.number ?? 0,
      serviceAccount: identity(settings, workload.namespace, workload.account),
      network: workload.network,
      locality: workload.locality,
      weight: 0,
      tlsMode: tlsModeOf(workload.labels),
      namespace: workload.namespace,
      workloadName: workload.workloadName,
      labels: workload.endpointLabels,
      health: 'HEALTHY',
      nodeName: workload.nodeName,
    },
  };
}
