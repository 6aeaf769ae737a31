// Clusters for the services that a proxy calls: one for each port, and one more for each subset of its
// DestinationRule (Pilot 1.1's buildOutboundClusters and buildOutboundSniDnatClusters).

import { memo } from '../../../collections/memo.js';
import type { Cluster } from '../../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { LocalityLbEndpoints } from '../../../envoy/generated/types/envoy/api/v2/endpoint/endpoint_components.js';
import type {
  DestinationRule,
  Subset,
  TrafficPolicy,
} from '../../../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { hiddenTls } from '../../../mesh/destination-rules.js';
import { instancesByPort, serviceAccounts } from '../../../mesh/instances.js';
import type { Config, Labels, Port, Resolution, Service, ServiceInstance } from '../../../mesh/model.js';
import { isHttp2 } from '../../../mesh/protocol.js';
import { destinationRuleFor, servicesFor } from '../../../mesh/proxy.js';
import { hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';
import { BLACK_HOLE, clusterName, configMetadata, PASSTHROUGH, serverName } from '../context/names.js';
import { perContext } from '../context/per-context.js';
import { clusterOf } from './cluster.js';
import { applyLocalitySetting, byLocality } from './locality.js';
import { applyTrafficPolicy, type ClusterDraft, clusterDraft } from './traffic-policy.js';
import type { UpstreamPeer } from './upstream-tls.js';

/** Clusters with mTLS as policy has it, or ones that forward what is encrypted already. */
export type ClusterMode = 'outbound' | 'sni-dnat';

/** How a service's endpoints are found: where an upstream Envoy would get none by EDS, by its name. */
function resolutionFor(
  { dataplane, mesh }: Context,
  { hostname, registry, resolution }: Service,
): Resolution {
  const asksDns =
    dataplane === 'envoy' && registry === 'Kubernetes' && mesh.unaddressedServices.has(hostname);
  return asksDns ? 'DNSLB' : resolution;
}

const TYPES: { readonly [Name in Resolution]: ClusterDraft['type'] } = {
  ClientSideLB: 'EDS',
  DNSLB: 'STRICT_DNS',
  Passthrough: 'ORIGINAL_DST',
};

/** The clusters of all services that the proxy sees. */
export function outboundClusters({ mesh, proxy, peer }: Context, mode: ClusterMode = 'outbound'): Cluster[] {
  const clusters = mode === 'outbound' ? peerClusters(peer) : peerSniClusters(peer);
  return servicesFor(mesh, proxy).flatMap((service) =>
    clusters(service, destinationRuleFor(mesh, proxy, service)),
  );
}

type Rule = Config<DestinationRule> | undefined;

const peerClusters = perContext((peer) => clustersOf(peer, 'outbound'));
const peerSniClusters = perContext((peer) => clustersOf(peer, 'sni-dnat'));

/** The clusters of a service under a rule, made once for all clients that see it so. */
function clustersOf(peer: Context, mode: ClusterMode): (service: Service, rule: Rule) => readonly Cluster[] {
  const known = new Map<Service, Map<Rule, readonly Cluster[]>>();
  return (service, rule) =>
    memo(
      memo(known, service, () => new Map()),
      rule,
      () => serviceClusters(peer, mode, service, rule),
    );
}

const metadataByRule = new WeakMap<Config<DestinationRule>, ReturnType<typeof configMetadata>>();

/** One object for all clusters of a rule. */
function ruleMetadata(rule: Config<DestinationRule>): ReturnType<typeof configMetadata> {
  return memo(metadataByRule, rule, () => configMetadata(rule, 'destination-rule'));
}

/** A cluster before it is built. */
export interface ClusterPlan {
  readonly name: string;
  readonly service: Service;
  readonly port: Port;
  readonly rule: Rule;
  /** Undefined for the cluster of all endpoints. */
  readonly subset: Subset | undefined;
  /** Those of the rule and of its subset, each over the one before. */
  readonly policies: readonly (TrafficPolicy | undefined)[];
}

/** A cluster for each port of a service, and one more for each subset. */
export function* clusterPlans(
  context: Context,
  mode: ClusterMode,
  service: Service,
  rule: Rule,
): Generator<ClusterPlan> {
  const name = mode === 'outbound' ? outboundName : serverName;
  const { hostname } = service;
  for (const port of service.ports) {
    if (port.protocol === 'UDP') continue;
    const general = rule === undefined ? NO_POLICIES : [generalPolicy(context, service, rule)];
    yield { name: name('', hostname, port.port), service, port, rule, subset: undefined, policies: general };
    for (const subset of rule?.spec.subsets ?? []) {
      const policies = [...general, subset.traffic_policy];
      yield { name: name(subset.name ?? '', hostname, port.port), service, port, rule, subset, policies };
    }
  }
}

const NO_POLICIES: readonly (TrafficPolicy | undefined)[] = [];

function outboundName(subset: string, hostname: string, port: number): string {
  return clusterName('outbound', subset, hostname, port);
}

/** What a planned cluster is, as far as its TLS depends on it. */
export function peerOf({ service, port, subset }: ClusterPlan, accounts: readonly string[]): UpstreamPeer {
  return {
    accounts,
    serverName: serverName(subset?.name ?? '', service.hostname, port.port),
    hostname: service.hostname,
    http2: isHttp2(port.protocol),
  };
}

function serviceClusters(context: Context, mode: ClusterMode, service: Service, rule: Rule): Cluster[] {
  const clusters: Cluster[] = [];
  const metadata = rule && ruleMetadata(rule);
  const resolution = resolutionFor(context, service);
  let endpoints: LocalityLbEndpoints[] | undefined;
  let accounts: readonly string[] = [];
  for (const plan of clusterPlans(context, mode, service, rule)) {
    const { name, port, subset, policies } = plan;
    if (subset === undefined) {
      endpoints = dnsEndpoints(context, service, resolution, port, undefined);
      if (mode === 'outbound') accounts = accountsOf(context, plan);
    } else if (resolution !== 'ClientSideLB' && !keepsEndpoints(context, subset)) {
      endpoints = dnsEndpoints(context, service, resolution, port, subset.labels);
    }
    // What is encrypted already is only forwarded.
    const peer = mode === 'outbound' ? peerOf(plan, accounts) : undefined;
    const draft = clusterDraft(context, TYPES[resolution], 'outbound');
    for (const policy of policies) applyTrafficPolicy(context, draft, policy, port, peer);
    clusters.push(
      clusterOf(context, draft, {
        name,
        http2: peer?.http2 ?? false,
        eds: resolution === 'ClientSideLB',
        dns: resolution === 'DNSLB',
        endpoints: endpoints && seenFromHere(context, mode, endpoints, draft.outlier !== undefined),
        metadata,
      }),
    );
  }
  return clusters;
}

/** Endpoints as the mesh's locality setting wants them; clusters that only forward come after it is applied. */
function seenFromHere(
  context: Context,
  mode: ClusterMode,
  endpoints: readonly LocalityLbEndpoints[],
  failover: boolean,
): readonly LocalityLbEndpoints[] {
  if (mode === 'sni-dnat' && hasQuirk(context.compat, 'forwarding-without-locality')) return endpoints;
  return applyLocalitySetting(context, endpoints, failover);
}

/** Whether a subset has the endpoints of the subset before it, since Pilot does not reset them. */
function keepsEndpoints({ compat }: Context, { labels = {} }: Subset): boolean {
  return Object.keys(labels).length === 0 && hasQuirk(compat, 'subset-keeps-endpoints');
}

/** A rule's policy, with what is sane to take from a rule that it hides. */
function generalPolicy(
  { compat, mesh }: Context,
  service: Service,
  { spec, namespace }: NonNullable<Rule>,
): TrafficPolicy | undefined {
  const own = spec.traffic_policy;
  if (isForeign(service)) {
    const isMeshWide = spec.host?.startsWith('*') === true && own?.tls?.mode === 'ISTIO_MUTUAL';
    return isMeshWide && !hasQuirk(compat, 'external-name-mtls') ? { ...own, tls: undefined } : own;
  }
  if (own?.tls !== undefined || hasQuirk(compat, 'own-rule-hides-tls')) return own;
  const tls = hiddenTls(mesh, namespace, service);
  return tls === undefined ? own : { ...own, tls };
}

/** Whether a service only gives another name to what is outside of the mesh. */
function isForeign({ registry, meshExternal }: Service): boolean {
  return registry === 'Kubernetes' && meshExternal;
}

/** The accounts that may serve a planned cluster, as SPIFFE ids; without a rule they are not needed. */
export function accountsOf(
  { compat, mesh }: Context,
  { service, port, rule }: Pick<ClusterPlan, 'service' | 'port' | 'rule'>,
): readonly string[] {
  if (rule === undefined) return [];
  if (service.registry === 'ServiceEntry' && !hasQuirk(compat, 'service-entry-sans-unused'))
    return service.serviceAccounts;
  return serviceAccounts(mesh, service.hostname, port.port);
}

/** Endpoints of services whose names are resolved are in the cluster itself. */
function dnsEndpoints(
  { compat, mesh }: Context,
  service: Service,
  resolution: Resolution,
  port: Port,
  labels: Labels | undefined,
): LocalityLbEndpoints[] | undefined {
  if (resolution !== 'DNSLB') return undefined;
  if (service.resolution !== 'DNSLB') return hostEndpoint(service, port);
  // Endpoints of named networks are not this proxy's to see.
  const instances = instancesByPort(mesh, service.hostname, port.port, labels).filter(
    ({ network, service: { registry }, servicePort }) =>
      network === '' &&
      (registry === 'ServiceEntry' ||
        servicePort.port === port.port ||
        hasQuirk(compat, 'external-name-all-ports')),
  );
  return byLocality(
    instances,
    (instance: ServiceInstance) => ({
      endpoint: {
        address: instance.unix
          ? { pipe: { path: instance.address } }
          : { socket_address: { address: instance.address, port_value: instance.port } },
      },
    }),
    true,
  );
}

/** A service by its own name: the cluster's DNS gives its address, and the server at that address balances. */
function hostEndpoint({ hostname }: Service, { port }: Port): LocalityLbEndpoints[] {
  const address = { socket_address: { address: hostname, port_value: port } };
  return [{ lb_endpoints: [{ endpoint: { address } }] }];
}

/** Where traffic to unknown destinations goes. */
export const fallbackClusters = perContext(({ mesh }): readonly Cluster[] => {
  const timeout = mesh.settings.connect_timeout as string;
  return [
    { name: BLACK_HOLE, type: 'STATIC', connect_timeout: timeout },
    { name: PASSTHROUGH, type: 'ORIGINAL_DST', connect_timeout: timeout, lb_policy: 'ORIGINAL_DST_LB' },
  ];
});
