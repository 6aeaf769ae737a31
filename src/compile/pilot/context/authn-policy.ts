// Authentication policies: which one holds for a port, and which peers and tokens it asks for (Pilot 1.1's
// GetConsolidateAuthenticationPolicy, GetMutualTLS and collectJwtSpecs).

import type {
  Jwt,
  MutualTls,
  Policy,
} from '../../../envoy/generated/types/authentication/v1alpha1/policy.js';
import { fullHost } from '../../../mesh/host.js';
import type { Config, Mesh, Port, Service } from '../../../mesh/model.js';

/** The policy for a port: one that targets the service, else its namespace's, else the mesh's. */
export function policyFor(mesh: Mesh, service: Service, port: Port): Policy | undefined {
  return policyConfigFor(mesh, service, port)?.spec;
}

/** The resource with the policy for a port. */
export function policyConfigFor(mesh: Mesh, service: Service, port: Port): Config<Policy> | undefined {
  const policies = mesh.policies.get(service.namespace) ?? [];
  const targeting = policies.find(({ spec }) =>
    (spec.targets ?? []).some(
      ({ name, ports = [] }) =>
        fullHost(name ?? '', service.namespace, mesh.domainSuffix) === service.hostname &&
        (ports.length === 0 ||
          ports.some((selector) =>
            selector.name !== undefined ? selector.name === port.name : selector.number === port.port,
          )),
    ),
  );
  const own = targeting ?? policies.find(({ spec }) => (spec.targets ?? []).length === 0);
  return own ?? mesh.configs.MeshPolicy.find(({ name }) => name === 'default');
}

/** The mTLS that a policy asks for; undefined for none. */
export function mutualTls(policy: Policy | undefined): MutualTls | undefined {
  return policy?.peers?.find(({ mtls }) => mtls !== undefined)?.mtls;
}

/** The tokens that a policy takes, of peers first. */
export function jwts({ peers = [], origins = [] }: Policy): Jwt[] {
  return [
    ...peers.flatMap(({ jwt }) => (jwt === undefined ? [] : [jwt])),
    ...origins.map(({ jwt }) => jwt ?? {}),
  ];
}
