// The services that a sidecar reaches on a port, as its routes see them (Pilot 1.1's
// buildSidecarOutboundHTTPRouteConfig).

import { addToGroup } from '../../../collections/grouped.js';
import { oncePer } from '../../../collections/once-per.js';
import type { Service } from '../../../mesh/model.js';
import type { RoutedService } from './http-routes.js';

/** A service as a route sees it: its port alone, or where the route is for all ports, all of it. */
export interface ReachedService extends RoutedService {
  readonly hostname: string;
  readonly address: string;
}

/** The services that are reached on a port, by host; of several with one host the last. */
export function servicesAt(services: readonly Service[], port: number): ReadonlyMap<string, ReachedService> {
  if (port === 0) return new Map(services.map((service) => [service.hostname, service]));
  const reached = servicesByPortOf(services).get(port) ?? [];
  return new Map(reached.map((service) => [service.hostname, service]));
}

/** Services by each of their ports, as a route on that port sees them: a proxy has a route for every port. */
const servicesByPortOf = oncePer((services: readonly Service[]) => {
  const index = new Map<number, ReachedService[]>();
  for (const { hostname, address, ports } of services) {
    const seen = new Set<number>();
    for (const port of ports) {
      // Of several ports with one number the first.
      if (seen.has(port.port)) continue;
      seen.add(port.port);
      // Pilot's copy of the service has no namespace, so public rules there do not count for hashing.
      const reached = { hostname, address, ports: [port], namespace: '' };
      addToGroup(index, port.port, reached);
    }
  }
  return index;
});
