// Clusters of the proxy's own workload, and those of unknown traffic (istiod 1.29's buildInboundClusters).

import { memo } from '../../../collections/memo.js';
import type { Cluster } from '../../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type {
  ConnectionPoolSettings,
  TrafficPolicy,
} from '../../../envoy/generated/types/networking/v1/destination_rule.js';
import type { IstioIngressListener, Sidecar } from '../../../envoy/generated/types/networking/v1/sidecar.js';
import { UNIX_PREFIX } from '../../../istio/sockets.js';
import { ipFamily } from '../../../mesh/istiod/addresses.js';
import type { Port, Service } from '../../../mesh/istiod/model.js';
import { parseProtocol } from '../../../mesh/istiod/protocol.js';
import type { IstioProxy, ServiceTarget } from '../../../mesh/istiod/proxy.js';
import { destinationRule } from '../../../mesh/istiod/scope.js';
import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import type { Context } from '../context/context.js';
import { addressOf, METADATA_EXCHANGE, PRESERVE_CASE, typed } from '../context/extensions.js';
import { localAddresses } from '../context/local-addresses.js';
import {
  BLACK_HOLE,
  configPath,
  INBOUND_PASSTHROUGH,
  inboundName,
  PASSTHROUGH,
  statisticsName,
  statisticsPattern,
} from '../context/names.js';
import { EXTERNAL_CLUSTER } from '../context/secrets.js';
import { portPolicy } from '../context/traffic-policy.js';
import { applyConnectionPool } from './connection-pool.js';
import { beginCluster, finishCluster, istioMetadata, preservesCase, serviceMetadata } from './draft.js';

/** As long as protobuf allows: connections end by themselves. */
const FOREVER = '9223372035s';

/** What an inbound cluster leads to. */
interface Inbound {
  /** The port in its name. */
  readonly port: number;
  readonly targets: readonly ServiceTarget[];
  /** Where the workload is called; '' for where the caller wanted to go. */
  readonly bind: string;
}

/** The clusters of a sidecar's own workload. */
export function inboundClusters(context: Context): Cluster[] {
  const { proxy } = context;
  const { sidecar } = proxy.scope;
  const ingress = sidecar?.spec.ingress ?? [];
  if (ingress.length > 0) return ingress.flatMap((listener) => ingressCluster(context, listener));
  if (proxy.metadata.interceptionMode === 'NONE') return [];
  const byPort = new Map<number, ServiceTarget[]>();
  for (const target of proxy.targets) memo(byPort, target.targetPort, () => []).push(target);
  const isLocal = context.mesh.settings.inbound_traffic_policy?.mode === 'LOCALHOST';
  const bind = isLocal ? localAddresses(proxy).local : '';
  return [...byPort].map(([port, targets]) => inboundCluster(context, { port, targets, bind }));
}

/** The cluster of an ingress listener; none where its endpoint makes no sense. */
function ingressCluster(context: Context, listener: IstioIngressListener): Cluster[] {
  const { port, default_endpoint = '' } = listener;
  const number = port?.number ?? 0;
  const endpoint = ingressEndpoint(context.proxy, default_endpoint);
  if (endpoint === undefined) return [];
  const target: ServiceTarget = {
    service: ingressService(context.proxy, number),
    port: { name: port?.name ?? '', port: number, protocol: parseProtocol(port?.protocol ?? '') },
    targetPort: endpoint.port,
  };
  return [inboundCluster(context, { port: number, targets: [target], bind: endpoint.address })];
}

function ingressEndpoint(
  proxy: IstioProxy,
  text: string,
): { readonly address: string; readonly port: number } | undefined {
  if (text === '') return { address: '', port: 0 };
  if (text.startsWith(UNIX_PREFIX)) return { address: text, port: 0 };
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text);
  if (match === null) return undefined;
  const host = match[1] ?? match[2] ?? '';
  return { address: ingressAddress(proxy, host), port: Number(match[3]) };
}

function ingressAddress(proxy: IstioProxy, host: string): string {
  const own = (family: 4 | 6, fallback: string): string =>
    proxy.ips.find((ip) => ipFamily(ip) === family) ?? fallback;
  switch (host) {
    case UNSPECIFIED_ADDRESS:
      return own(4, '127.0.0.1');
    case '::':
      return own(6, '::1');
    case '127.0.0.1':
    case '::1':
      return localAddress(proxy, host === '127.0.0.1' ? 4 : 6);
    default:
      return '';
  }
}

/** The local address of a family that the proxy has, of another one where it lacks that. */
function localAddress({ supports }: IstioProxy, family: 4 | 6): string {
  const v6 = family === 6 ? supports.v6 : !supports.v4 && supports.v6;
  return v6 ? '::1' : '127.0.0.1';
}

/** The service of a port that a Sidecar opens: one that leads there, or one made up. */
function ingressService({ targets, scope }: IstioProxy, port: number): Service {
  const known = targets.find(({ targetPort }) => targetPort === port);
  if (known !== undefined) return known.service;
  const { name, namespace } = scope;
  return {
    hostname: `${name}.${namespace}`,
    address: UNSPECIFIED_ADDRESS,
    addresses: [],
    allocated: undefined,
    ports: [],
    resolution: 'ClientSideLB',
    meshExternal: true,
    creationTime: Number.NEGATIVE_INFINITY,
    name,
    namespace,
    exportTo: undefined,
    serviceAccounts: [],
    registry: 'External',
    labels: {},
    selector: undefined,
    aliases: [],
    externalName: '',
    nodeLocal: false,
    trafficDistribution: 'Any',
    publishNotReadyAddresses: false,
    passthroughTargetPorts: undefined,
    externalAddresses: [],
  };
}

function inboundCluster(context: Context, { port: number, targets, bind }: Inbound): Cluster {
  const { mesh, proxy } = context;
  const [{ service, port, targetPort }] = targets as readonly [ServiceTarget];
  const name = inboundName(number);
  const endpoints =
    bind === '' ? [] : [{ lb_endpoints: [{ endpoint: { address: addressOf(bind, targetPort) } }] }];
  const type = bind === '' ? 'ORIGINAL_DST' : 'STATIC';
  const draft = beginCluster(context, name, type, endpoints, port, service);
  if (draft === undefined) throw new Error(`no endpoint for ${name}`);
  const { cluster } = draft;
  if (!service.meshExternal) istioMetadata(cluster).services = servicesAt(targets, port);
  const pattern = mesh.settings.inbound_cluster_stat_name ?? '';
  if (pattern !== '')
    cluster.alt_stat_name = statisticsName(statisticsPattern(pattern, { service, port, targetPort: number }));
  if (type === 'ORIGINAL_DST') cluster.cleanup_interval = FOREVER;
  const rule = destinationRule(proxy.scope, service.hostname, undefined);
  let policy: TrafficPolicy | undefined;
  if (rule?.spec.traffic_policy !== undefined) {
    policy = portPolicy(rule.spec.traffic_policy, port.port);
    if (!service.meshExternal) istioMetadata(cluster).config = configPath(rule);
  }
  const pool = sidecarPool(proxy.scope.sidecar?.spec, number) ?? policy?.connection_pool ?? {};
  applyConnectionPool(draft, mesh.settings, pool, policy?.retry_budget);
  if (type === 'ORIGINAL_DST') cluster.lb_policy = 'CLUSTER_PROVIDED';
  if (bind !== '127.0.0.1' && bind !== '::1')
    cluster.upstream_bind_config = {
      source_address: { address: localAddresses(proxy).source, port_value: 0 },
    };
  return finishCluster(draft);
}

/** The services that a port of the workload is for, by their own port. */
function servicesAt(targets: readonly ServiceTarget[], port: Port) {
  const seen = new Set<string>();
  return targets.flatMap(({ service, port: own }) => {
    if (own.port !== port.port || seen.has(service.hostname)) return [];
    seen.add(service.hostname);
    return [serviceMetadata(service)];
  });
}

/** The connection pool that a Sidecar says for a port of the workload. */
function sidecarPool(sidecar: Sidecar | undefined, port: number): ConnectionPoolSettings | undefined {
  const own = sidecar?.ingress?.find(
    (listener) => listener.port?.number === port && listener.connection_pool !== undefined,
  );
  return own?.connection_pool ?? sidecar?.inbound_connection_pool;
}

/** Where traffic goes that is not let through. */
export function blackHole({ mesh }: Context): Cluster {
  return {
    name: BLACK_HOLE,
    alt_stat_name: statisticsName(BLACK_HOLE),
    type: 'STATIC',
    connect_timeout: mesh.settings.connect_timeout,
  };
}

const OPTIONS_TYPE = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Where unknown traffic goes: to where its sender wanted. */
export function passthrough(context: Context): Cluster {
  const { mesh } = context;
  const draft = {
    cluster: {
      name: PASSTHROUGH,
      alt_stat_name: statisticsName(PASSTHROUGH),
      type: 'ORIGINAL_DST',
      lb_policy: 'CLUSTER_PROVIDED',
    } as Cluster,
    options: {
      common_http_protocol_options: { idle_timeout: '300s' },
      use_downstream_protocol_config: {
        http_protocol_options: preservesCase(context) ? PRESERVE_CASE : {},
        http2_protocol_options: {},
      },
    },
  };
  applyConnectionPool(draft, mesh.settings, {}, undefined);
  draft.cluster.filters = [METADATA_EXCHANGE];
  return finishCluster(draft);
}

/** The same for what reaches the workload. */
export function inboundPassthrough(context: Context): Cluster {
  const { supports } = context.proxy;
  const { filters: _none, ...cluster } = passthrough(context);
  return {
    ...cluster,
    name: INBOUND_PASSTHROUGH,
    upstream_bind_config: {
      source_address: { address: supports.v4 ? '127.0.0.6' : '::6', port_value: 0 },
      ...(supports.v4 &&
        supports.v6 && {
          extra_source_addresses: [{ address: { address: '::6', port_value: 0 } }],
        }),
    },
  };
}

const CREDENTIAL_SOCKET = './var/run/secrets/credential-uds/socket';

/** The SDS server beside istiod, on a socket of the proxy. */
export function externalSecrets({ mesh }: Context): Cluster {
  return {
    name: EXTERNAL_CLUSTER,
    alt_stat_name: statisticsName(EXTERNAL_CLUSTER),
    type: 'STATIC',
    connect_timeout: mesh.settings.connect_timeout,
    load_assignment: {
      cluster_name: EXTERNAL_CLUSTER,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: CREDENTIAL_SOCKET } } } }] }],
    },
    typed_extension_protocol_options: {
      [OPTIONS_TYPE]: typed(OPTIONS_TYPE, { explicit_http_config: { http2_protocol_options: {} } }),
    },
  };
}
