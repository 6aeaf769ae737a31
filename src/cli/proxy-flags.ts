// The flags that say for which mesh and which proxy: `--mesh` and `--proxy`.

import type { Finding } from '../finding/finding.js';
import { readMeshConfig } from '../mesh/mesh-config.js';
import type { MeshSettings } from '../mesh/model.js';
import { type ProxyFile, readProxyFile } from '../mesh/proxy-description.js';
import { statOf } from './file-system.js';
import { readFlag } from './flag-file.js';

/** The settings in `--mesh FILE`; undefined where none are given, or findings say why there are none. */
export function readMeshFlag(mesh: string | undefined, findings: Finding[]): MeshSettings | undefined {
  return mesh === undefined ? undefined : readFlag(mesh, readMeshConfig, findings)?.settings;
}

/** The proxy that `--proxy FILE` describes; what is no file is the name of a pod. */
export function readProxyFlag(proxy: string, findings: Finding[]): ProxyFile | string {
  if (statOf(proxy) === undefined && !/\.(?:json|ya?ml)$/i.test(proxy)) return proxy;
  return readFlag(proxy, readProxyFile, findings)?.file ?? NOBODY;
}

/** The release of Istio that a proxy's file says it is of; '' where there is none. */
export function versionOf(proxy: ProxyFile | string | undefined): string {
  const metadata = typeof proxy === 'object' ? proxy.metadata : undefined;
  // Istio 1.1's proxies say it by another name.
  const version = metadata?.ISTIO_VERSION ?? metadata?.ISTIO_PROXY_VERSION;
  return typeof version === 'string' ? version : '';
}

/** Stands for a proxy that could not be read, so that the other errors are found too. */
const NOBODY: ProxyFile = {
  description: { type: 'sidecar', ip: '', id: '', domain: '', metadata: {}, locality: undefined },
  environment: {},
  routes: [],
};
