// A proxy's configuration as files that Envoy watches: clusters and listeners in one file each, endpoints
// and routes in a file for each cluster and each route, since Envoy takes one resource from such a file.

import type { Cluster } from '../../envoy/generated/types/envoy/api/v2/cluster.js';
import type { HttpConnectionManager } from '../../envoy/generated/types/envoy/config/filter/network/http_connection_manager/v2/http_connection_manager.js';
import { type DiscoveryResponse, discoveryResponse } from '../output/response.js';
import { assignments, mapConnectionManagers, type ProxyResources } from './static-resources.js';

/** Where Envoy finds clusters and listeners. */
export interface FilePaths {
  readonly cds: string;
  readonly lds: string;
}

/** A file beside the bootstrap. */
interface DiscoveryFile {
  /** Below the bootstrap's folder. */
  readonly path: string;
  readonly response: DiscoveryResponse;
}

/** The files of a proxy's configuration. */
export interface DiscoveryFiles {
  readonly paths: FilePaths;
  readonly files: readonly DiscoveryFile[];
}

/**
 * Writes a proxy's configuration as files.
 *
 * @param folder where Envoy will find them
 */
export function discoveryFiles(compiled: ProxyResources, folder: string): DiscoveryFiles {
  const { clusters, listeners, routes } = compiled;
  const at = (path: string): string => `${folder.replace(/\/$/, '')}/${path}`;
  const assignmentOf = assignments(compiled.endpoints);
  const endpoints = new Map(
    clusters.flatMap((cluster) => {
      const assignment = assignmentOf(cluster);
      return cluster.type === 'EDS' ? [[assignment.cluster_name ?? '', assignment]] : [];
    }),
  );
  const edsPaths = fileNames('eds', endpoints.keys());
  const rdsPaths = fileNames(
    'rds',
    routes.map(({ name = '' }) => name),
  );

  const eds = (cluster: Cluster): Cluster => {
    const { eds_cluster_config, ...rest } = cluster;
    if (cluster.type !== 'EDS') return rest;
    const path = edsPaths.get(assignmentOf(cluster).cluster_name ?? '') as string;
    return { ...cluster, eds_cluster_config: { ...eds_cluster_config, eds_config: { path: at(path) } } };
  };
  const rds = ({ rds, ...manager }: HttpConnectionManager): HttpConnectionManager => {
    if (rds === undefined) return manager;
    const name = rds.route_config_name ?? '';
    const path = rdsPaths.get(name);
    // What was not compiled would never come.
    if (path === undefined) return { ...manager, route_config: { name } };
    return { ...manager, rds: { ...rds, config_source: { path: at(path) } } };
  };
  return {
    paths: { cds: at('cds.json'), lds: at('lds.json') },
    files: [
      { path: 'cds.json', response: discoveryResponse('clusters', clusters.map(eds)) },
      {
        path: 'lds.json',
        response: discoveryResponse(
          'listeners',
          listeners.map((listener) => mapConnectionManagers(listener, rds)),
        ),
      },
      ...[...endpoints].map(([name, one]) => ({
        path: edsPaths.get(name) as string,
        response: discoveryResponse('endpoints', [one]),
      })),
      ...routes.map((one) => ({
        path: rdsPaths.get(one.name ?? '') as string,
        response: discoveryResponse('routes', [one]),
      })),
    ],
  };
}

/** A file name for each resource's: what file systems mind is replaced, and what then is alike is numbered. */
function fileNames(folder: string, names: Iterable<string>): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    [...names].sort().map((name) => {
      const plain = name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 200);
      let file = plain;
      for (let number = 2; taken.has(file.toLowerCase()); number++) file = `${plain}-${number}`;
      taken.add(file.toLowerCase());
      return [name, `${folder}/${file}.json`];
    }),
  );
}
