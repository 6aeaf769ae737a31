// What one Envoy configuration holds, gathered in one walk: the resources with their names, what they refer
// to, and where what is discovered comes from. TLS contexts are the inventory's.

import type { FieldInfo } from '../envoy/api-table.js';
import { structConfig } from '../envoy/extensions/extension-config.js';
import { allExtensionPoints } from '../envoy/extensions/extension-points.js';
import type { Message } from '../envoy/message.js';
import { type Reach, reachOf } from '../envoy/reach.js';
import { ReachWalk } from '../envoy/reach-walk.js';
import { heldResources } from '../envoy/resources.js';
import { SeenTexts } from '../source/seen-texts.js';
import type { EnvoyConfig } from '../tls/configs.js';
import type { TlsContext } from '../tls/context.js';
import { SDS_CONFIG } from '../tls/fields.js';
import { type SecretUse, secretSource, secretUses } from '../tls/secret-uses.js';

/** A reference to a cluster by name. */
interface ClusterReference {
  readonly name: string;
  /** The message whose field names it, and the field. */
  readonly message: Message;
  readonly field: string;
  /** The item of a list; else the field's value. */
  readonly node: number;
  /** Who asks: a route, a proxy of connections, or a client of the Envoy's own. */
  readonly by: 'route' | 'proxy' | 'client';
  /** Whether Envoy refuses the configuration where the cluster is not there. */
  readonly checked: boolean;
  /** Whether Envoy takes only a cluster of the bootstrap itself: it is there before anything is discovered. */
  readonly primary: boolean;
  /** The cluster that the reference stands in. */
  readonly from: Message | undefined;
}

/** A place that says where something is discovered. */
export interface SourceUse {
  /** The ConfigSource. */
  readonly message: Message;
  /** What comes from there, or goes there: reports of load. */
  readonly of: 'clusters' | 'listeners' | 'routes' | 'endpoints' | 'secrets' | 'reports' | 'other';
}

/** A place that says where a secret comes from. */
export interface SecretSourceUse extends SourceUse {
  readonly secret: SecretUse;
  /** The cluster that it stands in. */
  readonly from: Message | undefined;
}

/** What one configuration holds. */
export interface Survey {
  readonly config: EnvoyConfig;
  readonly contexts: readonly TlsContext[];
  readonly clusters: readonly Message[];
  readonly listeners: readonly Message[];
  readonly routeConfigurations: readonly Message[];
  readonly connectionManagers: readonly {
    readonly message: Message;
    readonly listener: Message | undefined;
  }[];
  /** Messages that hold an extension by name and type. */
  readonly extensions: readonly Message[];
  readonly clusterReferences: readonly ClusterReference[];
  /** Of anything but secrets of TLS contexts; for endpoints, each that is written differently once. */
  readonly sources: readonly SourceUse[];
  readonly secretSources: readonly SecretSourceUse[];
  readonly grpcServices: readonly { readonly message: Message; readonly from: Message | undefined }[];
  readonly pipes: readonly Message[];
  readonly secretUses: readonly SecretUse[];
}

type Role =
  | 'bootstrap'
  | 'cluster'
  | 'listener'
  | 'routes'
  | 'thrift'
  | 'manager'
  | 'extension'
  | 'source'
  | 'starter'
  | 'grpc'
  | 'pipe'
  | 'tls';

function both(v2: string, v3: string, role: Role): [string, Role][] {
  return [
    [v2, role],
    [v3, role],
  ];
}

const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ...both('envoy.config.bootstrap.v2.Bootstrap', 'envoy.config.bootstrap.v3.Bootstrap', 'bootstrap'),
  ...both('envoy.api.v2.Cluster', 'envoy.config.cluster.v3.Cluster', 'cluster'),
  ...both('envoy.api.v2.Listener', 'envoy.config.listener.v3.Listener', 'listener'),
  ...both('envoy.api.v2.RouteConfiguration', 'envoy.config.route.v3.RouteConfiguration', 'routes'),
  ...both(
    'envoy.config.filter.network.http_connection_manager.v2.HttpConnectionManager',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    'manager',
  ),
  ...[...allExtensionPoints().keys()].map((name): [string, Role] => [name, 'extension']),
  ...both('envoy.api.v2.core.ConfigSource', 'envoy.config.core.v3.ConfigSource', 'source'),
  // Envoy makes their clients when it starts.
  ['envoy.config.core.v3.ApiConfigSource', 'starter'],
  ['envoy.config.metrics.v3.MetricsServiceConfig', 'starter'],
  ['envoy.extensions.filters.network.thrift_proxy.v3.RouteConfiguration', 'thrift'],
  ...both('envoy.api.v2.core.GrpcService', 'envoy.config.core.v3.GrpcService', 'grpc'),
  ...both('envoy.api.v2.core.Pipe', 'envoy.config.core.v3.Pipe', 'pipe'),
  // The inventory has been there.
  ...both(
    'envoy.api.v2.auth.UpstreamTlsContext',
    'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    'tls',
  ),
  ...both(
    'envoy.api.v2.auth.DownstreamTlsContext',
    'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    'tls',
  ),
  ...both('envoy.api.v2.auth.Secret', 'envoy.extensions.transport_sockets.tls.v3.Secret', 'tls'),
]);

/** The fields that name clusters, by message type, and who asks. */
const CLUSTER_FIELDS: ReadonlyMap<string, readonly [field: string, by: ClusterReference['by']]> = new Map<
  string,
  readonly [string, ClusterReference['by']]
>([
  ['envoy.api.v2.route.RouteAction', ['cluster', 'route']],
  ['envoy.config.route.v3.RouteAction', ['cluster', 'route']],
  ['envoy.api.v2.route.WeightedCluster.ClusterWeight', ['name', 'route']],
  ['envoy.config.route.v3.WeightedCluster.ClusterWeight', ['name', 'route']],
  ['envoy.api.v2.route.RouteAction.RequestMirrorPolicy', ['cluster', 'route']],
  ['envoy.config.route.v3.RouteAction.RequestMirrorPolicy', ['cluster', 'route']],
  ['envoy.config.filter.network.tcp_proxy.v2.TcpProxy', ['cluster', 'proxy']],
  ['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', ['cluster', 'proxy']],
  ['envoy.config.filter.network.tcp_proxy.v2.TcpProxy.WeightedCluster.ClusterWeight', ['name', 'proxy']],
  ['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight', ['name', 'proxy']],
  ['envoy.config.filter.network.thrift_proxy.v2alpha1.RouteAction', ['cluster', 'proxy']],
  ['envoy.extensions.filters.network.thrift_proxy.v3.RouteAction', ['cluster', 'route']],
  ['envoy.extensions.filters.network.thrift_proxy.v3.WeightedCluster.ClusterWeight', ['name', 'route']],
  ['envoy.config.filter.network.dubbo_proxy.v2alpha1.RouteAction', ['cluster', 'proxy']],
  ['envoy.extensions.filters.network.dubbo_proxy.v3.RouteAction', ['cluster', 'proxy']],
  ['envoy.config.filter.network.redis_proxy.v2.RedisProxy.PrefixRoutes.Route', ['cluster', 'proxy']],
  ['envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes.Route', ['cluster', 'proxy']],
  ['envoy.config.filter.udp.udp_proxy.v2alpha.UdpProxyConfig', ['cluster', 'proxy']],
  ['envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', ['cluster', 'proxy']],
  ['envoy.extensions.filters.udp.udp_proxy.v3.Route', ['cluster', 'proxy']],
  ['envoy.api.v2.core.GrpcService.EnvoyGrpc', ['cluster_name', 'client']],
  ['envoy.config.core.v3.GrpcService.EnvoyGrpc', ['cluster_name', 'client']],
  ['envoy.api.v2.core.ApiConfigSource', ['cluster_names', 'client']],
  ['envoy.config.core.v3.ApiConfigSource', ['cluster_names', 'client']],
  ['envoy.api.v2.core.HttpUri', ['cluster', 'client']],
  ['envoy.config.core.v3.HttpUri', ['cluster', 'client']],
  ['envoy.config.trace.v2.ZipkinConfig', ['collector_cluster', 'client']],
  ['envoy.config.trace.v3.ZipkinConfig', ['collector_cluster', 'client']],
  ['envoy.config.trace.v2.LightstepConfig', ['collector_cluster', 'client']],
  ['envoy.config.trace.v3.LightstepConfig', ['collector_cluster', 'client']],
  ['envoy.config.trace.v2.DatadogConfig', ['collector_cluster', 'client']],
  ['envoy.config.trace.v3.DatadogConfig', ['collector_cluster', 'client']],
  ['envoy.config.metrics.v2.StatsdSink', ['tcp_cluster_name', 'client']],
  ['envoy.config.metrics.v3.StatsdSink', ['tcp_cluster_name', 'client']],
  ['envoy.config.cluster.aggregate.v2alpha.ClusterConfig', ['clusters', 'proxy']],
  ['envoy.extensions.clusters.aggregate.v3.ClusterConfig', ['clusters', 'proxy']],
]);

/** Whether a field of a message names a cluster, or several. */
export function namesCluster(type: string, field: string): boolean {
  return CLUSTER_FIELDS.get(type)?.[0] === field;
}

/**
 * Clients whose cluster Envoy looks up when it starts: it refuses one that is not there. Since 2024 (envoy#36694)
 * that is no longer so for sources of secrets; a gRPC client of v3 is looked up when it is used, but for those of
 * other sources and of sinks of metrics.
 */
const LOOKED_UP =
  /ConfigSource$|\.v2\..*EnvoyGrpc$|ZipkinConfig$|LightstepConfig$|DatadogConfig$|StatsdSink$/;

function ways(withPipes: boolean): Reach {
  return reachOf({
    isGoal: (name) => {
      const role = ROLES.get(name);
      if (role === 'pipe') return withPipes;
      if (role === 'tls') return false;
      return role !== undefined || CLUSTER_FIELDS.has(name);
    },
    // An Any may hold whatever an extension wants.
    opensAny: () => true,
    isClosed: (name) => ROLES.get(name) === 'tls',
  });
}

/** Endpoints are many, and lead nowhere but to sockets of the file system. */
const WITH_PIPES = ways(true);
const WITHOUT_PIPES = ways(false);

/** Surveys a configuration. */
export function survey(config: EnvoyConfig): Survey {
  const { document, detected, reader, inventory } = config;
  const walk = new Walk(config, document.tape.names.includes('pipe') ? WITH_PIPES : WITHOUT_PIPES);
  for (const { message } of heldResources(reader, detected.roots))
    if (message !== undefined) walk.visit(message, OUTSIDE);
  if (!inventory.namesSds) return walk;
  const clusters = new Map(walk.clusters.map((cluster) => [cluster.node, cluster]));
  for (const context of inventory.contexts) {
    const from = context.side === 'upstream' ? clusters.get(context.resource?.node ?? -1) : undefined;
    for (const use of secretUses(context)) {
      walk.secretUses.push(use);
      const source = secretSource(use);
      if (source !== undefined) walk.secretSource(source, use, from);
    }
  }
  return walk;
}

interface Surroundings {
  /** The cluster around. */
  readonly cluster: Message | undefined;
  /** The listener around. */
  readonly listener: Message | undefined;
  /** What comes from the source around. */
  readonly source: SourceUse['of'] | undefined;
  /** Whether a route to a cluster that is not there is refused: the routes do not come by discovery. */
  readonly checksRoutes: boolean;
}

const OUTSIDE: Surroundings = {
  cluster: undefined,
  listener: undefined,
  source: undefined,
  checksRoutes: false,
};

class Walk extends ReachWalk<Surroundings> implements Survey {
  readonly contexts: readonly TlsContext[];
  readonly clusters: Message[] = [];
  readonly listeners: Message[] = [];
  readonly routeConfigurations: Message[] = [];
  readonly connectionManagers: { readonly message: Message; readonly listener: Message | undefined }[] = [];
  readonly extensions: Message[] = [];
  readonly clusterReferences: ClusterReference[] = [];
  readonly sources: SourceUse[] = [];
  readonly secretSources: SecretSourceUse[] = [];
  readonly grpcServices: { readonly message: Message; readonly from: Message | undefined }[] = [];
  readonly pipes: Message[] = [];
  readonly secretUses: SecretUse[] = [];

  /** Sources of endpoints: thousands of clusters have the same. */
  private readonly endpointSources = new SeenTexts();

  constructor(
    readonly config: EnvoyConfig,
    reach: Reach,
  ) {
    super(reach);
    this.contexts = config.inventory.contexts;
  }

  /** Surveys where a secret comes from. */
  secretSource(message: Message, secret: SecretUse, from: Message | undefined): void {
    this.secretSources.push({ message, of: 'secrets', secret, from });
    this.descend(message, { ...OUTSIDE, cluster: from, source: 'secrets' });
  }

  visit(at: Message, around: Surroundings, field?: FieldInfo): void {
    let inside = around;
    switch (ROLES.get(at.type.name)) {
      case 'cluster':
        this.clusters.push(at);
        inside = { ...around, cluster: at };
        break;
      case 'listener':
        this.listeners.push(at);
        inside = { ...around, listener: at };
        break;
      case 'manager':
        this.connectionManagers.push({ message: at, listener: around.listener });
        break;
      case 'routes':
        this.routeConfigurations.push(at);
        inside = { ...around, checksRoutes: checksRoutes(at, field) };
        break;
      case 'thrift':
        inside = { ...around, checksRoutes: checksRoutes(at, field) };
        break;
      case 'extension':
        this.extensions.push(at);
        this.struct(at, inside);
        break;
      case 'source': {
        const of = discovered(field);
        this.sources.push({ message: at, of });
        inside = { ...around, source: of };
        break;
      }
      case 'starter':
        inside = { ...around, source: around.source ?? 'other' };
        break;
      case 'grpc':
        this.grpcServices.push({ message: at, from: around.cluster });
        break;
      case 'pipe':
        this.pipes.push(at);
        break;
      default:
    }
    this.reference(at, inside);
    this.descend(at, inside);
  }

  private reference(at: Message, around: Surroundings): void {
    const naming = CLUSTER_FIELDS.get(at.type.name);
    if (naming === undefined) return;
    const [field, by] = naming;
    const checked = by === 'route' ? around.checksRoutes : by === 'client' && isLookedUp(at, around);
    const primary =
      by === 'client' &&
      around.source !== undefined &&
      around.source !== 'secrets' &&
      around.source !== 'reports';
    const { tape } = at.reader;
    for (const node of at.items(field)) {
      const name = tape.string(node);
      if (name !== '')
        this.clusterReferences.push({
          name,
          message: at,
          field,
          node,
          by,
          checked,
          primary,
          from: around.cluster,
        });
    }
  }

  protected override step(
    at: Message,
    field: FieldInfo,
    node: number,
    index: number,
    around: Surroundings,
  ): void {
    // The resources of a bootstrap are visited by themselves.
    if (field.name === 'static_resources') return;
    if (field.name === 'eds_config' && this.endpointSources.see(at.reader.tape.raw(node))) return;
    super.step(at, field, node, index, around);
  }

  /** An extension's `config` Struct, which its name tells the type of. */
  private struct(at: Message, around: Surroundings): void {
    const found = structConfig(at, this.reach.reaches);
    if (found !== undefined) this.visit(found, around);
  }
}

/** Whether Envoy checks the clusters of routes: those of a filter's own, unless they say otherwise. */
function checksRoutes(routes: Message, field: FieldInfo | undefined): boolean {
  const said = routes.text('validate_clusters');
  return field?.name === 'route_config' ? said !== 'false' : said === 'true';
}

function isLookedUp(at: Message, { source }: Surroundings): boolean {
  const { name } = at.type;
  if (source === undefined || name.startsWith('envoy.api.v2.')) return LOOKED_UP.test(name);
  return source !== 'secrets' && source !== 'reports' && !isOfDeltaSource(at);
}

/** Whether a gRPC client is that of a source that asks for changes alone: Envoy waits for its cluster. */
function isOfDeltaSource(at: Message): boolean {
  const api = at.around?.around;
  return api?.enumName('api_type') === 'DELTA_GRPC' && /\.ConfigSource$/.test(api.around?.type.name ?? '');
}

const DISCOVERED: Readonly<Record<string, SourceUse['of']>> = {
  cds_config: 'clusters',
  lds_config: 'listeners',
  config_source: 'routes',
  scoped_rds_config_source: 'routes',
  eds_config: 'endpoints',
  [SDS_CONFIG]: 'secrets',
  lrs_server: 'reports',
};

function discovered(field: FieldInfo | undefined): SourceUse['of'] {
  return DISCOVERED[field?.name ?? ''] ?? 'other';
}
