// The well-known names of extensions and the messages that configure them: v2 finds a filter by its name, v3
// by its type, and a name that says something else misleads the reader.

/** The messages of an extension; undefined where a version has none. */
export interface NamedExtension {
  readonly v2: string | undefined;
  readonly v3: string | undefined;
}

const HTTP_V2 = 'envoy.config.filter.http';
const HTTP_V3 = 'envoy.extensions.filters.http';
const NETWORK_V2 = 'envoy.config.filter.network';
const NETWORK_V3 = 'envoy.extensions.filters.network';

function http(
  name: string,
  v2Package: string,
  message: string,
  v3Message = message,
): [string, NamedExtension] {
  return [
    name,
    { v2: `${HTTP_V2}.${v2Package}.${message}`, v3: `${HTTP_V3}.${v2Package.split('.')[0]}.v3.${v3Message}` },
  ];
}

function network(name: string, v2Package: string, message: string): [string, NamedExtension] {
  return [
    name,
    {
      v2: `${NETWORK_V2}.${v2Package}.${message}`,
      v3: `${NETWORK_V3}.${v2Package.split('.')[0]}.v3.${message}`,
    },
  ];
}

const HTTP_FILTERS = new Map([
  http('router', 'router.v2', 'Router'),
  http('fault', 'fault.v2', 'HTTPFault'),
  http('health_check', 'health_check.v2', 'HealthCheck'),
  http('lua', 'lua.v2', 'Lua'),
  http('ext_authz', 'ext_authz.v2', 'ExtAuthz'),
  http('rbac', 'rbac.v2', 'RBAC'),
  http('gzip', 'gzip.v2', 'Gzip'),
  http('buffer', 'buffer.v2', 'Buffer'),
  http('header_to_metadata', 'header_to_metadata.v2', 'Config'),
  http('ip_tagging', 'ip_tagging.v2', 'IPTagging'),
  http('jwt_authn', 'jwt_authn.v2alpha', 'JwtAuthentication'),
  http('grpc_web', 'grpc_web.v2', 'GrpcWeb'),
  http('cors', 'cors.v2', 'Cors'),
  http('csrf', 'csrf.v2', 'CsrfPolicy'),
  http('original_src', 'original_src.v2alpha1', 'OriginalSrc'),
  http('squash', 'squash.v2', 'Squash'),
  http('tap', 'tap.v2alpha', 'Tap'),
  http('adaptive_concurrency', 'adaptive_concurrency.v2alpha', 'AdaptiveConcurrency'),
]);

const NETWORK_FILTERS = new Map([
  network('http_connection_manager', 'http_connection_manager.v2', 'HttpConnectionManager'),
  network('tcp_proxy', 'tcp_proxy.v2', 'TcpProxy'),
  network('ext_authz', 'ext_authz.v2', 'ExtAuthz'),
  network('rbac', 'rbac.v2', 'RBAC'),
  network('mongo_proxy', 'mongo_proxy.v2', 'MongoProxy'),
  network('redis_proxy', 'redis_proxy.v2', 'RedisProxy'),
  network('thrift_proxy', 'thrift_proxy.v2alpha1', 'ThriftProxy'),
  network('dubbo_proxy', 'dubbo_proxy.v2alpha1', 'DubboProxy'),
]);

/** Names that HTTP filters and filters of connections had before 1.14: `envoy.router`, `envoy.tcp_proxy`. */
const PREFIXES = [
  ['envoy.filters.http.', HTTP_FILTERS],
  ['envoy.filters.network.', NETWORK_FILTERS],
] as const;

/** The extension of a well-known name; undefined for other names, which anybody may choose. */
export function namedExtension(name: string): NamedExtension | undefined {
  for (const [prefix, filters] of PREFIXES) {
    if (name.startsWith(prefix)) return filters.get(name.slice(prefix.length));
  }
  const short = /^envoy\.([a-z_]+)$/.exec(name)?.[1];
  // Filters of connections and of requests share the short name of these.
  if (short === undefined || short === 'ext_authz' || short === 'rbac') return undefined;
  return NETWORK_FILTERS.get(short) ?? HTTP_FILTERS.get(short);
}
