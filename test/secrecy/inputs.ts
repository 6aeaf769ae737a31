// Configurations with secrets in them. What is SECRET stands for one; the other texts are harmless.

/** Stands where a secret is. */
export const SECRET = '%SECRET%';

/** What JSON can hold. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

const inline = { inline_string: SECRET };

/** An HTTP listener with filters and headers of routes. */
function http(filters: Value[], more: { [name: string]: Value } = {}): Value {
  return {
    name: 'edge',
    address: { socket_address: { address: '0.0.0.0', port_value: 8080 } },
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: {
              '@type': `${V3}filters.network.http_connection_manager.v3.HttpConnectionManager`,
              stat_prefix: 'edge',
              route_config: {
                virtual_hosts: [
                  {
                    name: 'v',
                    domains: ['*'],
                    routes: [{ match: { prefix: '/' }, route: { cluster: 'orders' }, ...more }],
                  },
                ],
              },
              http_filters: filters,
            },
          },
        ],
      },
    ],
  };
}

const V3 = 'type.googleapis.com/envoy.extensions.';

function filter(type: string, config: { [name: string]: Value }): Value {
  return {
    name: `envoy.filters.http.${type}`,
    typed_config: { '@type': `${V3}filters.http.${type}.v3.${config.type}`, ...(config.config as object) },
  };
}

const tls = (api: 'v2' | 'v3'): Value => ({
  tls_certificates: [
    {
      certificate_chain: { filename: '/etc/certs/chain.pem' },
      private_key: inline,
      password: inline,
      ...(api === 'v3' ? { pkcs12: { inline_bytes: SECRET } } : {}),
    },
  ],
  validation_context: {
    trusted_ca: inline,
    crl: inline,
    ...(api === 'v3'
      ? { match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { acme: SECRET } }] }
      : {}),
  },
});

const cluster = (more: { [name: string]: Value }): Value => ({
  name: 'orders',
  connect_timeout: '1s',
  type: 'STATIC',
  ...more,
});

const socket = (side: 'Downstream' | 'Upstream', config: { [name: string]: Value }): Value => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: { '@type': `${V3}transport_sockets.tls.v3.${side}TlsContext`, ...config },
});

const bootstrap = (resources: { [name: string]: Value }): Value => ({ static_resources: resources });

/** What is free-form, set, matched or misconfigured in extensions. */
const MORE: readonly Value[] = [
  bootstrap({
    listeners: [
      http([
        filter('wasm', {
          type: 'Wasm',
          config: {
            config: {
              name: 'w',
              configuration: { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: SECRET },
              vm_config: {
                runtime: 'envoy.wasm.runtime.v8',
                configuration: {
                  '@type': 'type.googleapis.com/google.protobuf.Struct',
                  value: { any: SECRET },
                },
                environment_variables: { key_values: { ANY: SECRET } },
              },
            },
          },
        }),
        filter('oauth2', {
          type: 'OAuth2',
          config: {
            config: {
              credentials: {
                client_id: 'shop',
                token_secret: { name: 'a', inline_string: SECRET },
                hmac_secret: SECRET,
              },
              token_endpoint: { uri: `https://${SECRET}@login.example/`, cluster: 'orders', timeout: '1s' },
            },
          },
        }),
        filter('ext_authz', {
          type: 'ExtAuthz',
          config: {
            http_service: {
              server_uri: { uri: 'https://a.example', cluster: 'orders', timeout: '1s' },
              authorization_request: { headers_to_add: [{ key: 'x-any', value: SECRET }] },
            },
            grpc_service: {
              envoy_grpc: { cluster_name: 'orders' },
              initial_metadata: [{ key: 'x-any', value: SECRET }],
            },
          },
        }),
        filter('header_mutation', {
          type: 'HeaderMutation',
          config: {
            mutations: { request_mutations: [{ append: { header: { key: 'cookie', value: SECRET } } }] },
          },
        }),
      ]),
    ],
    clusters: [
      cluster({
        typed_dns_resolver_config: {
          name: 'acme',
          typed_config: {
            '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
            type_url: 'acme.R',
            value: { any: SECRET },
          },
        },
      }),
    ],
  }),
  {
    resources: [
      {
        '@type': 'type.googleapis.com/envoy.api.v2.Listener',
        name: 'l',
        filter_chains: [
          {
            filters: [
              {
                name: 'envoy.http_connection_manager',
                config: {
                  stat_prefix: 'a',
                  http_filters: [{ name: 'envoy.lua', config: { inline_code: `x("Bearer ${SECRET}")` } }],
                  tracing: { custom_tags: [{ tag: 'token', literal: { value: SECRET } }] },
                },
              },
            ],
          },
        ],
      },
    ],
  },
];

/** Envoy configurations. */
export const ENVOY: readonly Value[] = [
  bootstrap({ clusters: [cluster({ tls_context: { sni: 'a.example', common_tls_context: tls('v2') } })] }),
  bootstrap({
    listeners: [
      {
        name: 'edge',
        address: { socket_address: { address: '0.0.0.0', port_value: 8443 } },
        filter_chains: [
          {
            filters: [],
            tls_context: {
              session_ticket_keys: { keys: [inline, { inline_bytes: SECRET }] },
              common_tls_context: tls('v2'),
            },
          },
        ],
      },
    ],
  }),
  bootstrap({
    clusters: [cluster({ transport_socket: socket('Upstream', { common_tls_context: tls('v3') }) })],
  }),
  bootstrap({
    clusters: [
      cluster({
        transport_socket: socket('Upstream', {
          common_tls_context: {
            tls_certificates: [
              {
                private_key_provider: {
                  provider_name: 'acme',
                  typed_config: { '@type': 'type.googleapis.com/acme.P', key: SECRET },
                },
              },
            ],
          },
        }),
      }),
    ],
    secrets: [
      { name: 'a', generic_secret: { secret: inline } },
      { name: 'b', session_ticket_keys: { keys: [{ inline_bytes: SECRET }] } },
      { name: 'c', tls_certificate: { private_key: inline } },
    ],
  }),
  bootstrap({
    clusters: [
      cluster({
        health_checks: [
          {
            timeout: '1s',
            interval: '1s',
            healthy_threshold: 1,
            unhealthy_threshold: 1,
            http_health_check: {
              path: '/',
              request_headers_to_add: [{ header: { key: 'x-shop', value: SECRET } }],
            },
          },
        ],
        metadata: { filter_metadata: { 'acme.kafka': { sasl: { password: SECRET, user: SECRET } } } },
        typed_extension_protocol_options: {
          'envoy.filters.network.redis_proxy': {
            '@type': `${V3}filters.network.redis_proxy.v3.RedisProtocolOptions`,
            auth_password: inline,
          },
        },
        transport_socket: {
          name: 'acme.socket',
          typed_config: { '@type': 'type.googleapis.com/acme.S', token: SECRET, x: [SECRET] },
        },
      }),
    ],
  }),
  bootstrap({
    listeners: [
      http(
        [
          filter('aws_lambda', {
            type: 'Config',
            config: {
              arn: 'arn:aws:lambda:us-east-1:1:function:f',
              credentials: { access_key_id: SECRET, secret_access_key: SECRET, session_token: SECRET },
            },
          }),
          filter('basic_auth', { type: 'BasicAuth', config: { users: inline } }),
          filter('jwt_authn', {
            type: 'JwtAuthentication',
            config: { providers: { p: { issuer: 'shop', local_jwks: inline } } },
          }),
          filter('jwt_authn', {
            type: 'JwtAuthentication',
            config: {
              providers: {
                p: {
                  issuer: 'shop',
                  remote_jwks: {
                    http_uri: {
                      uri: `https://user:${SECRET}@login.example/`,
                      cluster: 'orders',
                      timeout: '1s',
                    },
                  },
                },
              },
            },
          }),
          filter('credential_injector', {
            type: 'CredentialInjector',
            config: {
              credential: {
                name: 'acme',
                typed_config: { '@type': 'type.googleapis.com/acme.C', client_secret: SECRET },
              },
            },
          }),
          { name: 'acme.session', config: { password: SECRET, nested: { apiKey: SECRET } } },
        ],
        {
          request_headers_to_add: [{ header: { key: 'authorization', value: SECRET } }],
          response_headers_to_add: [{ header: { key: 'x-any', value: SECRET } }],
        },
      ),
    ],
  }),
  {
    resources: [
      {
        '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
        name: 'r',
        virtual_hosts: [
          {
            name: 'v',
            domains: ['*'],
            routes: [
              {
                match: {
                  prefix: '/',
                  headers: [{ name: 'authorization', string_match: { exact: SECRET } }],
                  query_parameters: [{ name: 'api_key', string_match: { exact: SECRET } }],
                },
                route: { cluster: 'orders' },
              },
            ],
          },
        ],
      },
    ],
  },
  bootstrap({
    clusters: [
      cluster({
        load_assignment: {
          cluster_name: 'orders',
          endpoints: [
            {
              lb_endpoints: [
                {
                  endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: 1 } } },
                  metadata: { filter_metadata: { a: { k: SECRET } } },
                },
              ],
            },
          ],
        },
      }),
    ],
    listeners: [],
  }),
  {
    node: { id: 'a', cluster: 'b', metadata: { token: SECRET, other: SECRET } },
    static_resources: { clusters: [cluster({})] },
    dynamic_resources: {
      ads_config: {
        api_type: 'GRPC',
        grpc_services: [
          {
            google_grpc: {
              target_uri: 'unix:/a',
              stat_prefix: 's',
              call_credentials: [{ access_token: SECRET }],
              channel_credentials: { ssl_credentials: { private_key: inline } },
            },
            initial_metadata: [{ key: 'authorization', value: SECRET }],
          },
        ],
      },
    },
  },
  {
    name: 'envoy-secret',
    '@type': `${V3}transport_sockets.tls.v3.Secret`,
    tls_certificate: { private_key: inline, certificate_chain: inline },
  },
  ...MORE,
];

/** Kubernetes and Istio resources. */
export const KUBERNETES: readonly Value[] = [
  {
    apiVersion: 'security.istio.io/v1',
    kind: 'RequestAuthentication',
    metadata: { name: 'a', namespace: 'shop' },
    spec: {
      jwtRules: [
        {
          issuer: 'x',
          jwks: SECRET,
          jwksUri: `https://u:${SECRET}@login/`,
          fromHeaders: [{ name: 'x', prefix: 'y' }],
        },
      ],
    },
  },
  {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'a', namespace: 'shop' },
    spec: { rules: [{ when: [{ key: 'request.headers[authorization]', values: [SECRET] }] }] },
  },
  {
    apiVersion: 'extensions.istio.io/v1alpha1',
    kind: 'WasmPlugin',
    metadata: { name: 'w', namespace: 'shop' },
    spec: {
      url: 'oci://x',
      pluginConfig: { any: SECRET, key: SECRET, path: [SECRET] },
      vmConfig: { env: [{ name: 'A', value: SECRET }] },
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: {
      name: 'web',
      namespace: 'shop',
      annotations: { 'sidecar.istio.io/bootstrapOverride': `{"a": "${SECRET}"}` },
    },
    spec: {
      hosts: ['web'],
      http: [
        {
          match: [{ queryParams: { token: { exact: SECRET } } }],
          route: [{ destination: { host: 'web' } }],
          headers: { request: { add: { any: SECRET } } },
        },
      ],
    },
  },
  {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 's' },
    spec: { encryptedData: { a: SECRET }, template: { data: { key: SECRET } } },
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'edge' },
    type: 'Opaque',
    data: { 'tls.key': SECRET },
    stringData: { password: SECRET, any: SECRET },
  },
  {
    apiVersion: 'v1',
    kind: 'List',
    items: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'edge' }, stringData: { a: SECRET } }],
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      labels: { app: 'web' },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': SECRET, 'acme.io/token': SECRET },
    },
    spec: {
      containers: [
        {
          name: 'web',
          image: 'web',
          args: ['--token', SECRET],
          command: [SECRET],
          env: [
            { name: 'PASSWORD', value: SECRET },
            { name: 'ANY', value: SECRET },
          ],
          ports: [{ containerPort: 80 }],
        },
      ],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      template: {
        metadata: { labels: { app: 'web' }, annotations: { any: SECRET } },
        spec: { containers: [{ name: 'istio-proxy', image: 'p', env: [{ name: 'A', value: SECRET }] }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'edge' },
    data: { 'a.properties': SECRET, b: `password=${SECRET}` },
    binaryData: { c: SECRET },
  },
  {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      hosts: ['web'],
      http: [
        {
          match: [{ headers: { authorization: { exact: SECRET }, cookie: { regex: SECRET } } }],
          route: [
            {
              destination: { host: 'web' },
              headers: { request: { set: { authorization: SECRET, any: SECRET } } },
            },
          ],
          appendHeaders: { any: SECRET },
        },
      ],
    },
  },
  {
    apiVersion: 'authentication.istio.io/v1alpha1',
    kind: 'Policy',
    metadata: { name: 'default', namespace: 'shop' },
    spec: { origins: [{ jwt: { issuer: 'x', jwks: SECRET, jwksUri: `https://u:${SECRET}@login/` } }] },
  },
  {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name: 'f', namespace: 'shop' },
    spec: {
      filters: [
        { filterName: 'acme', filterType: 'HTTP', filterConfig: { password: SECRET, x: { y: SECRET } } },
      ],
    },
  },
  {
    apiVersion: 'acme.io/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec: { token: SECRET, deep: [{ any: SECRET }] },
  },
];

/** Files of flags, and files of no kind at all. */
export const OTHERS: readonly Value[] = [
  { defaultConfig: { tracing: { lightstep: { address: 'x:1', accessToken: SECRET } } }, trustDomain: 'shop' },
  {
    global: { tracer: { lightstep: { accessToken: SECRET } } },
    nodeagent: { env: { CA_ADDR: 'x', VAULT_TOKEN: SECRET } },
    grafana: { security: { any: SECRET } },
  },
  {
    type: 'sidecar',
    ip: '10.1.1.1',
    id: 'web-1.shop',
    domain: 'shop.svc.cluster.local',
    metadata: { TOKEN: SECRET },
  },
  { secrets: [{ name: 'a', certificate_chain: '/a', private_key: '/b', any: SECRET }] },
  { inputs: ['a'], api: 'v3', levels: { 'no-node': 'off' }, token: SECRET },
  { TOKEN: SECRET, list: [SECRET] },
];
