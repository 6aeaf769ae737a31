// What Envoy asks of clusters: endpoints that fit the type, and a load balancer that the type provides.

import { isIP } from 'node:net';
import type { Message } from '../../../envoy/message.js';
import { fieldAt } from '../../place.js';
import type { Area, StartupCheck } from '../check.js';
import { CLUSTER } from '../types.js';

const logicalDnsEndpoints: StartupCheck = {
  code: 'logical-dns-endpoints',
  on: [CLUSTER],
  finds: 'a LOGICAL_DNS cluster has not exactly one endpoint',
  refusal: 'LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint',
  remedy: 'keep one endpoint, or set type: STRICT_DNS',
  check(cluster, report) {
    if (typeOf(cluster) !== 'LOGICAL_DNS') return;
    const assignment = cluster.message('load_assignment');
    const localities = assignment?.messages('endpoints') ?? [];
    const count = localities.flatMap((locality) => locality.messages('lb_endpoints')).length;
    if (localities.length === 1 && count === 1) return;
    report(assignment === undefined ? fieldAt(cluster, 'type') : fieldAt(assignment, 'endpoints'), {
      message: `a LOGICAL_DNS cluster takes exactly one endpoint, and this one has ${count}`,
      expected: 'one locality with one endpoint',
    });
  },
};

const staticHostname: StartupCheck = {
  code: 'static-hostname',
  on: [CLUSTER],
  finds: 'an endpoint of a STATIC cluster is a host name',
  refusal: 'malformed IP address: … Consider setting resolver_name or setting cluster type to STRICT_DNS',
  remedy: 'set type: STRICT_DNS on the cluster, or give IP addresses',
  check(cluster, report) {
    if (typeOf(cluster) !== 'STATIC' || cluster.has('cluster_type')) return;
    for (const socket of socketAddresses(cluster)) {
      const address = socket.text('address') ?? '';
      if (socket.text('resolver_name') || isIP(address) !== 0) continue;
      report(fieldAt(socket, 'address'), {
        message: 'a STATIC cluster resolves no host names, and this is not an IP address',
        expected: 'an IP address',
      });
    }
  },
};

/** The area. */
export const CLUSTERS: Area = {
  name: 'clusters',
  title: 'Clusters',
  checks: [logicalDnsEndpoints, staticHostname],
};

/** The discovery type; the default is STATIC. */
function typeOf(cluster: Message): string {
  return cluster.enumName('type') ?? 'STATIC';
}

/** The socket addresses of a cluster's own endpoints. */
function socketAddresses(cluster: Message): Message[] {
  const localities = cluster.message('load_assignment')?.messages('endpoints') ?? [];
  return localities
    .flatMap((locality) => locality.messages('lb_endpoints'))
    .flatMap((endpoint) => {
      const address = endpoint.message('endpoint')?.message('address');
      return address?.message('socket_address') ?? [];
    });
}
