// The listeners and routes of gateways, rule by rule.

import { describe, expect, test } from 'vitest';
import { compileInputs } from '../../../src/compile/compile.js';
import type { Compiled } from '../../../src/compile/compiled.js';
import { compileFor, istio, pod, type Setting, service } from '../mesh-of.js';

const EDGE = [
  service('edge', 8443, 'https'),
  pod('edge', '10.1.0.9'),
  service('web', 80),
  service('db', 27017, 'mongo'),
];
const WEB = 'outbound|80||web.shop.svc.cluster.local';

function edge(resources: readonly string[], setting: Setting = {}): Compiled {
  const proxy = { type: 'router' as const, ip: '10.1.0.9', id: 'edge-1.shop', ...setting.proxy };
  return compileFor([...EDGE, ...resources], { ...setting, proxy });
}

const gateway = (name: string, servers: string) =>
  istio('Gateway', name, `{selector: {app: edge}, servers: [${servers}]}`);
const virtualService = (name: string, hosts: string, routes: string, gateways = '[gw]') =>
  istio('VirtualService', name, `{hosts: ${hosts}, gateways: ${gateways}, ${routes}}`);
const http = (subset: string, match = '') =>
  `http: [{${match}route: [{destination: {host: web, subset: ${subset}}}]}]`;
const server = (port: number, protocol: string, name: string, hosts: string, tls = '') =>
  `{port: {number: ${port}, protocol: ${protocol}, name: ${name}}, hosts: ${hosts}${tls && `, tls: ${tls}`}}`;

const routeNames = ({ routes }: Compiled) => routes.map(({ name }) => name);
const listenerNames = ({ listeners }: Compiled) => listeners.map(({ name }) => name);
const chains = ({ listeners }: Compiled) => listeners[0]?.filter_chains ?? [];
const hosts = ({ routes }: Compiled) => routes[0]?.virtual_hosts ?? [];

describe('servers on one port', () => {
  test('plain HTTP has one listener and one route, with the hosts of all', () => {
    const result = edge([
      gateway('gw', `${server(80, 'HTTP', 'a', '[a.example]')}, ${server(80, 'HTTP', 'b', '[b.example]')}`),
      virtualService('vs', '[a.example, b.example]', http('v1')),
    ]);
    expect(listenerNames(result)).toEqual(['0.0.0.0_80']);
    expect(routeNames(result)).toEqual(['http.80']);
    expect(hosts(result).map(({ name }) => name)).toEqual(['a.example:80', 'b.example:80']);
  });

  test('HTTPS has a chain and a route for each server', () => {
    const tls = '{mode: SIMPLE, serverCertificate: /c, privateKey: /k}';
    const result = edge([
      gateway(
        'gw',
        `${server(443, 'HTTPS', 'a', '[a.example]', tls)}, ${server(443, 'HTTPS', 'b', '["*"]', tls)}`,
      ),
    ]);
    expect(routeNames(result)).toEqual(['https.443.a.gw.shop', 'https.443.b.gw.shop']);
    // Every name is the same as none.
    expect(chains(result).map(({ filter_chain_match }) => filter_chain_match)).toEqual([
      { server_names: ['a.example'] },
      undefined,
    ]);
  });

  test('the older server is used if servers cannot be merged', () => {
    const result = edge([
      gateway('a', server(80, 'HTTP', 'http', '["*"]')),
      gateway('b', server(80, 'TCP', 'tcp', '["*"]')),
    ]);
    expect(routeNames(result)).toEqual(['http.80']);
    expect(chains(result)).toHaveLength(1);
  });

  test.each([
    ['the same, with all its others', '[b.example, a.example]', ['https.443.a.gw.shop']],
    ['as its namespace has it', '[shop/a.example]', ['https.443.a.gw.shop', 'https.443.b.other.shop']],
    ['that a wildcard covers', '["*.example"]', ['https.443.a.gw.shop', 'https.443.b.other.shop']],
  ])('of two TLS servers with a common host, the older is used: %s', (_, others, expected) => {
    const tls = '{mode: SIMPLE, serverCertificate: /c, privateKey: /k}';
    const result = edge([
      gateway('gw', server(443, 'HTTPS', 'a', '[a.example]', tls)),
      gateway('other', server(443, 'HTTPS', 'b', others, tls)),
    ]);
    expect(routeNames(result)).toEqual(expected);
    expect(chains(result)).toHaveLength(expected.length);
  });

  test('of two with the same age, the first by name and namespace is used; a hyphen sorts before a dot', () => {
    const tls = '{mode: SIMPLE, serverCertificate: /c, privateKey: /k}';
    const names = ['gw', 'gw-canary', 'gw2'];
    const result = edge(names.map((name) => gateway(name, server(443, 'HTTPS', 'a', '[a.example]', tls))));
    expect(routeNames(result)).toEqual(['https.443.a.gw-canary.shop']);
  });

  test('TLS passthrough by server name only has one chain per host', () => {
    const automatic = '{mode: AUTO_PASSTHROUGH}';
    const servers = ['a', 'b'].map((name) => server(15443, 'TLS', name, '["*.local"]', automatic));
    expect(chains(edge([gateway('gw', servers.join(', '))]))).toHaveLength(1);
  });

  test('a host may also be served on another port', () => {
    const tls = '{mode: SIMPLE, serverCertificate: /c, privateKey: /k}';
    const servers = [443, 8443].map((port) => server(port, 'HTTPS', `p${port}`, '[a.example]', tls));
    expect(routeNames(edge([gateway('gw', servers.join(', '))]))).toEqual([
      'https.443.p443.gw.shop',
      'https.8443.p8443.gw.shop',
    ]);
  });

  test('plain HTTP shares its hosts', () => {
    const result = edge([
      gateway('a', server(80, 'HTTP', 'a', '[a.example]')),
      gateway('b', server(80, 'HTTP', 'b', '[a.example]')),
      virtualService('one', '[a.example]', http('v1', 'match: [{uri: {prefix: /a}}], '), '[a]'),
      virtualService('two', '[a.example]', http('v2'), '[b]'),
    ]);
    expect(hosts(result)[0]?.routes?.map(({ match }) => match?.prefix)).toEqual(['/a', '/']);
  });

  test('a Gateway for other workloads is ignored', () => {
    expect(
      edge([
        istio('Gateway', 'gw', `{selector: {app: other}, servers: [${server(80, 'HTTP', 'a', '["*"]')}]}`),
      ]).listeners,
    ).toEqual([]);
  });
});

describe('virtual hosts', () => {
  test.each([
    ['["*.example"]', '[a.example]', ['a.example']],
    ['[a.example]', '["*.example"]', ['a.example']],
    ['[shop/a.example]', '[a.example]', ['a.example']],
    ['[./a.example]', '[a.example]', ['a.example']],
    ['["*/a.example"]', '[a.example]', ['a.example']],
    ['[bank/a.example]', '[a.example]', ['*']],
    ['[b.example]', '[a.example]', ['*']],
  ])('server %s, VirtualService %s', (own, wanted, expected) => {
    const result = edge([
      gateway('gw', server(80, 'HTTP', 'a', own)),
      virtualService('vs', wanted, http('v1')),
    ]);
    expect(hosts(result).map(({ domains }) => domains?.[0])).toEqual(expected);
  });

  test('requests get 404 if no VirtualService is bound', () => {
    expect(hosts(edge([gateway('gw', server(80, 'HTTP', 'a', '["*"]'))]))).toEqual([
      {
        name: 'blackhole:80',
        domains: ['*'],
        routes: [{ match: { prefix: '/' }, direct_response: { status: 404 } }],
      },
    ]);
  });

  test('two VirtualServices for a host share it, routes for every request last', () => {
    const result = edge([
      gateway('gw', server(80, 'HTTP', 'a', '["*"]')),
      virtualService('a', '[a.example]', http('v1')),
      virtualService('b', '[a.example]', http('v2', 'match: [{uri: {prefix: /b}}], ')),
    ]);
    expect(hosts(result)[0]?.routes?.map(({ match }) => match?.prefix)).toEqual(['/b', '/']);
  });

  test('plain HTTP that redirects', () => {
    const result = edge([
      gateway('gw', server(80, 'HTTP', 'a', '["*"]', '{httpsRedirect: true}')),
      virtualService('a', '[a.example]', http('v1')),
    ]);
    expect(hosts(result)[0]?.require_tls).toBe('ALL');
  });

  test('matches by source labels are for sidecars', () => {
    const result = edge([
      gateway('gw', server(80, 'HTTP', 'a', '["*"]')),
      virtualService('a', '[a.example]', http('v1', 'match: [{sourceLabels: {app: edge}}], ')),
    ]);
    expect(hosts(result)[0]?.name).toBe('blackhole:80');
  });
});

describe('TLS of servers', () => {
  const context = (tls: string, metadata: { readonly [name: string]: string } = {}) => {
    const result = edge([gateway('gw', server(443, 'HTTPS', 'a', '["*"]', tls))], { proxy: { metadata } });
    return chains(result)[0]?.tls_context as Record<string, Record<string, unknown>> | undefined;
  };
  const files = 'serverCertificate: /c, privateKey: /k';
  const sds = { USER_SDS: 'true' };
  const source = {
    api_config_source: {
      api_type: 'GRPC',
      grpc_services: [
        { google_grpc: { target_uri: 'unix:/var/run/ingress_gateway/sds', stat_prefix: 'sdsstat' } },
      ],
    },
  };

  test('SIMPLE from files', () => {
    expect(context(`{mode: SIMPLE, ${files}}`)).toEqual({
      common_tls_context: {
        tls_certificates: [{ certificate_chain: { filename: '/c' }, private_key: { filename: '/k' } }],
        alpn_protocols: ['h2', 'http/1.1'],
      },
      require_client_certificate: false,
    });
  });

  test('MUTUAL from files', () => {
    const mutual = context(`{mode: MUTUAL, ${files}, caCertificates: /ca, subjectAltNames: [b, a]}`);
    expect(mutual?.common_tls_context?.validation_context).toEqual({
      trusted_ca: { filename: '/ca' },
      verify_subject_alt_name: ['a', 'b'],
    });
    expect(mutual?.require_client_certificate).toBe(true);
  });

  test('MUTUAL from SDS: the certificate, and the roots under their own name', () => {
    expect(
      context('{mode: MUTUAL, credentialName: cred, subjectAltNames: [a]}', sds)?.common_tls_context,
    ).toEqual({
      alpn_protocols: ['h2', 'http/1.1'],
      tls_certificate_sds_secret_configs: [{ name: 'cred', sds_config: source }],
      combined_validation_context: {
        default_validation_context: { verify_subject_alt_name: ['a'] },
        validation_context_sds_secret_config: { name: 'cred-cacert', sds_config: source },
      },
    });
  });

  test('SIMPLE from SDS has no roots, but may have names', () => {
    const simple = context('{mode: SIMPLE, credentialName: cred, subjectAltNames: [a]}', sds);
    expect(simple?.common_tls_context?.validation_context).toEqual({ verify_subject_alt_name: ['a'] });
  });

  test.each([
    ['without USER_SDS', {}],
    ['with a proxy before 1.1', { ...sds, ISTIO_PROXY_VERSION: '1.0.6' }],
  ])('the files are used %s', (_, metadata) => {
    const result = context(`{mode: SIMPLE, credentialName: cred, ${files}}`, metadata);
    expect(result?.common_tls_context).toHaveProperty('tls_certificates');
  });

  describe('without a file that it names', () => {
    const credential = server(443, 'HTTPS', 'a', '[a.example]', '{mode: MUTUAL, credentialName: cred}');
    const other = server(443, 'HTTPS', 'b', '[b.example]', `{mode: SIMPLE, ${files}}`);
    const names = (servers: string, metadata = {}) =>
      listenerNames(edge([gateway('gw', `${servers}, ${other}`)], { proxy: { metadata } }));

    test.each([
      ['no certificate', credential],
      ['no key', server(443, 'HTTPS', 'a', '[a.example]', '{mode: SIMPLE, serverCertificate: /c}')],
    ])('%s: no listener on its port', (_, servers) => {
      expect(names(servers)).toEqual([]);
    });

    test('SDS has the credential', () => {
      expect(names(credential, sds)).toEqual(['0.0.0.0_443']);
    });

    test('a server without routes is ignored', () => {
      const nowhere = server(443, 'TLS', 'a', '[a.example]', '{mode: SIMPLE, credentialName: cred}');
      expect(names(nowhere)).toEqual(['0.0.0.0_443']);
    });

    test('a warning is reported', () => {
      const { findings } = edge([gateway('gw', `${other}, ${credential}`)]);
      expect(findings.map(({ message, expected }) => [message, expected])).toEqual([
        [
          'Gateway gw: edge-1.shop has no certificate for the server a, so nothing on port 443 is served',
          'serverCertificate and privateKey as well: only Istio 1.1 proxies with USER_SDS use credentialName',
        ],
      ]);
    });
  });

  test('versions and ciphers, where they are limited', () => {
    const limited = context(
      `{mode: SIMPLE, ${files}, minProtocolVersion: TLSV1_2, cipherSuites: [AES128-SHA]}`,
    );
    expect(limited?.common_tls_context?.tls_params).toEqual({
      tls_minimum_protocol_version: 'TLSv1_2',
      cipher_suites: ['AES128-SHA'],
    });
  });
});

describe('bytes', () => {
  const config = (result: Compiled, index = 0) =>
    (chains(result)[index]?.filters ?? []).map(({ name, typed_config }) => [name, typed_config?.cluster]);

  test('TCP goes where the first route says; Mongo is read', () => {
    const result = edge([
      gateway('gw', server(27017, 'MONGO', 'mongo', '["*"]')),
      virtualService(
        'vs',
        '["*"]',
        'tcp: [{match: [{port: 1}], route: [{destination: {host: web}}]}, {route: [{destination: {host: db}}]}]',
      ),
    ]);
    expect(config(result)).toEqual([
      ['envoy.mongo_proxy', undefined],
      ['envoy.tcp_proxy', 'outbound|27017||db.shop.svc.cluster.local'],
    ]);
  });

  test('without a route there is no listener', () => {
    expect(edge([gateway('gw', server(27017, 'TCP', 'tcp', '["*"]'))]).listeners).toEqual([]);
  });

  test('PASSTHROUGH: a chain for each match of server names, without TLS', () => {
    const result = edge([
      gateway('gw', server(443, 'TLS', 'tls', '["*.example"]', '{mode: PASSTHROUGH}')),
      virtualService(
        'vs',
        '[a.example]',
        'tls: [{match: [{sniHosts: [b.example, a.example]}, {port: 1, sniHosts: [c.example]}], route: [{destination: {host: web}}]}]',
      ),
    ]);
    expect(chains(result)).toHaveLength(1);
    expect(chains(result)[0]).not.toHaveProperty('tls_context');
    expect(chains(result)[0]?.filter_chain_match).toEqual({ server_names: ['a.example', 'b.example'] });
    expect(config(result)).toEqual([['envoy.tcp_proxy', WEB]]);
    expect(result.listeners[0]?.listener_filters).toEqual([{ name: 'envoy.listener.tls_inspector' }]);
  });

  test('AUTO_PASSTHROUGH goes by the server name alone', () => {
    const result = edge([
      gateway('gw', server(15443, 'TLS', 'tls', '["*.local"]', '{mode: AUTO_PASSTHROUGH}')),
    ]);
    expect(config(result)).toEqual([
      ['envoy.filters.network.sni_cluster', undefined],
      ['envoy.tcp_proxy', 'BlackHoleCluster'],
    ]);
  });
});

test("a policy for the gateway's own port asks for its tokens, not for its peers", () => {
  const result = edge([
    gateway(
      'gw',
      server(8443, 'HTTPS', 'a', '["*"]', '{mode: SIMPLE, serverCertificate: /c, privateKey: /k}'),
    ),
    istio(
      'Policy',
      'default',
      '{peers: [{mtls: {}}], origins: [{jwt: {issuer: me, jwksUri: "https://me/keys"}}]}',
    ),
  ]);
  const manager = chains(result)[0]?.filters?.[0]?.typed_config as { http_filters?: { name: string }[] };
  expect(manager.http_filters?.map(({ name }) => name)).toEqual([
    'jwt-auth',
    'istio_authn',
    'envoy.cors',
    'envoy.fault',
    'envoy.router',
  ]);
});

test('a gateway that no Service selects has no listeners, with a warning for its Gateway', () => {
  const gateway = istio(
    'Gateway',
    'front',
    '{selector: {app: front}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
  );
  const text = [pod('front', '10.1.0.9'), gateway].join('\n---\n');
  const { compiled, findings } = compileInputs([{ name: 'in.yaml', text }], { proxy: 'front-1.shop' });
  expect(compiled?.listeners).toEqual([]);
  expect(findings.map(({ code, level }) => `${level} ${code}`)).toEqual(['warning gateway-without-service']);
});
