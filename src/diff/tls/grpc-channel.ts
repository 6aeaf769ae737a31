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
  /** The name that the server's certificate must have where it is not that of the target. */
  readonly serverName: string;
  /** What else may decide which server is accepted: other arguments, plugins for its credentials. */
  readonly others: string;
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
    calls: callsText(google),
    serverName: argsText(google, (name) => NAMES_SERVER.test(name)),
    others: sortedText([
      google.channel_credentials_plugin ?? null,
      argsText(google, (name) => !NAMES_SERVER.test(name) && !CARRIES.test(name)),
    ]),
  };
}

function callsText({ call_credentials: calls, call_credentials_plugin: plugins, config }: Fields): string {
  const said = [calls, plugins].map((list) => (Array.isArray(list) && list.length > 0 ? list : null));
  return said.some((list) => list !== null) || config !== undefined
    ? sortedText([...said, config ?? null])
    : '';
}

/** Arguments of a channel that decide how it carries calls, and not which server it accepts. */
const CARRIES =
  /^grpc\.(?:keepalive_|max_|min_|initial_|http2[._]|so_reuseport|dns_|enable_retries|per_rpc_|per_message_|client_idle|server_handshake|lb_policy_name|optimization_target|use_local_subchannel_pool|absolute_max_metadata_size|experimental\.tcp|primary_user_agent|secondary_user_agent|workaround)/;

/** Arguments that name the server whose certificate is accepted. */
const NAMES_SERVER = /^grpc\.(?:ssl_target_name_override|default_authority)$/;

function argsText(google: Fields, isOfInterest: (name: string) => boolean): string {
  const args = Object.entries(fields(fields(google.channel_args)?.args) ?? {});
  return sortedText(Object.fromEntries(args.filter(([name]) => isOfInterest(name))));
}

/** What calls to a service present in headers that are the same for all of them, as text; '' for nothing. */
export function metadataOf(service: Fragment | undefined, isOfInterest: (key: string) => boolean): string {
  const list = fields(service)?.initial_metadata;
  const headers = (Array.isArray(list) ? list : []).flatMap((item) => {
    const key = String(fields(item)?.key ?? '').toLowerCase();
    return isOfInterest(key) ? [sortedText({ ...fields(item), key })] : [];
  });
  return headers.sort().join();
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
  if (old.serverName !== now.serverName && now.security === 'TLS')
    found.push(
      aroundDifference('loosened', 'the name that the certificate of a gRPC server must have changes'),
    );
  if (old.others !== now.others)
    found.push(
      aroundDifference(
        'unknown',
        'arguments or plugins of a gRPC channel change; they may accept another server',
      ),
    );
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
