// The listeners of sidecars, rule by rule.

import { describe, expect, test } from 'vitest';
import type { FilterChain } from '../../../src/envoy/generated/types/envoy/api/v2/listener/listener_components.js';
import type { Listener } from '../../../src/envoy/generated/types/envoy/api/v2/listener.js';
import { compileFor, istio, pod, type Setting, service } from '../mesh-of.js';

/** The listeners of calls and of the workload's own ports, by name. */
function listeners(resources: readonly string[], setting: Setting = {}): Map<string, Listener> {
  const compiled = compileFor(resources, setting).listeners.filter(({ name }) => name !== 'virtual');
  return new Map(compiled.map((listener) => [listener.name ?? '', listener]));
}

const config = ({ filters = [] }: FilterChain) =>
  (filters.at(-1)?.typed_config ?? filters.at(-1)?.config ?? {}) as {
    readonly stat_prefix?: string;
    readonly cluster?: string;
    readonly weighted_clusters?: { readonly clusters: readonly { readonly name: string }[] };
    readonly access_log?: readonly { readonly typed_config: object }[];
    readonly http_protocol_options?: object;
  };

/** For each chain what it matches, and where it leads: a cluster's host, or a prefix of statistics. */
function chains(listener: Listener | undefined): [match: unknown, target: string | undefined][] {
  return (listener?.filter_chains ?? []).map((chain) => {
    const { cluster, stat_prefix } = config(chain);
    return [chain.filter_chain_match, cluster?.split('|').at(-1) ?? stat_prefix];
  });
}

/** A service without an address, made on a day of May. */
const headless = (name: string, protocol: string, port: number, day: number) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop, creationTimestamp: '2019-05-0${day}T00:00:00Z'}
spec: {clusterIP: None, ports: [{name: ${protocol}, port: ${port}}]}`;

const virtualService = (name: string, spec: string) => istio('VirtualService', name, spec);
const sidecar = (spec: string) => istio('Sidecar', 'default', spec);
const host = (name: string) => `${name}.shop.svc.cluster.local`;
const ranges = (...texts: string[]) => ({
  prefix_ranges: texts.map((text) => {
    const [address_prefix, length] = text.split('/');
    return { address_prefix, prefix_len: Number(length) };
  }),
});

describe('services that share an address and a port', () => {
  test('the oldest decides whether it is HTTP', () => {
    const ofAge = (web: number, db: number) => [
      headless('web', 'http', 80, web),
      headless('db', 'tcp', 80, db),
    ];
    expect(chains(listeners(ofAge(1, 2)).get('0.0.0.0_80'))).toEqual([[undefined, '0.0.0.0_80']]);
    expect(chains(listeners(ofAge(2, 1)).get('0.0.0.0_80'))).toEqual([[undefined, host('db')]]);
  });

  test('of those without a match, the oldest is used', () => {
    const resources = [headless('a', 'tcp', 90, 2), headless('b', 'mongo', 90, 1)];
    expect(chains(listeners(resources).get('0.0.0.0_90'))).toEqual([[undefined, host('b')]]);
  });

  test('those with TLS are matched by name, before the passthrough chain', () => {
    const resources = [
      headless('a', 'https', 443, 1),
      headless('b', 'tls', 443, 2),
      headless('c', 'tcp', 443, 3),
    ];
    expect(chains(listeners(resources).get('0.0.0.0_443'))).toEqual([
      [{ server_names: [host('a')] }, host('a')],
      [{}, 'PassthroughCluster'],
      [{ server_names: [host('b')] }, host('b')],
      [undefined, host('c')],
    ]);
  });

  test('the TLS inspector is present if the oldest needs it', () => {
    const inspects = (tls: number, tcp: number) =>
      listeners([headless('a', 'tls', 443, tls), headless('c', 'tcp', 443, tcp)]).get('0.0.0.0_443')
        ?.listener_filters;
    expect(inspects(1, 2)).toEqual([{ name: 'envoy.listener.tls_inspector' }]);
    expect(inspects(2, 1)).toBeUndefined();
  });

  test('ranges are matched by address, except the range of all addresses', () => {
    const entry = (name: string, addresses: string) =>
      istio(
        'ServiceEntry',
        name,
        `{hosts: [${name}.example], addresses: [${addresses}], resolution: NONE, ports: [{number: 90, name: tcp, protocol: TCP}]}`,
      );
    const found = listeners([entry('a', '10.1.2.3/16, 10.9.0.1/32'), entry('b', '0.0.0.0/0')]);
    expect(chains(found.get('10.9.0.1_90'))).toEqual([[undefined, 'a.example']]);
    expect(chains(found.get('0.0.0.0_90'))).toEqual([
      [ranges('10.1.2.3/16'), 'a.example'],
      [{}, 'PassthroughCluster'],
      [undefined, 'b.example'],
    ]);
  });
});

describe('TCP routes', () => {
  const DB = service('db', 90, 'tcp');
  const to = (...names: string[]) =>
    `route: [${names.map((name) => `{destination: {host: ${name}}, weight: ${100 / names.length}}`)}]`;
  const tcp = (name: string, ...routes: string[]) =>
    virtualService(name, `{hosts: [db], tcp: [${routes.map((route) => `{${route}}`)}]}`);
  const dbChains = (resources: readonly string[], setting: Setting = {}) =>
    chains(listeners([DB, ...resources], setting).get('10.0.0.2_90'));

  test('end with the first that matches every address', () => {
    const subnets = `match: [{destinationSubnets: [10.2.0.0/16, 10.1.0.0/16]}, {destinationSubnets: [10.1.0.0/16]}], ${to('a')}`;
    expect(dbChains([tcp('vs', subnets, `match: [{port: 90}], ${to('b')}`, to('c'))])).toEqual([
      [ranges('10.1.0.0/16', '10.1.0.0/16', '10.2.0.0/16'), host('a')],
      [undefined, host('b')],
    ]);
  });

  test('lose their ranges if one match has none', () => {
    const mixed = `match: [{destinationSubnets: [10.1.0.0/16]}, {port: 90}], ${to('a')}`;
    expect(dbChains([tcp('vs', mixed)])).toEqual([[undefined, host('a')]]);
  });

  test('forward unmatched traffic to the service', () => {
    const others = ['port: 91', 'gateways: [gw]', 'sourceLabels: {app: other}'].map(
      (match) => `match: [{${match}}], ${to('a')}`,
    );
    const client = [service('client', 80), pod('client', '10.1.0.1')];
    expect(dbChains([...client, tcp('vs', ...others)])).toEqual([[undefined, host('db')]]);
    const own = `match: [{sourceLabels: {app: client}, gateways: [mesh, gw]}], ${to('a')}`;
    expect(dbChains([...client, tcp('vs', ...others, own)])).toEqual([[undefined, host('a')]]);
  });

  test('of several VirtualServices continue in the next', () => {
    const first = tcp('a', `match: [{destinationSubnets: [10.1.0.0/16]}], ${to('a')}`);
    expect(dbChains([tcp('b', to('b')), first])).toEqual([
      [ranges('10.1.0.0/16'), host('a')],
      [undefined, host('b')],
    ]);
  });

  test('with several destinations are weighted, but the first for an older proxy', () => {
    expect(dbChains([tcp('vs', to('a', 'b'))])).toEqual([[undefined, 'vs.shop']]);
    const proxy = { metadata: { ISTIO_PROXY_VERSION: '1.0.9', CONFIG_NAMESPACE: 'shop' } };
    expect(dbChains([tcp('vs', to('a', 'b'))], { proxy })).toEqual([[undefined, host('a')]]);
  });
});

describe('TLS routes', () => {
  const WEB = service('web', 443, 'https');
  const tls = (...matches: string[]) =>
    virtualService(
      'vs',
      `{hosts: [web], tls: [${matches.map((match, i) => `{match: [${match}], route: [{destination: {host: d${i}}}]}`)}]}`,
    );
  const webChains = (vs: string) => chains(listeners([WEB, vs]).get('10.0.0.3_443'));

  test('have the names in order, and each set of names and ranges once', () => {
    const vs = tls(
      '{sniHosts: [web.b, web.a]}',
      '{sniHosts: [web.b, web.a]}, {sniHosts: [web.c], destinationSubnets: [10.1.0.0/16]}',
      '{sniHosts: [web.c]}',
    );
    expect(webChains(vs)).toEqual([
      [{ server_names: ['web.a', 'web.b'] }, host('d0')],
      [{ ...ranges('10.1.0.0/16'), server_names: ['web.c'] }, host('d1')],
      [{ server_names: ['web.c'] }, host('d2')],
      [{}, 'PassthroughCluster'],
    ]);
  });

  test('that match nothing leave the port to the service, without names', () => {
    expect(webChains(tls('{sniHosts: [web.a], port: 444}'))).toEqual([[undefined, host('web')]]);
  });
});

describe('egress listeners', () => {
  test('with a port exclude others from it, and forward to the only port of a service', () => {
    const found = listeners([
      service('web', 80),
      service('db', 90, 'tcp'),
      headless('late', 'tcp', 9999, 1),
      sidecar(
        '{egress: [{port: {number: 9998, protocol: TCP, name: tcp}, bind: 127.0.0.9, hosts: [./db.shop.svc.cluster.local]},' +
          '{port: {number: 9999, protocol: HTTP, name: http}, hosts: [./web.shop.svc.cluster.local]}, {hosts: ["./*"]}]}',
      ),
    ]);
    expect([...found.keys()]).toEqual(['0.0.0.0_80', '0.0.0.0_9999', '10.0.0.2_90', '127.0.0.9_9998']);
    expect(chains(found.get('0.0.0.0_9999'))).toEqual([[undefined, '0.0.0.0_9999']]);
    const bound = found.get('127.0.0.9_9998');
    expect(config(bound?.filter_chains?.[0] as FilterChain).cluster).toBe(`outbound|90||${host('db')}`);
    expect(bound?.deprecated_v1).toEqual({ bind_to_port: false });
  });

  test('without interception bind to the loopback address, low ports only as root', () => {
    const resources = [
      service('low', 80),
      service('web', 8080),
      service('first', 9090, 'tcp'),
      service('second', 9090, 'tcp'),
      service('third', 9090),
      sidecar('{egress: [{captureMode: NONE, hosts: ["./*"]}]}'),
    ];
    const found = listeners(resources);
    expect([...found.keys()]).toEqual(['127.0.0.1_8080', '127.0.0.1_9090']);
    expect(found.get('127.0.0.1_8080')?.deprecated_v1).toBeUndefined();
    // They share the address now, as those without one do.
    expect(chains(found.get('127.0.0.1_9090'))).toEqual([[undefined, host('first')]]);
    const proxy = { metadata: { SIDECAR_UID: '0' } };
    expect([...listeners(resources, { proxy }).keys()]).toContain('127.0.0.1_80');
  });

  test.each(['number: 0, ', ''])('on a Unix socket have its path as their address (port {%s})', (number) => {
    const resources = [
      service('web', 80),
      sidecar(
        `{egress: [{port: {${number}protocol: HTTP, name: uds}, bind: "unix:///run/web", hosts: ["./*"]}]}`,
      ),
    ];
    const listener = listeners(resources).get('unix:///run/web_0');
    expect(listener?.address).toEqual({ pipe: { path: 'unix:///run/web' } });
    // The route has the name of the socket.
    expect(compileFor(resources).routes.map(({ name }) => name)).toEqual(['unix:///run/web']);
  });
});

describe('ingress listeners', () => {
  const CLIENT = [service('client', 80), pod('client', '10.1.0.1')];
  const inbound = (spec: string, setting: Setting = {}) =>
    listeners([...CLIENT, sidecar(`{ingress: [${spec}], egress: [{hosts: ["~/*"]}]}`)], setting);
  const port = (number: number, name: string) => `port: {number: ${number}, protocol: TCP, name: ${name}}`;
  const endpoint = 'defaultEndpoint: "127.0.0.1:1"';

  test("are for the workload's ports, by number or name", () => {
    const found = inbound(
      `{${port(80, 'other')}, ${endpoint}}, {${port(81, 'http')}, ${endpoint}}, {${port(82, 'other')}, ${endpoint}}`,
    );
    expect([...found.keys()]).toEqual(['10.1.0.1_80', '10.1.0.1_81']);
  });

  test('bind to all addresses without interception', () => {
    const found = inbound(`{${port(80, 'tcp')}, ${endpoint}, captureMode: NONE}`);
    expect(found.get('0.0.0.0_80')?.deprecated_v1).toBeUndefined();
    expect([...inbound(`{${port(80, 'tcp')}, ${endpoint}, bind: 10.9.9.9}`).keys()]).toEqual(['10.9.9.9_80']);
  });
});

test('an ingress listener on a Unix socket is for the port of its name', () => {
  const compiled = compileFor([
    service('client', 80),
    pod('client', '10.1.0.1'),
    sidecar(
      '{ingress: [{port: {protocol: HTTP, name: http}, bind: "unix:///run/in", defaultEndpoint: "unix:///run/app"}], egress: [{hosts: ["~/*"]}]}',
    ),
  ]);
  const listener = compiled.listeners.find(({ name }) => name === 'unix:///run/in_0');
  expect(listener?.address).toEqual({ pipe: { path: 'unix:///run/in' } });
  expect(compiled.clusters.map(({ name }) => name)).toContain(`inbound|0|http|${host('client')}`);
});

describe('settings of Pilot', () => {
  const resources = [service('web', 80), headless('db', 'mysql', 90, 1), headless('tls', 'tls', 91, 1)];
  const seen = (environment: Setting['environment'] & object) => {
    const found = listeners(resources, { environment, mesh: 'enableTracing: true\n' });
    const [http] = found.get('0.0.0.0_80')?.filter_chains ?? [];
    return {
      typed: http?.filters?.[0]?.typed_config !== undefined,
      http10: http !== undefined && config(http).http_protocol_options !== undefined,
      mysql: found.get('0.0.0.0_90')?.filter_chains?.[0]?.filters?.length === 2,
      fallthrough: found.get('0.0.0.0_91')?.filter_chains?.length === 2,
    };
  };
  const all = (value: string) =>
    seen({
      PILOT_HTTP10: value,
      PILOT_ENABLE_MYSQL_FILTER: value,
      PILOT_ENABLE_FALLTHROUGH_ROUTE: value,
      PILOT_DISABLE_XDS_MARSHALING_TO_ANY: value,
    });

  test('are on by `1` and nothing else', () => {
    expect(seen({})).toEqual({ typed: true, http10: false, mysql: false, fallthrough: true });
    expect(all('1')).toEqual({ typed: false, http10: true, mysql: true, fallthrough: true });
    for (const value of ['true', '0', ''])
      expect(all(value)).toEqual({ typed: true, http10: false, mysql: false, fallthrough: false });
  });

  test.each([
    ['', 100],
    ['1.5', 1.5],
    ['some', 100],
    ['101', 100],
  ])('a share of traces of %j', (PILOT_TRACE_SAMPLING, value) => {
    const found = listeners(resources, {
      environment: { PILOT_TRACE_SAMPLING },
      mesh: 'enableTracing: true\n',
    });
    expect(found.get('0.0.0.0_80')?.filter_chains?.[0]?.filters?.[0]?.typed_config).toMatchObject({
      tracing: { random_sampling: { value } },
    });
  });
});

describe('the format of a JSON access log', () => {
  const logged = (format: string) => {
    const mesh = `accessLogFile: /log\naccessLogEncoding: JSON\naccessLogFormat: ${JSON.stringify(format)}\n`;
    const [chain] = listeners([service('db', 90, 'tcp')], { mesh }).get('10.0.0.2_90')?.filter_chains ?? [];
    const [log] = config(chain as FilterChain).access_log ?? [];
    return (log?.typed_config as { readonly json_format?: object } | undefined)?.json_format;
  };

  test('is an object of strings, in which null is the empty string', () => {
    expect(logged('{"path": "%PATH%"}')).toEqual({ path: '%PATH%' });
    expect(logged('{"path": null}')).toEqual({ path: '' });
    expect(logged('null')).toEqual({});
  });

  test.each(['[]', '{"code": 1}', 'no JSON', '{}x'])('is the default for %s', (format) => {
    expect(logged(format)).toMatchObject({
      start_time: '%START_TIME%',
      istio_policy_status: expect.any(String),
    });
  });
});

test('a chain for the destinationSubnets of a VirtualService does not name it', () => {
  const listener = compileFor([
    service('db', 3306, 'tcp'),
    istio(
      'VirtualService',
      'db',
      '{hosts: [db], tcp: [{match: [{destinationSubnets: [10.9.0.0/16]}], route: [{destination: {host: db}}]}, {route: [{destination: {host: db}}]}]}',
    ),
  ]).listeners.find(({ name }) => name === '10.0.0.2_3306');
  expect(listener?.filter_chains?.map(({ metadata }) => metadata !== undefined)).toEqual([false, true]);
});

test('where configurations are Structs, what is empty there is said', () => {
  const { listeners } = compileFor(
    [
      service('web', 80),
      service('db', 3306, 'tcp'),
      pod('db', '10.1.0.1'),
      istio('ClusterRbacConfig', 'default', '{mode: "ON"}'),
    ],
    {
      proxy: { ip: '10.1.0.1', id: 'db-1.shop' },
      mesh: 'accessLogFile: ""\n',
      environment: { PILOT_DISABLE_XDS_MARSHALING_TO_ANY: '1' },
    },
  );
  const configs = listeners.flatMap(({ filter_chains = [] }) =>
    filter_chains.flatMap(({ filters = [] }) => filters),
  ) as { name: string; config?: object }[];
  const of = (name: string) =>
    configs.filter((filter) => filter.name.endsWith(name)).map(({ config }) => config);
  expect(of('http_connection_manager')).toContainEqual(expect.objectContaining({ access_log: [] }));
  expect(of('network.rbac')).toContainEqual(expect.objectContaining({ rules: { policies: {} } }));
});
