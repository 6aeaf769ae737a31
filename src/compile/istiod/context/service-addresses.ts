// The addresses that a proxy knows a service by (istiod 1.29's GetAddressForProxy).

import { usableAddresses } from '../../../mesh/istiod/addresses.js';
import type { Service } from '../../../mesh/istiod/model.js';
import { UNSPECIFIED_ADDRESS } from '../../../mesh/model.js';
import type { Context } from './context.js';

/** The first address: of its own cluster, allocated, or what the service says. */
export function serviceAddress(context: Context, service: Service): string {
  const { proxy } = context;
  const [own] = usableAddresses(clusterAddresses(context, service), proxy.supports);
  if (own !== undefined) return own;
  if (proxy.metadata.dnsCapture && service.address === UNSPECIFIED_ADDRESS) {
    if (proxy.supports.v4 && service.allocated?.v4) return service.allocated.v4;
    if (proxy.supports.v6 && service.allocated?.v6) return service.allocated.v6;
  }
  return service.address;
}

/** All addresses. */
export function serviceAddresses(context: Context, service: Service): readonly string[] {
  const { proxy } = context;
  const own = clusterAddresses(context, service);
  const allocated =
    own.length === 0 && proxy.metadata.dnsCapture && service.allocated !== undefined
      ? [service.allocated.v4, service.allocated.v6].filter((address) => address !== '')
      : [];
  const usable = usableAddresses([...own, ...allocated], proxy.supports);
  if (usable.length > 0) return usable;
  return service.address === '' ? [] : [service.address];
}

function clusterAddresses({ mesh, proxy }: Context, service: Service): readonly string[] {
  const { clusterId } = proxy.metadata;
  return clusterId !== '' && clusterId === mesh.clusterId ? service.addresses : [];
}
