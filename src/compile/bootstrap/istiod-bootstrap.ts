// A proxy's bootstrap under istiod 1.29: with everything inside, or with the control plane behind the agent's
// socket. Names and paths are those of Istio's own template (tools/packaging/common/envoy_bootstrap.json).

import type { Cluster } from '../../envoy/generated/types/envoy/config/cluster/v3/cluster.js';
import type { ClusterLoadAssignment } from '../../envoy/generated/types/envoy/config/endpoint/v3/endpoint.js';
import type { Listener } from '../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type { FilterChain } from '../../envoy/generated/types/envoy/config/listener/v3/listener_components.js';
import type { RouteConfiguration } from '../../envoy/generated/types/envoy/config/route/v3/route.js';
import type { Finding } from '../../finding/finding.js';
import { ISTIO_AGENT_SOCKET } from '../../istio/sockets.js';
import { localityText } from '../../mesh/istiod/proxy.js';
import type { ProxyFile } from '../../mesh/proxy-description.js';
import { readSource } from '../../source/document.js';
import { compileIstiodInputs, type IstiodOptions } from '../compile-istiod.js';
import type { Compiled } from '../istiod/compile.js';
import type { Context } from '../istiod/context/context.js';
import { typed } from '../istiod/context/extensions.js';
import type { CompileInput } from '../sources.js';
import { asMessage, BOOTSTRAP, type OrderedMessage } from './as-message.js';
import { typeFor } from './static-resources.js';

/** How a bootstrap is made. */
export interface IstiodBootstrapOptions extends IstiodOptions {
  readonly proxy: ProxyFile | string;
  readonly discovery: 'static' | 'ads';
}

/** A bootstrap; none where findings of level error say why. */
export interface IstiodBootstrapResult {
  readonly bootstrap: OrderedMessage | undefined;
  readonly findings: readonly Finding[];
}

const FILES_SOCKET = './var/run/secrets/credential-uds/files-socket';
const AGENT_CLUSTER = 'xds-grpc';
const ADS = { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' };

function apiSource(cluster: string): object {
  return {
    api_type: 'GRPC',
    set_node_on_first_message_only: true,
    transport_api_version: 'V3',
    grpc_services: [{ envoy_grpc: { cluster_name: cluster } }],
  };
}

/** A secret that comes over the stream for all, and over one of its own. */
const SECRET_BY_ADS = JSON.stringify({ ads: {}, resource_api_version: 'V3' });
const SECRET_BY_SDS = JSON.stringify({
  api_config_source: apiSource(AGENT_CLUSTER),
  resource_api_version: 'V3',
});

const SECRETS_OF_ISTIOD: Finding = {
  code: 'secrets-of-istiod',
  level: 'warning',
  message: `istiod delivers some of the secrets over ADS, which a static bootstrap has not: ${AGENT_CLUSTER} has to serve them over SDS`,
};

/** Makes a proxy's bootstrap; the order of inputs and documents does not matter. */
export function istiodBootstrap(
  inputs: readonly CompileInput[],
  options: IstiodBootstrapOptions,
): IstiodBootstrapResult {
  const { discovery } = options;
  // What a control plane sends is for Istio's own proxy.
  const dataplane = options.dataplane ?? (discovery === 'ads' ? 'istio' : 'envoy');
  const { compiled, context, findings } = compileIstiodInputs(inputs, { ...options, dataplane });
  if (compiled === undefined || context === undefined) return { bootstrap: undefined, findings };
  const own = discovery === 'static' ? staticResources(compiled) : { clusters: [], listeners: [] };
  // What is in the bootstrap itself is made before there is a stream for all.
  const resources = JSON.stringify(own).replaceAll(SECRET_BY_ADS, SECRET_BY_SDS);
  const asksIstiod = resources.includes(SECRET_BY_SDS);
  const { clusters, listeners } = JSON.parse(resources) as typeof own;
  const message = {
    node: nodeOf(context),
    admin: {
      address: {
        socket_address: { address: '127.0.0.1', port_value: context.proxy.config.proxy_admin_port ?? 15_000 },
      },
    },
    static_resources: {
      ...(listeners.length > 0 && { listeners }),
      clusters: [...clusters, ...agentClusters(context, resources, discovery === 'ads' || asksIstiod)],
    },
    ...(discovery === 'ads' && {
      dynamic_resources: { lds_config: ADS, cds_config: ADS, ads_config: { ...apiSource(AGENT_CLUSTER) } },
    }),
  };
  const source = readSource('bootstrap.json', JSON.stringify(message), { format: 'json' });
  const wrong: Finding[] = [];
  const bootstrap = asMessage(source, BOOTSTRAP, { api: 'v3', onUnknown: 'fail' }, wrong);
  return { bootstrap, findings: [...findings, ...(asksIstiod ? [SECRETS_OF_ISTIOD] : []), ...wrong] };
}

function nodeOf({ proxy }: Context): object {
  const { region, zone, sub_zone } = proxy.locality;
  return {
    id: `${proxy.type}~${proxy.ips[0] ?? ''}~${proxy.id}~${proxy.domain}`,
    cluster: proxy.cluster || proxy.config.service_cluster || 'istio-proxy',
    ...(localityText(proxy.locality) !== '' && { locality: { region, zone, sub_zone } }),
    metadata: proxy.metadata.raw,
  };
}

/** Clusters that the agent serves on sockets: secrets, files of certificates, and the control plane. */
function agentClusters(context: Context, text: string, asksControlPlane: boolean): readonly Cluster[] {
  const wanted: readonly (readonly [name: string, path: string, isWanted: boolean])[] = [
    ['sds-grpc', ISTIO_AGENT_SOCKET, true],
    ['sds-files-grpc', FILES_SOCKET, text.includes('"sds-files-grpc"')],
    [AGENT_CLUSTER, `${context.proxy.config.config_path ?? './etc/istio/proxy'}/XDS`, asksControlPlane],
  ];
  return wanted.flatMap(([name, path, isWanted]) => (isWanted ? [socketCluster(name, path)] : []));
}

const OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

function socketCluster(name: string, path: string): Cluster {
  return {
    name,
    alt_stat_name: `${name};`,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path } } } }] }],
    },
    typed_extension_protocol_options: {
      [OPTIONS]: typed(OPTIONS, { explicit_http_config: { http2_protocol_options: {} } }),
    },
  };
}

/** Puts endpoints and routes where their users are. */
function staticResources({ clusters, listeners, routes, endpoints }: Compiled): {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
} {
  const byCluster = new Map(endpoints.map((assignment) => [assignment.cluster_name, assignment]));
  const byName = new Map(routes.map((route) => [route.name, route]));
  return {
    clusters: clusters.map((cluster) => withEndpoints(cluster, byCluster)),
    listeners: listeners.map((listener) => withRoutes(listener, byName)),
  };
}

function withEndpoints(
  cluster: Cluster,
  byCluster: ReadonlyMap<string | undefined, ClusterLoadAssignment>,
): Cluster {
  const { eds_cluster_config: eds, ...rest } = cluster;
  if (cluster.type !== 'EDS') return cluster;
  const name = eds?.service_name || cluster.name || '';
  const assignment = byCluster.get(name) ?? { cluster_name: name };
  return { ...rest, type: typeFor(assignment), load_assignment: assignment };
}

/** A route that was not compiled has no virtual hosts, as if it never came. */
function withRoutes(
  listener: Listener,
  byName: ReadonlyMap<string | undefined, RouteConfiguration>,
): Listener {
  const changed = (chain: FilterChain): FilterChain => ({
    ...chain,
    filters: (chain.filters ?? []).map((filter) => {
      const { rds, ...manager } = (filter.typed_config ?? {}) as NonNullable<typeof filter.typed_config>;
      if (rds === undefined) return filter;
      const name = (rds as { readonly route_config_name: string }).route_config_name;
      return { ...filter, typed_config: { ...manager, route_config: byName.get(name) ?? { name } } };
    }),
  });
  const { filter_chains, default_filter_chain } = listener;
  return {
    ...listener,
    ...(filter_chains && { filter_chains: filter_chains.map(changed) }),
    ...(default_filter_chain && { default_filter_chain: changed(default_filter_chain) }),
  };
}
