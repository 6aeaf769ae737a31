// The headers that a proxy adds and hides, as its configuration says (istiod 1.29's util/proxy_headers.go).

import type { ProxyConfig_ProxyHeaders_SetCurrentClientCertDetails } from '../../../envoy/generated/types/mesh/v1/proxy.js';
import type { Context } from './context.js';

/** For whom a listener is: for the workload, for what it calls, or for clients of a gateway. */
export type ListenerClass = 'inbound' | 'outbound' | 'gateway';

/** Which headers a proxy adds and hides. */
export interface ProxyHeaders {
  readonly serverName: string;
  readonly serverTransformation: 'OVERWRITE' | 'PASS_THROUGH';
  readonly forwardClientCert: string;
  readonly clientCertDetails: ProxyConfig_ProxyHeaders_SetCurrentClientCertDetails | undefined;
  readonly hasAttemptCount: boolean;
  readonly generatesRequestId: boolean;
  readonly hidesDebugHeaders: boolean;
  /** Whether metadata are exchanged with peers of the mesh alone. */
  readonly exchangesInMeshOnly: boolean;
  readonly hasForwardedHost: boolean;
}

/** The headers of a proxy. */
export function proxyHeaders({ proxy }: Context, kind: ListenerClass): ProxyHeaders {
  const said = proxy.config.proxy_headers ?? {};
  const isServerHidden = said.server?.disabled === true;
  const forward = said.forwarded_client_cert ?? 'UNDEFINED';
  return {
    serverName: isServerHidden ? '' : said.server?.value || (kind === 'outbound' ? '' : 'istio-envoy'),
    serverTransformation: isServerHidden ? 'PASS_THROUGH' : 'OVERWRITE',
    forwardClientCert: forward === 'UNDEFINED' ? 'APPEND_FORWARD' : forward,
    clientCertDetails: said.set_current_client_cert_details,
    hasAttemptCount: said.attempt_count?.disabled !== true,
    generatesRequestId: said.request_id?.disabled !== true,
    hidesDebugHeaders: said.envoy_debug_headers?.disabled === true,
    exchangesInMeshOnly: said.metadata_exchange_headers?.mode === 'IN_MESH',
    hasForwardedHost: said.x_forwarded_host?.enabled === true,
  };
}
