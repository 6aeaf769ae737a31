// Clusters for the services that a proxy calls: one for each port, and one more for each subset of its
// DestinationRule (Pilot 1.1's buildOutboundClusters and buildOutboundSniDnatClusters).

import type { Cluster } from '../envoy/generated/types/envoy/api/v2/cluster.js';
import type { LocalityLbEndpoints } from '../envoy/generated/types/envoy/api/v2/endpoint/endpoint_components.js';
import type { DestinationRule } from '../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import { instancesByPort, serviceAccounts } from '../mesh/instances.js';
import { memo } from '../mesh/memo.js';
import type { Config, Labels, Port, Resolution, Service, ServiceInstance } from '../mesh/model.js';
import { isHttp2 } from '../mesh/protocol.js';
import { destinationRuleFor, servicesFor } from '../mesh/proxy.js';
import { clusterOf } from './cluster.js';
import { hasQuirk } from './compat.js';
import type { Context } from './context.js';
import { applyLocalitySetting, byLocality } from './locality.js';
import { BLACK_HOLE, clusterName, configMetadata, PASSTHROUGH, serverName } from './names.js';
import { perContext } from './per-context.js';
import { applyTrafficPolicy, type ClusterDraft, clusterDraft } from './traffic-policy.js';

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

/** A cluster for each port of a service, and one more for each subset. */
function serviceClusters(context: Context, mode: ClusterMode, service: Service, rule: Rule): Cluster[] {
  const clusters: Cluster[] = [];
  const metadata = rule && configMetadata(rule, 'destination-rule');
  const resolution = resolutionFor(context, service);
  for (const port of service.ports) {
    if (port.protocol === 'UDP') continue;
    const accounts = mode === 'outbound' && rule !== undefined ? accountsOf(context, service, port) : [];
    let endpoints = dnsEndpoints(context, service, resolution, port, undefined);
    const build = (
      subset: string,
      policies: readonly Parameters<typeof applyTrafficPolicy>[2][],
    ): Cluster => {
      const sni = serverName(subset, service.hostname, port.port);
      const http2 = mode === 'outbound' && isHttp2(port.protocol);
      const draft = clusterDraft(context, TYPES[resolution], 'outbound');
      for (const policy of policies) {
        applyTrafficPolicy(
          context,
          draft,
          policy,
          port,
          mode === 'outbound' ? { accounts, serverName: sni, http2 } : undefined,
        );
      }
      return clusterOf(context, draft, {
        name: mode === 'outbound' ? clusterName('outbound', subset, service.hostname, port.port) : sni,
        http2,
        eds: resolution === 'ClientSideLB',
        dns: resolution === 'DNSLB',
        endpoints: endpoints && applyLocalitySetting(context, endpoints, draft.outlier !== undefined),
        metadata,
      });
    };
    if (rule === undefined) {
      clusters.push(build('', []));
      continue;
    }
    clusters.push(build('', [rule.spec.traffic_policy]));
    for (const subset of rule.spec.subsets ?? []) {
      const { labels } = subset;
      // A subset without labels has the endpoints of the subset before it: Pilot does not reset them.
      if (resolution !== 'ClientSideLB' && labels !== undefined && Object.keys(labels).length > 0)
        endpoints = dnsEndpoints(context, service, resolution, port, labels);
      clusters.push(build(subset.name ?? '', [rule.spec.traffic_policy, subset.traffic_policy]));
    }
  }
  return clusters;
}

/** The accounts that may serve a port, as SPIFFE ids. */
function accountsOf({ compat, mesh }: Context, service: Service, port: Port): readonly string[] {
  if (service.registry === 'ServiceEntry' && !hasQuirk(compat, 'service-entry-sans-unused'))
    return service.serviceAccounts;
  return serviceAccounts(mesh, service.hostname, port.port);
}

/** Endpoints of services whose names are resolved stand in the cluster itself. */
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

/** A service by its own name: the cluster's DNS gives its address, and whoever has that balances. */
function hostEndpoint({ hostname }: Service, { port }: Port): LocalityLbEndpoints[] {
  const address = { socket_address: { address: hostname, port_value: port } };
  return [{ lb_endpoints: [{ endpoint: { address } }] }];
}

/** Where traffic goes whose destination nobody knows. */
export const fallbackClusters = perContext(({ mesh }): readonly Cluster[] => {
  const timeout = mesh.settings.connect_timeout as string;
  return [
    { name: BLACK_HOLE, type: 'STATIC', connect_timeout: timeout },
    { name: PASSTHROUGH, type: 'ORIGINAL_DST', connect_timeout: timeout, lb_policy: 'ORIGINAL_DST_LB' },
  ];
});
