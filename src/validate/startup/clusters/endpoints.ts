// What Envoy asks of endpoints: addresses that the kind of the cluster can use.

import { isIP } from 'node:net';
import type { Message } from '../../../envoy/message.js';
import { quoted } from '../../../secrecy/quoted.js';
import { fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { CLUSTER } from '../types.js';
import { type ClusterKind, kindOf, resolvesNames } from './kind.js';

const ASSIGNMENT = 'envoy.config.endpoint.v3.ClusterLoadAssignment';

/** The kind of the cluster whose endpoints these are; those of EDS are looked at as those of STATIC clusters. */
function kindAround(assignment: Message): ClusterKind {
  const { around } = assignment;
  return around?.type.name === CLUSTER ? kindOf(around) : 'STATIC';
}

interface LocatedEndpoint {
  /** The LbEndpoint. */
  readonly at: Message;
  readonly endpoint: Message | undefined;
}

function* endpointsOf(assignment: Message): Generator<LocatedEndpoint> {
  for (const locality of assignment.messages('endpoints'))
    for (const at of locality.messages('lb_endpoints')) yield { at, endpoint: at.message('endpoint') };
}

/** The addresses of an endpoint: its own, others that reach it too, and that of its health checks. */
function addressesOf(endpoint: Message | undefined): Message[] {
  if (endpoint === undefined) return [];
  const others = endpoint.messages('additional_addresses').map((other) => other.message('address'));
  const checked = endpoint.message('health_check_config')?.message('address');
  return [endpoint.message('address'), ...others, checked].filter((address) => address !== undefined);
}

/** Looks at the addresses of a cluster's endpoints. */
function eachAddress(
  fits: (kind: ClusterKind) => boolean,
  look: (address: Message, report: Parameters<StartupCheck['check']>[1], kind: ClusterKind) => void,
): StartupCheck['check'] {
  return (assignment, report) => {
    const kind = kindAround(assignment);
    if (!fits(kind)) return;
    for (const { endpoint } of endpointsOf(assignment))
      for (const address of addressesOf(endpoint)) look(address, report, kind);
  };
}

/** The resolvers that Envoy has, by name; that of reverse connections reads no IP addresses. */
const RESOLVERS: ReadonlySet<string> = new Set(['envoy.ip', 'envoy.resolvers.reverse_connection']);

const isStatic = (kind: ClusterKind): boolean => kind === 'STATIC';

const logicalDnsEndpoints: StartupCheck = {
  code: 'logical-dns-endpoints',
  on: [CLUSTER],
  finds: 'a LOGICAL_DNS cluster has not exactly one endpoint',
  refusal: 'LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint',
  remedy: 'keep one endpoint, or set type: STRICT_DNS',
  check(cluster, report) {
    if (kindOf(cluster) !== 'LOGICAL_DNS') return;
    const assignment = cluster.message('load_assignment');
    const localities = assignment?.messages('endpoints') ?? [];
    const endpoints = localities.flatMap((locality) => locality.messages('lb_endpoints'));
    if (localities.length === 1 && endpoints.length === 1) return;
    const [, second] = endpoints;
    const field = cluster.has('type') ? 'type' : 'cluster_type';
    report(second === undefined ? fieldAt(cluster, field) : fieldAt(second, 'endpoint'), {
      message: `a LOGICAL_DNS cluster takes exactly one endpoint, and this one has ${endpoints.length}`,
      expected: 'one locality with one endpoint',
    });
  },
};

const staticHostname: StartupCheck = {
  code: 'static-hostname',
  on: [ASSIGNMENT],
  finds: 'an endpoint of a STATIC cluster, or one that EDS delivers, is a host name',
  refusal: 'malformed IP address: … Consider setting resolver_name or setting cluster type to STRICT_DNS',
  remedy: 'set type: STRICT_DNS on the cluster, or give IP addresses',
  check: eachAddress(isStatic, (address, report) => {
    const socket = address.message('socket_address');
    const resolver = socket?.text('resolver_name') ?? '';
    const written = socket?.text('address') ?? '';
    if (socket === undefined || written === '' || isIP(written) !== 0) return;
    if (resolver !== '' && resolver !== 'envoy.ip') return;
    report(fieldAt(socket, 'address'), {
      message: 'a STATIC cluster resolves no host names, and this is not an IP address',
      expected: 'an IP address',
    });
  }),
};

const noAddress: StartupCheck = {
  code: 'endpoint-without-address',
  on: [ASSIGNMENT],
  finds: 'an endpoint of a STATIC cluster, or one that EDS delivers, has no address',
  refusal: 'Address must be set',
  remedy: 'add endpoint: {address: {socket_address: …}}',
  check(assignment, report) {
    if (!isStatic(kindAround(assignment))) return;
    for (const { at, endpoint } of endpointsOf(assignment)) {
      if (endpoint?.has('address')) continue;
      const field = ['endpoint', 'endpoint_name'].find((name) => at.has(name));
      report(fieldAt(at, field), { message: 'this endpoint has no address', expected: 'an address' });
    }
  },
};

const resolverName: StartupCheck = {
  code: 'resolver-name',
  on: [ASSIGNMENT],
  finds:
    'an endpoint of a DNS cluster has a resolver_name, or one of a STATIC cluster a resolver that Envoy does not have',
  refusal: 'STRICT_DNS clusters must NOT have a custom resolver name set; Unknown address resolver: …',
  remedy: 'remove resolver_name',
  check: eachAddress(
    (kind) => isStatic(kind) || resolvesNames(kind),
    (address, report, kind) => {
      const socket = address.message('socket_address');
      const resolver = socket?.text('resolver_name') ?? '';
      if (socket === undefined || resolver === '') return;
      if (isStatic(kind) && RESOLVERS.has(resolver)) return;
      report(fieldAt(socket, 'resolver_name'), {
        message: isStatic(kind)
          ? `Envoy has no address resolver ${quoted(resolver)}`
          : `a ${kind} cluster resolves names by DNS, and this endpoint names a resolver`,
        expected: isStatic(kind) ? 'no resolver, or envoy.ip' : 'no resolver_name',
      });
    },
  ),
};

const namedPort: StartupCheck = {
  code: 'named-port',
  on: [ASSIGNMENT],
  finds: 'an endpoint of a STATIC cluster, or one that EDS delivers, has a named_port',
  refusal: "IP resolver can't handle port specifier type 4",
  remedy: 'give the number as port_value',
  check: eachAddress(isStatic, (address, report) => {
    const socket = address.message('socket_address');
    if (socket?.has('named_port'))
      report(fieldAt(socket, 'named_port'), {
        message: 'Envoy does not look up ports by name',
        expected: 'port_value',
      });
  }),
};

const checkedPort: StartupCheck = {
  code: 'health-check-port',
  on: [ASSIGNMENT],
  finds: 'the health checks of an endpoint without an IP address have a port of their own',
  refusal: 'Invalid host configuration: non-zero port for non-IP address',
  remedy: 'remove port_value from health_check_config, or give it an address',
  check(assignment, report) {
    if (!isStatic(kindAround(assignment))) return;
    for (const { endpoint } of endpointsOf(assignment)) {
      const config = endpoint?.message('health_check_config');
      if (config === undefined || Number(config.text('port_value') ?? 0) === 0) continue;
      const address = config.message('address') ?? endpoint?.message('address');
      if (address === undefined || address.has('socket_address')) continue;
      report(fieldAt(config, 'port_value'), {
        message: 'this endpoint has no IP address, and its health checks a port',
        expected: 'no port_value',
      });
    }
  },
};

const dropOverloads: StartupCheck = {
  code: 'drop-overloads',
  on: [`${ASSIGNMENT}.Policy`],
  finds: 'drop_overloads has several categories, or a share above 1',
  refusal: 'Cluster drop_overloads config is invalid. drop_ratio=…; Envoy only support one',
  remedy: 'keep one category, with a drop_percentage of at most 100 percent',
  check(policy, report) {
    const [first, second] = policy.messages('drop_overloads');
    if (second !== undefined)
      report(fieldAt(policy, 'drop_overloads'), {
        message: 'Envoy drops requests of one category alone',
        expected: 'one category',
      });
    const share = first?.message('drop_percentage');
    if (first === undefined || share === undefined) return;
    const numerator = Number(share.text('numerator') ?? 0);
    const denominator = DENOMINATORS[share.enumName('denominator') ?? 'HUNDRED'] ?? Number.POSITIVE_INFINITY;
    if (numerator > denominator)
      report(fieldAt(first, 'drop_percentage'), {
        message: `${numerator} of ${denominator} is more than all requests`,
        expected: `a numerator of at most ${denominator}`,
      });
  },
};

const DENOMINATORS: Readonly<Record<string, number>> = { HUNDRED: 100, TEN_THOUSAND: 1e4, MILLION: 1e6 };

/** The checks of endpoints. */
export const ENDPOINT_CHECKS: readonly StartupCheck[] = [
  logicalDnsEndpoints,
  staticHostname,
  noAddress,
  resolverName,
  namedPort,
  checkedPort,
  dropOverloads,
];
