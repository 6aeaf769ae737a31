// Each quirk of Pilot 1.1: what it does, and what `--compat none` does in its place.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import type { Compiled } from '../../../src/compile/compiled.js';
import { type Compat, QUIRKS, type Quirk } from '../../../src/compile/pilot/context/compat.js';
import type { Cluster } from '../../../src/envoy/generated/types/envoy/api/v2/cluster.js';
import { compileFor, istio, pod, type Setting, service } from '../mesh-of.js';

/** A quirk's input, and what is looked at of the output with it and without. */
interface Example {
  readonly resources: readonly string[];
  readonly setting?: Setting;
  readonly look: (compiled: Compiled) => unknown;
  readonly pilot: unknown;
  readonly sane: unknown;
}

const SDS = 'enableTracing: false\nsdsUdsPath: unix:/sds\n';
const MESH_MTLS = istio(
  'DestinationRule',
  'all',
  '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
  'istio-system',
);
const EXTERNAL = `apiVersion: v1
kind: Service
metadata: {name: ext, namespace: shop}
spec: {type: ExternalName, externalName: ext.example.org, ports: [{name: http, port: 80}, {name: tcp, port: 90}]}`;
const WEB = 'outbound|80||web.shop.svc.cluster.local';

function rule(policy: string, rest = '', namespace = 'shop', name = 'web'): string {
  return istio(
    'DestinationRule',
    name,
    `{host: web.shop.svc.cluster.local, trafficPolicy: ${policy}${rest}}`,
    namespace,
  );
}

function entry(spec: string): string {
  return istio('ServiceEntry', 'vm', `{hosts: [vm.example.org], resolution: DNS, ${spec}}`);
}

function cluster(compiled: Compiled, name = WEB): Cluster | undefined {
  return compiled.clusters.find((candidate) => candidate.name === name);
}

function tls(compiled: Compiled, name = WEB) {
  return cluster(compiled, name)?.tls_context?.common_tls_context;
}

const addresses = (found: Cluster | undefined) =>
  found?.load_assignment?.endpoints?.flatMap(({ lb_endpoints }) =>
    lb_endpoints?.map(({ endpoint }) => endpoint?.address?.socket_address?.address),
  );

const EXAMPLES: { readonly [Name in Exclude<Quirk, 'sds-header-misspelt'>]: Example } = {
  'panic-threshold-lost': {
    resources: [service('web', 80), rule('{outlierDetection: {minHealthPercent: 40}}')],
    look: (compiled) => cluster(compiled)?.common_lb_config?.healthy_panic_threshold?.value,
    pilot: undefined,
    sane: 40,
  },
  'passthrough-keeps-eds': {
    resources: [service('web', 80), rule('{loadBalancer: {simple: PASSTHROUGH}}')],
    look: (compiled) => cluster(compiled)?.eds_cluster_config !== undefined,
    pilot: true,
    sane: false,
  },
  'subset-pool-starts-over': {
    resources: [
      service('web', 80),
      rule(
        '{connectionPool: {tcp: {maxConnections: 7}}}',
        ', subsets: [{name: v1, trafficPolicy: {connectionPool: {http: {maxRetries: 2}}}}]',
      ),
    ],
    look: (compiled) =>
      cluster(compiled, WEB.replace('||', '|v1|'))?.circuit_breakers?.thresholds?.[0]?.max_connections,
    pilot: undefined,
    sane: 7,
  },
  'port-settings-replace-all': {
    resources: [
      service('web', 80),
      rule(
        '{tls: {mode: ISTIO_MUTUAL}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}',
      ),
    ],
    look: (compiled) => tls(compiled) !== undefined,
    pilot: false,
    sane: true,
  },
  'own-rule-hides-tls': {
    resources: [service('web', 80), MESH_MTLS, rule('{loadBalancer: {simple: RANDOM}}')],
    look: (compiled) => [cluster(compiled)?.lb_policy, tls(compiled) !== undefined],
    pilot: ['RANDOM', false],
    sane: ['RANDOM', true],
  },
  'later-rule-needs-subset': {
    resources: [
      service('web', 80),
      istio('DestinationRule', 'a', '{host: web, subsets: [{name: v1}]}'),
      istio('DestinationRule', 'b', '{host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}}'),
    ],
    look: (compiled) => cluster(compiled)?.lb_policy,
    pilot: undefined,
    sane: 'RANDOM',
  },
  'rules-merged-across-namespaces': {
    resources: [
      service('web', 80),
      rule('{}', ', subsets: [{name: v1}]'),
      rule('{}', ', subsets: [{name: v2}]', 'other', 'z'),
    ],
    look: (compiled) => compiled.clusters.map(({ name }) => name).filter((name) => name?.includes('|v')),
    pilot: [WEB.replace('||', '|v1|'), WEB.replace('||', '|v2|')],
    sane: [WEB.replace('||', '|v1|')],
  },
  'external-name-all-ports': {
    resources: [EXTERNAL],
    look: (compiled) => addresses(cluster(compiled, 'outbound|80||ext.shop.svc.cluster.local'))?.length,
    pilot: 2,
    sane: 1,
  },
  'external-name-mtls': {
    resources: [EXTERNAL, MESH_MTLS],
    look: (compiled) => tls(compiled, 'outbound|80||ext.shop.svc.cluster.local') !== undefined,
    pilot: true,
    sane: false,
  },
  'subset-keeps-endpoints': {
    resources: [
      entry(
        'ports: [{number: 70, name: tcp, protocol: TCP}], endpoints: [{address: a, labels: {v: "1"}}, {address: b}]',
      ),
      istio(
        'DestinationRule',
        'vm',
        '{host: vm.example.org, subsets: [{name: one, labels: {v: "1"}}, {name: all}]}',
      ),
    ],
    look: (compiled) => addresses(cluster(compiled, 'outbound|70|all|vm.example.org')),
    pilot: ['a'],
    sane: ['a', 'b'],
  },
  'forwarding-without-locality': {
    resources: [
      entry('location: MESH_EXTERNAL, ports: [{number: 80, name: http, protocol: HTTP}]'),
      service('edge', 80),
      pod('edge', '10.1.0.9'),
    ],
    setting: {
      mesh: 'localityLbSetting: {distribute: [{from: eu, to: {us: 100}}]}\n',
      proxy: {
        type: 'router',
        ip: '10.1.0.9',
        metadata: { ROUTER_MODE: 'sni-dnat' },
        locality: { region: 'eu', zone: '', subZone: '' },
      },
    },
    look: (compiled) => [
      addresses(cluster(compiled, 'outbound|80||vm.example.org')),
      addresses(cluster(compiled, 'outbound_.80_._.vm.example.org')),
    ],
    pilot: [[undefined], ['vm.example.org']],
    sane: [[undefined], [undefined]],
  },
  'service-entry-sans-unused': {
    resources: [
      entry('ports: [{number: 70, name: tcp, protocol: TCP}], subjectAltNames: [spiffe://vm]'),
      istio('DestinationRule', 'vm', '{host: vm.example.org, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}'),
    ],
    look: (compiled) =>
      tls(compiled, 'outbound|70||vm.example.org')?.validation_context?.verify_subject_alt_name,
    pilot: undefined,
    sane: ['spiffe://vm'],
  },
  'mutual-files-under-sds': {
    resources: [
      service('web', 80),
      rule('{tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem, caCertificates: /ca.pem}}'),
    ],
    setting: { mesh: SDS },
    look: (compiled) => [
      tls(compiled)?.tls_certificates?.[0]?.certificate_chain?.filename,
      tls(compiled)?.tls_certificate_sds_secret_configs?.[0]?.name,
      tls(compiled)?.combined_validation_context?.validation_context_sds_secret_config?.name,
    ],
    pilot: ['/c.pem', undefined, undefined],
    sane: [undefined, 'file-cert:/c.pem~/k.pem', 'file-root:/ca.pem'],
  },
  'mutual-without-files': {
    resources: [service('web', 80), rule('{tls: {mode: MUTUAL}}')],
    look: (compiled) => tls(compiled)?.tls_certificates?.[0]?.private_key?.filename,
    pilot: undefined,
    sane: '/etc/certs/key.pem',
  },
  'simple-without-ca-unverified': {
    resources: [
      entry('ports: [{number: 443, name: tls, protocol: TLS}]'),
      istio('DestinationRule', 'vm', '{host: vm.example.org, trafficPolicy: {tls: {mode: SIMPLE}}}'),
    ],
    look: (compiled) => tls(compiled, 'outbound|443||vm.example.org')?.validation_context,
    pilot: undefined,
    sane: {
      trusted_ca: { filename: '/etc/ssl/certs/ca-certificates.crt' },
      verify_subject_alt_name: ['vm.example.org'],
    },
  },
  'metadata-replaces-rule-files': {
    resources: [
      service('web', 80),
      rule('{tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem}}'),
    ],
    setting: { proxy: { metadata: { TLS_CLIENT_KEY: '/node.pem' } } },
    look: (compiled) => tls(compiled)?.tls_certificates?.[0]?.private_key?.filename,
    pilot: '/node.pem',
    sane: '/k.pem',
  },
  'base-for-servers-only': {
    resources: [service('web', 80), rule('{tls: {mode: ISTIO_MUTUAL}}')],
    setting: { proxy: { metadata: { BASE: '/base' } } },
    look: (compiled) => tls(compiled)?.tls_certificates?.[0]?.private_key?.filename,
    pilot: '/etc/certs/key.pem',
    sane: '/base/etc/certs/key.pem',
  },
  'unix-prefix-stays': {
    resources: [
      service('web', 80),
      pod('web', '10.1.0.1'),
      istio(
        'Sidecar',
        'web',
        '{egress: [{port: {name: http, protocol: HTTP}, bind: "unix:///out", hosts: ["*/*"]}],' +
          ' ingress: [{port: {number: 80, name: http, protocol: HTTP}, defaultEndpoint: "unix:///in"},' +
          ' {port: {name: http, protocol: HTTP}, bind: "unix:///side", defaultEndpoint: "127.0.0.1:81"}]}',
      ),
    ],
    look: ({ clusters, listeners }) => JSON.stringify([clusters, listeners]).match(/"path":"[^"]*"/g),
    pilot: ['"path":"unix:///in"', '"path":"unix:///out"', '"path":"unix:///side"'],
    sane: ['"path":"/in"', '"path":"/out"', '"path":"/side"'],
  },
  'management-cluster-stays': {
    resources: [
      service('web', 80),
      pod('web', '10.1.0.1').replace('{name: main}', '{name: main, livenessProbe: {tcpSocket: {port: 80}}}'),
    ],
    look: (compiled) => cluster(compiled, 'inbound|80|mgmt-80|mgmtCluster') !== undefined,
    pilot: true,
    sane: false,
  },
  'nameless-file-closes-port': {
    resources: [
      service('edge', 443, 'https'),
      pod('edge', '10.1.0.9'),
      istio(
        'Gateway',
        'edge',
        `{selector: {app: edge}, servers: [
          {hosts: [a.example], port: {number: 443, name: a, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: a}},
          {hosts: [b.example], port: {number: 443, name: b, protocol: HTTPS}, tls: {mode: SIMPLE, serverCertificate: /c, privateKey: /k}},
          {hosts: ["*"], port: {number: 80, name: c, protocol: HTTP}}]}`,
      ),
    ],
    setting: { proxy: { type: 'router', ip: '10.1.0.9' } },
    look: (compiled) => [compiled.listeners, compiled.routes].map((list) => list.map(({ name }) => name)),
    pilot: [['0.0.0.0_80'], ['http.80']],
    sane: [
      ['0.0.0.0_443', '0.0.0.0_80'],
      ['http.80', 'https.443.b.edge.shop'],
    ],
  },
  'gateways-without-roles': {
    resources: [
      service('edge', 80),
      pod('edge', '10.1.0.9'),
      istio('ClusterRbacConfig', 'default', '{mode: ON}'),
      istio(
        'Gateway',
        'edge',
        '{selector: {app: edge}, servers: [{hosts: ["*"], port: {number: 80, name: http, protocol: HTTP}}]}',
      ),
    ],
    setting: { proxy: { type: 'router', ip: '10.1.0.9' } },
    look: (compiled) => JSON.stringify(compiled.listeners).includes('envoy.filters.http.rbac'),
    pilot: false,
    sane: true,
  },
  'account-after-first-sa': {
    resources: [
      service('web', 80, 'http', 'visa'),
      pod('web', '10.1.0.1', 'visa').replace('spec: {', 'spec: {serviceAccountName: clerk, '),
      istio('ClusterRbacConfig', 'default', '{mode: ON}'),
      ...['clerk', 'sa'].flatMap((account) => [
        istio(
          'ServiceRole',
          account,
          `{rules: [{services: ["*"], constraints: [{key: destination.user, values: [${account}]}]}]}`,
          'visa',
        ),
        istio(
          'ServiceRoleBinding',
          account,
          `{subjects: [{user: "*"}], roleRef: {kind: ServiceRole, name: ${account}}}`,
          'visa',
        ),
      ]),
    ],
    look: (compiled) => /"policies":\{"(\w+)"/.exec(JSON.stringify(compiled.listeners))?.[1],
    pilot: 'sa',
    sane: 'clerk',
  },
  'endpoints-by-sidecar-scope': {
    resources: [
      service('web', 80),
      pod('web', '10.1.0.1').replace('spec: {', 'spec: {nodeName: n, '),
      'apiVersion: v1\nkind: Node\nmetadata: {name: n, labels: {failure-domain.beta.kubernetes.io/region: eu}}',
      istio('Sidecar', 'all', '{egress: [{hosts: ["*/*"]}]}'),
    ],
    look: (compiled) => compiled.endpoints[0]?.endpoints?.[0]?.locality,
    pilot: undefined,
    sane: { region: 'eu' },
  },
};

test.each(Object.entries(EXAMPLES))('%s', (_, { resources, setting, look, pilot, sane }) => {
  const seen = (compat: Compat) => look(compileFor(resources, { ...setting, compat }));
  expect(seen('istio-1.1')).toEqual(pilot);
  expect(seen('none')).toEqual(sane);
});

it('has an example for each quirk that can be disabled', () => {
  const optional = Object.entries(QUIRKS).filter(([, { instead }]) => instead !== undefined);
  expect(Object.keys(EXAMPLES).sort()).toEqual(optional.map(([name]) => name).sort());
});

it('is documented, quirk by quirk', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/compile.md'), 'utf8');
  for (const [name, { effect }] of Object.entries(QUIRKS)) {
    expect(text).toContain(`| \`${name}\` `);
    expect(text).toContain(effect);
  }
});
