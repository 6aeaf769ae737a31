// The routes of sidecars, rule by rule.

import { describe, expect, test } from 'vitest';
import type {
  Route,
  VirtualHost,
} from '../../../src/envoy/generated/types/envoy/api/v2/route/route_components.js';
import { compileFor, istio, pod, type Setting, service } from '../mesh-of.js';

const REVIEWS = 'reviews.shop.svc.cluster.local';

function hostsOf(resources: readonly string[], route: string, setting: Setting = {}): VirtualHost[] {
  const { routes } = compileFor(resources, { ...setting, routes: [route] });
  return routes.find(({ name }) => name === route)?.virtual_hosts ?? [];
}

/** The routes of one VirtualService's `http`, in YAML's flow style, for the service `reviews` on port 9080. */
function routesFor(http: string, setting: Setting = {}, others: readonly string[] = []): Route[] {
  const resources = [
    service('reviews', 9080),
    istio('VirtualService', 'vs', `{hosts: [reviews], http: [${http}]}`),
    ...others,
  ];
  return hostsOf(resources, '9080', setting)[0]?.routes ?? [];
}

describe('virtual hosts', () => {
  test('a service is known by every name that the DNS search list allows, and by its address', () => {
    const [own] = hostsOf([service('reviews', 9080)], '9080');
    expect(own?.name).toBe(`${REVIEWS}:9080`);
    expect(own?.domains).toEqual(
      [
        REVIEWS,
        'reviews',
        'reviews.shop.svc.cluster',
        'reviews.shop.svc',
        'reviews.shop',
        '10.0.0.7',
      ].flatMap((name) => [name, `${name}:9080`]),
    );
  });

  test('a service in another namespace needs its namespace', () => {
    const [other] = hostsOf([service('reviews', 9080, 'http', 'bank')], '9080');
    expect(other?.domains?.filter((name) => !name.includes(':'))).toEqual([
      'reviews.bank.svc.cluster.local',
      'reviews.bank',
      'reviews.bank.svc.cluster',
      'reviews.bank.svc',
      '10.0.0.7',
    ]);
  });

  test('a service without a VirtualService has a default route with retries and without a timeout', () => {
    expect(hostsOf([service('reviews', 9080)], '9080')[0]?.routes).toEqual([
      {
        match: { prefix: '/' },
        route: {
          cluster: `outbound|9080||${REVIEWS}`,
          timeout: '0s',
          retry_policy: expect.objectContaining({ num_retries: 2, retriable_status_codes: [503] }),
          max_grpc_timeout: '0s',
        },
        decorator: { operation: `${REVIEWS}:9080/*` },
      },
    ]);
  });

  test.each([
    ['ALLOW_ANY', { name: 'allow_any', domains: ['*'] }],
    ['REGISTRY_ONLY', { name: 'block_all', domains: ['*'] }],
  ])('unknown hosts under %s', (mode, expected) => {
    const mesh = `outboundTrafficPolicy: {mode: ${mode}}\n`;
    expect(hostsOf([service('reviews', 9080)], '9080', { mesh }).at(-1)).toMatchObject(expected);
  });

  test('without the fall-through route, unknown hosts have none', () => {
    const environment = { PILOT_ENABLE_FALLTHROUGH_ROUTE: '0' };
    expect(hostsOf([service('reviews', 9080)], '9080', { environment })).toHaveLength(1);
  });

  test('hosts without a service are served on port 80', () => {
    const external = istio(
      'VirtualService',
      'vs',
      '{hosts: [a.example], http: [{route: [{destination: {host: reviews}}]}]}',
    );
    const resources = [service('reviews', 9080), service('web', 80), external];
    expect(hostsOf(resources, '80').map(({ name }) => name)).toContain('a.example:80');
    expect(hostsOf(resources, '9080').map(({ name }) => name)).not.toContain('a.example:80');
  });

  test('a proxy for all ports knows services on other ports than 80 by names with the port only', () => {
    const hosts = hostsOf([service('reviews', 9080), service('web', 80)], 'http_proxy');
    const [reviews, web] = hosts;
    expect(reviews?.domains?.every((name) => name.endsWith(':9080'))).toBe(true);
    expect(web?.domains).toContain('web');
  });

  test('a name without a listener has no route', () => {
    expect(
      compileFor([service('reviews', 9080)], { routes: ['nonsense'] }).routes.map(({ name }) => name),
    ).toEqual(['9080']);
  });
});

describe('which routes of a VirtualService apply', () => {
  const to = (subset: string) => `route: [{destination: {host: reviews, subset: ${subset}}}]`;
  const clusters = (routes: readonly Route[]) => routes.map(({ route }) => route?.cluster?.split('|')[2]);

  test('routes after a catch-all route are omitted', () => {
    const http = `{match: [{uri: {prefix: /a}}, {uri: {prefix: /}}, {uri: {prefix: /b}}], ${to('v1')}}, {${to('v2')}}`;
    expect(routesFor(http).map(({ match }) => match?.prefix)).toEqual(['/a', '/']);
  });

  test.each([
    ['{sourceLabels: {app: client}}', true],
    ['{sourceLabels: {app: other}}', false],
    ['{port: 9080}', true],
    ['{port: 80}', false],
    ['{gateways: [mesh]}', true],
    ['{gateways: [edge]}', false],
    // Labels do not count beside gateways.
    ['{gateways: [mesh], sourceLabels: {app: other}}', true],
  ])('match %s: %s', (match, applies) => {
    const client = [service('client', 7000), pod('client', '10.1.0.1')];
    const routes = routesFor(`{match: [${match}], ${to('v1')}}, {${to('v2')}}`, {}, client);
    expect(clusters(routes)).toContain(applies ? 'v1' : 'v2');
  });

  test('if none applies, the service keeps its default route', () => {
    expect(clusters(routesFor(`{match: [{gateways: [edge]}], ${to('v1')}}`))).toEqual(['']);
  });
});

describe('matches', () => {
  test.each([
    ['{uri: {exact: /a}}', { path: '/a' }, '/a'],
    ['{uri: {prefix: /a}}', { prefix: '/a' }, '/a*'],
    ['{uri: {regex: "/a.*"}}', { regex: '/a.*' }, '/a.*'],
    [
      '{headers: {z: {exact: "1"}, b: {regex: x+}, c: {prefix: "y"}}, method: {exact: GET}, authority: {exact: h}, scheme: {exact: https}}',
      {
        prefix: '/',
        headers: [
          { name: 'b', regex_match: 'x+' },
          { name: 'c', prefix_match: 'y' },
          { name: 'z', exact_match: '1' },
          { name: ':method', exact_match: 'GET' },
          { name: ':authority', exact_match: 'h' },
          { name: ':scheme', exact_match: 'https' },
        ],
      },
      '/*',
    ],
  ])('%s', (match, expected, operation) => {
    const [route] = routesFor(`{match: [${match}], route: [{destination: {host: reviews}}]}`);
    expect(route?.match).toEqual(expected);
    expect(route?.decorator?.operation).toBe(`${REVIEWS}:9080${operation}`);
  });
});

describe('destinations', () => {
  test.each([
    ['{host: reviews}', `outbound|9080||${REVIEWS}`],
    ['{host: reviews, subset: v1}', `outbound|9080|v1|${REVIEWS}`],
    ['{host: reviews, port: {number: 81}}', `outbound|81||${REVIEWS}`],
    // The name of a port is not known to Pilot 1.1.
    ['{host: reviews, port: {name: http}}', 'BlackHoleCluster'],
    // A host that is not on this port is asked on it all the same.
    ['{host: a.example}', 'outbound|9080||a.example'],
  ])('%s', (destination, cluster) => {
    expect(routesFor(`{route: [{destination: ${destination}}]}`)[0]?.route?.cluster).toBe(cluster);
  });

  test('weights; a destination without one gets nothing, and traces show the VirtualService', () => {
    const [route] = routesFor(
      '{route: [{destination: {host: reviews, subset: a}, weight: 70}, {destination: {host: reviews, subset: b}, weight: 30}, {destination: {host: reviews, subset: c}}]}',
    );
    expect(route?.route?.weighted_clusters?.clusters).toEqual([
      { name: `outbound|9080|a|${REVIEWS}`, weight: 70 },
      { name: `outbound|9080|b|${REVIEWS}`, weight: 30 },
    ]);
    expect(route?.decorator?.operation).toBe('vs:9080/*');
  });

  test('the headers of an only destination are joined with those of the route', () => {
    const [route] = routesFor(
      '{headers: {request: {set: {b: "1"}, add: {a: "2"}, remove: [x]}}, appendHeaders: {c: "3"}, route: [{destination: {host: reviews}, headers: {request: {add: {d: "4"}}, response: {remove: ["y"]}}}]}',
    );
    expect(route).toMatchObject({
      request_headers_to_add: [
        { header: { key: 'b', value: '1' }, append: false },
        { header: { key: 'a', value: '2' }, append: true },
        { header: { key: 'c', value: '3' }, append: true },
        { header: { key: 'd', value: '4' }, append: true },
      ],
      response_headers_to_remove: ['y'],
      request_headers_to_remove: ['x'],
    });
  });

  test.each([
    ['{httpHeaderName: user}', { header: { header_name: 'user' } }],
    ['{httpCookie: {name: c, ttl: 90s}}', { cookie: { name: 'c', ttl: '90s' } }],
    ['{useSourceIp: true}', { connection_properties: { source_ip: true } }],
  ])('consistent hash %s', (hash, expected) => {
    const rule = istio(
      'DestinationRule',
      'dr',
      `{host: reviews, trafficPolicy: {loadBalancer: {consistentHash: ${hash}}}}`,
    );
    const [route] = routesFor('{route: [{destination: {host: reviews}}]}', {}, [rule]);
    expect(route?.route?.hash_policy).toEqual([expected]);
  });
});

describe('actions', () => {
  const action = (fields: string, setting: Setting = {}) =>
    routesFor(`{${fields}, route: [{destination: {host: reviews}}]}`, setting)[0]?.route;

  test('a redirect has no destination', () => {
    const [route] = routesFor('{redirect: {uri: /new, authority: b.example}}');
    expect(route?.redirect).toEqual({ host_redirect: 'b.example', path_redirect: '/new' });
    expect(route?.decorator?.operation).toBe('vs:9080/*');
  });

  test('rewrite, timeout, mirror', () => {
    expect(
      action(
        'rewrite: {uri: /b, authority: b.example}, timeout: 1500ms, mirror: {host: reviews, subset: v2}',
      ),
    ).toMatchObject({
      prefix_rewrite: '/b',
      host_rewrite: 'b.example',
      timeout: '1.500s',
      max_grpc_timeout: '1.500s',
      request_mirror_policy: { cluster: `outbound|9080|v2|${REVIEWS}` },
    });
  });

  test.each([
    ['{attempts: 0}', undefined],
    ['{attempts: 3}', { num_retries: 3, retriable_status_codes: [503] }],
    ['{attempts: 3, perTryTimeout: 2s}', { num_retries: 3, per_try_timeout: '2s' }],
    // Numbers are status codes, if HTTP has them as Go 1.10 knows it.
    [
      '{attempts: 1, retryOn: "5xx, 429,999,509,425"}',
      { retry_on: '5xx,999,509,425', retriable_status_codes: [429], num_retries: 1 },
    ],
  ])('retries %s', (retries, expected) => {
    const policy = action(`retries: ${retries}`)?.retry_policy;
    if (expected === undefined) expect(policy).toBeUndefined();
    else expect(policy).toMatchObject(expected);
  });

  test('CORS is enabled by the field that the proxy supports', () => {
    const cors = 'corsPolicy: {allowOrigin: [a.example], allowMethods: [GET, POST], maxAge: 24h}';
    const common = { allow_origin: ['a.example'], allow_methods: 'GET,POST', max_age: '86400' };
    expect(action(cors)?.cors).toEqual({
      ...common,
      filter_enabled: { default_value: { numerator: 100 } },
    });
    expect(action(cors, { proxy: { metadata: { ISTIO_PROXY_VERSION: '1.0.6' } } })?.cors).toEqual({
      ...common,
      enabled: true,
    });
  });

  test.each([
    ['1.1.7', 'typed_per_filter_config'],
    ['1.0.6', 'per_filter_config'],
  ])('faults, for a proxy of %s in %s', (version, field) => {
    const [route] = routesFor(
      '{fault: {delay: {fixedDelay: 100ms, percentage: {value: 0.5}}, abort: {httpStatus: 400, percent: 10}}, route: [{destination: {host: reviews}}]}',
      { proxy: { metadata: { ISTIO_PROXY_VERSION: version } } },
    );
    expect((route as Record<string, unknown>)[field]).toMatchObject({
      'envoy.fault': {
        delay: { fixed_delay: '0.100s', percentage: { numerator: 5000, denominator: 'MILLION' } },
        abort: { http_status: 400, percentage: { numerator: 100000, denominator: 'MILLION' } },
      },
    });
  });
});

test('a listener that a Sidecar resource puts on a port is a proxy for all ports of what it imports', () => {
  const sidecar = istio(
    'Sidecar',
    'default',
    '{egress: [{port: {number: 7443, protocol: HTTP, name: out}, hosts: ["./*"]}]}',
  );
  const resources = [service('reviews', 9080), service('bank', 80, 'http', 'bank'), sidecar];
  expect(hostsOf(resources, '7443').map(({ name }) => name)).toEqual([`${REVIEWS}:9080`, 'allow_any']);
});

describe('the Sidecar resource of', () => {
  const ownOnly = (selector: string) => `{${selector}egress: [{hosts: ["./*"]}]}`;
  const servers = [service('reviews', 9080), service('bank', 9080, 'http', 'bank')];
  const names = (resources: readonly string[], setting: Setting = {}) =>
    hostsOf([...servers, ...resources], '9080', setting).map(({ name }) => name);
  const all = ['bank.bank.svc.cluster.local:9080', `${REVIEWS}:9080`, 'allow_any'];
  const own = [`${REVIEWS}:9080`, 'allow_any'];

  test.each([
    ['client', own],
    ['other', all],
  ])('a pod that no service selects, for the label app: %s', (app, expected) => {
    const selector = `workloadSelector: {labels: {app: ${app}}}, `;
    const sidecar = istio('Sidecar', 'selecting', ownOnly(selector));
    expect(names([pod('client', '10.1.0.1'), sidecar])).toEqual(expected);
  });

  test("a ServiceEntry's endpoint, by its labels", () => {
    const sidecar = istio('Sidecar', 'vms', ownOnly('workloadSelector: {labels: {vm: "yes"}}, '));
    const entry = istio(
      'ServiceEntry',
      'vm',
      '{hosts: [vm.example], ports: [{number: 7000, name: http, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 10.1.0.1, labels: {vm: "yes"}}]}',
    );
    expect(names([entry, sidecar])).toEqual(own);
  });

  test('the root namespace, for namespaces with a service of their own', () => {
    const sidecar = istio('Sidecar', 'default', ownOnly(''), 'istio-system');
    const proxy = { domain: 'lab.svc.cluster.local', metadata: { CONFIG_NAMESPACE: 'lab' } };
    const entry = (namespace: string, day: number) => `apiVersion: networking.istio.io/v1alpha3
kind: ServiceEntry
metadata: {name: same, namespace: ${namespace}, creationTimestamp: "2019-05-0${day}T00:00:00Z"}
spec: {hosts: [same.example], ports: [{number: 7000, name: http, protocol: HTTP}], resolution: DNS}`;
    // Of two services with one host, the later one's namespace has it.
    expect(names([sidecar, entry('lab', 1), entry('bank', 2)], { proxy })).toEqual(all);
    expect(names([sidecar, entry('lab', 2), entry('bank', 1)], { proxy })).toEqual(['allow_any']);
  });
});
