// Which access logs a proxy writes, and of what (istiod 1.29's mergeLogs and core/accesslog.go).

import { compareText } from '../../../collections/compare-text.js';
import { memo } from '../../../collections/memo.js';
import type {
  AccessLog,
  AccessLogFilter,
} from '../../../envoy/generated/types/envoy/config/accesslog/v3/accesslog.js';
import type { AccessLogging } from '../../../envoy/generated/types/telemetry/v1/telemetry.js';
import type { Settings } from '../../../mesh/istiod/model.js';
import type { Context } from '../context/context.js';
import { typed } from '../context/extensions.js';
import type { ListenerClass } from '../context/proxy-headers.js';
import { meshLog, providerLog, serviceLog } from './log-formats.js';
import { modeOf, namesOf, providerOf, telemetriesOf } from './telemetries.js';

/** A log of a provider. */
interface ProviderLog {
  readonly log: AccessLog;
  readonly isOff: boolean;
  /** An expression that says what is logged. */
  readonly filter: AccessLogFilter | undefined;
}

/** What is logged: requests, connections, or connections that no filter chain is for. */
export type Logged = 'requests' | 'connections' | 'unmatched';

const UNMATCHED: AccessLogFilter = { response_flag_filter: { flags: ['NR'] } };

const known = new WeakMap<Context, Map<string, readonly AccessLog[]>>();

/** The access logs of a listener, or of its filters. */
export function accessLogs(context: Context, kind: ListenerClass, logged: Logged): readonly AccessLog[] {
  const logs = memo(known, context, () => new Map<string, readonly AccessLog[]>());
  return memo(logs, `${kind} ${logged}`, () => logsOf(context, kind, logged));
}

function logsOf(context: Context, kind: ListenerClass, logged: Logged): readonly AccessLog[] {
  const { settings } = context.mesh;
  const general = logged === 'unmatched' ? UNMATCHED : undefined;
  if (general !== undefined && settings.disable_envoy_listener_log === true) return [];
  const logs = providerLogs(context, kind);
  if (logs.length > 0)
    return logs.flatMap(({ log, isOff, filter }) => (isOff ? [] : [filtered(log, general, filter)]));
  const { access_log_file: file = '', enable_envoy_access_log_service: isSent = false } = settings;
  const names = {
    requests: 'http_envoy_accesslog',
    connections: 'tcp_envoy_accesslog',
    unmatched: 'listener_envoy_accesslog',
  };
  return [
    ...(file === '' ? [] : [filtered(meshLog(settings, file), general)]),
    ...(isSent ? [filtered(serviceLog(logged === 'requests' ? 'HTTP' : 'TCP', names[logged]), general)] : []),
  ];
}

function filtered(log: AccessLog, ...filters: readonly (AccessLogFilter | undefined)[]): AccessLog {
  const said = filters.flatMap((filter) => filter ?? []);
  const [only] = said;
  if (only === undefined) return log;
  return { ...log, filter: said.length === 1 ? only : { and_filter: { filters: said } } };
}

/** The logs of the providers that are named for a proxy, by name; none where that names none. */
function providerLogs(context: Context, kind: ListenerClass): readonly ProviderLog[] {
  const { mesh } = context;
  const { logging } = telemetriesOf(context);
  const merged = mergeLogs(logging, mesh.settings, modeOf(kind));
  return [...merged]
    .flatMap(([name, { isOff, filter }]) => {
      const provider = providerOf(mesh.settings, name);
      const log = provider && providerLog(mesh, provider);
      return log === undefined ? [] : [{ name: provider?.name ?? '', log, isOff, filter: filterOf(filter) }];
    })
    .sort((a, b) => compareText(a.name, b.name));
}

function filterOf(filter: AccessLogging['filter']): AccessLogFilter | undefined {
  if (filter === undefined) return undefined;
  return {
    extension_filter: {
      name: 'envoy.access_loggers.extension_filters.cel',
      typed_config: typed('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', {
        expression: filter.expression ?? '',
      }),
    },
  };
}

interface Said {
  readonly isOff: boolean;
  readonly filter: AccessLogging['filter'];
}

function mergeLogs(
  resources: readonly (readonly AccessLogging[])[],
  settings: Settings,
  mode: 'SERVER' | 'CLIENT',
): ReadonlyMap<string, Said> {
  const defaults = settings.default_providers.access_logging ?? [];
  const plain: Said = { isOff: false, filter: undefined };
  if (resources.length === 0) return new Map(defaults.map((name) => [name, plain]));
  const isOfMode = ({ match }: AccessLogging): boolean => {
    const said = match?.mode ?? 'CLIENT_AND_SERVER';
    return said === 'CLIENT_AND_SERVER' || said === mode;
  };
  let inScope: readonly string[] = defaults;
  const filters = new Map<string, AccessLogging['filter']>();
  for (const logging of resources) {
    const names = logging.filter(isOfMode).flatMap((one) => {
      const own = namesOf(one.providers);
      for (const name of own) filters.set(name, one.filter);
      return own;
    });
    if (names.length > 0) inScope = names;
  }
  const merged = new Map<string, Said>();
  let inherited: readonly string[] = defaults;
  for (const one of resources.flat()) {
    const own = namesOf(one.providers);
    if (own.length > 0) inherited = own;
    if (!isOfMode(one)) continue;
    for (const name of inherited) {
      if (!inScope.includes(name)) continue;
      const isOff = one.disabled === true;
      merged.set(name, isOff ? { isOff, filter: undefined } : { isOff, filter: filters.get(name) });
    }
  }
  return merged;
}
