// A cluster while it is put together: the message, and the protocol options that go into it at the end.

import type { Cluster } from '../../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type { LocalityLbEndpoints } from '../../../envoy/generated/types/envoy/config/endpoint/v3/endpoint_components.js';
import type { HttpProtocolOptions } from '../../../envoy/generated/types/envoy/extensions/upstreams/http/v3/http_protocol_options.js';
import type { Port, Service } from '../../../mesh/istiod/model.js';
import { isHttp, isHttp2, isSniffed } from '../../../mesh/istiod/protocol.js';
import type { Context } from '../context/context.js';
import { PRESERVE_CASE, typed } from '../context/extensions.js';
import { statisticsName } from '../context/names.js';

export type ClusterType = 'EDS' | 'STRICT_DNS' | 'LOGICAL_DNS' | 'STATIC' | 'ORIGINAL_DST';

/** A cluster and its protocol options. */
export interface ClusterDraft {
  readonly cluster: Cluster;
  options: HttpProtocolOptions | undefined;
}

const OPTIONS_TYPE = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Whether the proxy keeps the case of header names. */
export function preservesCase({ proxy }: Pick<Context, 'proxy'>): boolean {
  return proxy.config.proxy_headers?.preserve_http1_header_case ?? false;
}

/**
 * Begins a cluster; undefined for one that would need endpoints and has none.
 *
 * @param endpoints those that are in the cluster itself
 */
export function beginCluster(
  context: Context,
  name: string,
  type: ClusterType,
  endpoints: readonly LocalityLbEndpoints[],
  port: Port,
  service: Service | undefined,
): ClusterDraft | undefined {
  const cluster: Cluster = { name, alt_stat_name: statisticsName(name), type, common_lb_config: {} };
  if (type === 'STRICT_DNS' || type === 'LOGICAL_DNS') setDns(context, cluster);
  if (type === 'STRICT_DNS' || type === 'LOGICAL_DNS' || type === 'STATIC') {
    if (endpoints.length === 0) return undefined;
    cluster.load_assignment = { cluster_name: name, endpoints: [...endpoints] };
  }
  if (type === 'ORIGINAL_DST') {
    const override = service?.passthroughTargetPorts?.get(port.port);
    if (override !== undefined) cluster.original_dst_lb_config = { upstream_port_override: override };
  }
  return { cluster, options: protocolOptions(context, port) };
}

function setDns({ mesh, proxy }: Context, cluster: Cluster): void {
  cluster.dns_lookup_family = proxy.supports.v6 && !proxy.supports.v4 ? 'V6_ONLY' : 'V4_ONLY';
  cluster.typed_dns_resolver_config = {
    name: 'envoy.network.dns_resolver.cares',
    typed_config: typed('envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig', {
      udp_max_queries: 100,
    }),
  };
  // A field that came after the API's npm package.
  Object.assign(cluster, { dns_jitter: '0.100s' });
  cluster.dns_refresh_rate = mesh.settings.dns_refresh_rate;
  cluster.respect_dns_ttl = true;
}

function protocolOptions(context: Context, { protocol }: Port): HttpProtocolOptions | undefined {
  if (isHttp2(protocol)) return { explicit_http_config: { http2_protocol_options: {} } };
  const keepsCase = (isHttp(protocol) || isSniffed(protocol)) && preservesCase(context);
  const http1 = keepsCase ? PRESERVE_CASE : {};
  if (context.proxy.type === 'sidecar' && isSniffed(protocol)) return asDownstream(http1);
  return keepsCase ? { explicit_http_config: { http_protocol_options: http1 } } : undefined;
}

function asDownstream(http1: object): HttpProtocolOptions {
  return { use_downstream_protocol_config: { http_protocol_options: http1, http2_protocol_options: {} } };
}

/** Uses HTTP/2 unless the protocol is said already. */
export function useHttp2(draft: ClusterDraft): void {
  const { options } = draft;
  if (options?.explicit_http_config === undefined && options?.use_downstream_protocol_config === undefined)
    draft.options = { ...options, explicit_http_config: { http2_protocol_options: {} } };
}

/** Uses the protocol that the caller uses. */
export function useDownstreamProtocol(draft: ClusterDraft): void {
  const { explicit_http_config, ...others } = draft.options ?? {};
  draft.options = { ...others, ...asDownstream(explicit_http_config?.http_protocol_options ?? {}) };
}

/** Whether a cluster is called by HTTP/2 alone. */
export function usesHttp2({ options }: ClusterDraft): boolean {
  return options?.explicit_http_config?.http2_protocol_options !== undefined;
}

/** The finished cluster. */
export function finishCluster({ cluster, options }: ClusterDraft): Cluster {
  if (options === undefined) return cluster;
  const saysProtocol =
    options.explicit_http_config !== undefined || options.use_downstream_protocol_config !== undefined;
  cluster.typed_extension_protocol_options = {
    [OPTIONS_TYPE]: typed(OPTIONS_TYPE, {
      ...options,
      ...(!saysProtocol && { explicit_http_config: { http_protocol_options: {} } }),
    }),
  };
  return cluster;
}

/** The metadata of a cluster under `istio`, made where there are none. */
export function istioMetadata(cluster: Cluster): Record<string, unknown> {
  cluster.metadata ??= {};
  cluster.metadata.filter_metadata ??= {};
  const all = cluster.metadata.filter_metadata as Record<string, Record<string, unknown>>;
  all.istio ??= {};
  return all.istio;
}

/** A service as metadata name it. */
export function serviceMetadata({ hostname, name, namespace }: Service) {
  return { host: hostname, name, namespace };
}
