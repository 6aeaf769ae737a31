// Listeners for what comes to a sidecar: one for each port of its services, or for each ingress listener of
// its Sidecar resource, and those of its management ports (Pilot 1.1's buildSidecarInboundListeners).

import type { Listener } from '../../../envoy/generated/types/envoy/api/v2/listener.js';
import type { IstioIngressListener } from '../../../envoy/generated/types/networking/v1alpha3/sidecar.js';
import type { ServiceInstance } from '../../../mesh/model.js';
import { isHttp2, listenerKind } from '../../../mesh/protocol.js';
import { ingressPort, instanceForIngress } from '../clusters/inbound-clusters.js';
import { policyFor } from '../context/authn-policy.js';
import type { Context } from '../context/context.js';
import type { NamedConfig } from '../context/extension.js';
import { managementPorts } from '../context/management-ports.js';
import { MANAGEMENT_HOST } from '../context/names.js';
import { inboundRoute } from '../routes/inbound-routes.js';
import { authnFilters, inboundChains } from '../security/authn.js';
import { rbacHttpFilters, rbacNetworkFilters } from '../security/rbac.js';
import { healthFilters } from './health.js';
import { httpConnectionManager } from './http-connection-manager.js';
import { listenerName, listenerOf } from './listener.js';
import { inboundNetworkFilters } from './network-filters.js';

/** A listener before it is built. */
export interface InboundPlan {
  readonly name: string;
  /** As its policies see it. */
  readonly instance: ServiceInstance;
  readonly bind: string;
  readonly bindToPort: boolean;
}

/** The listeners of a sidecar's own services; of several for one address and port the first. */
export function inboundListeners(context: Context): Listener[] {
  const listeners = new Map<string, Listener>();
  for (const plan of inboundPlans(context)) {
    if (listeners.has(plan.name)) continue;
    const listener = inboundListener(context, plan);
    if (listener !== undefined) listeners.set(plan.name, listener);
  }
  return [...listeners.values()];
}

/** A listener for each instance beside the proxy, or each ingress listener of its Sidecar resource. */
export function* inboundPlans({ proxy }: Context): Generator<InboundPlan> {
  const { scope } = proxy;
  if (scope.config === undefined || !scope.hasIngress) {
    // Without interception the application listens on its ports itself.
    if (proxy.interceptionMode === 'NONE') return;
    for (const instance of proxy.instances) {
      const bind = instance.address;
      yield { name: listenerName(bind, instance.port), instance, bind, bindToPort: false };
    }
    return;
  }
  for (const ingress of scope.config.spec.ingress ?? []) {
    const instance = instanceForIngress(proxy.instances, ingress);
    if (instance === undefined) continue;
    const bindToPort = proxy.interceptionMode === 'NONE' || ingress.capture_mode === 'NONE';
    const bind = ingress.bind || (bindToPort ? '0.0.0.0' : instance.address);
    const own = ingressInstance(instance, ingress, bind);
    yield { name: listenerName(bind, own.port), instance: own, bind, bindToPort };
  }
}

/** The instance as its policies see it: with the ingress listener's own port and address. */
function ingressInstance(
  instance: ServiceInstance,
  ingress: IstioIngressListener,
  bind: string,
): ServiceInstance {
  const port = ingressPort(ingress);
  return { ...instance, address: bind, servicePort: port, port: port.port };
}

function inboundListener(
  context: Context,
  { instance, bind, bindToPort }: InboundPlan,
): Listener | undefined {
  const { service, servicePort, port } = instance;
  const policy = policyFor(context.mesh, service, servicePort);
  const filters = inboundFilters(context, instance, bind, policy);
  if (filters === undefined) return undefined;
  return listenerOf(context, {
    bind,
    port,
    bindToPort,
    chains: inboundChains(context, policy).map((chain) => ({ ...chain, filters })),
  });
}

/** The same filters are in each chain; undefined for ports that no listener is for. */
function inboundFilters(
  context: Context,
  instance: ServiceInstance,
  bind: string,
  policy: ReturnType<typeof policyFor>,
): NamedConfig[] | undefined {
  const { service, servicePort, port } = instance;
  switch (listenerKind(servicePort.protocol)) {
    case 'HTTP':
      return [
        httpConnectionManager(context, {
          statPrefix: listenerName(bind, port),
          route: inboundRoute(service.hostname, servicePort),
          direction: 'INGRESS',
          useRemoteAddress: false,
          filters: [
            ...authnFilters(context, policy),
            ...rbacHttpFilters(context, instance),
            ...healthFilters(context, port),
          ],
          grpcWeb: servicePort.protocol === 'GRPCWeb',
          fields: {
            ...(isHttp2(servicePort.protocol) && { http2_protocol_options: {} }),
            server_name: 'istio-envoy',
            forward_client_cert_details: 'APPEND_FORWARD',
            set_current_client_cert_details: { subject: true, dns: true, uri: true },
          },
        }),
      ];
    case 'TCP': {
      const filters = inboundNetworkFilters(context, service.hostname, servicePort);
      // What a protocol's own filter finds out is there for RBAC.
      return [...filters.slice(0, -1), ...rbacNetworkFilters(context, instance), ...filters.slice(-1)];
    }
    case undefined:
      return undefined;
  }
}

/** Listeners that let the kubelet's probes through without mTLS; none where ingress listeners are given. */
export function managementListeners(context: Context, others: readonly Listener[]): Listener[] {
  const { proxy } = context;
  if (proxy.scope.hasIngress || proxy.interceptionMode === 'NONE') return [];
  const taken = new Set(others.map(({ address }) => JSON.stringify(address)));
  return managementPorts(proxy.workload)
    .map((port) =>
      listenerOf(context, {
        bind: proxy.ip,
        port: port.port,
        bindToPort: false,
        chains: [{ filters: inboundNetworkFilters(context, MANAGEMENT_HOST, port) }],
      }),
    )
    .filter(({ address }) => !taken.has(JSON.stringify(address)));
}
