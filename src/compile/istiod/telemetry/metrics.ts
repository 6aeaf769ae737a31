// The filters that count: which metrics they have, and with which tags (istiod 1.29's mergeMetrics).

import { compareText } from '../../../collections/compare-text.js';
import { memo } from '../../../collections/memo.js';
import {
  MetricSelector_IstioMetric,
  type Metrics,
  type MetricsOverrides,
  type MetricsOverrides_TagOverride as TagOverride,
} from '../../../envoy/generated/types/telemetry/v1/telemetry.js';
import type { Settings } from '../../../mesh/istiod/model.js';
import { type Context, perContext } from '../context/context.js';
import { typed } from '../context/extensions.js';
import type { ListenerClass } from '../context/proxy-headers.js';
import { modeOf, namesOf, providerOf, telemetriesOf } from './telemetries.js';

type Mode = 'SERVER' | 'CLIENT';

const NAMES: ReadonlyMap<string, string> = new Map([
  ['REQUEST_COUNT', 'requests_total'],
  ['REQUEST_DURATION', 'request_duration_milliseconds'],
  ['REQUEST_SIZE', 'request_bytes'],
  ['RESPONSE_SIZE', 'response_bytes'],
  ['TCP_OPENED_CONNECTIONS', 'tcp_connections_opened_total'],
  ['TCP_CLOSED_CONNECTIONS', 'tcp_connections_closed_total'],
  ['TCP_SENT_BYTES', 'tcp_sent_bytes_total'],
  ['TCP_RECEIVED_BYTES', 'tcp_received_bytes_total'],
  ['GRPC_REQUEST_MESSAGES', 'request_messages_total'],
  ['GRPC_RESPONSE_MESSAGES', 'response_messages_total'],
]);

const ALL = MetricSelector_IstioMetric.ALL_METRICS;
const EVERY_METRIC = Object.keys(MetricSelector_IstioMetric).filter((name) => name !== ALL);

/** What is changed of a metric. */
interface Changes {
  isDropped: boolean;
  readonly tags: Map<string, TagOverride>;
}

/** What a provider has on one side of calls. */
interface Side {
  isOff: boolean;
  readonly changes: Map<string, Changes>;
}

/** What a provider is told. */
interface Merged {
  readonly sides: { readonly [M in Mode]: Side };
  interval: string | undefined;
}

const merged: (context: Context) => ReadonlyMap<string, Merged> = perContext((context) =>
  mergeMetrics(telemetriesOf(context).metrics, context.mesh.settings),
);

function mergeMetrics(metrics: readonly Metrics[], settings: Settings): ReadonlyMap<string, Merged> {
  const defaults = settings.default_providers.metrics ?? [];
  const providers = new Map<string, Merged>();
  const entry = (name: string): Merged =>
    memo(providers, name, () => ({
      sides: { SERVER: { isOff: false, changes: new Map() }, CLIENT: { isOff: false, changes: new Map() } },
      interval: undefined,
    }));
  if (metrics.length === 0) for (const name of defaults) entry(name);
  const named = metrics.map(({ providers: said }) => namesOf(said));
  const inScope = named.findLast((names) => names.length > 0) ?? defaults;
  let inherited: readonly string[] = defaults;
  for (const [index, { overrides = [], reporting_interval }] of metrics.entries()) {
    const own = named[index] ?? [];
    if (own.length > 0) inherited = own;
    for (const name of inherited) {
      if (!inScope.includes(name)) continue;
      const provider = entry(name);
      if (reporting_interval !== undefined) provider.interval = reporting_interval;
      for (const override of overrides) applyOverride(provider, override);
    }
  }
  return providers;
}

function applyOverride(
  { sides }: Merged,
  { match = {}, disabled, tag_overrides = {} }: MetricsOverrides,
): void {
  const { mode = 'CLIENT_AND_SERVER', metric, custom_metric } = match;
  const modes: readonly Mode[] = mode === 'CLIENT_AND_SERVER' ? ['CLIENT', 'SERVER'] : [mode];
  const isAll = custom_metric === undefined && (metric === undefined || metric === ALL);
  if (isAll && disabled === true) {
    for (const own of modes) sides[own].isOff = true;
    return;
  }
  const names = isAll ? EVERY_METRIC : [custom_metric ?? metric ?? ''];
  for (const own of modes) {
    const side = sides[own];
    side.isOff = false;
    for (const name of names) {
      const changes = memo(side.changes, name, () => ({ isDropped: false, tags: new Map() }));
      if (disabled !== undefined) changes.isDropped = disabled;
      for (const [tag, override] of Object.entries(tag_overrides)) changes.tags.set(tag, override);
    }
  }
}

const classes = new WeakMap<Context, Map<ListenerClass, readonly object[]>>();

/** The filters that count, of connections and of requests alike. */
export function metricsFilters(context: Context, kind: ListenerClass): readonly StatsFilter[] {
  const known = memo(classes, context, () => new Map<ListenerClass, readonly object[]>());
  return memo(known, kind, () => filtersOf(context, kind)) as readonly StatsFilter[];
}

/** A filter that counts. */
export interface StatsFilter {
  readonly name: string;
  readonly typed_config: { readonly '@type': string };
}

function filtersOf(context: Context, kind: ListenerClass): readonly StatsFilter[] {
  const names = [...merged(context).keys()].sort(compareText);
  return names.flatMap((name) => {
    const { sides, interval } = merged(context).get(name) as Merged;
    const side = sides[modeOf(kind)];
    if (providerOf(context.mesh.settings, name)?.prometheus === undefined || side.isOff) return [];
    const metrics = [...side.changes].sort(([a], [b]) => compareText(a, b)).map(metricOf);
    return [
      {
        name: 'istio.stats',
        typed_config: typed('stats.PluginConfig', {
          ...(kind !== 'outbound' && { disable_host_header_fallback: true }),
          ...(interval !== undefined && { tcp_reporting_duration: interval }),
          ...(metrics.length > 0 && { metrics }),
        }),
      },
    ];
  });
}

function metricOf([name, { isDropped, tags }]: readonly [string, Changes]): object {
  const sorted = [...tags].sort(([a], [b]) => compareText(a, b));
  const isRemoved = ({ operation }: TagOverride): boolean => operation === 'REMOVE';
  const removed = sorted.filter(([, tag]) => isRemoved(tag)).map(([tag]) => tag);
  const set = sorted.filter(([, tag]) => !isRemoved(tag)).map(([tag, { value = '' }]) => [tag, value]);
  return {
    name: NAMES.get(name) ?? name,
    ...(isDropped && { drop: true }),
    ...(set.length > 0 && { dimensions: Object.fromEntries(set) }),
    ...(removed.length > 0 && { tags_to_remove: removed }),
  };
}
