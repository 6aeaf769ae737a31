// Clusters for the application beside a sidecar: one for each port of its services, or for each ingress
// listener of its Sidecar resource, and those of its management ports (Pilot 1.1's buildInboundClusters).

import type { Cluster } from '../../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { IstioIngressListener } from '../../../envoy/generated/types/networking/v1alpha3/sidecar.js';
import { UNIX_PREFIX } from '../../../istio/sockets.js';
import type { Port, Service, ServiceInstance } from '../../../mesh/model.js';
import { isHttp2, parseProtocol } from '../../../mesh/protocol.js';
import { destinationRuleFor } from '../../../mesh/proxy.js';
import { hasQuirk } from '../context/compat.js';
import type { Context } from '../context/context.js';
import { managementPorts } from '../context/management-ports.js';
import { address, clusterName, configMetadata, MANAGEMENT_HOST } from '../context/names.js';
import { clusterOf } from './cluster.js';
import { applyConnectionPool, clusterDraft } from './traffic-policy.js';

const LOCALHOST = '127.0.0.1';

/** The inbound clusters of a sidecar; none where it intercepts nothing and no Sidecar resource says otherwise. */
export function inboundClusters(context: Context): Cluster[] {
  const { proxy } = context;
  const { scope, instances } = proxy;
  if (scope.config === undefined || !scope.hasIngress) {
    if (proxy.interceptionMode === 'NONE') return [];
    return [
      ...instances.map(({ service, servicePort, port }) =>
        inboundCluster(context, service, servicePort, LOCALHOST, port),
      ),
      ...managementPorts(proxy.workload)
        .filter(
          ({ port }) =>
            hasQuirk(context.compat, 'management-cluster-stays') ||
            !instances.some((instance) => instance.port === port),
        )
        .map((port) => managementCluster(context, port)),
    ];
  }
  if (instances.length === 0) return [];
  return (scope.config.spec.ingress ?? []).flatMap((listener) => {
    const target = targetOf(listener);
    const instance = instanceForIngress(instances, listener);
    if (target === undefined || instance === undefined) return [];
    return [inboundCluster(context, instance.service, ingressPort(listener), target.host, target.port)];
  });
}

/** The port that an ingress listener stands for. */
export function ingressPort({ port }: IstioIngressListener): Port {
  return {
    name: port?.name ?? '',
    port: port?.number ?? 0,
    protocol: parseProtocol(port?.protocol ?? ''),
  };
}

/**
 * The instance whose policies an ingress listener follows: one with that port, else one whose service has a
 * port of that name.
 */
export function instanceForIngress(
  instances: readonly ServiceInstance[],
  { port }: IstioIngressListener,
): ServiceInstance | undefined {
  return (
    instances.find((instance) => instance.port === (port?.number ?? 0)) ??
    instances.find(({ service }) => service.ports.some(({ name }) => name === (port?.name ?? '')))
  );
}

/** Where an ingress listener sends its traffic: always to this host, whatever address it names. */
function targetOf({ default_endpoint }: IstioIngressListener): { host: string; port: number } | undefined {
  const endpoint = default_endpoint ?? '';
  if (endpoint.startsWith(UNIX_PREFIX)) return { host: endpoint, port: 0 };
  const port = endpoint.split(':')[1] ?? '';
  return /^[-+]?\d+$/.test(port) ? { host: LOCALHOST, port: Number(port) } : undefined;
}

function inboundCluster(
  context: Context,
  service: Service,
  servicePort: Port,
  host: string,
  port: number,
): Cluster {
  const draft = clusterDraft(context, 'STATIC', 'inbound');
  const rule = destinationRuleFor(context.mesh, context.proxy, service);
  const policy = rule?.spec.traffic_policy;
  // Limits hold at the server too; of the rest of a policy nothing means anything there.
  if (policy?.connection_pool !== undefined) applyConnectionPool(context, draft, policy.connection_pool);
  return clusterOf(context, draft, {
    name: clusterName('inbound', servicePort.name, service.hostname, servicePort.port),
    http2: isHttp2(servicePort.protocol),
    eds: false,
    dns: false,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: address(host, port, context.compat) } }] }],
    metadata:
      rule === undefined || policy === undefined ? undefined : configMetadata(rule, 'destination-rule'),
  });
}

function managementCluster(context: Context, port: Port): Cluster {
  return clusterOf(context, clusterDraft(context, 'STATIC', 'inbound'), {
    name: clusterName('inbound', port.name, MANAGEMENT_HOST, port.port),
    http2: false,
    eds: false,
    dns: false,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: address(LOCALHOST, port.port, context.compat) } }] }],
    metadata: undefined,
  });
}
