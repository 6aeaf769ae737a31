// Where a configuration names an extension: the messages with a name and a config, and the maps of configs by
// name.

import { successorOf } from '../upgrade/correspondence.js';
import type { Category } from './categories.js';
import { type Extension, extensionNamed } from './extensions.js';

/** A message type that names an extension and holds its config. */
export interface ExtensionPoint {
  /** Full name in v2; the v3 message that takes its place has the same extensions. */
  readonly type: string;
  /** What the names are looked up among, in this order. */
  readonly categories: readonly [Category, ...Category[]];
  /** The field that names the extension. */
  readonly nameField: string;
}

function point(type: string, ...categories: [Category, ...Category[]]): ExtensionPoint {
  return { type, categories, nameField: 'name' };
}

const CORE = 'envoy.api.v2.core';

/** The messages with a name, and a `config` or `typed_config`. */
export const EXTENSION_POINTS: readonly ExtensionPoint[] = [
  point(`${CORE}.GrpcService.GoogleGrpc.CallCredentials.MetadataCredentialsFromPlugin`, 'grpc-credentials'),
  point(`${CORE}.HealthCheck.CustomHealthCheck`, 'health-checker'),
  point(`${CORE}.TransportSocket`, 'transport-socket'),
  point('envoy.api.v2.Cluster.CustomClusterType', 'cluster'),
  point('envoy.api.v2.listener.Filter', 'network'),
  point('envoy.api.v2.listener.ListenerFilter', 'udp', 'listener'),
  point('envoy.api.v2.route.RetryPolicy.RetryHostPredicate', 'retry-host'),
  point('envoy.api.v2.route.RetryPolicy.RetryPriority', 'retry-priority'),
  point('envoy.config.filter.accesslog.v2.AccessLog', 'access-log'),
  point('envoy.config.filter.accesslog.v2.ExtensionFilter', 'access-log-filter'),
  point('envoy.config.filter.network.http_connection_manager.v2.HttpFilter', 'http'),
  point('envoy.config.filter.network.thrift_proxy.v2alpha1.ThriftFilter', 'thrift'),
  point('envoy.config.metrics.v2.StatsSink', 'stats-sink'),
  point('envoy.config.overload.v2alpha.ResourceMonitor', 'resource-monitor'),
  point('envoy.config.trace.v2.Tracing.Http', 'tracer'),
  {
    type: 'envoy.api.v2.auth.PrivateKeyProvider',
    categories: ['private-key'],
    nameField: 'provider_name',
  },
];

/** The maps of Structs whose keys are names of extensions, by field. */
export const STRUCT_MAPS: ReadonlyMap<string, Category> = new Map<string, Category>([
  ['per_filter_config', 'http'],
  ['extension_protocol_options', 'protocol-options'],
]);

let points: ReadonlyMap<string, ExtensionPoint> | undefined;

/** All extension points by the full names of their messages, in v2 and v3. */
export function allExtensionPoints(): ReadonlyMap<string, ExtensionPoint> {
  points ??= new Map(
    EXTENSION_POINTS.flatMap((one): [string, ExtensionPoint][] => [
      [one.type, one],
      [successorOf(one.type)?.name ?? one.type, one],
    ]),
  );
  return points;
}

/** The extension of a name at an extension point. */
export function extensionAt({ categories }: ExtensionPoint, name: string): Extension | undefined {
  for (const category of categories) {
    const extension = extensionNamed(category, name);
    if (extension !== undefined) return extension;
  }
  return undefined;
}
