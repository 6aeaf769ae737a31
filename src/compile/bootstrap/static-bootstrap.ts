// A bootstrap with everything inside: Envoy starts from the one file and asks nobody.

import type { Bootstrap } from '../../envoy/generated/types/envoy/config/bootstrap/v2/bootstrap.js';
import type { ProxyConfig } from '../../envoy/generated/types/mesh/v1alpha1/proxy.js';
import type { MeshProxy } from '../../mesh/proxy.js';
import type { Compiled } from '../compile.js';
import { nodeOf, serviceCluster } from './node.js';
import { DEFAULT_PROXY_CONFIG } from './proxy-config.js';
import { staticResources } from './static-resources.js';

/** A proxy's bootstrap, in field-number order. */
export function staticBootstrap(compiled: Compiled, proxy: MeshProxy, config: ProxyConfig = {}): Bootstrap {
  const { clusters, listeners } = staticResources(compiled);
  const adminPort = config.proxy_admin_port ?? DEFAULT_PROXY_CONFIG.proxy_admin_port;
  const cluster = serviceCluster(proxy) ?? config.service_cluster ?? DEFAULT_PROXY_CONFIG.service_cluster;
  return {
    node: nodeOf(proxy, cluster),
    static_resources: { listeners: [...listeners], clusters: [...clusters] },
    admin: {
      access_log_path: '/dev/null',
      address: { socket_address: { address: '127.0.0.1', port_value: adminPort } },
    },
  };
}
