// The channels of gRPC services: to control planes, SDS servers, authorization and the like. Whether the server
// is checked, by which roots, which server that is, and what is presented to it.

import { socketPath } from '../../istio/sockets.js';
import { quoted } from '../../secrecy/quoted.js';
import type { Fragment } from '../../source/fragment.js';
import type { TlsDifference } from './change.js';
import { sortedText } from './same-value.js';
import { aroundDifference } from './tls-difference.js';

/** How a channel is kept: each better than those before it. */
const SECURITY = ['plain text', 'a local socket', 'credentials of an extension', 'TLS'] as const;
type Security = (typeof SECURITY)[number];

/** A channel that gRPC makes itself (`google_grpc`). */
export interface Channel {
  readonly target: string;
  readonly security: Security;
  /** What is trusted, what the channel presents, and what each call presents; as texts. */
  readonly roots: string;
  readonly identity: string;
  readonly calls: string;
}

type Fields = { readonly [name: string]: Fragment };

function fields(value: Fragment | undefined): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A GrpcService's own channel; undefined where it goes through a cluster. */
export function channelOf(service: Fragment | undefined): Channel | undefined {
  const google = fields(fields(service)?.google_grpc);
  if (google === undefined) return undefined;
  const target = targetText(String(google.target_uri ?? ''));
  const credentials = fields(google.channel_credentials);
  const ssl = fields(credentials?.ssl_credentials);
  const isDefault = credentials?.google_default !== undefined;
  return {
    target,
    security: securityOf(google, target, ssl !== undefined || isDefault),
    roots: isDefault ? 'default' : sortedText(ssl?.root_certs),
    identity: sortedText([ssl?.private_key ?? null, ssl?.cert_chain ?? null]),
    calls: hasCalls(google) ? sortedText([google.call_credentials ?? null, google.config ?? null]) : '',
  };
}

function hasCalls({ call_credentials: calls, config }: Fields): boolean {
  return (Array.isArray(calls) && calls.length > 0) || config !== undefined;
}

function securityOf(google: Fields, target: string, isChecked: boolean): Security {
  if (isChecked) return 'TLS';
  const credentials = fields(google.channel_credentials);
  if (credentials?.local_credentials !== undefined || target.startsWith('unix:')) return 'a local socket';
  const isPlugin = google.channel_credentials_plugin !== undefined;
  return isPlugin ? 'credentials of an extension' : 'plain text';
}

/** A target in one spelling. */
function targetText(uri: string): string {
  const path = socketPath(uri);
  if (path !== undefined) return `unix:${path}`;
  return uri.replace(/^dns:(?:\/\/\/|\/\/[^/]*\/)?/, '');
}

/** The cluster that a GrpcService goes through. */
export function grpcCluster(service: Fragment | undefined): string | undefined {
  const name = fields(fields(service)?.envoy_grpc)?.cluster_name;
  return name === undefined ? undefined : String(name);
}

/** What two channels differ in, but for the server that they lead to and what calls present. */
export function channelDifferences(old: Channel, now: Channel): TlsDifference[] {
  const security = securityDifference(rankOf(old.security), rankOf(now.security));
  if (security !== undefined) return [{ ...security, old: old.security, new: now.security }];
  const found: TlsDifference[] = [];
  if (old.roots !== now.roots)
    found.push(aroundDifference('root', 'another root is trusted for a gRPC server'));
  if (old.identity !== now.identity)
    found.push(aroundDifference('identity', 'another certificate is presented to a gRPC server'));
  return found;
}

/** What two channels differ in. */
export function allChannelDifferences(old: Channel, now: Channel): TlsDifference[] {
  const found = channelDifferences(old, now);
  if (old.target !== now.target)
    found.push(
      now.security === 'TLS'
        ? aroundDifference('loosened', `another gRPC server is accepted: ${quoted(now.target)}`)
        : aroundDifference('unknown', `another gRPC server; ${quoted(now.target)} may not be the same one`),
    );
  if (old.calls !== now.calls)
    found.push(aroundDifference('identity', 'calls to a gRPC server present other credentials'));
  return found;
}

/** A channel's security as a number. */
export function rankOf(security: Security): number {
  return SECURITY.indexOf(security);
}

/** What it means that a channel is kept better or worse. */
function securityDifference(old: number, now: number): TlsDifference | undefined {
  if (old === now) return undefined;
  return now < old
    ? aroundDifference('loosened', 'a gRPC server is no longer checked')
    : aroundDifference('tightened', 'a gRPC server is now checked');
}
