// HTTP connections: the connection manager and its filters (istiod 1.29's buildHTTPConnectionManager).

import type { Filter } from '../../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import type { RouteConfiguration } from '../../../envoy/generated/types/envoy/config/route/v3/route.js';
import type { HttpConnectionManager } from '../../../envoy/generated/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.js';
import { cidrRange } from '../../../mesh/istiod/addresses.js';
import type { Protocol } from '../../../mesh/istiod/protocol.js';
import type { Context } from '../context/context.js';
import { FROM_ADS, PRESERVE_CASE, typed, typedStruct } from '../context/extensions.js';
import { type ListenerClass, type ProxyHeaders, proxyHeaders } from '../context/proxy-headers.js';
import { httpAuthorization, type NamedFilter } from '../security/authorization.js';
import { jwtFilters } from '../security/jwt.js';
import { accessLogs } from '../telemetry/access-logs.js';
import { metricsFilters } from '../telemetry/metrics.js';
import { tracingOf } from '../telemetry/tracing.js';
import { goDuration } from './durations.js';

/** What differs from listener to listener. */
export interface HttpOptions {
  readonly kind: ListenerClass;
  readonly statPrefix: string;
  /** The name of its routes, or the routes themselves. */
  readonly routes: string | RouteConfiguration;
  readonly protocol: Protocol;
  readonly usesRemoteAddress: boolean;
  readonly isHttp3?: boolean;
  /** More settings of the connection manager. */
  readonly manager: HttpConnectionManager;
  /** Whether metadata are sent to peers outside of the mesh too, whatever the proxy's settings are. */
  readonly exchangesEverywhere?: boolean;
}

/** The filter of HTTP connections. */
export function httpFilter(context: Context, options: HttpOptions): Filter {
  const { kind, routes, manager, usesRemoteAddress } = options;
  const { proxy } = context;
  const headers = proxyHeaders(context, kind);
  const { tracing, usesRequestId } = tracingOf(context, kind);
  const logs = accessLogs(context, kind, 'requests');
  const idle = goDuration(proxy.metadata.idleTimeout);
  const said = proxy.config.proxy_headers ?? {};
  const http1 = {
    ...manager.http_protocol_options,
    ...(said.preserve_http1_header_case === true && PRESERVE_CASE),
  };
  const { http_protocol_options: _given, ...given } = manager;
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
      ...given,
      ...(options.isHttp3 === true && { codec_type: 'HTTP3', http3_protocol_options: {} }),
      ...((Object.keys(http1).length > 0 || manager.http_protocol_options !== undefined) && {
        http_protocol_options: http1,
      }),
      stat_prefix: options.statPrefix,
      ...(said.x_forwarded_port?.enabled === true && { append_x_forwarded_port: true }),
      ...pathsOf(context),
      use_remote_address: usesRemoteAddress,
      upgrade_configs: [{ upgrade_type: 'websocket' }],
      ...(idle !== undefined && { common_http_protocol_options: { idle_timeout: idle } }),
      stream_idle_timeout: '0s',
      ...(typeof routes === 'string'
        ? { rds: { config_source: FROM_ADS, route_config_name: routes } }
        : { route_config: routes }),
      ...(logs.length > 0 && { access_log: logs }),
      ...(tracing !== undefined && { tracing }),
      http_filters: httpFilters(context, options, headers),
      request_id_extension: {
        typed_config: typed('envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig', {
          use_request_id_for_trace_sampling: usesRequestId,
        }),
      },
      ...(usesRemoteAddress && internalAddresses(context)),
      proxy_100_continue: true,
    }),
  };
}

/** How paths are made comparable. */
function pathsOf({ mesh }: Context): object {
  const how = mesh.settings.path_normalization?.normalization ?? 'DEFAULT';
  const merges = how === 'MERGE_SLASHES' || how === 'DECODE_AND_MERGE_SLASHES';
  return {
    normalize_path: how !== 'NONE',
    ...(merges && { merge_slashes: true }),
    path_with_escaped_slashes_action:
      how === 'DECODE_AND_MERGE_SLASHES' ? 'UNESCAPE_AND_FORWARD' : 'KEEP_UNCHANGED',
  };
}

/** The addresses that a mesh's networks have. */
function internalAddresses({ mesh }: Context): object {
  const ranges = Object.values(mesh.networks?.networks ?? {}).flatMap(({ endpoints = [] }) =>
    endpoints.flatMap(({ from_cidr }) => cidrRange(from_cidr ?? '') ?? []),
  );
  if (ranges.length === 0) return {};
  const bytes = (address: string): string =>
    address
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('.');
  ranges.sort(
    (a, b) =>
      (bytes(a.address_prefix) < bytes(b.address_prefix) ? -1 : 1) *
        Number(a.address_prefix !== b.address_prefix) || a.prefix_len - b.prefix_len,
  );
  return { internal_address_config: { cidr_ranges: ranges } };
}

const PEER_METADATA = 'io.istio.http.peer_metadata.Config';
const HEADERS_AND_WORKLOADS = [{ istio_headers: {} }, { workload_discovery: {} }];

function metadataFilter(value: object): NamedFilter {
  return {
    name: 'istio.metadata_exchange',
    typed_config: typedStruct(PEER_METADATA, value) as NamedFilter['typed_config'],
  };
}

const INBOUND_METADATA = metadataFilter({
  downstream_discovery: HEADERS_AND_WORKLOADS,
  downstream_propagation: [{ istio_headers: {} }],
});
const OUTBOUND_METADATA = metadataFilter({
  upstream_discovery: HEADERS_AND_WORKLOADS,
  upstream_propagation: [{ istio_headers: {} }],
});
const MESH_ONLY_METADATA = metadataFilter({
  upstream_discovery: HEADERS_AND_WORKLOADS,
  upstream_propagation: [{ istio_headers: { skip_external_clusters: true } }],
});

function httpExtension(name: string, type: string, value: object = {}): NamedFilter {
  return {
    name: `envoy.filters.http.${name}`,
    typed_config: typed(`envoy.extensions.filters.http.${type}`, value),
  };
}

const GRPC_WEB = httpExtension('grpc_web', 'grpc_web.v3.GrpcWeb');
const GRPC_STATS = httpExtension('grpc_stats', 'grpc_stats.v3.FilterConfig', {
  emit_filter_state: true,
  stats_for_all_methods: false,
});
const FAULT = httpExtension('fault', 'fault.v3.HTTPFault');
const CORS = httpExtension('cors', 'cors.v3.Cors');
const ROUTER = httpExtension('router', 'router.v3.Router');
const QUIET_ROUTER = httpExtension('router', 'router.v3.Router', { suppress_envoy_headers: true });

/** Tells servers of the mesh what a connection carries. */
const ALPN: NamedFilter = {
  name: 'istio.alpn',
  typed_config: typed('istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig', {
    alpn_override: [
      { upstream_protocol: 'HTTP10', alpn_override: ['istio-http/1.0', 'istio', 'http/1.0'] },
      { upstream_protocol: 'HTTP11', alpn_override: ['istio-http/1.1', 'istio', 'http/1.1'] },
      { upstream_protocol: 'HTTP2', alpn_override: ['istio-h2', 'istio', 'h2'] },
    ],
  }),
};

function httpFilters(context: Context, options: HttpOptions, headers: ProxyHeaders): readonly NamedFilter[] {
  const { kind, protocol, exchangesEverywhere = false } = options;
  const isOutbound = kind === 'outbound';
  const { custom, local } = httpAuthorization(context);
  const metadata =
    kind === 'inbound'
      ? INBOUND_METADATA
      : headers.exchangesInMeshOnly && !exchangesEverywhere
        ? MESH_ONLY_METADATA
        : OUTBOUND_METADATA;
  return [
    metadata,
    ...(isOutbound ? [] : [...custom, ...jwtFilters(context), ...local]),
    ...(protocol === 'GRPC-Web' ? [GRPC_WEB] : []),
    GRPC_STATS,
    ...(context.features.alpnFilter && kind !== 'inbound' ? [ALPN] : []),
    FAULT,
    CORS,
    ...metricsFilters(context, kind),
    headers.hidesDebugHeaders ? QUIET_ROUTER : ROUTER,
  ];
}

/** The settings that a proxy's headers have. */
export function managerHeaders({
  serverName,
  serverTransformation,
  generatesRequestId,
}: ProxyHeaders): HttpConnectionManager {
  return {
    ...(serverName !== '' && { server_name: serverName }),
    ...(serverTransformation !== 'OVERWRITE' && { server_header_transformation: serverTransformation }),
    ...(!generatesRequestId && { generate_request_id: false }),
  };
}

/** HTTP/1.0, where it is taken. */
export function http10({ proxy, features }: Context): HttpConnectionManager {
  return features.http10 || proxy.metadata.http10 === '1'
    ? { http_protocol_options: { accept_http_10: true } }
    : {};
}
