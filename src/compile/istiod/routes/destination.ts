// The cluster that a destination means (istiod 1.29's GetDestinationCluster).

import type { Destination } from '../../../envoy/generated/types/networking/v1/virtual_service.js';
import type { Service } from '../../../mesh/istiod/model.js';
import { outboundName } from '../context/names.js';

/** The cluster of a destination, whose service is known where it is. */
export function destinationCluster(
  { host = '', port, subset = '' }: Destination,
  service: Pick<Service, 'externalName' | 'ports'> | undefined,
  listenerPort: number,
): string {
  if (host === '') return 'UnknownService';
  const only = service?.ports.length === 1 ? service.ports[0]?.port : undefined;
  return outboundName(
    service?.externalName || host,
    port === undefined ? (only ?? listenerPort) : (port.number ?? 0),
    subset,
  );
}
