// All listeners of a sidecar.

import type { Listener } from '../../../envoy/generated/types/envoy/config/listener/v3/listener.js';
import type { Context } from '../context/context.js';
import { inboundListeners } from './inbound.js';
import { virtualOutbound } from './listener.js';
import { httpProxyListener, outboundListeners } from './outbound.js';

/** The listeners of a sidecar. */
export function sidecarListeners(context: Context): readonly Listener[] {
  const { mesh, proxy } = context;
  if (mesh.settings.proxy_listen_port <= 0) return [];
  const httpProxy = httpProxyListener(context);
  return [
    ...outboundListeners(context),
    ...(httpProxy === undefined ? [] : [httpProxy]),
    ...(proxy.metadata.interceptionMode === 'NONE' ? [] : [virtualOutbound(context)]),
    ...inboundListeners(context),
  ];
}
