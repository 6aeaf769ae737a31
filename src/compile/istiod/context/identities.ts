// Who may serve a service (istiod 1.29's initServiceAccounts).

import { compareText } from '../../../collections/compare-text.js';
import { memo } from '../../../collections/memo.js';
import type { Mesh, Service } from '../../../mesh/istiod/model.js';
import { endpointKey } from '../../../mesh/istiod/read-mesh.js';

const known = new WeakMap<Mesh, Map<string, readonly string[]>>();
const accounts = new WeakMap<Mesh, ReadonlyMap<string, readonly string[]>>();

/** The ids that services say, by service: of several with one host and namespace the last one's. */
function saidBy(mesh: Mesh): ReadonlyMap<string, readonly string[]> {
  return memo(
    accounts,
    mesh,
    () => new Map(mesh.services.map((service) => [endpointKey(service), service.serviceAccounts])),
  );
}

/** The SPIFFE ids that may serve a service, in all trust domains of the mesh, sorted. */
export function identitiesOf(mesh: Mesh, service: Service): readonly string[] {
  const byService = memo(known, mesh, () => new Map<string, readonly string[]>());
  return memo(byService, endpointKey(service), () => {
    const ids = new Set(saidBy(mesh).get(endpointKey(service)) ?? service.serviceAccounts);
    for (const { serviceAccount } of mesh.endpoints.get(endpointKey(service)) ?? []) {
      if (serviceAccount !== '') ids.add(serviceAccount);
    }
    for (const id of [...ids])
      for (const alias of inDomains(id, mesh.settings.trust_domain_aliases)) ids.add(alias);
    return [...ids].sort(compareText);
  });
}

/** An identity in other trust domains. */
function inDomains(id: string, domains: readonly string[]): readonly string[] {
  const match = /^spiffe:\/\/[^/]*\/ns\/([^/]*)\/sa\/([^/]*)$/.exec(id);
  return match === null ? [] : domains.map((domain) => `spiffe://${domain}/ns/${match[1]}/sa/${match[2]}`);
}
