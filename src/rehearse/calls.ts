// Calls from one workload to a service, as its application makes them, and what became of them.

import type { Agent } from 'node:http';
import type { Answer } from './application.js';
import type { Cluster } from './cluster.js';
import type { Entrance } from './entrances.js';
import type { Address } from './envoy-process.js';
import { ask } from './http.js';
import type { ClusterPort, ClusterService, Member } from './members.js';
import type { Outcome } from './policies.js';
import type { Stage } from './stage.js';

/** Someone who may call, and what is called. */
export interface Connection {
  readonly client: Member;
  readonly service: ClusterService;
  readonly port: ClusterPort;
  /** Where a call from outside enters the mesh; then the client is the gateway. */
  readonly entrance?: Pick<Entrance, 'host' | 'port'>;
}

/** What became of a call. */
export interface CallResult {
  /** A call over TCP arrives without anybody saying how. */
  readonly outcome: Outcome | 'arrived' | 'failed';
  /** The SPIFFE IDs that the server's proxy saw: the client's, and its own. */
  readonly client?: string;
  readonly server?: string;
  /** Why it did not arrive. */
  readonly reason?: string;
}

/** Protocols in which the rehearsal calls. */
const SPOKEN: ReadonlySet<string> = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPCWeb', 'TCP']);

/** Who calls from outside. */
const OUTSIDE = 'outside';

/** What is said of a connection: `sleep.foo → httpbin.bar:8000`, or `outside → shop.example.com:80`. */
export function connectionName({ client, service, port, entrance }: Connection): string {
  if (entrance !== undefined) return `${OUTSIDE} → ${entrance.host}:${entrance.port}`;
  return `${client.name} → ${service.name}.${service.namespace}:${port.port}`;
}

/** Who may call whom: each workload with an application each port of each service, and callers from outside. */
export function connectionsOf({ members, services, entrances }: Cluster): readonly Connection[] {
  const clients = members.filter(({ isGateway }) => !isGateway);
  const inside = clients.flatMap((client) =>
    services.flatMap((service) =>
      service.ports
        .filter(({ protocol, targets }) => SPOKEN.has(protocol) && !isGatewayPort(targets, members))
        .map((port) => ({ client, service, port })),
    ),
  );
  const outside = entrances.entrances
    .filter(({ servicePort }) => SPOKEN.has(servicePort.protocol))
    .map(({ gateway, service, servicePort, host, port }) => ({
      client: gateway,
      service,
      port: servicePort,
      entrance: { host, port },
    }));
  return [...inside, ...outside];
}

/** Ports that are not called, with the reason. */
export function uncalledPorts({ services, members, entrances }: Cluster): string[] {
  const ports = services.flatMap(({ name, namespace, ports }) =>
    ports
      .filter(({ protocol, targets }) => !SPOKEN.has(protocol) && !isGatewayPort(targets, members))
      .map(({ port, protocol }) => `${name}.${namespace}:${port} speaks ${protocol}`),
  );
  return [...ports, ...entrances.others];
}

/** Ports of gateways are called from outside, and without an application there is nothing else to call. */
function isGatewayPort(targets: ClusterPort['targets'], members: readonly Member[]): boolean {
  return !members.some(({ name, isGateway }) => targets.has(name) && !isGateway);
}

/** Calls once. */
export async function call(stage: Stage, connection: Connection, agent?: Agent): Promise<CallResult> {
  const { service, port, entrance } = connection;
  const at = whereToCall(stage, connection);
  if (at === undefined)
    return { outcome: 'failed', reason: `the client's proxy does not listen for ${service.hostname}` };
  try {
    const { status, text } = await ask({
      ...at,
      headers: { host: entrance?.host ?? `${service.hostname}:${port.port}` },
      ...(agent !== undefined && { agent }),
    });
    return resultOf(status, text, port);
  } catch (error) {
    return { outcome: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Calls again while nothing is connected, as at the start, until something is or time is over. */
export async function callUntil(
  stage: Stage,
  connection: Connection,
  isWanted: (result: CallResult) => boolean,
  milliseconds: number,
): Promise<CallResult> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const result = await call(stage, connection);
    if (isWanted(result) || performance.now() > deadline) return result;
    await stage.pause(200);
  }
}

/** The listener of the client's proxy; without a proxy the server itself. */
function whereToCall(stage: Stage, { client, service, port, entrance }: Connection): Address | undefined {
  if (entrance !== undefined) return stage.podOf(client.name).listener('0.0.0.0', entrance.port);
  if (client.hasProxy) return stage.podOf(client.name).listener(service.ip, port.port);
  const [first] = port.targets;
  return first && stage.podOf(first[0]).port(first[1]);
}

function resultOf(status: number, text: string, { protocol }: ClusterPort): CallResult {
  if (status === 401 || status === 403)
    return { outcome: 'denied', reason: `${status} ${text}`.slice(0, 100) };
  if (status !== 200) return { outcome: 'refused', reason: `${status} ${text}`.slice(0, 100) };
  const { peers } = JSON.parse(text) as Answer;
  if (peers !== undefined) return { outcome: 'mtls', ...identitiesIn(peers) };
  return { outcome: protocol === 'TCP' ? 'arrived' : 'plain' };
}

/** The identities in a header x-forwarded-client-cert, whose last element is that of the last proxy. */
function identitiesIn(peers: string): Pick<CallResult, 'client' | 'server'> {
  const last = peers.split(',').at(-1) ?? '';
  const value = (name: string) =>
    last
      .split(';')
      .find((part) => part.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  const [client, server] = [value('URI'), value('By')];
  return { ...(client !== undefined && { client }), ...(server !== undefined && { server }) };
}
