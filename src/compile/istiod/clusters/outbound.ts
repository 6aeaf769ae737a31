// Clusters of what a proxy calls: one for each port of each service, and one for each subset (istiod 1.29's
// core/cluster.go, cluster_builder.go).

import type { Cluster } from '../../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type {
  DestinationRule,
  Subset,
  TrafficPolicy,
} from '../../../envoy/generated/types/networking/v1/destination_rule.js';
import { TLS_DISABLED } from '../../../mesh/istiod/labels.js';
import type { Config, MutualTlsMode, Port, Service } from '../../../mesh/istiod/model.js';
import { namespaceMode } from '../../../mesh/istiod/peer-authentication.js';
import { destinationRule } from '../../../mesh/istiod/scope.js';
import type { Context } from '../context/context.js';
import { FROM_ADS, METADATA_EXCHANGE } from '../context/extensions.js';
import { identitiesOf } from '../context/identities.js';
import { configPath, outboundName, sniName, statisticsName, statisticsPattern } from '../context/names.js';
import { policyFor, portPolicy } from '../context/traffic-policy.js';
import { type EndpointsOf, inlineGroups, portEndpoints, sendsUnhealthy } from '../endpoints/endpoints.js';
import { balanced, chosenLocality, weighsLocalities } from '../endpoints/locality.js';
import {
  applyConnectionPool,
  applyLoadBalancer,
  applyOutlierDetection,
  applyUpgrade,
} from './connection-pool.js';
import {
  beginCluster,
  type ClusterDraft,
  type ClusterType,
  finishCluster,
  istioMetadata,
  serviceMetadata,
} from './draft.js';
import { applyProxyProtocol, applyUpstreamTls } from './upstream-tls.js';

/** What a cluster is for: to be called, or to pass on TLS that a peer began. */
export type ClusterMode = 'outbound' | 'sni-dnat';

/** A cluster, and where its endpoints come from. */
export interface OutboundCluster {
  readonly cluster: Cluster;
  readonly of: EndpointsOf;
}

/** Stands for a service that no rule is for. */
const NO_RULE = {};

/** The clusters of a service as a proxy sees it. */
export function clustersOf(
  context: Context,
  service: Service,
  mode: ClusterMode = 'outbound',
): readonly OutboundCluster[] {
  const { proxy, peers } = context;
  const rule = destinationRule(proxy.scope, service.hostname, proxy.labels);
  return peers.value(service, rule ?? NO_RULE, mode, () => {
    const isSkipped =
      mode === 'outbound'
        ? service.resolution === 'Alias' || service.resolution === 'DynamicDNS'
        : service.meshExternal;
    if (isSkipped) return [];
    return service.ports.flatMap((port) =>
      port.protocol === 'UDP' ? [] : clustersOfPort(context, { service, port, rule, mode }),
    );
  });
}

interface PortOf {
  readonly service: Service;
  readonly port: Port;
  readonly rule: Config<DestinationRule> | undefined;
  readonly mode: ClusterMode;
}

function clustersOfPort(context: Context, of: PortOf): readonly OutboundCluster[] {
  const general = generalCluster(context, of);
  if (general === undefined) return [];
  const subsets = (of.rule?.spec.subsets ?? []).flatMap(
    (subset) => subsetCluster(context, of, subset, general.cluster) ?? [],
  );
  return [general, ...subsets];
}

function nameOf({ service, port, mode }: PortOf, subset = ''): string {
  return mode === 'outbound'
    ? outboundName(service.hostname, port.port, subset)
    : sniName(service.hostname, port.port, subset);
}

function generalCluster(context: Context, of: PortOf): OutboundCluster | undefined {
  const { service, port, rule } = of;
  const endpoints = endpointsOf(of, '');
  const type = typeOf(context, service);
  const draft = begin(context, of, type, endpoints);
  if (draft === undefined) return undefined;
  const policy = portPolicy(rule?.spec.traffic_policy, port.port);
  const sni = of.mode === 'outbound' ? sniName(service.hostname, port.port) : '';
  applyPolicy(context, draft, of, policy, sni, inferredMode(context, rule?.spec.traffic_policy, of));
  finishOutbound(draft);
  const metadata = istioMetadata(draft.cluster);
  if (service.meshExternal) metadata.external = true;
  if (rule !== undefined) {
    metadata.config = configPath(rule);
    addAlpnOverride(metadata, policy);
  }
  return { cluster: finishCluster(draft), of: endpoints };
}

function subsetCluster(
  context: Context,
  of: PortOf,
  subset: Subset,
  general: Cluster,
): OutboundCluster | undefined {
  const { service, port, rule } = of;
  const { name = '', traffic_policy } = subset;
  const endpoints = endpointsOf(of, name);
  const isPassthrough = traffic_policy?.load_balancer?.simple === 'PASSTHROUGH';
  const type = isPassthrough ? 'ORIGINAL_DST' : (general.type as ClusterType);
  const draft = begin(context, of, type, endpoints);
  if (draft === undefined) return undefined;
  const policy = policyFor(rule?.spec, port.port, name);
  const sni = of.mode === 'outbound' ? sniName(service.hostname, port.port, name) : '';
  applyPolicy(context, draft, of, policy, sni, inferredMode(context, traffic_policy, of));
  finishOutbound(draft);
  const metadata = istioMetadata(draft.cluster);
  if (rule !== undefined) metadata.config = configPath(rule);
  metadata.subset = name;
  addAlpnOverride(metadata, policy);
  return { cluster: finishCluster(draft), of: endpoints };
}

function endpointsOf(of: PortOf, subset: string): EndpointsOf {
  const { service, port, rule, mode } = of;
  return { name: nameOf(of, subset), service, port, rule, subset, onlyMutual: mode === 'sni-dnat' };
}

function typeOf({ proxy, features }: Context, service: Service): ClusterType {
  switch (service.resolution) {
    case 'DNSLB':
      return 'STRICT_DNS';
    case 'DNSRoundRobinLB':
      return 'LOGICAL_DNS';
    case 'Passthrough': {
      const hasEds =
        proxy.type === 'router' || (service.registry === 'Kubernetes' && features.edsForHeadless);
      return hasEds ? 'EDS' : 'ORIGINAL_DST';
    }
    default:
      return 'EDS';
  }
}

function begin(
  context: Context,
  of: PortOf,
  type: ClusterType,
  endpoints: EndpointsOf,
): ClusterDraft | undefined {
  const { service, port } = of;
  const { subset, name } = endpoints;
  const isDns = type === 'STRICT_DNS' || type === 'LOGICAL_DNS';
  const groups = isDns ? inlineGroups(context, endpoints) : [];
  const draft = beginCluster(
    context,
    name,
    type,
    groups.map(({ message }) => message),
    port,
    service,
  );
  if (draft === undefined) return undefined;
  istioMetadata(draft.cluster).services = [serviceMetadata(service)];
  const pattern = context.mesh.settings.outbound_cluster_stat_name ?? '';
  if (pattern !== '')
    draft.cluster.alt_stat_name = statisticsName(
      statisticsPattern(pattern, { service, port, subset, targetPort: 0 }),
    );
  return draft;
}

/** What a service's namespace takes; for services whose endpoints are not balanced only what all endpoints take. */
function inferredMode(
  context: Context,
  policy: TrafficPolicy | undefined,
  { service, port }: PortOf,
): MutualTlsMode | undefined {
  if (service.meshExternal) return undefined;
  if (service.resolution === 'Passthrough' || policy?.load_balancer?.simple === 'PASSTHROUGH') {
    const endpoints = portEndpoints(context, service, port);
    if (endpoints.length === 0 || endpoints.some(({ tlsMode }) => tlsMode === TLS_DISABLED)) return 'DISABLE';
  }
  return namespaceMode(context.mesh, service.namespace);
}

function applyPolicy(
  context: Context,
  draft: ClusterDraft,
  { service, port, rule, mode }: PortOf,
  policy: TrafficPolicy | undefined,
  sni: string,
  inferred: MutualTlsMode | undefined,
): void {
  const { settings } = context.mesh;
  const pool = policy?.connection_pool ?? {};
  applyUpgrade(draft, port, settings, pool);
  applyConnectionPool(draft, settings, pool, policy?.retry_budget);
  const isUnhealthySent = sendsUnhealthy(context, service);
  applyOutlierDetection(draft.cluster, policy?.outlier_detection, isUnhealthySent);
  applyLocality(context, draft, service, policy, isUnhealthySent);
  applyLoadBalancer(draft.cluster, policy?.load_balancer);
  if (mode === 'outbound') {
    applyUpstreamTls(context, draft, {
      tls: policy?.tls,
      identities: identitiesOf(context.mesh, service),
      sni,
      service,
      mode: inferred,
      hasSelector: rule?.spec.workload_selector !== undefined,
    });
    applyProxyProtocol(draft.cluster, policy?.proxy_protocol);
  }
  if (draft.cluster.type === 'ORIGINAL_DST') draft.cluster.lb_policy = 'CLUSTER_PROVIDED';
}

function applyLocality(
  { mesh, proxy }: Context,
  { cluster }: ClusterDraft,
  service: Service,
  policy: TrafficPolicy | undefined,
  isUnhealthySent: boolean,
): void {
  if (isUnhealthySent)
    cluster.common_lb_config = { ...cluster.common_lb_config, healthy_panic_threshold: { value: 0 } };
  const { setting, forcesFailover } = chosenLocality(
    mesh.settings.locality_lb_setting,
    policy?.load_balancer?.locality_lb_setting,
    service,
  );
  const failsOver = forcesFailover || cluster.outlier_detection !== undefined;
  if (weighsLocalities(setting, failsOver))
    cluster.common_lb_config = { ...cluster.common_lb_config, locality_weighted_lb_config: {} };
  const assignment = cluster.load_assignment;
  if (assignment !== undefined) {
    const groups = (assignment.endpoints ?? []).map((message) => ({ message, labels: undefined }));
    assignment.endpoints = [...balanced(groups, setting, failsOver, proxy.locality, proxy.labels)];
  }
}

const EXCHANGE: Cluster['filters'] = [METADATA_EXCHANGE];

function finishOutbound({ cluster }: ClusterDraft): void {
  if (cluster.type === 'EDS')
    cluster.eds_cluster_config = { eds_config: FROM_ADS, service_name: cluster.name };
  cluster.filters = EXCHANGE;
}

function addAlpnOverride(metadata: Record<string, unknown>, policy: TrafficPolicy | undefined): void {
  const mode = policy?.tls?.mode;
  if (mode === 'SIMPLE' || mode === 'MUTUAL') metadata.alpn_override = 'false';
}
