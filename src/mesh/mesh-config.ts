// MeshConfig with the defaults that Pilot 1.1's code has for it (config.DefaultMeshConfig); a file's fields
// replace them one by one.

import type { Finding } from '../finding/finding.js';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import { normalDuration } from './duration.js';
import type { MeshSettings } from './model.js';
import { readSettings, type SaidSettings } from './said-settings.js';

/** What a mesh has that says nothing. */
export const DEFAULT_MESH_SETTINGS: MeshSettings = {
  proxy_listen_port: 15001,
  proxy_http_port: 0,
  connect_timeout: '1s',
  enable_tracing: true,
  access_log_file: '/dev/stdout',
  access_log_format: '',
  access_log_encoding: 'TEXT',
  outbound_traffic_policy: { mode: 'ALLOW_ANY' },
  sds_uds_path: '',
  trust_domain: '',
  root_namespace: 'istio-system',
  dns_refresh_rate: '5s',
};

/** Settings, or findings of level error that say why there are none. */
export interface ReadMeshConfig {
  readonly settings: MeshSettings | undefined;
  readonly findings: readonly Finding[];
}

/** Reads the settings in a file: a MeshConfig, the ConfigMap that has one, or Helm's values. */
export function readMeshConfig(name: string, text: string): ReadMeshConfig {
  const { said, findings } = readSettings(name, text);
  return { settings: said && withDefaults(said), findings };
}

/** Settings with what they do not say filled in. */
export function withDefaults({ given, mutualTls, sdsUdsPathRegion }: SaidSettings): MeshSettings {
  const settings = { ...DEFAULT_MESH_SETTINGS, ...(given as Partial<MeshSettings>) };
  return {
    ...settings,
    connect_timeout: normalDuration(settings.connect_timeout as string),
    dns_refresh_rate: normalDuration(settings.dns_refresh_rate as string),
    outbound_traffic_policy: { mode: 'REGISTRY_ONLY', ...settings.outbound_traffic_policy },
    ...(mutualTls !== undefined && { chart_mutual_tls: mutualTls }),
    sds_uds_path_region: sdsUdsPathRegion,
  };
}

/** The trust domain of SPIFFE ids. */
function trustDomain(settings: MeshSettings): string {
  return settings.trust_domain === '' ? DEFAULT_DOMAIN : (settings.trust_domain as string);
}

/** The SPIFFE id of a Kubernetes service account. */
export function spiffeId(settings: MeshSettings, namespace: string, account: string): string {
  return `spiffe://${trustDomain(settings).replaceAll('@', '.')}/ns/${namespace}/sa/${account}`;
}
