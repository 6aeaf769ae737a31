// Where the mesh is entered from outside: HTTP servers of gateways, and the service to which a virtual service takes a
// GET of `/` there.

import type { VirtualService } from '../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import { hostsMatch } from '../mesh/host.js';
import { hasLabels } from '../mesh/instances.js';
import type { Config, Mesh } from '../mesh/model.js';
import { isHttp, parseProtocol } from '../mesh/protocol.js';
import type { ClusterPort, ClusterService, Member } from './members.js';

/** A host on a port of a gateway, and the service behind it. */
export interface Entrance {
  readonly gateway: Member;
  /** What the caller asks for. */
  readonly host: string;
  readonly port: number;
  readonly service: ClusterService;
  readonly servicePort: ClusterPort;
}

/** Entrances, and in words those that are not tried. */
export interface Entrances {
  readonly entrances: readonly Entrance[];
  readonly others: readonly string[];
}

/** Finds the entrances of a mesh. */
export function entrancesOf(
  { configs, virtualServices }: Mesh,
  members: readonly Member[],
  services: readonly ClusterService[],
): Entrances {
  const entrances: Entrance[] = [];
  const others: string[] = [];
  const all = [...virtualServices.exported, ...[...virtualServices.local.values()].flat()];
  for (const { name, namespace, spec } of configs.Gateway) {
    const gateways = members.filter((one) => one.isGateway && hasLabels(one.labels, spec.selector));
    for (const { hosts = [], port, tls } of spec.servers ?? []) {
      const number = port?.number ?? 0;
      if (tls !== undefined || !isHttp(parseProtocol(port?.protocol ?? ''))) {
        others.push(`${name}.${namespace}:${number} of a gateway speaks ${port?.protocol ?? 'TLS'}`);
        continue;
      }
      for (const service of all.filter((one) => isBound(one, `${namespace}/${name}`))) {
        const found = destinationOf(service, services);
        for (const host of (service.spec.hosts ?? []).filter((one) => !one.startsWith('*'))) {
          if (!hosts.some((pattern) => hostsMatch(pattern.split('/').at(-1) as string, host))) continue;
          if (found === undefined) others.push(`${host}:${number} does not lead to one service`);
          else for (const gateway of gateways) entrances.push({ gateway, host, port: number, ...found });
        }
      }
    }
  }
  return { entrances, others };
}

function isBound({ spec }: Config<VirtualService>, gateway: string): boolean {
  return (spec.gateways ?? []).includes(gateway);
}

/** The one service to which a GET of `/` goes. */
function destinationOf(
  { spec }: Config<VirtualService>,
  services: readonly ClusterService[],
): Pick<Entrance, 'service' | 'servicePort'> | undefined {
  const route = spec.http?.find(({ match = [] }) => match.length === 0 || match.some(takesRoot));
  const [first, second] = route?.route ?? [];
  const { host, port, subset } = first?.destination ?? {};
  const service = services.find(({ hostname }) => hostname === host);
  if (service === undefined || second !== undefined || subset) return undefined;
  const ports = service.ports.filter((one) => port?.number === undefined || one.port === port.number);
  const [servicePort, another] = ports;
  return servicePort === undefined || another !== undefined ? undefined : { service, servicePort };
}

type Match = NonNullable<NonNullable<NonNullable<VirtualService['http']>[number]['match']>[number]>;

function takesRoot({ uri, ...others }: Match): boolean {
  const isPlain = Object.keys(others).length === 0;
  return isPlain && (uri === undefined || uri.prefix === '/' || uri.exact === '/');
}
