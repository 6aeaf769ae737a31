// What is to be said of a mesh and its proxies under istiod 1.29 beside what is wrong with single resources.

import type { Finding } from '../../finding/finding.js';
import type { Config, Mesh, Service } from '../../mesh/istiod/model.js';
import { isTcp } from '../../mesh/istiod/protocol.js';
import { endpointKey } from '../../mesh/istiod/read-mesh.js';
import { UNSPECIFIED_ADDRESS } from '../../mesh/model.js';
import { quoted } from '../../secrecy/quoted.js';
import type { Context } from './context/context.js';
import { lookupCluster } from './context/lookup.js';
import { isForWorkload } from './context/policies.js';

/** Kubernetes services of which too little is known, as in a repository, where the cluster is still to give it. */
export function meshRemarks(mesh: Mesh): Finding[] {
  return [...mesh.serviceObjects.values()].flat().flatMap(({ service, document, node }) => {
    const at = (code: string, level: 'note' | 'warning', message: string, remedy: string): Finding => {
      const start = document.tape.start(node);
      return { code, level, message, remedy, region: document.source.region(start, start) };
    };
    return [
      ...(needsEndpoints(mesh, service)
        ? [
            at(
              'no-endpoints',
              'note',
              `${quoted(service.hostname)} has no endpoints in the inputs: the EDS server must provide them`,
              'add its EndpointSlices',
            ),
          ]
        : []),
      ...tcpPortsEverywhere(service).map((port) =>
        at(
          'no-address',
          'warning',
          `${quoted(service.hostname)} has no clusterIP, so the listener for its TCP port ${port} is on ${UNSPECIFIED_ADDRESS} and receives all connections to port ${port}`,
          'set its clusterIP',
        ),
      ),
    ];
  });
}

function needsEndpoints(mesh: Mesh, service: Service): boolean {
  return (
    service.resolution === 'ClientSideLB' &&
    service.selector !== undefined &&
    (mesh.endpoints.get(endpointKey(service)) ?? []).length === 0
  );
}

function tcpPortsEverywhere({ address, resolution, ports }: Service): readonly number[] {
  if (address !== UNSPECIFIED_ADDRESS || resolution !== 'ClientSideLB') return [];
  return ports.filter(({ protocol }) => isTcp(protocol)).map(({ port }) => port);
}

function about({ document, node }: Config<unknown>, finding: Omit<Finding, 'region'>): Finding {
  const start = document.tape.start(node);
  return { ...finding, region: document.source.region(start, start) };
}

/** What resources ask for a proxy that cannot be made as they say. */
export function proxyRemarks(context: Context): Finding[] {
  return [...rejectedServers(context), ...unknownKeys(context), ...badProviders(context)];
}

function rejectedServers({ gateway }: Context): Finding[] {
  return (gateway?.rejected ?? []).map(({ config, server, reason }) =>
    about(config, {
      code: 'server-left-out',
      level: 'warning',
      message: `the server on port ${server.port?.number ?? 0} of this Gateway is omitted: ${reason}`,
    }),
  );
}

/** Keys are fetched by istiod itself; here nothing is fetched. */
function unknownKeys(context: Context): Finding[] {
  const { mesh, proxy, features } = context;
  const namespaces = new Set([proxy.namespace, mesh.settings.root_namespace]);
  return mesh.configs.RequestAuthentication.flatMap((config) => {
    const fetched =
      features.jwksFetch === 'istiod' && (config.spec.jwt_rules ?? []).some(({ jwks = '' }) => jwks === '');
    if (!fetched || !namespaces.has(config.namespace) || !isForWorkload(context, config)) return [];
    return [
      about(config, {
        code: 'keys-not-fetched',
        level: 'warning',
        message:
          'the keys for this RequestAuthentication are not fetched: the output has a key that matches no token, as istiod sends it if it cannot reach the key server',
        remedy: 'add the keys to jwks',
      }),
    ];
  });
}

/** CUSTOM policies whose provider is not known, or not one for all: they deny. */
function badProviders(context: Context): Finding[] {
  const { mesh, proxy } = context;
  const namespaces = new Set([mesh.settings.root_namespace, proxy.namespace]);
  const custom = mesh.configs.AuthorizationPolicy.filter(
    (config) =>
      config.spec.action === 'CUSTOM' && namespaces.has(config.namespace) && isForWorkload(context, config),
  );
  const names = new Set(custom.map(({ spec }) => spec.provider?.name ?? ''));
  return custom.flatMap((config) => {
    const name = config.spec.provider?.name ?? '';
    const provider = mesh.settings.extension_providers.find((known) => known.name === name);
    const server = provider?.envoy_ext_authz_http ?? provider?.envoy_ext_authz_grpc;
    const reason =
      names.size > 1
        ? 'the policies of this workload name several providers'
        : server === undefined
          ? `the mesh has no ext_authz provider ${quoted(name)}`
          : lookupCluster(mesh, server.service ?? '', server.port ?? 0) === undefined
            ? `the service of the provider ${quoted(name)} is unknown`
            : undefined;
    if (reason === undefined) return [];
    return [
      about(config, {
        code: 'bad-provider',
        level: 'warning',
        message: `requests that match this CUSTOM policy are denied: ${reason}`,
      }),
    ];
  });
}
