// The endpoints of a cluster: which of a service's endpoints a proxy may call, grouped by locality (istiod
// 1.29's xds/endpoints).

import { compareText } from '../../../collections/compare-text.js';
import { memo } from '../../../collections/memo.js';
import type { ClusterLoadAssignment } from '../../../envoy/generated/types/envoy/config/endpoint/v3/endpoint.js';
import type {
  LbEndpoint,
  LocalityLbEndpoints,
} from '../../../envoy/generated/types/envoy/config/endpoint/v3/endpoint_components.js';
import type {
  ClientTLSSettings,
  DestinationRule,
  TrafficPolicy,
} from '../../../envoy/generated/types/networking/v1/destination_rule.js';
import { ipFamily } from '../../../mesh/istiod/addresses.js';
import { keepsDraining } from '../../../mesh/istiod/kubernetes.js';
import {
  canonicalName,
  canonicalRevision,
  covers,
  TLS_DISABLED,
  TLS_ISTIO,
} from '../../../mesh/istiod/labels.js';
import type { Config, Endpoint, Labels, Port, Service } from '../../../mesh/istiod/model.js';
import { peerPolicy } from '../../../mesh/istiod/peer-authentication.js';
import { localityOfText } from '../../../mesh/istiod/proxy.js';
import { endpointKey } from '../../../mesh/istiod/read-mesh.js';
import type { Context } from '../context/context.js';
import { addressOf } from '../context/extensions.js';
import { policyFor } from '../context/traffic-policy.js';
import { type Group, isMutual, totalWeight, withEndpoints } from './groups.js';
import { balanced, chosenLocality, type LocalityGroup } from './locality.js';
import { throughGateways } from './networks.js';

/** A cluster whose endpoints are asked for. */
export interface EndpointsOf {
  readonly name: string;
  readonly service: Service;
  readonly port: Port;
  readonly rule: Config<DestinationRule> | undefined;
  /** '' for none. */
  readonly subset: string;
  /** Whether only endpoints with mutual TLS are wanted. */
  readonly onlyMutual?: boolean;
}

/** Whether a service's endpoints are sent whatever their health. */
export function sendsUnhealthy(
  { features }: Pick<Context, 'features'>,
  service: Pick<Service, 'trafficDistribution'> | undefined,
): boolean {
  return features.sendUnhealthy || (service !== undefined && service.trafficDistribution !== 'Any');
}

/** All endpoints of a port of a service, whatever a proxy may call; with some labels. */
export function portEndpoints(
  { mesh }: Pick<Context, 'mesh'>,
  service: Service,
  { port, name }: Port,
  labels?: Labels,
): readonly Endpoint[] {
  // Of ports with one name the last counts.
  const named = service.ports.findLast((own) => own.name === name)?.port === port;
  return (mesh.endpoints.get(endpointKey(service)) ?? []).filter(
    (endpoint) =>
      (endpoint.servicePort !== 0 ? endpoint.servicePort === port : named && endpoint.portName === name) &&
      covers(endpoint.labels, labels),
  );
}

/** The endpoints in a cluster that DNS resolves, before localities are balanced. */
export function inlineGroups(context: Context, of: EndpointsOf): readonly LocalityGroup[] {
  const endpoints = portEndpoints(context, of.service, of.port, subsetLabels(of));
  return groups(context, of, endpoints).map(({ message }) => ({ message, labels: undefined }));
}

/** The assignment of a cluster whose endpoints come by EDS. */
export function loadAssignment(context: Context, of: EndpointsOf): ClusterLoadAssignment {
  const { mesh, proxy } = context;
  const labels = subsetLabels(of);
  const isDns = of.service.resolution === 'DNSLB' || of.service.resolution === 'DNSRoundRobinLB';
  const all = isDns ? [] : (mesh.endpoints.get(endpointKey(of.service)) ?? []);
  const found = groups(
    context,
    of,
    all.filter(
      ({ portName, address, port, labels: own }) =>
        portName === of.port.name &&
        (address === '' || port === 0 || ipFamily(address) !== 0) &&
        covers(own, labels),
    ),
  );
  if (found.length === 0) return { cluster_name: of.name };
  const policy = policyFor(of.rule?.spec, of.port.port, of.subset);
  const { setting, forcesFailover } = chosenLocality(
    mesh.settings.locality_lb_setting,
    policy?.load_balancer?.locality_lb_setting,
    of.service,
  );
  const withLabels = found.map(({ message, endpoints }) => ({
    message,
    labels: endpoints.map((endpoint) => endpoint.labels),
  }));
  const failsOver = forcesFailover || policy?.outlier_detection !== undefined;
  return {
    cluster_name: of.name,
    endpoints: [...balanced(withLabels, setting, failsOver, proxy.locality, proxy.labels)],
  };
}

function subsetLabels({ rule, subset }: EndpointsOf): Labels | undefined {
  return subset === '' ? undefined : rule?.spec.subsets?.find(({ name }) => name === subset)?.labels;
}

function groups(context: Context, of: EndpointsOf, endpoints: readonly Endpoint[]): readonly Group[] {
  const saidMode = tlsModeOf(of);
  const byLocality = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    if (isCallable(context, of.service, endpoint))
      memo(byLocality, endpoint.locality, () => []).push(endpoint);
  }
  const sorted = [...byLocality].sort(([a], [b]) => compareText(a, b));
  const made = sorted.map(([locality, list]): Group => {
    const lbEndpoints = list.map((endpoint) =>
      lbEndpoint(context, endpoint, takesMutualTls(context, saidMode, endpoint)),
    );
    return {
      message: {
        locality: locality === '' ? {} : localityMessage(locality),
        lb_endpoints: lbEndpoints,
        load_balancing_weight: totalWeight(lbEndpoints),
      },
      endpoints: list,
    };
  });
  const isDns = of.service.resolution === 'DNSLB' || of.service.resolution === 'DNSRoundRobinLB';
  const gateways = isDns ? context.mesh.namedGateways : context.mesh.gateways;
  const reachable = gateways.byNetwork.size === 0 ? made : throughGateways(context, gateways, made);
  return of.onlyMutual ? reachable.map(onlyMutual) : reachable;
}

const localities = new Map<string, NonNullable<LocalityLbEndpoints['locality']>>();

function localityMessage(locality: string): NonNullable<LocalityLbEndpoints['locality']> {
  return memo(localities, locality, () => {
    const { region, zone, sub_zone } = localityOfText(locality);
    return {
      ...(region !== '' && { region }),
      ...(zone !== '' && { zone }),
      ...(sub_zone !== '' && { sub_zone }),
    };
  });
}

function onlyMutual({ message, endpoints }: Group): Group {
  const kept = (message.lb_endpoints ?? []).map((endpoint) => isMutual(endpoint));
  return {
    message: withEndpoints(
      message,
      (message.lb_endpoints ?? []).filter((_, index) => kept[index]),
    ),
    endpoints: endpoints.filter((_, index) => kept[index]),
  };
}

/** Whether a proxy may call an endpoint. */
function isCallable(context: Context, service: Service, endpoint: Endpoint): boolean {
  const { proxy, features } = context;
  const { metadata } = proxy;
  if (service.nodeLocal && endpoint.nodeName !== metadata.nodeName) return false;
  const view = metadata.requestedNetworkView;
  if (view.length > 0 && endpoint.network !== '' && !view.includes(endpoint.network)) return false;
  if (endpoint.health === 'TERMINATING') return false;
  if (endpoint.health === 'UNHEALTHY' && !sendsUnhealthy(context, service)) return false;
  return !isDraining(features.drainingLabel, endpoint) || keepsDraining(service);
}

function isDraining(label: string, { health, labels }: Endpoint): boolean {
  return health === 'DRAINING' || (label !== '' && (labels[label] ?? '') !== '');
}

type TlsMode = NonNullable<ClientTLSSettings['mode']>;

/** The TLS mode that the rule says of a port, or of a subset's port; undefined where it does not. */
function tlsModeOf({ rule, subset, port }: EndpointsOf): TlsMode | undefined {
  if (rule === undefined) return undefined;
  const policy: TrafficPolicy | undefined =
    subset === ''
      ? rule.spec.traffic_policy
      : rule.spec.subsets?.find(({ name }) => name === subset)?.traffic_policy;
  const entry = policy?.port_level_settings?.find(
    ({ port: own, tls }) => own?.number === port.port && tls !== undefined,
  );
  const tls = entry?.tls ?? policy?.tls;
  return tls && (tls.mode ?? 'DISABLE');
}

function takesMutualTls({ mesh }: Context, said: TlsMode | undefined, endpoint: Endpoint): boolean {
  if (said !== undefined) return said === 'ISTIO_MUTUAL';
  if (endpoint.tlsMode !== TLS_ISTIO) return false;
  const policy = peerPolicy(mesh, endpoint.namespace, endpoint.labels);
  return (policy.ports.get(endpoint.port) ?? policy.mode) !== 'DISABLE';
}

const made = new WeakMap<Endpoint, Map<string, LbEndpoint>>();

function lbEndpoint({ mesh, features }: Context, endpoint: Endpoint, isMutualTls: boolean): LbEndpoint {
  const drains = isDraining(features.drainingLabel, endpoint);
  const known = memo(made, endpoint, () => new Map<string, LbEndpoint>());
  return memo(known, `${isMutualTls} ${drains}`, () => {
    const { address, port, labels, workloadName, namespace, tlsMode, weight } = endpoint;
    const health = drains ? 'DRAINING' : endpoint.health;
    const revision = canonicalRevision(labels);
    const workload = [
      workloadName,
      namespace,
      canonicalName(labels, workloadName),
      revision === 'latest' ? '' : revision,
      mesh.clusterId,
    ];
    const hasMode = isMutualTls && tlsMode !== '' && tlsMode !== TLS_DISABLED;
    return {
      endpoint: { address: addressOf(address, port) },
      ...(health !== undefined && health !== 'TERMINATING' && { health_status: health }),
      metadata: {
        filter_metadata: {
          ...(hasMode && { 'envoy.transport_socket_match': { tlsMode } }),
          istio: { workload: workload.join(';') },
        },
      },
      load_balancing_weight: weight > 0 ? weight : 1,
    };
  });
}
