// Which VirtualServices can have virtual hosts on a port, found by the hosts of the services there: a proxy
// has a route for every port, and going through all VirtualServices for each would take their product.

import { addToGroup } from '../../../collections/grouped.js';
import { oncePer } from '../../../collections/once-per.js';
import type { VirtualService } from '../../../envoy/generated/types/networking/v1alpha3/virtual_service.js';
import type { Config } from '../../../mesh/model.js';

type VirtualServices = readonly Config<VirtualService>[];

/** The places of a list's VirtualServices. */
interface HostIndex {
  readonly byHost: ReadonlyMap<string, readonly number[]>;
  /** Those with a host that starts with a star. */
  readonly wildcards: readonly number[];
}

/** Those VirtualServices of a list, in its order, that have one of some hosts, exactly or by a wildcard. */
export function withHosts(list: VirtualServices, hosts: Iterable<string>): VirtualServices {
  const index = hostIndex(list);
  const places = new Set(index.wildcards);
  for (const host of hosts) {
    // A service's own wildcard may fit any host.
    if (host.startsWith('*')) return list;
    for (const place of index.byHost.get(host) ?? []) places.add(place);
  }
  return [...places].sort((a, b) => a - b).map((place) => list[place] as Config<VirtualService>);
}

const hostIndex = oncePer((list: VirtualServices): HostIndex => {
  const byHost = new Map<string, number[]>();
  const wildcards: number[] = [];
  list.forEach(({ spec }, place) => {
    for (const host of spec.hosts ?? []) {
      if (host.startsWith('*')) wildcards.push(place);
      addToGroup(byHost, host, place);
    }
  });
  return { byHost, wildcards };
});
