// Where SDS fetches secrets: a name is one secret only where it is asked of one source.

import { posix } from 'node:path';
import { memo } from '../../collections/memo.js';
import { oncePer } from '../../collections/once-per.js';
import type { Fragment } from '../../source/fragment.js';
import type { TlsDifference } from './change.js';
import { type Channel, channelDifferences, channelOf, grpcCluster, metadataOf } from './grpc-channel.js';
import { sameValue, sortedText } from './same-value.js';
import { aroundDifference } from './tls-difference.js';

/** What one side knows of the places that secrets come from. */
export interface SecretPlaces {
  /** The addresses of a cluster's endpoints, each as text; undefined where they are not known. */
  clusterAddresses(name: string): readonly string[] | undefined;
}

/** A source of secrets. */
export interface SecretSource {
  readonly kind: 'static' | 'file' | 'server' | 'ads';
  /** The same for the same source: a path, or where the server is. */
  readonly key: string;
  /** Of a server that goes by the name of a cluster that is not among the inputs. */
  readonly isNamed: boolean;
}

type Fields = { readonly [name: string]: Fragment };

function fields(value: Fragment | undefined): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

const STATIC: SecretSource = { kind: 'static', key: '', isNamed: false };

/** Thousands of contexts share a block, which is read once for each side. */
const known = new WeakMap<SecretPlaces, WeakMap<object, SecretSource>>();

/** The source that a ConfigSource is; without one a secret is static. */
export function secretSource(source: Fragment | undefined, places: SecretPlaces): SecretSource {
  const config = fields(source);
  if (config === undefined) return STATIC;
  const ofSide = memo(known, places, () => new WeakMap<object, SecretSource>());
  return memo(ofSide, config, () => readSource(config, places));
}

function readSource(config: Fields, places: SecretPlaces): SecretSource {
  const path = pathOf(config);
  if (path !== undefined) return { kind: 'file', key: posix.normalize(path), isNamed: false };
  const services = servicesOf(config);
  if (services.length === 0)
    return { kind: 'ads', key: sortedText(config.ads ?? config.self ?? null), isNamed: false };
  const servers = services.map((service) => serverOf(service, places));
  return {
    kind: 'server',
    key: servers.map(({ key }) => key).join(),
    isNamed: servers.some(({ isNamed }) => isNamed),
  };
}

function servicesOf(config: Fields): readonly Fragment[] {
  const api = fields(config.api_config_source);
  if (api === undefined) return [];
  const services = list(api.grpc_services);
  // REST, and what gRPC was at first, name clusters alone.
  return services.length > 0
    ? services
    : list(api.cluster_names).map((name) => ({ envoy_grpc: { cluster_name: name } }));
}

function list(value: Fragment | undefined): readonly Fragment[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value as Fragment];
}

function serverOf(
  service: Fragment,
  places: SecretPlaces,
): { readonly key: string; readonly isNamed: boolean } {
  const channel = channelOf(service);
  if (channel !== undefined) return { key: channel.target, isNamed: false };
  const cluster = grpcCluster(service) ?? '';
  const addresses = places.clusterAddresses(cluster);
  return addresses === undefined || addresses.length === 0
    ? { key: `cluster ${cluster}`, isNamed: true }
    : { key: [...addresses].sort().join(' '), isNamed: false };
}

/** Whether two sources are one: undefined where nothing tells. */
export function sameSource(
  old: Fragment | undefined,
  now: Fragment | undefined,
  sides: Sides,
): boolean | undefined {
  const [a, b] = [secretSource(old, sides.old), secretSource(now, sides.new)];
  if (a.kind !== b.kind) return undefined;
  if (a.key === b.key) return true;
  // Of a cluster that only one side defines, the name is all that there is to go by.
  return a.isNamed !== b.isNamed && clusterNames(old) === clusterNames(now) ? true : undefined;
}

interface Sides {
  readonly old: SecretPlaces;
  readonly new: SecretPlaces;
}

function clusterNames(source: Fragment | undefined): string {
  return clustersOf(source).join();
}

/** The file that a ConfigSource reads secrets from. */
export function pathOf(source: Fragment | undefined): string | undefined {
  const config = fields(source);
  if (config === undefined) return undefined;
  if ('path' in config) return String(config.path);
  const inner = fields(config.path_config_source);
  return inner === undefined ? undefined : String(inner.path ?? '');
}

/** Whether a source may be Istio's agent on the node, for which the convention of names holds. */
export function isIstioAgent(source: Fragment | undefined, places: SecretPlaces): boolean {
  const { kind, key, isNamed } = secretSource(source, places);
  if (isSpire(source) || /spire/i.test(key)) return false;
  return kind === 'server' && (isNamed || key.split(/[ ,]/).every((address) => address.startsWith('unix:')));
}

/** Whether a source is a SPIRE agent, as far as its names tell. */
export function isSpire(source: Fragment | undefined): boolean {
  const config = fields(source);
  return config !== undefined && namesSpire(config);
}

const namesSpire = oncePer((config: Fields): boolean =>
  /"(?:cluster_name|target_uri)":"[^"]*spire/i.test(sortedText(config)),
);

/** What is known of the clusters that secrets come through. */
export interface SecretChannels {
  clusterDifferences(old: string, now: string): readonly TlsDifference[];
}

/** What it means that the channel to an SDS server is kept, or used, in another way. */
export function channelChanges(
  old: Fragment | undefined,
  now: Fragment | undefined,
  field: string,
  { clusterDifferences }: Pick<SecretChannels, 'clusterDifferences'>,
): TlsDifference[] {
  if (sameValue(old, now)) return [];
  const [before, after] = [channelsOf(old), channelsOf(now)];
  const found = after.flatMap((channel, i) => {
    const earlier = before[i];
    return channel === undefined || earlier === undefined ? [] : channelDifferences(earlier, channel);
  });
  const [clusters, later] = [clustersOf(old), clustersOf(now)];
  for (const [i, name] of later.entries()) {
    const earlier = clusters[i];
    if (earlier !== undefined && name !== undefined && earlier !== name)
      found.push(...clusterDifferences(earlier, name));
  }
  const [asked, asks] = [old, now].map(metadataIn);
  if (before.length > 0 && after.length > 0 && (callsOf(before) !== callsOf(after) || asked !== asks))
    found.push(
      aroundDifference('unknown', 'another client asks the SDS server, which may deliver another secret'),
    );
  return found.map((one) => ({ ...one, field }));
}

function clustersOf(source: Fragment | undefined): (string | undefined)[] {
  return servicesOf(fields(source) ?? {}).map(grpcCluster);
}

function channelsOf(source: Fragment | undefined): (Channel | undefined)[] {
  return servicesOf(fields(source) ?? {}).map(channelOf);
}

function metadataIn(source: Fragment | undefined): string {
  return servicesOf(fields(source) ?? {})
    .map((service) => metadataOf(service, () => true))
    .join('\0');
}

/** What calls present, whatever the header that Istio's releases spell differently. */
function callsOf(channels: readonly (Channel | undefined)[]): string {
  return channels
    .map((channel) => (channel?.calls ?? '').replace(/"(?:header_key|@type)":"[^"]*",?/g, ''))
    .join();
}
