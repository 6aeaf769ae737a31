// The names that Pilot gives to clusters, listeners and the server names of mTLS.

import { UNIX_PREFIX } from '../../../istio/sockets.js';
import type { Config } from '../../../mesh/model.js';
import { type Compat, hasQuirk } from './compat.js';

/** Traffic to unknown destinations goes here if the mesh forbids it. */
export const BLACK_HOLE = 'BlackHoleCluster';
/** Traffic to unknown destinations goes here if the mesh allows it: to its original destination. */
export const PASSTHROUGH = 'PassthroughCluster';
/** The host of clusters for management ports. */
export const MANAGEMENT_HOST = 'mgmtCluster';

/** A cluster's name; the subset of an inbound cluster is its port's name. */
export function clusterName(
  direction: 'inbound' | 'outbound',
  subset: string,
  hostname: string,
  port: number,
): string {
  return `${direction}|${port}|${subset}|${hostname}`;
}

/** A cluster's name as a server name: it may be in a DNS name, and gateways route by it. */
export function serverName(subset: string, hostname: string, port: number): string {
  return `outbound_.${port}_.${subset}_.${hostname}`;
}

/** The metadata that names the resource which decided on an object. */
export function configMetadata(config: Pick<Config<unknown>, 'name' | 'namespace'>, type: string) {
  return {
    filter_metadata: {
      istio: {
        config: `/apis/networking.istio.io/v1alpha3/namespaces/${config.namespace}/${type}/${config.name}`,
      },
    },
  };
}

/** An address: IP and port, or the path of a Unix socket where the host begins with `unix://`. */
export function address(host: string, port: number, compat: Compat) {
  if (host.startsWith(UNIX_PREFIX))
    return { pipe: { path: hasQuirk(compat, 'unix-prefix-stays') ? host : host.slice(UNIX_PREFIX.length) } };
  return { socket_address: { address: host, port_value: port } };
}

/** The route of the HTTP proxy. */
export const HTTP_PROXY_ROUTE = 'http_proxy';
