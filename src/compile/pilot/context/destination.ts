// Which cluster a route's destination is (Pilot 1.1's GetDestinationCluster).

import type { Destination } from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import type { Port } from '../../../mesh/model.js';
import { BLACK_HOLE, clusterName } from './names.js';

/** As much of a service as a destination's port depends on. */
export interface DestinationService {
  readonly ports: readonly Port[];
}

/**
 * The name of a destination's cluster, whether there is such a cluster or not.
 *
 * @param service the destination's, where it is known: the port of one with a single port need not be given
 * @param listenerPort the port on which the traffic arrives, which it keeps by default
 */
export function destinationCluster(
  destination: Destination | undefined,
  service: DestinationService | undefined,
  listenerPort: number,
): string {
  const { host = '', subset = '', port: selector } = destination ?? {};
  // A port by its name was in an earlier API; Pilot refuses it.
  if (selector?.name !== undefined) return BLACK_HOLE;
  const only = selector === undefined && service?.ports.length === 1 ? service.ports[0]?.port : undefined;
  return clusterName('outbound', subset, host, selector?.number ?? only ?? listenerPort);
}
