// Services whose endpoints or addresses are not among the resources, as in a repository, where the cluster is
// still to give them: what is compiled in their place. Said once, however many proxies are compiled.

import type { Finding } from '../../finding/finding.js';
import { type Mesh, type ServiceObject, UNSPECIFIED_ADDRESS } from '../../mesh/model.js';
import { listenerKind } from '../../mesh/protocol.js';
import type { Dataplane } from './context/dataplane.js';

/** Findings about Kubernetes services of which too little is known. */
export function missingAddresses(mesh: Mesh, dataplane: Dataplane): Finding[] {
  return [...mesh.serviceObjects.values()]
    .flat()
    .flatMap((object) => [...endpointsFindings(mesh, object, dataplane), ...listenerFindings(object)]);
}

function endpointsFindings(mesh: Mesh, object: ServiceObject, dataplane: Dataplane): Finding[] {
  const { hostname } = object.service;
  if (!mesh.unaddressedServices.has(hostname)) return [];
  const subsets = mesh.allDestinationRules.byHost.get(hostname)?.spec.subsets ?? [];
  if (dataplane === 'envoy') {
    return subsets.length === 0
      ? []
      : [
          finding(
            object,
            'no-endpoints',
            'warning',
            'has no endpoints in the inputs, so each of its subsets routes to the whole service',
            'add its Pods or Endpoints',
          ),
        ];
  }
  return [
    finding(
      object,
      'no-endpoints',
      'note',
      'has no endpoints in the inputs: the EDS server must provide them',
      'add its Pods or Endpoints, or use --dataplane envoy, which resolves its host by DNS',
    ),
  ];
}

/** HTTP services of a port share a listener anyway, and are distinguished by their hosts. */
function listenerFindings(object: ServiceObject): Finding[] {
  const { address, resolution, ports } = object.service;
  if (address !== UNSPECIFIED_ADDRESS || resolution !== 'ClientSideLB') return [];
  return ports
    .filter(({ protocol }) => listenerKind(protocol) === 'TCP')
    .map(({ port }) =>
      finding(
        object,
        'no-address',
        'warning',
        `has no clusterIP, so the listener for its TCP port ${port} is on ${UNSPECIFIED_ADDRESS} and receives all connections to port ${port}`,
        'set its clusterIP',
      ),
    );
}

function finding(
  { service, document, node }: ServiceObject,
  code: string,
  level: Finding['level'],
  what: string,
  remedy: string,
): Finding {
  const start = document.tape.start(node);
  return {
    code,
    level,
    message: `Service ${service.name} ${what}`,
    remedy,
    region: document.source.region(start, start),
  };
}
