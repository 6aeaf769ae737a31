// What is harmless is still shown: messages and frames that hid everything would help nobody.

import { expect, test } from 'vitest';
import { put, useFolder, xdsc } from '../cli/xdsc.js';

useFolder();

const V3 = 'type.googleapis.com/envoy.extensions.';

const LISTENER = `name: edge
address: {socket_address: {address: 10.1.2.3, port_value: 70000}}
filter_chains:
- filters:
  - name: envoy.filters.network.tcp_proxy
    typed_config: {"@type": ${V3}filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: edge, cluster: backend, idle_timeout: 5 seconds}
`;

const context = (validation: string): string => `name: backend
connect_timeout: 1s
transport_socket:
  name: envoy.transport_sockets.tls
  typed_config:
    "@type": ${V3}transport_sockets.tls.v3.UpstreamTlsContext
    sni: backend.example.com
    common_tls_context:
      tls_params: {tls_minimum_protocol_version: TLSv1_2, cipher_suites: [ECDHE-ECDSA-AES128-GCM-SHA256]}
      alpn_protocols: [h2]
      tls_certificates:
      - certificate_chain: {filename: /etc/certs/3f2504e0-4f89-11d3-9a0c-0305e82c3301/Chain2024.pem}
        private_key: {filename: /etc/certs/key.pem}
      validation_context:
        trusted_ca: {filename: /etc/certs/root-cert.pem}
${validation}`;

const SANS = (...names: readonly string[]): string =>
  `        match_typed_subject_alt_names:\n${names.map((name) => `        - {san_type: URI, matcher: {exact: ${name}}}\n`).join('')}`;

const BOOTSTRAP = `static_resources:
  listeners:
  - name: edge
    address: {socket_address: {address: 0.0.0.0, port_value: 8080}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.tcp_proxy
        typed_config: {"@type": ${V3}filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: edge, cluster: "outbound|8443|v2|payments.default.svc.cluster.locl"}
  clusters:
  - name: outbound|8443|v2|payments.default.svc.cluster.local
    type: STRICT_DSN
    connect_timeout: 5 seconds
    load_assignment:
      cluster_name: payments
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: payments-7f9c6d5b8c.example.com, port_value: 65536}}}}]}]
`;

const POD = `apiVersion: v1
kind: Pod
metadata: {anotations: {}, name: web-7f9c6d5b8c-x2x9z, labels: {pod-template-hash: 7f9c6d5b8c}}
spec:
  containers:
  - {name: web, image: "registry.example.com/shop/web:1.2.3", ports: [{name: http, containerPort: 80800}]}
`;

const RULE = `apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web.shop.svc.cluster.local
  trafficPolicy: {tls: {mode: ISTIO_MUTAL, subjectAltNames: ["spiffe://cluster.local/ns/shop/sa/web"]}, connectionPool: {tcp: {connectTimeout: 10 sec}}}
`;

/** What each input must still show in some format: names and near names, SANs, durations, ports, enum values, paths. */
const CASES: readonly (readonly [name: string, args: readonly string[], shown: readonly string[]])[] = [
  [
    'a bootstrap',
    ['validate', '--no-config', 'bootstrap.yaml'],
    [
      '"outbound|8443|v2|payments.default.svc.cluster.locl"',
      'did you mean outbound|8443|v2|payments.default.svc.cluster.local?',
      'type is "STRICT_DSN"',
      'did you mean STRICT_DNS?',
      'connect_timeout is "5 seconds"',
      'port_value is 65536',
      '    type: STRICT_DSN',
      '    connect_timeout: 5 seconds',
      'address: payments-7f9c6d5b8c.example.com, port_value: 65536',
    ],
  ],
  [
    'a listener',
    ['validate', '--no-config', '--type', 'Listener', 'listener.yaml'],
    ['idle_timeout is "5 seconds"', 'address: 10.1.2.3, port_value: 70000', 'port_value is 70000'],
  ],
  [
    'secrets in files',
    ['validate', '--no-config', '--forbid', 'secret-files', 'old.yaml'],
    [
      '/etc/certs/3f2504e0-4f89-11d3-9a0c-0305e82c3301/Chain2024.pem',
      '/etc/certs/key.pem',
      '/etc/certs/root-cert.pem',
      'certificate_chain: {filename: /etc/certs/3f2504e0-4f89-11d3-9a0c-0305e82c3301/Chain2024.pem}',
    ],
  ],
  [
    'names of peers that change',
    ['diff', 'old.yaml', 'new.yaml'],
    ['spiffe://cluster.local/ns/shop/sa/web', 'spiffe://cluster.local/ns/shop/sa/Web2Frontend'],
  ],
  [
    'settings that change',
    ['diff', '--format', 'json', 'bootstrap.yaml', 'other.yaml'],
    [
      '"old": "outbound|8443|v2|payments.default.svc.cluster.locl"',
      '"new": "payments"',
      '"5 seconds"',
      '"7s"',
    ],
  ],
  [
    'a pod',
    ['validate', '--no-config', 'pod.yaml'],
    [
      'name: web-7f9c6d5b8c-x2x9z, labels: {pod-template-hash: 7f9c6d5b8c}',
      '"80800"',
      'image: "registry.example.com/shop/web:1.2.3"',
    ],
  ],
  [
    'a rule',
    ['validate', '--no-config', 'rule.yaml'],
    [
      'ISTIO_MUTAL',
      'did you mean ISTIO_MUTUAL?',
      'spiffe://cluster.local/ns/shop/sa/web',
      '10 sec',
      'host: web.shop.svc.cluster.local',
    ],
  ],
  [
    'what moves',
    [
      'convert',
      '--no-config',
      '--provider',
      'custom',
      '--sds-path',
      '/run/sds',
      '--summary',
      'json',
      'old.yaml',
    ],
    ['backend', 'old.yaml'],
  ],
];

test.each(CASES)('%s', async (_, args, shown) => {
  put({
    'bootstrap.yaml': BOOTSTRAP,
    'other.yaml': BOOTSTRAP.replace(
      '"outbound|8443|v2|payments.default.svc.cluster.locl"',
      'payments',
    ).replace('5 seconds', '7s'),
    'listener.yaml': LISTENER,
    'old.yaml': context(SANS('spiffe://cluster.local/ns/shop/sa/web')),
    'new.yaml': context(SANS('spiffe://cluster.local/ns/shop/sa/Web2Frontend')),
    'pod.yaml': POD,
    'rule.yaml': RULE,
  });
  const { stdout, stderr } = await xdsc(args);
  const told = stdout + stderr;
  expect(
    shown.filter((text) => !told.includes(text)),
    told,
  ).toEqual([]);
});
