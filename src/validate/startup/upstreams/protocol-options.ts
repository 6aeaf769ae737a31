// What Envoy asks of the protocols that connections to a cluster, or to a listener, speak.

import type { Message } from '../../../envoy/message.js';
import { nearName } from '../../../finding/near-name.js';
import { quoted } from '../../../secrecy/quoted.js';
import { Kind } from '../../../source/tape.js';
import { type FindingPlace, fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { chosenProtocols, HTTP_OPTIONS, httpOptionsOf } from '../clusters/http-options.js';
import { saidType } from '../registered.js';
import { CLUSTER } from '../types.js';

const SETTINGS: ReadonlyMap<number, string> = new Map([
  [1, 'hpack_table_size'],
  [3, 'max_concurrent_streams'],
  [4, 'initial_stream_window_size'],
]);
const ENABLE_PUSH = 2;
const ENABLE_CONNECT_PROTOCOL = 8;

const http2Settings: StartupCheck = {
  code: 'http2-settings',
  on: ['envoy.config.core.v3.Http2ProtocolOptions'],
  finds:
    'custom_settings_parameters sets what has a field of its own, one setting to two values, or server push',
  refusal: 'HTTP/2 SETTINGS parameter(s) can not be configured through both named and custom parameters',
  remedy: 'set it in its field alone, and leave server push off',
  check(options, report) {
    const seen = new Map<number, number>();
    for (const parameter of options.messages('custom_settings_parameters')) {
      const identifier = Number(parameter.text('identifier') ?? 0);
      // What is not written as a number is 0, or another check's.
      const value = Number(parameter.text('value') ?? 0) || 0;
      const named = SETTINGS.get(identifier);
      const fault =
        named !== undefined && options.has(named)
          ? `setting ${identifier} is ${named}, which is set as well`
          : identifier === ENABLE_CONNECT_PROTOCOL
            ? `setting ${identifier} is set by allow_connect alone`
            : identifier === ENABLE_PUSH && value !== 0
              ? 'Envoy does not push'
              : (seen.get(identifier) ?? value) !== value
                ? `setting ${identifier} has two values`
                : undefined;
      if (fault !== undefined)
        report(fieldAt(parameter, 'identifier'), { message: fault, expected: 'each setting in one way' });
      seen.set(identifier, value);
    }
  },
};

const QUIC_NAME = 'envoy.transport_sockets.quic';

/** The cluster that typed options are those of. */
function clusterAround({ around }: Message): Message | undefined {
  return around?.type.name === CLUSTER ? around : undefined;
}

const http3Socket: StartupCheck = {
  code: 'http3-without-quic',
  on: [HTTP_OPTIONS],
  finds: `a cluster speaks HTTP/3, and its transport socket is not ${QUIC_NAME}`,
  refusal: 'HTTP3 requires a QuicUpstreamTransport transport socket',
  remedy: `add a transport_socket with the name ${QUIC_NAME} and a QuicUpstreamTransport`,
  check(options, report) {
    const protocols = chosenProtocols(options);
    const cluster = clusterAround(options);
    if (cluster === undefined || !protocols?.has('http3_protocol_options')) return;
    const socket = cluster.value('transport_socket');
    // Envoy looks for the name anywhere in it.
    if (socket >= 0 && cluster.reader.tape.raw(socket).includes(QUIC_NAME)) return;
    report(fieldAt(cluster, 'typed_extension_protocol_options'), {
      message: `HTTP/3 needs a transport socket that is called ${QUIC_NAME}`,
      expected: `a transport_socket with name: ${QUIC_NAME}`,
    });
  },
};

const alternateProtocols: StartupCheck = {
  code: 'alternate-protocols-cache',
  on: [HTTP_OPTIONS],
  finds: 'auto_config has HTTP/3 and no alternate_protocols_cache_options',
  refusal: 'alternate protocols cache must be configured when HTTP/3 is enabled with auto_config',
  remedy: 'add alternate_protocols_cache_options to auto_config',
  check(options, report) {
    const auto = options.message('auto_config');
    if (auto?.has('http3_protocol_options') && !auto.has('alternate_protocols_cache_options'))
      report(fieldAt(options, 'auto_config'), {
        message: 'whether a server speaks HTTP/3 is kept in a cache, which is not there',
        expected: 'alternate_protocols_cache_options',
      });
  },
};

const SOCKETS = 'envoy.extensions.transport_sockets';

/** The sockets that wrap another one, and what they call it. */
const WRAPPERS: ReadonlySet<string> = new Set(
  [
    'http_11_proxy.v3.Http11ProxyUpstreamTransport',
    'internal_upstream.v3.InternalUpstreamTransport',
    'proxy_protocol.v3.ProxyProtocolUpstreamTransport',
    'tap.v3.Tap',
    'tcp_stats.v3.Config',
  ].map((name) => `${SOCKETS}.${name}`),
);
const WITHOUT_ALPN: ReadonlySet<string> = new Set(
  ['raw_buffer.v3.RawBuffer', 'starttls.v3.UpstreamStartTlsConfig', 'alts.v3.Alts'].map(
    (name) => `${SOCKETS}.${name}`,
  ),
);

/** Whether a transport socket negotiates no protocol; one that is not known may. */
function lacksAlpn(socket: Message | undefined): boolean {
  if (socket === undefined) return true;
  const type = saidType(socket)?.name;
  if (type !== undefined && WRAPPERS.has(type)) {
    const inner = socket.message('typed_config');
    return inner?.has('transport_socket') === true && lacksAlpn(inner.message('transport_socket'));
  }
  return type !== undefined && WITHOUT_ALPN.has(type);
}

const autoWithoutAlpn: StartupCheck = {
  code: 'auto-config-without-alpn',
  on: [HTTP_OPTIONS],
  finds: 'auto_config is set for a cluster with a transport socket that negotiates no protocol',
  refusal: 'ALPN configured for cluster … which has a non-ALPN transport socket',
  remedy: 'add a transport_socket with TLS, or name the protocol in explicit_http_config',
  check(options, report) {
    const cluster = clusterAround(options);
    if (cluster === undefined || !options.has('auto_config')) return;
    const matches = cluster.messages('transport_socket_matches');
    const sockets = [cluster, ...matches].map((holder) => holder.message('transport_socket'));
    if (sockets.some(lacksAlpn))
      report(fieldAt(options, 'auto_config'), {
        message:
          'auto_config chooses the protocol by ALPN, which a transport socket of this cluster does not have',
        expected: 'TLS in all transport sockets of the cluster',
      });
  },
};

const REQUESTS = 'max_requests_per_connection';

const requestsTwice: StartupCheck = {
  code: 'max-requests-twice',
  on: [CLUSTER],
  finds: `${REQUESTS} is set in the cluster and in its HTTP options`,
  refusal: 'Only one of max_requests_per_connection from Cluster or HttpProtocolOptions can be specified',
  remedy: `remove ${REQUESTS} of the cluster, which is deprecated`,
  check(cluster, report) {
    if (!cluster.has(REQUESTS)) return;
    const common = (httpOptionsOf(cluster) ?? cluster).message('common_http_protocol_options');
    if (common?.has(REQUESTS))
      report(fieldAt(common, REQUESTS), {
        message: `the cluster has a ${REQUESTS}, too`,
        expected: 'one of the two',
      });
  },
};

const CODEC = 'envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec';

const upstreamFilters: StartupCheck = {
  code: 'upstream-http-filters',
  on: [HTTP_OPTIONS],
  finds:
    'the http_filters of a cluster do not end with upstream_codec, or have one that is for listeners alone',
  refusal: 'The codec filter is the only valid terminal upstream HTTP filter',
  remedy: 'add envoy.filters.http.upstream_codec as the last filter',
  check(options, report) {
    const filters = options.messages('http_filters');
    for (const [index, filter] of filters.entries()) {
      const said = saidType(filter);
      if (said === undefined) continue;
      const isLast = index === filters.length - 1;
      if (said.name === CODEC ? !isLast : isLast)
        report(fieldAt(filter), {
          message: isLast
            ? 'the HTTP filters of a cluster end with upstream_codec, and this is another one'
            : 'no filter comes after upstream_codec',
          expected: 'upstream_codec as the last filter',
        });
    }
  },
};

/** The names under which protocol options are found. */
const OPTION_KEYS: readonly string[] = [
  HTTP_OPTIONS,
  'envoy.upstreams.http.http_protocol_options',
  'envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions',
  'envoy.upstreams.tcp.tcp_protocol_options',
  'envoy.extensions.upstreams.http.reverse_tunnel.v3.ReverseTunnelUpstreamCodecOptions',
  'envoy.filters.network.redis_proxy',
  'envoy.redis_proxy',
  'envoy.filters.network.thrift_proxy',
  'envoy.thrift_proxy',
  'envoy.filters.network.sip_proxy',
];

const optionsKey: StartupCheck = {
  code: 'protocol-options-key',
  on: [CLUSTER],
  finds:
    'a key of typed_extension_protocol_options is not the name of protocol options or of a filter that has some',
  refusal: "Didn't find a registered network or http filter or protocol options implementation for name: '…'",
  remedy: `use ${HTTP_OPTIONS} as the key of HTTP options`,
  check(cluster, report) {
    const map = cluster.value('typed_extension_protocol_options');
    const field = cluster.type.field('typed_extension_protocol_options');
    const { tape } = cluster.reader;
    if (map < 0 || field === undefined || tape.kind(map) !== Kind.Map) return;
    for (let key = map + 1; key < (tape.links[map] as number); key = tape.next(key + 1)) {
      const name = tape.name(key);
      if (OPTION_KEYS.includes(name)) continue;
      const suggestion = nearName(name, OPTION_KEYS);
      report(keyPlace(cluster, key), {
        message: `Envoy has no protocol options ${quoted(name)}`,
        expected: 'the name of protocol options',
        ...(suggestion !== undefined && { suggestion }),
        // What others build into Envoy has a message of its own.
        ...(cluster.open(field, tape.resolve(key + 1), -1) === undefined && { level: 'warning' as const }),
      });
    }
  },
};

function keyPlace(cluster: Message, key: number): FindingPlace {
  const { document } = cluster.reader;
  return { document, first: key, last: key, path: cluster.path('typed_extension_protocol_options') };
}

/** The checks of protocol options. */
export const PROTOCOL_CHECKS: readonly StartupCheck[] = [
  http2Settings,
  http3Socket,
  alternateProtocols,
  autoWithoutAlpn,
  requestsTwice,
  upstreamFilters,
  optionsKey,
];
