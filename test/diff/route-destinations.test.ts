// Ways out that are easy to overlook: who takes the requests of a domain or route, and who chooses a cluster's servers.

import { describe, expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.js';

type Json = Readonly<Record<string, unknown>>;

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';
const NETWORK = 'type.googleapis.com/envoy.extensions.filters.network';

function tls(root: string): Json {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': `${TLS}.UpstreamTlsContext`,
      common_tls_context: { validation_context: { trusted_ca: { filename: root } } },
    },
  };
}

function cluster(name: string, root?: string, more: Json = {}): Json {
  const socket_address = { address: '10.0.0.1', port_value: 443 };
  return {
    name,
    type: 'STATIC',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address } } }] }],
    },
    ...(root !== undefined && { transport_socket: tls(root) }),
    ...more,
  };
}

const CLUSTERS = [cluster('a', '/a.pem'), cluster('b', '/b.pem'), cluster('plain')];

function verdict(old: Json, now: Json): string {
  return diff(
    [{ name: 'old.json', text: JSON.stringify(old) }],
    [{ name: 'new.json', text: JSON.stringify(now) }],
  ).verdict.trust;
}

function bootstrap(filters: readonly Json[], clusters: readonly Json[] = CLUSTERS): Json {
  const address = { socket_address: { address: '10.0.0.9', port_value: 80 } };
  return {
    static_resources: { listeners: [{ name: 'l', address, filter_chains: [{ filters }] }], clusters },
  };
}

function routes(...hosts: readonly Json[]): Json {
  const virtual_hosts = hosts.map((host, i) => ({ name: `host ${i}`, ...host }));
  return bootstrap([
    {
      name: 'http',
      typed_config: {
        '@type': `${NETWORK}.http_connection_manager.v3.HttpConnectionManager`,
        route_config: { virtual_hosts },
      },
    },
  ]);
}

function host(domain: string, ...paths: readonly (readonly [prefix: string, cluster: string])[]): Json {
  return {
    domains: [domain],
    routes: paths.map(([prefix, name]) => ({ match: { prefix }, route: { cluster: name } })),
  };
}

describe('routes', () => {
  test.each([
    ['*.a.com', 'x.a.com'],
    ['*-api.a.com', 'v1-api.a.com'],
    ['a.*', 'a.net'],
    ['*.com', '*.a.com'],
  ])('a domain of %s that gets a host of its own, %s, is compared with it', (wildcard, domain) => {
    const before = routes(host(wildcard, ['/', 'a']));
    const of = (name: string): Json => routes(host(wildcard, ['/', 'a']), host(domain, ['/', name]));
    expect(verdict(before, of('plain'))).toBe('changed');
    expect(verdict(of('a'), routes(host(wildcard, ['/', 'plain']), host(domain, ['/', 'a'])))).toBe(
      'changed',
    );
    expect(verdict(before, of('a'))).toBe('same');
  });

  test('a route that takes requests of another leads to the same peers, or trust changes', () => {
    const before = routes(host('*', ['/', 'a']));
    expect(verdict(before, routes(host('*', ['/x', 'b'], ['/', 'a'])))).toBe('changed');
    expect(verdict(before, routes(host('*', ['/x', 'a'], ['/', 'a'])))).toBe('same');
    expect(verdict(before, routes(host('*', ['/', 'a'], ['/x', 'plain'])))).toBe('same');
    expect(verdict(routes(host('*', ['/x', 'a'])), routes(host('*', ['/x', 'a'], ['/y', 'plain'])))).toBe(
      'same',
    );
  });

  test('requests of a route that is gone go to the next that fits', () => {
    expect(verdict(routes(host('*', ['/x', 'a'], ['/', 'b'])), routes(host('*', ['/', 'b'])))).toBe(
      'changed',
    );
    expect(verdict(routes(host('*', ['/x', 'a'], ['/y', 'b'])), routes(host('*', ['/y', 'b'])))).toBe('same');
  });

  test('the order of routes counts where both may take a request', () => {
    const swapped = (a: string, b: string): string =>
      verdict(routes(host('*', [a, 'a'], [b, 'b'])), routes(host('*', [b, 'b'], [a, 'a'])));
    expect(swapped('/x', '/')).toBe('changed');
    expect(swapped('/x', '/y')).toBe('same');
  });

  test('a cluster that had no weight gets requests now', () => {
    const weights = (weight: number): Json =>
      routes({
        domains: ['*'],
        routes: [
          {
            match: { prefix: '/' },
            route: {
              weighted_clusters: {
                clusters: [
                  { name: 'a', weight: 100 - weight },
                  { name: 'plain', weight },
                ],
              },
            },
          },
        ],
      });
    expect(verdict(weights(0), weights(10))).toBe('changed');
    expect(verdict(weights(10), weights(20))).toBe('same');
  });
});

describe('filters that choose a cluster', () => {
  const tcp = (name: string): Json => ({
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: { '@type': `${NETWORK}.tcp_proxy.v3.TcpProxy`, cluster: name },
  });
  const state = (object_key: string): Json => ({
    name: 'state',
    typed_config: {
      '@type': `${NETWORK}.set_filter_state.v3.Config`,
      on_new_connection: [{ object_key, format_string: { text_format_source: { inline_string: 'x' } } }],
    },
  });

  test.each([
    ['the server name', { name: 'envoy.filters.network.sni_cluster' }],
    ['filter state', state('envoy.tcp_proxy.cluster')],
    ['filter state with the names to accept', state('envoy.network.upstream_subject_alt_names')],
  ])('%s', (_, filter) => {
    const [without, withIt] = [bootstrap([tcp('a')]), bootstrap([filter, tcp('a')])];
    expect(verdict(without, withIt)).toBe('unknown');
    expect(verdict(withIt, without)).toBe('unknown');
  });

  test('other filter state chooses nothing', () => {
    expect(verdict(bootstrap([tcp('a')]), bootstrap([state('my.key'), tcp('a')]))).toBe('same');
  });
});

describe('who chooses the servers of a cluster', () => {
  const one = (given: Json): Json => bootstrap([], [given, cluster('a', '/a.pem'), cluster('plain')]);
  const original = (more: Json = {}): Json => ({ name: 'c', type: 'ORIGINAL_DST', ...more });
  const aggregate = (...clusters: readonly string[]): Json => ({
    name: 'c',
    cluster_type: {
      name: 'envoy.clusters.aggregate',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig',
        clusters,
      },
    },
  });
  const proxy = (more: Json = {}): Json => ({
    name: 'c',
    cluster_type: {
      name: 'envoy.clusters.dynamic_forward_proxy',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig',
        dns_cache_config: { name: 'd' },
      },
    },
    ...more,
  });

  test('in plain text, the connection or the request', () => {
    expect(verdict(one(cluster('c')), one(original()))).toBe('changed');
    const header = { original_dst_lb_config: { use_http_header: true } };
    expect(verdict(one(original()), one(original(header)))).toBe('changed');
    expect(verdict(one(cluster('c')), one(proxy()))).toBe('changed');
  });

  test('with TLS that checks the server, it stays the same', () => {
    const socket = { transport_socket: tls('/a.pem') };
    expect(verdict(one(cluster('c', '/a.pem')), one(original(socket)))).toBe('same');
    // A forward proxy's servers must have the name that is asked for.
    expect(verdict(one(cluster('c', '/a.pem')), one(proxy(socket)))).toBe('changed');
  });

  test('an aggregate is what its members are', () => {
    expect(verdict(one(aggregate('a')), one(aggregate('a', 'a')))).toBe('same');
    expect(verdict(one(aggregate('a')), one(cluster('c')))).toBe('changed');
    expect(verdict(one(cluster('c', '/a.pem')), one(aggregate('plain')))).toBe('changed');
  });
});

test('another server name is another peer where the certificate must have it', () => {
  const asks = (sni: string, checks: boolean): Json => {
    const socket = tls('/a.pem');
    const typed_config = { ...(socket.typed_config as Json), sni, auto_sni_san_validation: checks };
    return bootstrap([], [cluster('c', undefined, { transport_socket: { ...socket, typed_config } })]);
  };
  expect(verdict(asks('a.com', true), asks('b.com', true))).toBe('changed');
  expect(verdict(asks('a.com', false), asks('b.com', false))).toBe('same');
});
