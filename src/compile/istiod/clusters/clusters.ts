// All clusters of a proxy, and the endpoints of those that get them by EDS.

import { compareText } from '../../../collections/compare-text.js';
import type { Cluster } from '../../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type { ClusterLoadAssignment } from '../../../envoy/generated/types/envoy/config/endpoint/v3/endpoint.js';
import type { Service } from '../../../mesh/istiod/model.js';
import { destinationsOf } from '../../../mesh/istiod/scope.js';
import { type Context, perContext } from '../context/context.js';
import { loadAssignment } from '../endpoints/endpoints.js';
import { blackHole, externalSecrets, inboundClusters, inboundPassthrough, passthrough } from './inbound.js';
import { clustersOf, type OutboundCluster } from './outbound.js';

/** The clusters of a proxy, by name. */
export function compileClusters(context: Context): readonly Cluster[] {
  return perProxy(context).clusters;
}

/** The assignments of a proxy's clusters, by name. */
export function compileEndpoints(context: Context): readonly ClusterLoadAssignment[] {
  const { peers } = context;
  return perProxy(context)
    .called.filter(({ cluster }) => cluster.type === 'EDS')
    .map((called) => peers.value(called, called, 'endpoints', () => loadAssignment(context, called.of)));
}

const perProxy = perContext((context) => {
  const called = calledClusters(context);
  const all = [...called.map(({ cluster }) => cluster), ...ownClusters(context)];
  return { called, clusters: firstOfEachName(all).sort(byName) };
});

function byName(a: Cluster, b: Cluster): number {
  return compareText(a.name ?? '', b.name ?? '');
}

function calledClusters(context: Context): OutboundCluster[] {
  const { services } = context.proxy.scope;
  const passesOn = context.gateway?.hasAutoPassthrough ?? false;
  return [
    ...wantedServices(context).flatMap((service) => clustersOf(context, service)),
    ...(passesOn ? services.flatMap((service) => clustersOf(context, service, 'sni-dnat')) : []),
  ].sort((a, b) => byName(a.cluster, b.cluster));
}

/** The services that a proxy gets clusters for: all that it sees, or what a gateway routes to. */
function wantedServices(context: Context): readonly Service[] {
  const { proxy, features, gateway } = context;
  const { services } = proxy.scope;
  if (proxy.type === 'sidecar' || !features.filterGatewayClusters) return services;
  const hosts = new Set(providerHosts(context));
  for (const { spec } of context.mesh.virtualServices.all) {
    if (spec.gateways?.some((name) => gateway?.gateways.has(name)))
      for (const host of destinationsOf(spec, '').keys()) hosts.add(host);
  }
  return services.filter(
    ({ hostname, namespace }) => hosts.has(hostname) || hosts.has(`${namespace}/${hostname}`),
  );
}

/** The hosts of what the mesh's extension providers call, some with their namespace. */
function providerHosts({ mesh }: Context): readonly string[] {
  return mesh.settings.extension_providers.flatMap((provider) => {
    const { envoy_ext_authz_http, envoy_ext_authz_grpc, zipkin, datadog, skywalking, opentelemetry } =
      provider;
    const { envoy_http_als, envoy_tcp_als, envoy_otel_als, sds } = provider;
    const called = [envoy_ext_authz_http, envoy_ext_authz_grpc, zipkin, datadog, skywalking, opentelemetry];
    return [...called, envoy_http_als, envoy_tcp_als, envoy_otel_als, sds].flatMap(
      (one) => one?.service || [],
    );
  });
}

function ownClusters(context: Context): Cluster[] {
  const { type, metadata } = context.proxy;
  const own =
    type === 'sidecar'
      ? [blackHole(context), passthrough(context), ...inboundClusters(context), inboundPassthrough(context)]
      : [blackHole(context)];
  return metadata.credentialSocket ? [...own, externalSecrets(context)] : own;
}

function firstOfEachName(clusters: readonly Cluster[]): Cluster[] {
  const names = new Set<string>();
  return clusters.filter(({ name = '' }) => !names.has(name) && names.add(name));
}
