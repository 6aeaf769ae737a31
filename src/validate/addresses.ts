// The addresses that a cluster has itself; those of endpoints that are discovered are not there.

import type { Message } from '../envoy/message.js';

/** The Address messages of a cluster: of its `load_assignment`, and of v2's `hosts`. */
export function addressesOf(cluster: Message): Message[] {
  const endpoints = (cluster.message('load_assignment')?.messages('endpoints') ?? [])
    .flatMap((locality) => locality.messages('lb_endpoints'))
    .map((one) => one.message('endpoint')?.message('address'));
  return [...cluster.messages('hosts'), ...endpoints].filter((address) => address !== undefined);
}
