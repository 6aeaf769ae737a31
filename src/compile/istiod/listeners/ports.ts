// Which ports a proxy can listen on (istiod 1.29's CanBindToPort), and where.

import { ipFamily } from '../../../mesh/istiod/addresses.js';
import { isHttp, type Protocol } from '../../../mesh/istiod/protocol.js';
import type { IstioProxy } from '../../../mesh/istiod/proxy.js';
import type { Context } from '../context/context.js';
import { wildcards } from '../context/local-addresses.js';

/** A port that a listener would have. */
export interface WantedPort {
  /** Whether it is opened, and connections are not captured. */
  readonly isBound: boolean;
  readonly bind: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** Whether the ports of captured connections do not count. */
  readonly ignoresVirtual?: boolean;
}

/** Whether a listener can have a port: Envoy's own are taken, and pods without rights have none below 1024. */
export function canBind(context: Context, wanted: WantedPort): boolean {
  const { proxy, mesh } = context;
  const { isBound, bind, port, protocol, ignoresVirtual = false } = wanted;
  if (isBound && port > 0 && port < 1024 && proxy.metadata.unprivilegedPod) return false;
  if (bind === '' ? !isHttp(protocol) : bind !== wildcards(proxy)[0]) return true;
  const { envoyStatusPort, envoyPrometheusPort } = proxy.metadata;
  if (port === envoyStatusPort || port === envoyPrometheusPort) return false;
  const { proxy_listen_port, proxy_inbound_listen_port } = mesh.settings;
  return ignoresVirtual || (port !== proxy_listen_port && port !== proxy_inbound_listen_port);
}

/** The first address of a proxy that others can reach; where there is none it listens everywhere. */
export function globalUnicast(proxy: IstioProxy): string {
  return proxy.ips.find(isGlobalUnicast) ?? (wildcards(proxy)[0] as string);
}

function isGlobalUnicast(address: string): boolean {
  if (ipFamily(address) === 4)
    return (
      !/^(?:127\.|169\.254\.|0\.0\.0\.0$|255\.255\.255\.255$)/.test(address) &&
      Number.parseInt(address, 10) < 224
    );
  return ipFamily(address) === 6 && !/^(?:::1?$|fe[89ab]|ff)/i.test(address);
}
