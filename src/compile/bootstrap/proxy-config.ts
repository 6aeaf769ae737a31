// ProxyConfig, how a proxy is started: Istio 1.1's own defaults (model.DefaultProxyConfig), then the mesh's
// `defaultConfig`, then a file, then what a pod's annotations
// say.

import { message } from '../../envoy/api-table.js';
import type { ProxyConfig } from '../../envoy/generated/types/mesh/v1alpha1/proxy.js';
import { kubernetesReader } from '../../envoy/message-reader.js';
import type { Finding } from '../../finding/finding.js';
import { checkSpec } from '../../mesh/check-spec.js';
import { normalDuration } from '../../mesh/duration.js';
import { readSource } from '../../source/document.js';

/** The defaults of a proxy. */
const DEFAULTS = {
  config_path: '/etc/istio/proxy',
  binary_path: '/usr/local/bin/envoy',
  service_cluster: 'istio-proxy',
  drain_duration: '2s',
  parent_shutdown_duration: '3s',
  discovery_address: 'istio-pilot:15010',
  connect_timeout: '1s',
  proxy_admin_port: 15000,
  control_plane_auth_policy: 'NONE',
  stat_name_length: 189,
} as const satisfies ProxyConfig;

/** A ProxyConfig with all that every proxy has. */
export type FullProxyConfig = ProxyConfig & {
  [Name in keyof typeof DEFAULTS]: NonNullable<ProxyConfig[Name]>;
};

/** Settings that were given, or findings of level error that say why there are none. */
export interface ReadProxyConfig {
  readonly config: ProxyConfig | undefined;
  readonly findings: readonly Finding[];
}

/** Reads a ProxyConfig in YAML or JSON. */
export function readProxyConfig(name: string, text: string): ReadProxyConfig {
  const source = readSource(name, text);
  const findings = [...source.findings];
  const [document] = source.documents;
  const type = message('istio.mesh.v1alpha1.ProxyConfig');
  if (document === undefined || type === undefined) return { config: undefined, findings };
  const reader = kubernetesReader(document);
  const read = reader.read(type, 0);
  // Reads every field, which finds what is wrong with it.
  const config = read?.toValue() as ProxyConfig | undefined;
  findings.push(...reader.findings);
  if (read !== undefined) checkSpec(read, findings);
  return { config, findings };
}

/** Merges the settings of a proxy; later ones override earlier ones. */
export function fullProxyConfig(...said: readonly (ProxyConfig | undefined)[]): FullProxyConfig {
  const config: FullProxyConfig = Object.assign({}, DEFAULTS, ...said);
  const { zipkin_address, tracing } = config;
  return {
    ...config,
    drain_duration: normalDuration(config.drain_duration),
    parent_shutdown_duration: normalDuration(config.parent_shutdown_duration),
    connect_timeout: normalDuration(config.connect_timeout),
    // The older way to say it.
    ...(tracing === undefined && zipkin_address && { tracing: { zipkin: { address: zipkin_address } } }),
  };
}
