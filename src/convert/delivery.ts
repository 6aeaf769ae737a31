// From what the user asks for to a provider: which server, at which address, in which form, and what does
// not go together.

import type { Api } from '../envoy/detect.js';
import type { Region } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { NODE_AGENT_URI } from '../istio/sockets.js';
import type { Fragment } from '../source/fragment.js';
import { customProvider } from '../tls/providers/custom.js';
import { filesProvider } from '../tls/providers/files.js';
import { istioProvider } from '../tls/providers/istio.js';
import type { Provider, SdsCluster, SdsSource } from '../tls/providers/provider.js';
import { spireProvider } from '../tls/providers/spire.js';
import {
  type CallCredentials,
  envoyGrpcSource,
  googleGrpcSource,
  ISTIO_TOKEN,
  type IstioVersion,
  KUBERNETES_TOKEN,
  socketPath,
  targetUri,
} from '../tls/sds-source.js';
import type { SecretNames } from '../tls/secret-names.js';
import { NO_SECRET_NAMES } from '../tls/secret-names.js';
import type { MeshSdsSettings } from './mesh-settings.js';

export const PROVIDER_NAMES = ['istio', 'istio-agent', 'spire', 'files', 'custom'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export const TRANSPORTS = ['google_grpc', 'envoy_grpc'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** How secrets are to be delivered; everything has a default. */
export interface DeliveryOptions {
  /** Default `istio`. */
  readonly provider?: ProviderName;
  /** The form of the node agent's block; default 1.1. */
  readonly istio?: IstioVersion;
  /** Without it: Istio's usual socket, and the trustworthy token. */
  readonly mesh?: MeshSdsSettings;
  /** The SDS server's socket or target URI; wins over the mesh's. */
  readonly sdsPath?: string;
  /** `istio`, `kubernetes`, `gce`, `none`, or the path of a token file; wins over the mesh's. */
  readonly token?: string;
  readonly transport?: Transport;
  /** A cluster that leads to the SDS server and is there already; implies envoy_grpc. */
  readonly sdsCluster?: string;
  readonly secrets?: SecretNames;
  /** Name files by their paths where nothing else names them. */
  readonly allFiles?: boolean;
  /** For provider `files`: the folder of the Secret files as Envoy will see it. */
  readonly secretsDir?: string;
}

/** A provider, or what is wrong with the options. */
export type Delivery = { readonly provider: Provider } | Problem;

/** What is wrong, and where the mesh says so if it does. */
interface Problem {
  readonly problem: string;
  readonly region?: Region;
}

/** Where each server listens by default. */
const SOCKETS: Readonly<Record<Exclude<ProviderName, 'files' | 'custom'>, string>> = {
  istio: NODE_AGENT_URI,
  'istio-agent': './var/run/secrets/workload-spiffe-uds/socket',
  spire: '/run/spire/sockets/agent.sock',
};

/** The cluster that leads to each server, by its usual name. */
const CLUSTERS: Readonly<Record<Exclude<ProviderName, 'files'>, string>> = {
  istio: 'sds-grpc',
  'istio-agent': 'sds-grpc',
  spire: 'spire_agent',
  custom: 'sds-grpc',
};

/** Makes the provider that the options ask for. */
export function deliver(options: DeliveryOptions): Delivery {
  const name = options.provider ?? 'istio';
  const secrets = options.secrets ?? NO_SECRET_NAMES;
  if (name === 'files') return deliverFiles(options, secrets);
  const foreign = notFor(name, options);
  if (foreign !== undefined) return { problem: foreign };
  const address = addressOf(name, options);
  if ('problem' in address) return address;
  const transport = transportOf(name, options, address.target);
  const problem = notOver(transport, address.target, options);
  if (problem !== undefined) return { problem };
  const istio = options.istio ?? '1.1';
  const via =
    transport === 'envoy_grpc'
      ? throughCluster(name, options, address.target)
      : directly(name, options, address.target, istio);
  const { source, cluster, description } = via;
  const allFiles = options.allFiles ?? false;
  switch (name) {
    case 'istio':
      return {
        provider: istioProvider({
          name,
          description: `Istio ${istio}'s node agent ${description}`,
          source,
          cluster,
          secrets,
          allFiles,
          knowsFileNames: false,
        }),
      };
    case 'istio-agent':
      return {
        provider: istioProvider({
          name,
          description: `the Istio agent ${description}`,
          source,
          cluster,
          secrets,
          allFiles,
          knowsFileNames: true,
        }),
      };
    case 'spire':
      return {
        provider: spireProvider({ description: `SPIRE's agent ${description}`, source, cluster, secrets }),
      };
    case 'custom':
      return {
        provider: customProvider({
          description: `an SDS server ${description}`,
          source,
          cluster,
          secrets,
          allFiles,
        }),
      };
  }
}

function deliverFiles(options: DeliveryOptions, secrets: SecretNames): Delivery {
  const foreign = (['sdsPath', 'token', 'transport', 'sdsCluster', 'mesh', 'istio'] as const).find(
    (one) => options[one] !== undefined,
  );
  if (foreign !== undefined) {
    const flag = foreign.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return { problem: `--${flag} does not go with --provider files, which has no SDS server` };
  }
  if (options.secretsDir === undefined) {
    return {
      problem:
        '--provider files needs --secrets-dir DIR, the folder of the Secret files as Envoy will see it',
    };
  }
  return { provider: filesProvider(options.secretsDir, secrets) };
}

/** What does not go with a provider that is a server. */
function notFor(name: ProviderName, options: DeliveryOptions): string | undefined {
  const { secretsDir, mesh, istio, allFiles, sdsCluster } = options;
  if (secretsDir !== undefined) return '--secrets-dir goes with --provider files only';
  if (mesh !== undefined && name !== 'istio')
    return `--mesh goes with --provider istio: what it says of SDS is said of the node agent`;
  if (istio !== undefined && name !== 'istio' && name !== 'custom')
    return `--istio does not go with --provider ${name}: it is the form of the node agent's block`;
  if (allFiles === true && name === 'spire')
    return '--all-files does not go with --provider spire, which names secrets by SPIFFE ID: use --secrets';
  return sdsCluster === '' ? '--sds-cluster is empty' : undefined;
}

/** What does not go with the way in which the server is reached. */
function notOver(
  transport: Transport,
  target: string,
  { token, sdsCluster }: DeliveryOptions,
): string | undefined {
  if (transport === 'envoy_grpc') {
    if (token !== undefined)
      return '--token goes with --transport google_grpc: envoy_grpc has no call credentials';
    if (sdsCluster === undefined && socketPath(target) === undefined && !HOST_AND_PORT.test(target))
      return `envoy_grpc reaches a socket or HOST:PORT, and ${JSON.stringify(target)} is neither`;
    return undefined;
  }
  if (sdsCluster !== undefined) return '--sds-cluster goes with --transport envoy_grpc';
  if (/^unix:$|^(?![a-z][\w+.-]*:).*\//i.test(target) && socketPath(target) === undefined)
    return `${JSON.stringify(target)} is no address: a socket's path starts with /, ./ or unix:`;
  if (token === undefined || TOKENS.includes(token) || token.includes('/')) return undefined;
  if (token === '') return '--token is empty';
  const meant = nearName(token, TOKENS);
  return `--token ${JSON.stringify(token)} is none of ${TOKENS.join(', ')}, and no path of a file, which has a /${meant === undefined ? '' : `\n  did you mean ${meant}?`}`;
}

const TOKENS: readonly string[] = ['istio', 'kubernetes', 'gce', 'none'];

/** Where a server is, or why nobody knows. */
export type Address = { readonly target: string } | Problem;

/** Where the server of a provider is. */
export function addressOf(
  name: Exclude<ProviderName, 'files'>,
  { sdsPath, sdsCluster, mesh }: DeliveryOptions,
): Address {
  if (sdsPath !== undefined) return sdsPath === '' ? { problem: '--sds-path is empty' } : { target: sdsPath };
  if (name === 'custom') {
    return sdsCluster !== undefined
      ? { target: '' }
      : {
          problem:
            '--provider custom needs --sds-path (a socket or target) or --sds-cluster (a cluster of the bootstrap)',
        };
  }
  if (name === 'istio' && mesh !== undefined) {
    if (mesh.sdsUdsPath !== '') return { target: mesh.sdsUdsPath };
    return {
      problem: "the mesh's sdsUdsPath is empty, so SDS is off in it: give --sds-path, or a mesh with SDS",
      ...(mesh.sdsUdsPathRegion !== undefined && { region: mesh.sdsUdsPathRegion }),
    };
  }
  return { target: SOCKETS[name] };
}

/** How Envoy reaches the server. */
export function transportOf(
  name: ProviderName,
  { transport, sdsCluster, istio }: DeliveryOptions,
  target: string,
): Transport {
  if (transport !== undefined) return transport;
  if (sdsCluster !== undefined) return 'envoy_grpc';
  if (name === 'istio-agent' || name === 'spire') return 'envoy_grpc';
  // Istio 1.5 kept google_grpc on the node agent's socket only; its own agent is reached through a cluster.
  return name === 'istio' && istio === '1.5' && targetUri(target) !== NODE_AGENT_URI
    ? 'envoy_grpc'
    : 'google_grpc';
}

interface Via {
  readonly source: SdsSource;
  readonly cluster: SdsCluster | undefined;
  readonly description: string;
}

function directly(name: ProviderName, options: DeliveryOptions, target: string, istio: IstioVersion): Via {
  const uri = targetUri(target);
  const credentials = credentialsOf(name, options);
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
export function credentialsOf(name: ProviderName, { token, mesh }: DeliveryOptions): CallCredentials {
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
      break;
    default:
      return { kind: 'token', filename: token };
  }
  if (name !== 'istio') return { kind: 'none' };
  // The order of Pilot 1.1's ConstructSdsSecretConfig.
  if (mesh === undefined || mesh.enableSdsTokenMount) return { kind: 'token', filename: ISTIO_TOKEN };
  if (mesh.sdsUseK8sSaJwt) return { kind: 'token', filename: KUBERNETES_TOKEN };
  return { kind: 'google_compute_engine' };
}

function throughCluster(name: Exclude<ProviderName, 'files'>, options: DeliveryOptions, target: string): Via {
  const given = options.sdsCluster;
  const cluster = given ?? CLUSTERS[name];
  return {
    // Today's Istio makes Envoy wait for the workload's own secrets.
    source: sameFor((api) => envoyGrpcSource(cluster, name === 'istio-agent', api)),
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
