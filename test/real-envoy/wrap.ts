// Configurations that are no bootstrap, in a bootstrap of the least kind, with what they count on.

import type { DocumentRoot } from '../../src/envoy/detect.js';
import { plainValue } from '../../src/envoy/normal-value.js';
import type { Tape } from '../../src/source/tape.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Fields = { [name: string]: Json };

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROUTER = 'envoy.extensions.filters.http.router.v3.Router';
const TLS = 'envoy.extensions.transport_sockets.tls.v3';

/** The bootstraps that together hold what a document holds. */
export function bootstrapsOf(tape: Tape, roots: readonly DocumentRoot[]): Fields[] {
  const [first] = roots;
  if (first?.type.name === 'envoy.config.bootstrap.v3.Bootstrap')
    return [plainValue(tape, first.node) as Fields];
  const parts = new Parts();
  for (const { type, node } of roots) parts.add(type.name, plainValue(tape, node) as Fields);
  return parts.bootstraps();
}

class Parts {
  private readonly bootstrapsFound: Fields[] = [];
  private readonly clusters: Fields[] = [];
  private readonly listeners: Fields[] = [];
  private readonly secrets: Fields[] = [];

  add(type: string, { '@type': _, ...value }: Fields): void {
    const kind = type.slice(type.lastIndexOf('.') + 1);
    switch (kind) {
      case 'Bootstrap':
        this.bootstrapsFound.push(value);
        break;
      case 'Cluster':
        this.clusters.push({ name: `cluster-${this.clusters.length}`, ...value });
        break;
      case 'Listener':
        this.listeners.push({ address: socketAddress('127.0.0.1', 0), ...value });
        break;
      case 'RouteConfiguration':
        this.listeners.push(listenerWith(`routes-${this.listeners.length}`, value));
        break;
      case 'ScopedRouteConfiguration':
        break;
      case 'ClusterLoadAssignment':
        this.clusters.push({
          name: `endpoints-${this.clusters.length}`,
          type: 'STRICT_DNS',
          load_assignment: { cluster_name: 'endpoints', ...value },
        });
        break;
      case 'Secret':
        this.secrets.push(value);
        break;
      case 'FilterChain':
        this.listeners.push({
          name: `chain-${this.listeners.length}`,
          address: socketAddress('127.0.0.1', 0),
          filter_chains: [value],
        });
        break;
      case 'UpstreamTlsContext':
      case 'CommonTlsContext':
        this.clusters.push(
          clusterWith(
            `tls-${this.clusters.length}`,
            kind === 'CommonTlsContext' ? { common_tls_context: value } : value,
          ),
        );
        break;
      case 'DownstreamTlsContext':
        this.listeners.push(listenerWith(`tls-${this.listeners.length}`, { name: 'none' }, value));
        break;
      default:
        // Responses and dumps: what stands in their Anys.
        this.inside(value);
    }
  }

  private inside(value: Json): void {
    if (Array.isArray(value)) for (const item of value) this.inside(item);
    else if (typeof value === 'object' && value !== null) {
      const { '@type': url, ...fields } = value;
      const name = typeof url === 'string' ? url.slice(url.lastIndexOf('/') + 1) : '';
      if (/\.(?:Bootstrap|Cluster|Listener|RouteConfiguration|ClusterLoadAssignment|Secret)$/.test(name))
        this.add(name, fields);
      else for (const member of Object.values(fields)) this.inside(member);
    }
  }

  bootstraps(): Fields[] {
    const { clusters, listeners, secrets } = this;
    if (clusters.length + listeners.length + secrets.length === 0) return this.bootstrapsFound;
    const wrapper: Fields = {
      node: { id: 'wrapped', cluster: 'wrapped' },
      static_resources: {
        clusters: withUniqueNames(clusters),
        listeners: withUniqueNames(listeners.map((listener) => withOpenClusters(listener) as Fields)),
        secrets: withUniqueNames(secrets),
      },
    };
    return [...this.bootstrapsFound, withServers(wrapper)];
  }
}

function withUniqueNames(resources: readonly Fields[]): Fields[] {
  const seen = new Map<string, number>();
  return resources.map((resource) => {
    const name = String(resource.name ?? 'unnamed');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? { ...resource, name } : { ...resource, name: `${name}-${count}` };
  });
}

/** The clusters that routes name are in other files. */
function withOpenClusters(value: Json): Json {
  if (Array.isArray(value)) return value.map(withOpenClusters);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Fields = {};
  for (const [name, member] of Object.entries(value)) copy[name] = withOpenClusters(member);
  if (Array.isArray(copy.virtual_hosts)) copy.validate_clusters = false;
  return copy;
}

/** Clusters that lead to servers, which a static bootstrap must have. */
function withServers(bootstrap: Fields): Fields {
  const resources = bootstrap.static_resources as { clusters: Fields[] };
  const names = new Set<string>();
  let ads = false;
  const visit = (value: Json, holder: string): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, holder);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        if (name === 'ads') ads = true;
        if (
          /^(?:cluster_?name|collector_?cluster)$/i.test(name) &&
          typeof member === 'string' &&
          holder !== 'load_assignment' &&
          holder !== 'loadAssignment'
        )
          names.add(member);
        else if (name === 'cluster' && typeof member === 'string') names.add(member);
        else visit(member, name);
      }
    }
  };
  visit(bootstrap, '');
  const known = new Set(resources.clusters.map(({ name }) => name));
  if (ads) names.add('stand-in-ads');
  for (const name of names) if (!known.has(name)) resources.clusters.push(serverCluster(name));
  if (!ads) return bootstrap;
  return {
    ...bootstrap,
    dynamic_resources: {
      ads_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'stand-in-ads' } }],
      },
    },
  };
}

function serverCluster(name: string): Fields {
  return {
    name,
    connect_timeout: '1s',
    type: 'STATIC',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress('127.0.0.1', 9) } }] }],
    },
  };
}

function socketAddress(address: string, port_value: number): Fields {
  return { socket_address: { address, port_value } };
}

function clusterWith(name: string, context: Fields): Fields {
  return {
    name,
    type: 'STATIC',
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: { '@type': `type.googleapis.com/${TLS}.UpstreamTlsContext`, ...context },
    },
  };
}

function listenerWith(name: string, routes: Fields, context?: Fields): Fields {
  const manager = {
    '@type': `type.googleapis.com/${HCM}`,
    stat_prefix: name,
    route_config: routes,
    http_filters: [{ name: 'router', typed_config: { '@type': `type.googleapis.com/${ROUTER}` } }],
  };
  const socket = context && {
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: { '@type': `type.googleapis.com/${TLS}.DownstreamTlsContext`, ...context },
    },
  };
  return {
    name,
    address: socketAddress('127.0.0.1', 0),
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }], ...socket }],
  };
}
