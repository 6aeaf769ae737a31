// From where an upstream Envoy fetches the keys of tokens, which Pilot fetches itself and sends: through the
// cluster of a service of the mesh, or through one of its own.

import { isIP } from 'node:net';
import type { Jwt } from '../../../envoy/generated/types/authentication/v1alpha1/policy.js';
import type { Cluster } from '../../../envoy/generated/types/envoy/api/v2/cluster.js';
import { servicesFor } from '../../../mesh/proxy.js';
import { writeTlsContext } from '../../../tls/write.js';
import { jwts, policyFor } from '../context/authn-policy.js';
import type { Context } from '../context/context.js';
import { clusterName } from '../context/names.js';
import { fileValidation, PUBLIC_ROOTS } from './upstream-tls.js';

/** The keys of a token's issuer. */
export interface KeySource {
  readonly uri: string;
  readonly cluster: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Where a token's keys are; undefined where its policy does not say it with a URL. */
export function keySource(context: Context, { jwks_uri = '' }: Jwt): KeySource | undefined {
  const url = URL.canParse(jwks_uri) ? new URL(jwks_uri) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const tls = url.protocol === 'https:';
  const port = Number(url.port || (tls ? '443' : '80'));
  const host = serviceHost(context, url.hostname);
  return { uri: jwks_uri, cluster: clusterName('outbound', '', host, port), host, port, tls };
}

/** A host in full: in a URL services of the mesh may be named as their clients' DNS lets them be. */
function serviceHost({ mesh, proxy }: Context, host: string): string {
  const names = [
    host,
    `${host}.${proxy.domain}`,
    `${host}.svc.${mesh.domainSuffix}`,
    `${host}.${mesh.domainSuffix}`,
  ];
  return names.find((name) => mesh.serviceByHostname.has(name)) ?? host;
}

/** Clusters for the keys that a proxy's policies need, where no service that it sees has one. */
export function jwksClusters(context: Context): Cluster[] {
  const { dataplane, mesh, proxy } = context;
  if (dataplane !== 'envoy') return [];
  const known = new Set(
    servicesFor(mesh, proxy).flatMap(({ hostname, ports }) =>
      ports.map(({ port }) => clusterName('outbound', '', hostname, port)),
    ),
  );
  const policies = new Set(
    proxy.instances.map(({ service, servicePort }) => policyFor(mesh, service, servicePort)),
  );
  return [...policies].flatMap((policy) =>
    jwts(policy ?? {}).flatMap((jwt) => {
      const source = keySource(context, jwt);
      return source === undefined || known.has(source.cluster) ? [] : [jwksCluster(context, source)];
    }),
  );
}

function jwksCluster({ mesh }: Context, { cluster, host, port, tls }: KeySource): Cluster {
  const { connect_timeout, dns_refresh_rate } = mesh.settings;
  const address = host.replace(/^\[|\]$/g, '');
  return {
    name: cluster,
    type: isIP(address) === 0 ? 'STRICT_DNS' : 'STATIC',
    connect_timeout,
    ...(tls && {
      tls_context: writeTlsContext({
        side: 'upstream',
        certificates: [],
        validation: fileValidation(PUBLIC_ROOTS, [host]),
        alpn: [],
        sni: host,
        requireClientCertificate: undefined,
        parameters: undefined,
        rest: {},
      }) as Cluster['tls_context'],
    }),
    ...(isIP(address) === 0 && { dns_refresh_rate, dns_lookup_family: 'V4_ONLY' }),
    load_assignment: {
      cluster_name: cluster,
      endpoints: [
        { lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: port } } } }] },
      ],
    },
  };
}
