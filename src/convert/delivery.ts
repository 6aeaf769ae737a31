// From what the user asks for to a provider: which server, at which address, in which form, and what does
// not go together.

import type { Api } from '../envoy/detect.js';
import { nearName } from '../finding/near-name.js';
import { isBrokenSocket, socketPath, targetUri } from '../istio/sockets.js';
import { ISTIO_TOKEN, KUBERNETES_TOKEN } from '../istio/tokens.js';
import { quoted } from '../secrecy/quoted.js';
import type { Fragment } from '../source/fragment.js';
import type {
  OptionsProblem,
  ProviderDescriptor,
  ProviderOptions,
  ReachedServer,
  SdsServer,
  ServerAddress,
  Transport,
} from '../tls/providers/descriptor.js';
import type { Provider, SdsSource } from '../tls/providers/provider.js';
import { type ProviderName, providerNamed } from '../tls/providers/providers.js';
import {
  type CallCredentials,
  DEFAULT_VERSION,
  envoyGrpcSource,
  googleGrpcSource,
} from '../tls/sds-source.js';

/** How secrets are to be delivered; everything has a default. */
export interface DeliveryOptions extends ProviderOptions {
  /** Default `istio`. */
  readonly provider?: ProviderName;
}

/** A provider, or what is wrong with the options. */
export type Delivery = { readonly provider: Provider } | OptionsProblem;

/** Makes the provider that the options ask for. */
export function deliver(options: DeliveryOptions): Delivery {
  const descriptor = providerNamed(options.provider);
  const refused = refusedBy(descriptor, options);
  if (refused !== undefined) return { problem: refused };
  if (descriptor.server === undefined) {
    const provider = descriptor.provider(options);
    return 'problem' in provider ? provider : { provider };
  }
  if (options.sdsCluster === '') return { problem: '--sds-cluster is empty' };
  const { server } = descriptor;
  const address = addressOf(server, options);
  if ('problem' in address) return address;
  const { target } = address;
  const transport = transportOf(server, options, target);
  const problem = notOver(transport, target, options);
  if (problem !== undefined) return { problem };
  const { description, ...via } =
    transport === 'envoy_grpc' ? throughCluster(server, options, target) : directly(server, options, target);
  const reached = { ...via, description: `${server.title(options)} ${description}` };
  return { provider: descriptor.provider(reached, options) };
}

/** The message about the first option that does not go with a provider. */
function refusedBy({ refuses }: ProviderDescriptor, options: ProviderOptions): string | undefined {
  const names = Object.keys(refuses) as (keyof ProviderOptions)[];
  const refused = names.find((name) => options[name] !== undefined && options[name] !== false);
  return refused && refuses[refused];
}

/** What does not go with the way in which the server is reached. */
function notOver(
  transport: Transport,
  target: string,
  { token, sdsCluster }: ProviderOptions,
): string | undefined {
  if (transport === 'envoy_grpc') {
    if (token !== undefined)
      return '--token requires --transport google_grpc: envoy_grpc has no call credentials';
    if (sdsCluster === undefined && socketPath(target) === undefined && !HOST_AND_PORT.test(target))
      return `${quoted(target)} is not an address for envoy_grpc: expected the path of a socket or HOST:PORT`;
    return undefined;
  }
  if (sdsCluster !== undefined) return '--sds-cluster requires --transport envoy_grpc';
  if (isBrokenSocket(target))
    return `${quoted(target)} is not an address: the path of a socket starts with /, ./ or unix:`;
  if (token === undefined || TOKENS.includes(token) || token.includes('/')) return undefined;
  if (token === '') return '--token is empty';
  const meant = nearName(token, TOKENS);
  return `--token ${quoted(token)} is neither one of ${TOKENS.join(', ')} nor the path of a file, which contains a /${meant === undefined ? '' : `\n  did you mean ${meant}?`}`;
}

const TOKENS: readonly string[] = ['istio', 'kubernetes', 'gce', 'none'];

/** Where a server is. */
export function addressOf(server: SdsServer, options: ProviderOptions): ServerAddress {
  const { sdsPath } = options;
  if (sdsPath === undefined) return server.address(options);
  return sdsPath === '' ? { problem: '--sds-path is empty' } : { target: sdsPath };
}

/** How Envoy reaches a server. */
export function transportOf(server: SdsServer, options: ProviderOptions, target: string): Transport {
  if (options.transport !== undefined) return options.transport;
  return options.sdsCluster !== undefined ? 'envoy_grpc' : server.transport(options, target);
}

function directly(server: SdsServer, options: ProviderOptions, target: string): ReachedServer {
  const uri = targetUri(target);
  const credentials = credentialsOf(server, options);
  const istio = options.istio ?? DEFAULT_VERSION;
  const spoken =
    credentials.kind === 'token'
      ? `token ${credentials.filename}`
      : credentials.kind === 'none'
        ? 'no token'
        : 'GCE credentials';
  return {
    source: sameFor((api) => googleGrpcSource(uri, credentials, istio, api)),
    cluster: undefined,
    description: `at ${uri}, ${spoken}`,
  };
}

/** What the proxy shows to a server that google_grpc reaches. */
export function credentialsOf(server: SdsServer, options: ProviderOptions): CallCredentials {
  const { token } = options;
  switch (token) {
    case 'istio':
      return { kind: 'token', filename: ISTIO_TOKEN };
    case 'kubernetes':
      return { kind: 'token', filename: KUBERNETES_TOKEN };
    case 'gce':
      return { kind: 'google_compute_engine' };
    case 'none':
      return { kind: 'none' };
    case undefined:
      return server.credentials(options);
    default:
      return { kind: 'token', filename: token };
  }
}

function throughCluster(server: SdsServer, options: ProviderOptions, target: string): ReachedServer {
  const given = options.sdsCluster;
  const cluster = given ?? server.cluster;
  return {
    source: sameFor((api) => envoyGrpcSource(cluster, server.waits, api)),
    cluster: {
      name: cluster,
      definition: given === undefined ? (api) => clusterDefinition(cluster, target, api) : undefined,
    },
    description:
      given === undefined
        ? `at ${socketPath(target) ?? target}, through the cluster ${cluster}`
        : `through the cluster ${cluster}`,
  };
}

/** The same object for the same version, so that it is printed once. */
function sameFor(source: SdsSource): SdsSource {
  const made = { v2: source('v2'), v3: source('v3') };
  return (api) => made[api];
}

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const HTTP2: Fragment = {
  [HTTP_OPTIONS]: {
    '@type': `type.googleapis.com/${HTTP_OPTIONS}`,
    explicit_http_config: { http2_protocol_options: {} },
  },
};

/** The static cluster that leads to an SDS server; gRPC needs HTTP/2. */
function clusterDefinition(name: string, target: string, api: Api): { readonly [field: string]: Fragment } {
  const path = socketPath(target);
  const [host, port] = splitHostPort(target);
  const address =
    path !== undefined ? { pipe: { path } } : { socket_address: { address: host, port_value: port } };
  return {
    name,
    type: path !== undefined ? 'STATIC' : 'STRICT_DNS',
    connect_timeout: '1s',
    ...(api === 'v2' ? { http2_protocol_options: {} } : { typed_extension_protocol_options: HTTP2 }),
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  };
}

/** A name or an IP address, in brackets if it has colons, and a port; also as gRPC's `dns:` target. */
const HOST_AND_PORT = /^(?:dns:(?:\/\/[^/]*\/)?)?(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})$/;

function splitHostPort(target: string): [host: string, port: number] {
  const [, bracketed, plain, port] = HOST_AND_PORT.exec(target) ?? [];
  return [bracketed ?? plain ?? target, Number(port)];
}
