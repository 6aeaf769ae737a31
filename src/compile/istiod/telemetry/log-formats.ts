// The access logs that settings of a mesh describe (istiod 1.29's model/telemetry_logging.go).

import type { AccessLog } from '../../../envoy/generated/types/envoy/config/accesslog/v3/accesslog.js';
import type { MeshConfig_ExtensionProvider as Provider } from '../../../envoy/generated/types/mesh/v1/config.js';
import type { Mesh, Settings } from '../../../mesh/istiod/model.js';
import { typed } from '../context/extensions.js';
import { lookupCluster } from '../context/lookup.js';

const TEXT_FORMAT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% ' +
  '%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% ' +
  '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% ' +
  '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" ' +
  '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% ' +
  '%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% ' +
  '%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n';

type Fields = { readonly [name: string]: unknown };

const JSON_FORMAT: Fields = {
  start_time: '%START_TIME%',
  route_name: '%ROUTE_NAME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  request_id: '%REQ(X-REQUEST-ID)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
};

const WITHOUT_QUERY = '%REQ_WITHOUT_QUERY';
const FORMATTERS = [
  {
    name: 'envoy.formatter.req_without_query',
    typed_config: typed('envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery', {}),
  },
];

/** A log in a file. */
function fileLog(path: string, log_format: object): AccessLog {
  return {
    name: 'envoy.access_loggers.file',
    typed_config: typed('envoy.extensions.access_loggers.file.v3.FileAccessLog', { path, log_format }),
  };
}

function textFormat(text: string, omitsEmpty: boolean): object {
  const format = text === '' ? TEXT_FORMAT : text.endsWith('\n') ? text : `${text}\n`;
  return {
    text_format_source: { inline_string: format },
    ...(omitsEmpty && { omit_empty_values: true }),
    ...(format.includes(WITHOUT_QUERY) && { formatters: FORMATTERS }),
  };
}

function jsonFormat(fields: Fields | undefined, omitsEmpty: boolean): object {
  const said = fields !== undefined && Object.keys(fields).length > 0 ? fields : JSON_FORMAT;
  return {
    json_format: said,
    json_format_options: {},
    ...(omitsEmpty && { omit_empty_values: true }),
    ...(needsFormatter(said) && { formatters: FORMATTERS }),
  };
}

function needsFormatter(fields: Fields): boolean {
  return Object.values(fields).some((value) => typeof value === 'string' && value.includes(WITHOUT_QUERY));
}

/** The log of a mesh: in a file, in the form that its settings say. */
export function meshLog(settings: Settings, path: string): AccessLog {
  const { access_log_encoding, access_log_format = '' } = settings;
  return fileLog(
    path,
    access_log_encoding === 'JSON' ? jsonOfMesh(access_log_format) : textFormat(access_log_format, false),
  );
}

/** A format that is no JSON object is left out. */
function jsonOfMesh(text: string): object {
  const standard = jsonFormat(undefined, false);
  if (text === '') return standard;
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) return standard;
    return {
      json_format: parsed,
      json_format_options: {},
      ...(needsFormatter(parsed as Fields) && { formatters: FORMATTERS }),
    };
  } catch {
    return standard;
  }
}

const BUILT_IN = 'envoy';
const PEERS = ['upstream_peer', 'downstream_peer'];
/** What is logged of peers, as filters and as plug-ins keep it. */
const ALL_PEERS = [
  ...PEERS,
  'wasm.upstream_peer',
  'wasm.upstream_peer_id',
  'wasm.downstream_peer',
  'wasm.downstream_peer_id',
];

/** The log of a provider; none where it is no log, or its service is not known. */
export function providerLog(mesh: Mesh, provider: Provider): AccessLog | undefined {
  const {
    envoy_file_access_log: file,
    envoy_http_als: http,
    envoy_tcp_als: tcp,
    envoy_otel_als: otel,
  } = provider;
  if (file !== undefined) {
    const { path = '', log_format, omit_empty_values = false } = file;
    if (provider.name === BUILT_IN && log_format === undefined && !omit_empty_values)
      return meshLog(mesh.settings, path);
    const format =
      log_format?.labels === undefined
        ? textFormat(log_format?.text ?? '', omit_empty_values)
        : jsonFormat(log_format.labels, omit_empty_values);
    return fileLog(path || '/dev/stdout', format);
  }
  if (http !== undefined) {
    const common = commonOf(mesh, http, 'http_envoy_accesslog', PEERS);
    return common && { name: HTTP_LOG, typed_config: typed(HTTP_TYPE, { ...common, ...headersOf(http) }) };
  }
  if (tcp !== undefined) {
    const common = commonOf(mesh, tcp, 'tcp_envoy_accesslog', PEERS);
    return common && { name: TCP_LOG, typed_config: typed(TCP_TYPE, common) };
  }
  return otel && telemetryLog(mesh, otel);
}

const HTTP_LOG = 'envoy.access_loggers.http_grpc';
const TCP_LOG = 'envoy.tcp_grpc_access_log';
const HTTP_TYPE = 'envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig';
const TCP_TYPE = 'envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig';

interface LogServer {
  readonly service?: string | undefined;
  readonly port?: number | undefined;
  readonly log_name?: string | undefined;
  readonly filter_state_objects_to_log?: string[] | undefined;
}

function commonOf(mesh: Mesh, server: LogServer, name: string, peers: readonly string[]) {
  const found = lookupCluster(mesh, server.service ?? '', server.port ?? 0);
  if (found === undefined) return undefined;
  const { filter_state_objects_to_log: said = [] } = server;
  return {
    common_config: {
      log_name: server.log_name || name,
      grpc_service: { envoy_grpc: { cluster_name: found.cluster, authority: found.host } },
      transport_api_version: 'V3',
      filter_state_objects_to_log: said.length > 0 ? said : peers,
    },
  };
}

function headersOf(http: NonNullable<Provider['envoy_http_als']>): object {
  const {
    additional_request_headers_to_log: requests = [],
    additional_response_headers_to_log: responses = [],
    additional_response_trailers_to_log: trailers = [],
  } = http;
  return {
    ...(requests.length > 0 && { additional_request_headers_to_log: requests }),
    ...(responses.length > 0 && { additional_response_headers_to_log: responses }),
    ...(trailers.length > 0 && { additional_response_trailers_to_log: trailers }),
  };
}

function telemetryLog(mesh: Mesh, otel: NonNullable<Provider['envoy_otel_als']>): AccessLog | undefined {
  const { service, port, log_name, log_format } = otel;
  const common = commonOf(mesh, { service, port, log_name }, 'otel_envoy_accesslog', ALL_PEERS);
  if (common === undefined) return undefined;
  const format = log_format?.text || TEXT_FORMAT;
  const labels: Fields = log_format?.labels ?? {};
  const values = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value: { string_value: typeof value === 'string' ? value : '' } }));
  return {
    name: 'envoy.access_loggers.open_telemetry',
    typed_config: typed('envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
      ...common,
      disable_builtin_labels: true,
      body: { string_value: format },
      ...(values.length > 0 && { attributes: { values } }),
      ...((format.includes(WITHOUT_QUERY) || needsFormatter(labels)) && { formatters: FORMATTERS }),
    }),
  };
}

/** A log that is sent to the access log service of the proxies' bootstrap. */
export function serviceLog(kind: 'HTTP' | 'TCP', name: string): AccessLog {
  return {
    name: kind === 'HTTP' ? HTTP_LOG : TCP_LOG,
    typed_config: typed(kind === 'HTTP' ? HTTP_TYPE : TCP_TYPE, {
      common_config: {
        log_name: name,
        grpc_service: { envoy_grpc: { cluster_name: 'envoy_accesslog_service' } },
        transport_api_version: 'V3',
        filter_state_objects_to_log: ALL_PEERS,
      },
    }),
  };
}
