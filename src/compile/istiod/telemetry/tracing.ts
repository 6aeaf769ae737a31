// What is traced, and where traces are sent (istiod 1.29's core/tracing.go).

import { compareText } from '../../../collections/compare-text.js';
import type { HttpConnectionManager_Tracing } from '../../../envoy/generated/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.js';
import type { CustomTag } from '../../../envoy/generated/types/envoy/type/tracing/v3/custom_tag.js';
import type {
  MeshConfig_ExtensionProvider_HttpHeader as HttpHeader,
  MeshConfig_ExtensionProvider_OpenTelemetryTracingProvider as OpenTelemetry,
  MeshConfig_ExtensionProvider as Provider,
} from '../../../envoy/generated/types/mesh/v1/config.js';
import type { Tracing, Tracing_CustomTag } from '../../../envoy/generated/types/telemetry/v1/telemetry.js';
import type { Mesh } from '../../../mesh/istiod/model.js';
import type { Context } from '../context/context.js';
import { typed } from '../context/extensions.js';
import { type FoundCluster, lookupCluster } from '../context/lookup.js';
import type { ListenerClass } from '../context/proxy-headers.js';
import { isAtLeast } from '../context/version.js';
import { modeOf, namesOf, providerOf, telemetriesOf } from './telemetries.js';

/** Tracing, and whether the ids of requests decide on what is traced. */
export interface TracingConfig {
  /** None where nothing is traced. */
  readonly tracing: HttpConnectionManager_Tracing | undefined;
  readonly usesRequestId: boolean;
}

/** What Telemetry resources say of one side of calls. */
interface Spec {
  provider?: Provider | undefined;
  isOff: boolean;
  sampling?: number;
  tags?: { readonly [name: string]: Tracing_CustomTag };
  usesRequestId: boolean;
  hasIstioTags: boolean;
}

/** The tracing of a listener's requests. */
export function tracingOf(context: Context, kind: ListenerClass): TracingConfig {
  const { mesh, proxy } = context;
  const said = telemetriesOf(context).tracing;
  const defaults = mesh.settings.default_providers.tracing ?? [];
  const own = proxy.config.tracing ?? {};
  if (said.length === 0 && defaults.length === 0) {
    if (mesh.settings.enable_tracing !== true) return { tracing: undefined, usesRequestId: true };
    const tags = [
      ...(own.enable_istio_tags === false ? [] : istioTags(context)),
      ...customTags(own.custom_tags),
    ];
    return { tracing: finished(context, {}, proxySampling(context), tags), usesRequestId: true };
  }
  const spec = specOf(context, said, kind);
  // What cannot be traced as it is said is not traced at all.
  if (spec.isOff || spec.provider === undefined) return { tracing: undefined, usesRequestId: true };
  const provided = providerTracing(context, spec.provider);
  if (provided === undefined) return { tracing: undefined, usesRequestId: true };
  const sampling = provided.hasSampler ? 100 : (spec.sampling ?? proxySampling(context));
  const tagged =
    Object.keys(spec.tags ?? {}).length > 0 ? providerTags(context, spec) : customTags(own.custom_tags);
  const tags = [...(spec.hasIstioTags ? istioTags(context) : []), ...tagged];
  return {
    tracing: finished(context, provided.tracing, sampling, tags),
    usesRequestId: spec.usesRequestId,
  };
}

function specOf({ mesh }: Context, said: readonly Tracing[], kind: ListenerClass): Spec {
  const [first] = mesh.settings.default_providers.tracing ?? [];
  const spec: Spec = {
    isOff: false,
    usesRequestId: true,
    hasIstioTags: true,
    provider: first === undefined ? undefined : providerOf(mesh.settings, first),
  };
  for (const tracing of said) {
    const mode = tracing.match?.mode ?? 'CLIENT_AND_SERVER';
    if (mode !== 'CLIENT_AND_SERVER' && mode !== modeOf(kind)) continue;
    const [name] = namesOf(tracing.providers);
    if (name !== undefined) spec.provider = providerOf(mesh.settings, name);
    spec.isOff = tracing.disable_span_reporting ?? spec.isOff;
    if (tracing.custom_tags !== undefined) spec.tags = tracing.custom_tags;
    if (tracing.random_sampling_percentage !== undefined) spec.sampling = tracing.random_sampling_percentage;
    spec.usesRequestId = tracing.use_request_id_for_trace_sampling ?? spec.usesRequestId;
    spec.hasIstioTags = tracing.enable_istio_tags ?? spec.hasIstioTags;
  }
  return spec;
}

function proxySampling({ proxy, features }: Context): number {
  const sampling = proxy.config.tracing?.sampling ?? 0;
  if (sampling === 0) return features.traceSampling;
  return sampling > 100 ? 1 : sampling;
}

function finished(
  { proxy }: Context,
  tracing: HttpConnectionManager_Tracing,
  sampling: number,
  tags: readonly CustomTag[],
): HttpConnectionManager_Tracing {
  const length = proxy.config.tracing?.max_path_tag_length ?? 0;
  return {
    ...(length !== 0 && { max_path_tag_length: length }),
    ...tracing,
    client_sampling: { value: 100 },
    overall_sampling: { value: 100 },
    random_sampling: { value: sampling },
    ...(tags.length > 0 && {
      custom_tags: [...tags].sort((a, b) => compareText(a.tag ?? '', b.tag ?? '')),
    }),
  };
}

function dryRunTag(name: string, key: string): CustomTag {
  return {
    tag: `istio.authorization.dry_run.${name}`,
    metadata: {
      kind: { request: {} },
      metadata_key: { key: 'envoy.filters.http.rbac', path: [{ key: `istio_dry_run_${key}` }] },
    },
  };
}

const DRY_RUN_TAGS = [
  dryRunTag('allow_policy.name', 'allow_shadow_effective_policy_id'),
  dryRunTag('allow_policy.result', 'allow_shadow_engine_result'),
  dryRunTag('deny_policy.name', 'deny_shadow_effective_policy_id'),
  dryRunTag('deny_policy.result', 'deny_shadow_engine_result'),
];

/** What Istio says of the workload itself. */
function istioTags({ proxy }: Context): readonly CustomTag[] {
  const { labels, metadata } = proxy;
  const literal = (name: string, value: string): CustomTag => ({ tag: `istio.${name}`, literal: { value } });
  return [
    literal('canonical_revision', labels['service.istio.io/canonical-revision'] || 'latest'),
    literal('canonical_service', labels['service.istio.io/canonical-name'] || 'unknown'),
    literal('mesh_id', metadata.meshId || 'unknown'),
    literal('namespace', metadata.namespace || 'default'),
    literal('cluster_id', metadata.clusterId || 'unknown'),
    ...DRY_RUN_TAGS,
  ];
}

function tagOf(tag: string, { literal, environment, header }: Tracing_CustomTag): CustomTag {
  if (literal !== undefined) return { tag, literal: { value: literal.value ?? '' } };
  if (environment !== undefined) return { tag, environment };
  return header === undefined ? { tag } : { tag, request_header: header };
}

function customTags(tags: { readonly [name: string]: Tracing_CustomTag } | undefined): readonly CustomTag[] {
  return Object.entries(tags ?? {}).map(([name, tag]) => tagOf(name, tag));
}

/** Tags of Telemetry resources: those with formats are for proxies of 1.29. */
function providerTags({ proxy }: Context, { tags = {} }: Spec): readonly CustomTag[] {
  return Object.entries(tags).flatMap(([name, tag]) => {
    if (tag.formatter === undefined) return [tagOf(name, tag)];
    return isAtLeast(proxy, 1, 29) ? [{ tag: name, value: tag.formatter.value ?? '' }] : [];
  });
}

const TRACERS = {
  zipkin: 'envoy.config.trace.v3.ZipkinConfig',
  datadog: 'envoy.config.trace.v3.DatadogConfig',
  skywalking: 'envoy.config.trace.v3.SkyWalkingConfig',
  opentelemetry: 'envoy.config.trace.v3.OpenTelemetryConfig',
};
type Tracer = keyof typeof TRACERS;

interface Provided {
  readonly tracing: HttpConnectionManager_Tracing;
  readonly hasSampler: boolean;
}

/** Where traces are sent; undefined where the provider takes none, or is not known. */
function providerTracing(context: Context, provider: Provider): Provided | undefined {
  const { mesh, proxy, features } = context;
  const { zipkin, datadog, skywalking, opentelemetry } = provider;
  const server = zipkin ?? datadog ?? skywalking ?? opentelemetry;
  const found = server && lookupCluster(mesh, server.service ?? '', server.port ?? 0);
  if (found === undefined) return undefined;
  const hasSpans = skywalking !== undefined || (proxy.type === 'router' && features.spansOfGateways);
  const of = (name: Tracer, config: object, more: object = {}): HttpConnectionManager_Tracing => ({
    ...(hasSpans && { spawn_upstream_span: true }),
    ...more,
    provider: { name: `envoy.tracers.${name}`, typed_config: typed(TRACERS[name], config) },
  });
  const length = (said: number | undefined): object => (said ? { max_path_tag_length: said } : {});
  if (zipkin !== undefined)
    return {
      tracing: of('zipkin', zipkinConfig(context, zipkin, found), length(zipkin.max_tag_length)),
      hasSampler: false,
    };
  if (datadog !== undefined) {
    const config = {
      collector_cluster: found.cluster,
      service_name: proxy.cluster,
      collector_hostname: found.host,
    };
    return { tracing: of('datadog', config, length(datadog.max_tag_length)), hasSampler: false };
  }
  if (skywalking !== undefined)
    return {
      tracing: of('skywalking', { grpc_service: grpcOf(found) }),
      hasSampler: false,
    };
  if (opentelemetry === undefined) return undefined;
  const config = telemetryConfig(context, opentelemetry, found);
  return (
    config && {
      tracing: of('opentelemetry', config, length(opentelemetry.max_tag_length)),
      hasSampler: opentelemetry.dynatrace_sampler !== undefined,
    }
  );
}

function grpcOf({ cluster, host }: FoundCluster): object {
  return { envoy_grpc: { cluster_name: cluster, authority: host } };
}

function headersOf(headers: readonly HttpHeader[] | undefined): object {
  if (headers === undefined || headers.length === 0) return {};
  return {
    request_headers_to_add: headers.map(({ name = '', value = '' }) => ({
      append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
      header: { key: name, value },
    })),
  };
}

function zipkinConfig(
  { proxy }: Context,
  zipkin: NonNullable<Provider['zipkin']>,
  { host, cluster }: FoundCluster,
): object {
  const path = zipkin.path || '/api/v2/spans';
  const collector = isAtLeast(proxy, 1, 29)
    ? {
        collector_service: {
          http_uri: { uri: `http://${host}${path}`, cluster, timeout: zipkin.timeout ?? '5s' },
          ...headersOf(zipkin.headers),
        },
      }
    : { collector_cluster: cluster, collector_endpoint: path, collector_hostname: host };
  return {
    collector_endpoint_version: 'HTTP_JSON',
    ...(zipkin.enable_64bit_trace_id !== true && { trace_id_128bit: true }),
    shared_span_context: false,
    ...collector,
    ...(isAtLeast(proxy, 1, 28) && { trace_context_option: zipkin.trace_context_option ?? 'USE_B3' }),
  };
}

/** Two parts of an address with one slash between them, as Go's url.JoinPath has it. */
function joined(host: string, path = ''): string {
  return path === '' ? host : `${host}/${path.replace(/^\/+/, '')}`;
}

function telemetryConfig(
  { mesh, proxy }: Context,
  otel: OpenTelemetry,
  found: FoundCluster,
): object | undefined {
  const { http, grpc, resource_detectors: detectors, dynatrace_sampler: dynatrace } = otel;
  const sampler = dynatrace && samplerOf(mesh, otel, dynatrace, found);
  if (dynatrace !== undefined && sampler === undefined) return undefined;
  const metadata = (grpc?.initial_metadata ?? []).map(({ name = '', value = '' }) => ({ key: name, value }));
  const service =
    http === undefined
      ? {
          grpc_service: {
            ...grpcOf(found),
            ...(grpc?.timeout !== undefined && { timeout: grpc.timeout }),
            ...(metadata.length > 0 && { initial_metadata: metadata }),
          },
        }
      : { http_service: httpService(found, http, joined(found.host, http.path)) };
  const resource_detectors = (['environment', 'dynatrace'] as const)
    .filter((name) => detectors?.[name] !== undefined)
    .map((name) => ({
      name: `envoy.tracers.opentelemetry.resource_detectors.${name}`,
      typed_config: typed(
        `envoy.extensions.tracers.opentelemetry.resource_detectors.v3.${name === 'environment' ? 'Environment' : 'Dynatrace'}ResourceDetectorConfig`,
        {},
      ),
    }));
  return {
    ...(proxy.cluster !== '' && { service_name: proxy.cluster }),
    ...service,
    ...(resource_detectors.length > 0 && { resource_detectors }),
    ...(sampler && { sampler }),
  };
}

function httpService(
  { cluster }: FoundCluster,
  http: NonNullable<OpenTelemetry['http']>,
  uri: string,
): object {
  return {
    http_uri: { uri, cluster, ...(http.timeout !== undefined && { timeout: http.timeout }) },
    ...headersOf(http.headers),
  };
}

function samplerOf(
  mesh: Mesh,
  { http }: OpenTelemetry,
  dynatrace: NonNullable<OpenTelemetry['dynatrace_sampler']>,
  found: FoundCluster,
): object | undefined {
  const { tenant, cluster_id, root_spans_per_minute, http_service: own } = dynatrace;
  const target = own === undefined ? found : lookupCluster(mesh, own.service ?? '', own.port ?? 0);
  const said = own === undefined ? http : (own.http ?? {});
  if (target === undefined || said === undefined) return undefined;
  const path = own === undefined ? 'api/v2/samplingConfiguration' : said.path;
  return {
    name: 'envoy.tracers.opentelemetry.samplers.dynatrace',
    typed_config: typed('envoy.extensions.tracers.opentelemetry.samplers.v3.DynatraceSamplerConfig', {
      ...(tenant && { tenant }),
      ...(cluster_id && { cluster_id }),
      ...(root_spans_per_minute && { root_spans_per_minute }),
      http_service: httpService(target, said, joined(target.host, path)),
    }),
  };
}
