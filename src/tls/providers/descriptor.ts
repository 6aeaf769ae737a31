// What a provider says of itself. Each is one file beside this one and one line in providers.ts; those who offer
// providers, or write what pods need for them, read only this.

import type { Region } from '../../finding/finding.js';
import type { CallCredentials, IstioVersion } from '../sds-source.js';
import type { SecretNames } from '../secret-names.js';
import type { Provider, SdsCluster, SdsSource } from './provider.js';

export const TRANSPORTS = ['google_grpc', 'envoy_grpc'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** MeshConfig's `sdsUdsPath`, `enableSdsTokenMount` and `sdsUseK8sSaJwt`; absent fields have their defaults. */
export interface MeshSdsSettings {
  readonly sdsUdsPath: string;
  readonly enableSdsTokenMount: boolean;
  readonly sdsUseK8sSaJwt: boolean;
  /** '' where the mesh does not say. */
  readonly trustDomain?: string;
  /** Where the file says, or does not say, what the socket is. */
  readonly sdsUdsPathRegion?: Region;
}

/** What the user says of a provider; everything has a default. */
export interface ProviderOptions {
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

/** What is wrong with the options, and where the mesh says so if it does. */
export interface OptionsProblem {
  readonly problem: string;
  readonly region?: Region;
}

/** Where a server is, or why that is not known. */
export type ServerAddress = { readonly target: string } | OptionsProblem;

/** What is mounted into pods so that their proxies reach the server. */
interface SocketMount {
  /** Whether the socket alone is mounted, or the folder that it is in. */
  readonly mounted: 'socket' | 'folder';
  /** The names of the volume in sidecars and in gateways. */
  readonly volume: { readonly sidecar: string; readonly gateway: string };
}

/** Why pods keep the mounted secret. */
interface KeepsSecret {
  readonly keeps: string;
}

/** An SDS server. */
export interface SdsServer {
  /** What serves, for people: `SPIRE's agent`. */
  title(options: ProviderOptions): string;
  /** Where it listens, unless `sdsPath` says so. */
  address(options: ProviderOptions): ServerAddress;
  /** How Envoy reaches it, unless `transport` or `sdsCluster` says so. */
  transport(options: ProviderOptions, target: string): Transport;
  /** The cluster that leads to it, by its usual name. */
  readonly cluster: string;
  /** What the proxy shows over google_grpc, unless `token` says so. */
  credentials(options: ProviderOptions): CallCredentials;
  /** Whether Envoy waits for secrets for as long as it takes (`initial_fetch_timeout: 0s`). */
  readonly waits: boolean;
}

/** A server, and how Envoy was found to reach it. */
export interface ReachedServer {
  readonly description: string;
  readonly source: SdsSource;
  readonly cluster: SdsCluster | undefined;
}

interface Described {
  /** As in `--provider NAME`. */
  readonly name: string;
  /** The line of the help text. */
  readonly help: string;
  /** The options that do not go with it, each with the message that says so. */
  readonly refuses: { readonly [Option in keyof ProviderOptions]?: string };
}

/** A provider with an SDS server. */
export interface ServerDescriptor extends Described {
  readonly server: SdsServer;
  /** What it means for pods. */
  pods(provider: Provider): SocketMount | KeepsSecret;
  /** How it names secrets. */
  provider(reached: ReachedServer, options: ProviderOptions): Provider;
}

/** A provider without one: Envoy reads Secret files. */
export interface FilesDescriptor extends Described {
  readonly server: undefined;
  /** What it means for pods. */
  pods(provider: Provider): KeepsSecret;
  /** How it names secrets. */
  provider(options: ProviderOptions): Provider | OptionsProblem;
}

/** What a provider says of itself. */
export type ProviderDescriptor = ServerDescriptor | FilesDescriptor;

/** What servers other than Istio's node agent refuse. */
export function refusedByOthers(name: string) {
  return {
    secretsDir: FILES_ONLY,
    mesh: '--mesh requires --provider istio, because its SDS settings are those of the node agent',
    istio: `--istio cannot be combined with --provider ${name}; it selects the node agent's version`,
  };
}

/** Why a server refuses a folder for Secret files. */
export const FILES_ONLY = '--secrets-dir requires --provider files';
