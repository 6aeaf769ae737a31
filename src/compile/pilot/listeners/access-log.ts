// The access log of listeners' filters: to the mesh's file, in its format (Pilot 1.1's buildAccessLog).

import type { FileAccessLog } from '../../../envoy/generated/types/envoy/config/accesslog/v2/file.js';
import type { Context } from '../context/context.js';
import { extension, type NamedConfig } from '../context/extension.js';
import { perContext } from '../context/per-context.js';

/** Mixer's status of a request. */
const MIXER_STATUS = '%DYNAMIC_METADATA(istio.mixer:status)%';
const ORIGINAL_PATH = '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%';

const TEXT_FORMAT = `[%START_TIME%] "%REQ(:METHOD)% ${ORIGINAL_PATH} %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% "${MIXER_STATUS}" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME%\n`;

const JSON_FORMAT: { readonly [field: string]: string } = {
  authority: '%REQ(:AUTHORITY)%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  duration: '%DURATION%',
  istio_policy_status: MIXER_STATUS,
  method: '%REQ(:METHOD)%',
  path: ORIGINAL_PATH,
  protocol: '%PROTOCOL%',
  request_id: '%REQ(X-REQUEST-ID)%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  start_time: '%START_TIME%',
  upstream_cluster: '%UPSTREAM_CLUSTER%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  user_agent: '%REQ(USER-AGENT)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
};

/** The field `access_log` of a filter; nothing where the mesh writes no log. */
export const accessLogField = perContext((context): { readonly access_log?: readonly NamedConfig[] } => {
  const path = context.mesh.settings.access_log_file ?? '';
  return path === '' ? {} : { access_log: [fileAccessLog(context, path)] };
});

function fileAccessLog(context: Context, path: string): NamedConfig {
  const config: FileAccessLog = { path, ...formatField(context) };
  return extension(context, 'envoy.file_access_log', 'envoy.config.accesslog.v2.FileAccessLog', config);
}

/** Proxies before 1.1 log in Envoy's own format. An upstream Envoy has no Mixer to log of. */
function formatField({ dataplane, mesh, proxy }: Context): Pick<FileAccessLog, 'format' | 'json_format'> {
  if (!proxy.isVersion11) return {};
  const upstream = dataplane === 'envoy';
  const format = mesh.settings.access_log_format ?? '';
  if (mesh.settings.access_log_encoding !== 'JSON')
    return {
      format:
        format === '' ? (upstream ? TEXT_FORMAT.replace(` "${MIXER_STATUS}"`, '') : TEXT_FORMAT) : format,
    };
  const fields = Object.entries(JSON_FORMAT).filter(([, value]) => !upstream || value !== MIXER_STATUS);
  return { json_format: { ...(jsonFormat(format) ?? Object.fromEntries(fields)) } };
}

/** A JSON object of texts; undefined where the format is none, and then the default is used. */
function jsonFormat(format: string): { readonly [field: string]: string } | undefined {
  if (format === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(format);
    // Pilot reads into a map of strings, where null is the empty value of whatever it stands for.
    if (parsed === null) return {};
    if (typeof parsed !== 'object' || Array.isArray(parsed)) return undefined;
    const fields = Object.entries(parsed).map(([name, value]) => [name, value ?? '']);
    return fields.every(([, value]) => typeof value === 'string') ? Object.fromEntries(fields) : undefined;
  } catch {
    return undefined;
  }
}
