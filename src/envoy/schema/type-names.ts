// The messages that users name: `Cluster`, `auth.Secret`, or by full name; in one version of the API.

import { nearName } from '../../finding/near-name.js';
import { type MessageInfo, message, messageNames } from '../api-table.js';
import type { Api } from '../detect.js';

/** The messages that a configuration file can be, by version. */
export const ROOTS: Readonly<Record<Api, readonly string[]>> = {
  v2: [
    'envoy.config.bootstrap.v2.Bootstrap',
    'envoy.api.v2.Cluster',
    'envoy.api.v2.Listener',
    'envoy.api.v2.RouteConfiguration',
    'envoy.api.v2.ScopedRouteConfiguration',
    'envoy.api.v2.ClusterLoadAssignment',
    'envoy.api.v2.auth.Secret',
    'envoy.api.v2.DiscoveryResponse',
    'envoy.admin.v2alpha.ConfigDump',
  ],
  v3: [
    'envoy.config.bootstrap.v3.Bootstrap',
    'envoy.config.cluster.v3.Cluster',
    'envoy.config.listener.v3.Listener',
    'envoy.config.route.v3.RouteConfiguration',
    'envoy.config.route.v3.ScopedRouteConfiguration',
    'envoy.config.endpoint.v3.ClusterLoadAssignment',
    'envoy.extensions.transport_sockets.tls.v3.Secret',
    'envoy.service.discovery.v3.DiscoveryResponse',
    'envoy.admin.v3.ConfigDump',
  ],
};

/** The version that a message belongs to; undefined where both use it. */
export function apiOfType(name: string): Api | undefined {
  if (name.startsWith('google.') || name.startsWith('udpa.') || /^istio\.(?!envoy\.)/.test(name))
    return undefined;
  return /\.v3(?:alpha)?\./.test(name) || name.startsWith('xds.') ? 'v3' : 'v2';
}

/** What a name stands for: a message, or several, or none but perhaps a near one. */
export type NamedType =
  | { readonly type: MessageInfo }
  | { readonly candidates: readonly string[] }
  | { readonly near: string | undefined };

/** Finds a message by its full name, or by the end of it. */
export function typeNamed(name: string, api: Api): NamedType {
  const exact = message(name);
  if (exact !== undefined) return { type: exact };
  const names = messageNames().filter((full) => (apiOfType(full) ?? api) === api);
  const fits = ofOneIstio(
    names.filter((full) => full.endsWith(`.${name}`)),
    api,
  );
  const root = ROOTS[api].find((full) => full.endsWith(`.${name}`));
  const only = root ?? (fits.length === 1 ? fits[0] : shortest(fits));
  if (only !== undefined) return { type: message(only) as MessageInfo };
  if (fits.length > 0) return { candidates: fits };
  // Of names that are equally near the first wins: better a resource than a part of one.
  const known = [...ROOTS[api], ...names];
  return { near: nearName(name, name.includes('.') ? known : known.map(simpleName)) };
}

/** Of messages of both of Istio's APIs those of Istio 1.1 with v2, those of today with v3. */
function ofOneIstio(names: readonly string[], api: Api): readonly string[] {
  const own = names.filter((name) => /^istio\.\w+\.v1\./.test(name) === (api === 'v3'));
  return names.every((name) => name.startsWith('istio.')) && own.length > 0 ? own : names;
}

/** The last part of a full name. */
export function simpleName(full: string): string {
  return full.slice(full.lastIndexOf('.') + 1);
}

/** The one that is nested less than all others: `Cluster` rather than `ClustersConfigDump.Cluster`. */
function shortest(names: readonly string[]): string | undefined {
  const topLevel = names.filter((name) => !/\.[A-Z]\w*\.[A-Z]/.test(name));
  return topLevel.length === 1 ? topLevel[0] : undefined;
}
