// ServiceEntries as services and instances: one service for each host and address (Pilot 1.1's
// serviceregistry/external).

import { isIP } from 'node:net';
import type {
  ServiceEntry,
  ServiceEntry_Endpoint,
} from '../envoy/generated/types/networking/v1alpha3/service_entry.js';
import { UNIX_PREFIX } from '../istio/sockets.js';
import { localityName } from './locality.js';
import {
  type Config,
  type Port,
  type Resolution,
  type Service,
  type ServiceInstance,
  UNSPECIFIED_ADDRESS,
} from './model.js';
import { parseProtocol } from './protocol.js';

/** The services that an entry declares. */
export function servicesOfEntry(config: Config<ServiceEntry>): Service[] {
  const { spec } = config;
  const addresses = spec.addresses ?? [];
  const usable = addresses.length === 0 ? [UNSPECIFIED_ADDRESS] : addresses.flatMap(listenAddress);
  const ports = (spec.ports ?? []).map(
    (port): Port => ({
      name: port.name ?? '',
      port: port.number ?? 0,
      protocol: parseProtocol(port.protocol ?? ''),
    }),
  );
  return (spec.hosts ?? []).flatMap((host) =>
    usable.map(
      (address): Service => ({
        hostname: host,
        address,
        ports,
        resolution: resolutionOf(spec),
        meshExternal: spec.location !== 'MESH_INTERNAL',
        creationTime: config.creationTime,
        name: host,
        namespace: config.namespace,
        exportTo: spec.export_to !== undefined && spec.export_to.length > 0 ? spec.export_to : undefined,
        serviceAccounts: spec.subject_alt_names ?? [],
        registry: 'ServiceEntry',
      }),
    ),
  );
}

/** An address or range as a listener has it: a range of one address is that address; what is neither is left out. */
function listenAddress(address: string): string[] {
  const [ip = '', length, ...rest] = address.split('/');
  if (isIP(ip) === 0 || rest.length > 0) return [];
  if (length === undefined) return [address];
  if (!/^\d+$/.test(length)) return [];
  const all = isIP(ip) === 4 ? 32 : 128;
  if (Number(length) > all) return [];
  return [Number(length) === all ? ip : address];
}

function resolutionOf({ resolution }: ServiceEntry): Resolution {
  switch (resolution) {
    case 'DNS':
      return 'DNSLB';
    case 'STATIC':
      return 'ClientSideLB';
    default:
      return 'Passthrough';
  }
}

/** The instances that an entry declares: its endpoints, or with DNS and none of them the host itself. */
export function instancesOfEntry(
  { spec }: Config<ServiceEntry>,
  services: readonly Service[],
): ServiceInstance[] {
  const endpoints = spec.endpoints ?? [];
  return services.flatMap((service) =>
    service.ports.flatMap((port) => {
      if (endpoints.length > 0) return endpoints.map((endpoint) => instanceOf(service, port, endpoint));
      return spec.resolution === 'DNS' ? [hostInstance(service, port)] : [];
    }),
  );
}

function hostInstance(service: Service, port: Port): ServiceInstance {
  return {
    service,
    servicePort: port,
    address: service.hostname,
    unix: false,
    port: port.port,
    labels: undefined,
    serviceAccount: '',
    locality: '',
    uid: '',
    network: '',
    weight: 0,
  };
}

function instanceOf(service: Service, port: Port, endpoint: ServiceEntry_Endpoint): ServiceInstance {
  const address = endpoint.address ?? '';
  const unix = address.startsWith(UNIX_PREFIX);
  return {
    service,
    servicePort: port,
    address: unix ? address.slice(UNIX_PREFIX.length) : address,
    unix,
    port: unix ? 0 : endpoint.ports?.[port.name] || port.port,
    labels: endpoint.labels,
    serviceAccount: '',
    locality: localityName(endpoint.labels, endpoint.locality ?? ''),
    uid: '',
    network: endpoint.network ?? '',
    weight: endpoint.weight ?? 0,
  };
}
