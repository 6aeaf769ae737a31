// Which transport sockets fit where: filter chains take those of servers, clusters those of clients.

import { message } from '../../../envoy/api-table.js';
import type { Message } from '../../../envoy/message.js';
import type { StartupCheck } from '../check.js';
import { isUnregistered, saidType } from '../registered.js';

const SOCKETS = 'envoy.extensions.transport_sockets';

const either = ['alts.v3.Alts', 'raw_buffer.v3.RawBuffer', 'tap.v3.Tap', 'tcp_stats.v3.Config'].map(
  (name) => `${SOCKETS}.${name}`,
);
const MODULE = `${SOCKETS}.dynamic_modules.v3.DynamicModuleTransportSocket`;

const OF_SERVERS: ReadonlySet<string> = new Set([
  ...either,
  MODULE,
  `${SOCKETS}.quic.v3.QuicDownstreamTransport`,
  `${SOCKETS}.starttls.v3.StartTlsConfig`,
  `${SOCKETS}.tls.v3.DownstreamTlsContext`,
]);
const OF_CLIENTS: ReadonlySet<string> = new Set([
  ...either,
  MODULE,
  `${SOCKETS}.http_11_proxy.v3.Http11ProxyUpstreamTransport`,
  `${SOCKETS}.internal_upstream.v3.InternalUpstreamTransport`,
  `${SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
  `${SOCKETS}.quic.v3.QuicUpstreamTransport`,
  `${SOCKETS}.starttls.v3.UpstreamStartTlsConfig`,
  `${SOCKETS}.tls.v3.UpstreamTlsContext`,
]);

/** What takes the place of a socket on the other side. */
const COUNTERPARTS: ReadonlyMap<string, string> = new Map(
  [
    ['tls.v3.DownstreamTlsContext', 'tls.v3.UpstreamTlsContext'],
    ['quic.v3.QuicDownstreamTransport', 'quic.v3.QuicUpstreamTransport'],
    ['starttls.v3.StartTlsConfig', 'starttls.v3.UpstreamStartTlsConfig'],
  ].flatMap(([server, client]): [string, string][] => [
    [`${SOCKETS}.${server}`, `${SOCKETS}.${client}`],
    [`${SOCKETS}.${client}`, `${SOCKETS}.${server}`],
  ]),
);

const wrongSocket: StartupCheck = {
  code: 'wrong-transport-socket',
  on: ['envoy.config.core.v3.TransportSocket'],
  finds: 'a filter chain has the transport socket of a client, or a cluster that of a server',
  refusal: "Didn't find a registered implementation for '…' with type URL: '…'",
  remedy: 'use a DownstreamTlsContext in filter chains, and an UpstreamTlsContext in clusters',
  check(socket, report) {
    const said = saidType(socket);
    const side = said === undefined ? undefined : sideOf(socket);
    if (said === undefined || side === undefined) return;
    const name = message(said.name)?.shortName;
    // The schema check says what is wrong with a Struct.
    if (name === undefined || said.name.startsWith('google.protobuf.')) return;
    if (!isUnregistered(said.name, side === 'server' ? OF_SERVERS : OF_CLIENTS)) return;
    const counterpart = COUNTERPARTS.get(said.name);
    report(said.place, {
      message: `${name} is not a transport socket of ${side === 'server' ? 'filter chains' : 'clusters'}`,
      expected: `the transport socket of a ${side}`,
      ...(counterpart !== undefined && { suggestion: `type.googleapis.com/${counterpart}` }),
    });
  },
};

/** The side that a socket is for; undefined where nothing around it says. */
function sideOf(socket: Message): 'server' | 'client' | undefined {
  for (let at = socket.around; at !== undefined; at = at.around) {
    const { name } = at.type;
    if (name === 'envoy.config.listener.v3.FilterChain') return 'server';
    if (/^envoy\.config\.cluster\.v3\.Cluster(?:\.|$)/.test(name)) return 'client';
  }
  return undefined;
}

/** The checks of transport sockets. */
export const SOCKET_CHECKS: readonly StartupCheck[] = [wrongSocket];
