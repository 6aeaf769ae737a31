// What istiod 1.29 refuses in its resources: each rule at its place, and nothing in what istiod takes.

import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/mesh/istiod/settings.js';
import { validate } from '../../src/validate/validate.js';

const GROUPS: Readonly<Record<string, string>> = {
  PeerAuthentication: 'security',
  RequestAuthentication: 'security',
  AuthorizationPolicy: 'security',
  Telemetry: 'telemetry',
};

/** What is found in a resource with a spec, in the form `LEVEL PATH: MESSAGE (SUGGESTION?)`. */
function found(kind: string, spec: string): string[] {
  const text = `apiVersion: ${GROUPS[kind] ?? 'networking'}.istio.io/v1\nkind: ${kind}\nmetadata: {name: a, namespace: shop}\nspec:\n  ${spec.replaceAll('\n', '\n  ')}\n`;
  return validate([{ name: 'a.yaml', text }]).findings.map(
    ({ level, path = '', message, suggestion }) =>
      `${level} ${path.replace(/^spec\.?/, '')}: ${message}${suggestion === undefined ? '' : ` (${suggestion}?)`}`,
  );
}

type Case = readonly [what: string, kind: string, spec: string, ...expected: readonly string[]];

const WRONG: readonly Case[] = [
  ['a host that is none', 'DestinationRule', 'host: a_b', 'error host: host is "a_b"'],
  ['a wildcard in the middle', 'DestinationRule', 'host: a.*.b', 'error host: host is "a.*.b"'],
  [
    'a policy that says nothing',
    'DestinationRule',
    'host: a\ntrafficPolicy: {}',
    'error traffic_policy: tls is missing',
  ],
  [
    'MUTUAL without files',
    'DestinationRule',
    'host: a\ntrafficPolicy: {tls: {mode: MUTUAL, clientCertificate: /c.pem}}',
    'error traffic_policy.tls: privateKey is missing',
  ],
  [
    'files beside credentialName',
    'DestinationRule',
    'host: a\ntrafficPolicy: {tls: {mode: SIMPLE, credentialName: c, caCertificates: /ca.pem}}',
    'error traffic_policy.tls.ca_certificates: caCertificates cannot be combined with credentialName',
  ],
  [
    'names that are not verified',
    'DestinationRule',
    'host: a\ntrafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [a]}}',
    'error traffic_policy.tls.subject_alt_names: subjectAltNames has no effect with insecureSkipVerify: true',
  ],
  [
    'fractions of milliseconds',
    'DestinationRule',
    'host: a\ntrafficPolicy: {outlierDetection: {interval: 1500us}}',
    'error traffic_policy.outlier_detection.interval: interval is "1500us"',
  ],
  [
    'weights that are not 100 in total',
    'DestinationRule',
    'host: a\ntrafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a/*, to: {b/*: 60, c/*: 30}}]}}}',
    'error traffic_policy.load_balancer.locality_lb_setting.distribute[0].to: the weights are 90 in total, and must be 100',
  ],
  [
    'a subset without a name, and labels that are none',
    'DestinationRule',
    'host: a\nsubsets: [{labels: {version: "a b"}}]',
    'error subsets[0]: name is missing',
    'error subsets[0].labels.version: labels is "a b"',
  ],
  [
    'exports to all and to one',
    'DestinationRule',
    'host: a\nexportTo: ["*", "."]',
    'error export_to: * exports to all namespaces, so the others have no meaning',
  ],
  [
    'a misspelt field',
    'DestinationRule',
    'host: a\ntrafficPolcy: {}',
    'error trafficPolcy: istio.networking.v1.DestinationRule has no field "trafficPolcy" (trafficPolicy?)',
  ],
  [
    'HTTPS without tls',
    'Gateway',
    'servers: [{port: {number: 443, name: s, protocol: HTTPS}, hosts: ["*"]}]',
    'error servers[0]: tls is missing',
  ],
  [
    'tls for HTTP',
    'Gateway',
    'servers: [{port: {number: 80, name: s, protocol: HTTP}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: c}}]',
    'error servers[0].tls: tls cannot be set for a port with HTTP, except for httpsRedirect',
  ],
  [
    'SIMPLE without a certificate',
    'Gateway',
    'servers: [{port: {number: 443, name: s, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, privateKey: /k}}]',
    'error servers[0].tls: serverCertificate is missing',
  ],
  [
    'a certificate for ISTIO_MUTUAL',
    'Gateway',
    'servers: [{port: {number: 443, name: s, protocol: TLS}, hosts: ["*"], tls: {mode: ISTIO_MUTUAL, credentialName: c}}]',
    'error servers[0].tls.credential_name: credentialName cannot be set for mode ISTIO_MUTUAL',
  ],
  [
    'a misspelt protocol, a port without a name, and a namespace that is none',
    'Gateway',
    'servers: [{port: {number: 80, protocol: HTPT}, hosts: ["a_/b.com"]}]',
    'error servers[0].hosts[0]: hosts is "a_/b.com"',
    'error servers[0].port: name is missing',
    'error servers[0].port.protocol: protocol is "HTPT" (HTTP?)',
  ],
  [
    'ports of one name',
    'Gateway',
    'servers: [{port: {number: 80, name: s, protocol: HTTP}, hosts: ["*"]}, {port: {number: 81, name: s, protocol: HTTP}, hosts: ["*"]}]',
    'error servers: two servers have a port named "s"',
  ],
  [
    'all hosts for DNS',
    'ServiceEntry',
    'hosts: ["*"]\nports: [{number: 80, name: h, protocol: HTTP}]',
    'error hosts[0]: hosts is "*"',
  ],
  [
    'a wildcard that DNS is to resolve',
    'ServiceEntry',
    'hosts: ["*.a.com"]\nresolution: DNS\nports: [{number: 80, name: h, protocol: HTTP}]',
    'error hosts[0]: hosts is "*.a.com"',
  ],
  [
    'a name where addresses belong, and a port that is not there',
    'ServiceEntry',
    'hosts: [a.com]\nresolution: STATIC\nports: [{number: 80, name: h, protocol: HTTP}]\nendpoints: [{address: b.com, ports: {x: 8080}}]',
    'error endpoints[0].ports.x: ports is "8080"',
    'error endpoints[0].address: address is "b.com"',
  ],
  [
    'endpoints without resolution',
    'ServiceEntry',
    'hosts: [a.com]\nports: [{number: 80, name: h, protocol: HTTP}]\nendpoints: [{address: 10.0.0.1}]',
    'error endpoints: endpoints cannot be set for resolution NONE',
  ],
  [
    'a port of no protocol, twice',
    'ServiceEntry',
    'hosts: [a.com]\nports: [{number: 80, name: h, protocol: HTP}, {number: 80, name: i}]',
    'error ports: two ports have the number "80"',
    'error ports[0].protocol: protocol is "HTP" (HTTP?)',
  ],
  [
    'a range for DNS',
    'ServiceEntry',
    'hosts: [a.com]\naddresses: [10.0.0.0/8]\nresolution: DNS',
    'error addresses[0]: addresses is "10.0.0.0/8"',
  ],
  ['an entry without address', 'WorkloadEntry', 'labels: {app: a}', 'error : address is missing'],
  ['an empty Sidecar', 'Sidecar', 'workloadSelector: {labels: {app: a}}', 'error : egress is missing'],
  [
    'a host without namespace',
    'Sidecar',
    'egress: [{hosts: [a.com]}]',
    'error egress[0].hosts[0]: hosts is "a.com"',
  ],
  [
    'an endpoint elsewhere',
    'Sidecar',
    'ingress: [{port: {number: 80, name: h, protocol: HTTP}, defaultEndpoint: "10.0.0.1:80"}]',
    'error ingress[0].default_endpoint: defaultEndpoint is "10.0.0.1:80"',
  ],
  [
    'all hosts in the mesh',
    'VirtualService',
    'hosts: ["*"]\nhttp: [{route: [{destination: {host: a}}]}]',
    'error hosts[0]: hosts is "*"',
  ],
  ['no routes', 'VirtualService', 'hosts: [a]', 'error : http is missing'],
  [
    'a route and a redirect',
    'VirtualService',
    'hosts: [a]\nhttp: [{route: [{destination: {host: a}}], redirect: {uri: /x}}]',
    'error http[0].route: route cannot be combined with redirect',
  ],
  [
    'a route that does nothing',
    'VirtualService',
    'hosts: [a]\nhttp: [{match: [{uri: {prefix: /}}]}]',
    'error http[0]: route is missing',
  ],
  [
    'conditions that are none',
    'VirtualService',
    'hosts: [a]\nhttp: [{route: [{destination: {host: a}}], retries: {attempts: 2, retryOn: gateway-eror}}]',
    'error http[0].retries.retry_on: retryOn is "gateway-eror" (gateway-error?)',
  ],
  [
    'a method that is none',
    'VirtualService',
    'hosts: [a]\nhttp: [{route: [{destination: {host: a}}], corsPolicy: {allowMethods: [GETT]}}]',
    'error http[0].cors_policy.allow_methods[0]: allowMethods is "GETT" (GET?)',
  ],
  [
    'a name of other hosts',
    'VirtualService',
    'hosts: [a.com]\ntls: [{match: [{sniHosts: [b.com]}], route: [{destination: {host: a}}]}]',
    'error tls[0].match[0].sni_hosts[0]: sniHosts is "b.com" (a.com?)',
  ],
  [
    'a delegate with gateways',
    'VirtualService',
    'gateways: [g]\nhttp: [{route: [{destination: {host: a}}]}]',
    'error gateways: gateways cannot be set without hosts, for a delegate',
  ],
  [
    'weights of nothing',
    'VirtualService',
    'hosts: [a]\nhttp: [{route: [{destination: {host: a}}, {destination: {host: b}}]}]',
    'error http[0].route: the weights of the destinations are 0 in total',
  ],
  [
    'ports of all workloads',
    'PeerAuthentication',
    'portLevelMtls: {8080: {mode: STRICT}}',
    'error port_level_mtls: portLevelMtls needs a selector: ports belong to workloads',
  ],
  [
    'a wildcard in a selector',
    'PeerAuthentication',
    'selector: {matchLabels: {app: "a*"}}',
    'error selector.match_labels.app: matchLabels is "a*"',
  ],
  [
    'tokens of nobody, with keys from a path',
    'RequestAuthentication',
    'jwtRules: [{jwksUri: /keys}]',
    'error jwt_rules[0]: issuer is missing',
    'error jwt_rules[0].jwks_uri: jwksUri is "/keys"',
  ],
  ['a denial of nothing', 'AuthorizationPolicy', 'action: DENY', 'error : rules is missing'],
  [
    'a provider for ALLOW',
    'AuthorizationPolicy',
    'provider: {name: p}\nrules: [{}]',
    'error provider: provider is for action CUSTOM, not for ALLOW',
  ],
  [
    'a misspelt attribute',
    'AuthorizationPolicy',
    'rules: [{when: [{key: source.principle, values: [a]}]}]',
    'error rules[0].when[0].key: key is "source.principle" (source.principal?)',
  ],
  [
    'a source of nothing and a port that is none',
    'AuthorizationPolicy',
    'rules: [{from: [{source: {}}], to: [{operation: {ports: [http]}}]}]',
    'error rules[0].from[0].source: principals is missing',
    'error rules[0].to[0].operation.ports[0]: ports is "http"',
  ],
  [
    'an address that is none',
    'AuthorizationPolicy',
    'rules: [{from: [{source: {ipBlocks: [10.0.0.0/40]}}]}]',
    'error rules[0].from[0].source.ip_blocks[0]: ipBlocks is "10.0.0.0/40"',
  ],
  [
    'more than all requests',
    'Telemetry',
    'tracing: [{randomSamplingPercentage: 120}]',
    'error tracing[0].random_sampling_percentage: randomSamplingPercentage is "120"',
  ],
  [
    'a tag without a value',
    'Telemetry',
    'metrics: [{overrides: [{tagOverrides: {a: {operation: UPSERT}}}]}]',
    'error metrics[0].overrides[0].tag_overrides: value is missing',
  ],
];

test.each(WRONG)('%s', (_what, kind, spec, ...expected) => {
  expect(found(kind, spec).sort()).toEqual([...expected].sort());
});

const RIGHT: readonly (readonly [kind: string, spec: string])[] = [
  ['DestinationRule', 'host: "*"\ntrafficPolicy: {tls: {mode: MUTUAL, credentialName: c}}\nexportTo: ["*"]'],
  [
    'DestinationRule',
    'host: "*.local"\ntrafficPolicy: {tls: {mode: ISTIO_MUTUAL}}\nsubsets: [{name: v1, labels: {version: v1}}]',
  ],
  [
    'Gateway',
    'servers: [{port: {number: 80, name: s, protocol: HTTP}, hosts: ["./*", a.com], tls: {httpsRedirect: true}}]',
  ],
  [
    'Gateway',
    'servers: [{port: {number: 443, name: s, protocol: TLS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}]',
  ],
  ['ServiceEntry', 'hosts: ["*.a.com"]\nports: [{number: 443, name: h, protocol: TLS}]'],
  [
    'ServiceEntry',
    'hosts: [a]\nresolution: STATIC\nports: [{number: 443, name: h}]\nendpoints: [{address: "unix:///s"}, {address: "::1", ports: {h: 1}}]',
  ],
  [
    'Sidecar',
    'egress: [{hosts: ["./*", "~/*", "*/a.com"]}]\ningress: [{port: {number: 80}, defaultEndpoint: "unix:///s"}]',
  ],
  [
    'VirtualService',
    'hosts: ["*"]\ngateways: [g]\nhttp: [{route: [{destination: {host: 10.0.0.1}}], retries: {attempts: 3, retryOn: "5xx,503"}}]',
  ],
  [
    'VirtualService',
    'hosts: ["*.a.com"]\ntls: [{match: [{sniHosts: [b.a.com]}], route: [{destination: {host: a}}]}]',
  ],
  ['PeerAuthentication', 'selector: {matchLabels: {app: a}}\nportLevelMtls: {8080: {mode: STRICT}}'],
  ['AuthorizationPolicy', 'action: DENY\nrules: [{when: [{key: "request.headers[x]", notValues: [a]}]}]'],
  ['AuthorizationPolicy', '{}'],
];

test.each(RIGHT)('%s is fine with %s', (kind, spec) => {
  expect(found(kind, spec)).toEqual([]);
});

describe('resources', () => {
  const codes = (text: string) =>
    validate([{ name: 'a.yaml', text }]).findings.map(({ level, message, suggestion }) => [
      level,
      message,
      suggestion,
    ]);

  test('need a version that their group has', () => {
    expect(
      codes('apiVersion: security.istio.io/v1beta2\nkind: PeerAuthentication\nmetadata: {name: a}\n'),
    ).toEqual([['error', 'apiVersion is "security.istio.io/v1beta2"', 'security.istio.io/v1beta1']]);
  });

  test('of which a spec is required', () => {
    expect(codes('apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\n')).toEqual([
      ['error', 'spec is missing', undefined],
    ]);
  });
});

test('the settings of the mesh', () => {
  const text = `proxyListenPort: 70000
trustDomain: "*.a"
connectTimeout: 10us
defaultConfig: {discoveryAddress: istiod, statusPort: 0}
extensionProviders:
- name: a
- {name: b, zipkin: {service: zipkin.shop.svc.cluster.local}}
- {name: b, envoyExtAuthzGrpc: {service: a.b, port: 9000}}
defaultProviders: {tracing: [zipkn]}
`;
  expect(
    readSettings('mesh.yaml', text).findings.map(
      ({ level, path, message }) => `${level} ${path}: ${message}`,
    ),
  ).toEqual([
    'error connect_timeout: connectTimeout is "10us"',
    'error proxy_listen_port: proxyListenPort is "70000"',
    'error trust_domain: trustDomain is "*.a"',
    'error extension_providers[0]: envoyExtAuthzGrpc is missing',
    'error extension_providers[2].name: name is "b"',
    'warning default_providers.tracing[0]: tracing is "zipkn"',
    'error default_config.status_port: statusPort is "0"',
    'error default_config.discovery_address: discoveryAddress is "istiod"',
    'error extension_providers[1].zipkin: port is missing',
  ]);
});
