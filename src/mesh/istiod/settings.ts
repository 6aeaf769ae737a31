// MeshConfig over the defaults of istiod 1.29's code (mesh.DefaultMeshConfig, mesh.ApplyMeshConfig): fields
// replace defaults, the proxies' configuration is merged, extension providers replace those of their name.

import { compareText } from '../../collections/compare-text.js';
import { message } from '../../envoy/api-table.js';
import type { MeshConfig } from '../../envoy/generated/types/mesh/v1/config.js';
import type { MeshNetworks } from '../../envoy/generated/types/mesh/v1/network.js';
import type { ProxyConfig } from '../../envoy/generated/types/mesh/v1/proxy.js';
import { MessageReader } from '../../envoy/message-reader.js';
import type { Finding } from '../../finding/finding.js';
import { configMapEntries, isKubernetesObject } from '../../source/config-map.js';
import { type Document, readSource } from '../../source/document.js';
import { checkSpec } from '../check-spec.js';
import type { Settings } from './model.js';
import { specValue } from './spec-value.js';

/** The proxies' configuration of a mesh that says nothing. */
const DEFAULT_PROXY_CONFIG: ProxyConfig = {
  config_path: './etc/istio/proxy',
  service_cluster: 'istio-proxy',
  drain_duration: '45s',
  termination_drain_duration: '5s',
  proxy_admin_port: 15000,
  control_plane_auth_policy: 'MUTUAL_TLS',
  discovery_address: 'istiod.istio-system.svc:15012',
  binary_path: '/usr/local/bin/envoy',
  stat_name_length: 189,
  status_port: 15020,
};

/** What a mesh has that says nothing. */
export const DEFAULT_SETTINGS: Settings = {
  enable_tracing: true,
  access_log_file: '',
  access_log_encoding: 'TEXT',
  access_log_format: '',
  enable_envoy_access_log_service: false,
  protocol_detection_timeout: '0s',
  trust_domain: 'cluster.local',
  trust_domain_aliases: [],
  enable_auto_mtls: true,
  outbound_traffic_policy: { mode: 'ALLOW_ANY' },
  inbound_traffic_policy: { mode: 'PASSTHROUGH' },
  locality_lb_setting: { enabled: true },
  default_config: DEFAULT_PROXY_CONFIG,
  root_namespace: 'istio-system',
  proxy_listen_port: 15001,
  proxy_inbound_listen_port: 15006,
  connect_timeout: '10s',
  default_service_export_to: ['*'],
  default_virtual_service_export_to: ['*'],
  default_destination_rule_export_to: ['*'],
  dns_refresh_rate: '60s',
  default_providers: {},
  extension_providers: [
    { name: 'prometheus', prometheus: {} },
    { name: 'stackdriver', stackdriver: {} },
    { name: 'envoy', envoy_file_access_log: { path: '/dev/stdout' } },
  ],
};

/** A message that was read, or findings of level error that say why there is none. */
export interface ReadMesh<T> {
  readonly value: T | undefined;
  readonly findings: readonly Finding[];
}

/** Reads a MeshConfig, or the ConfigMap that has one under `mesh`. */
export function readSettings(name: string, text: string): ReadMesh<Settings> {
  const { value, findings } = readMessageFile<MeshConfig>(name, text, 'mesh', 'istio.mesh.v1.MeshConfig');
  return { value: value && withDefaults(value), findings };
}

/** Reads meshNetworks, or the ConfigMap that has them under `meshNetworks`. */
export function readNetworks(name: string, text: string): ReadMesh<MeshNetworks> {
  return readMessageFile(name, text, 'meshNetworks', 'istio.mesh.v1.MeshNetworks');
}

/** The MeshConfig of the `istio` ConfigMap among some documents; undefined where there is none. */
export function settingsAmong(documents: readonly Document[], findings: Finding[]): Settings | undefined {
  const given = messageAmong<MeshConfig>(documents, 'mesh', 'istio.mesh.v1.MeshConfig', findings);
  return given && withDefaults(given);
}

/** Its meshNetworks. */
export function networksAmong(documents: readonly Document[], findings: Finding[]): MeshNetworks | undefined {
  return messageAmong(documents, 'meshNetworks', 'istio.mesh.v1.MeshNetworks', findings);
}

function messageAmong<T extends object>(
  documents: readonly Document[],
  key: string,
  type: string,
  findings: Finding[],
): T | undefined {
  for (const document of documents) {
    const entry = configMapEntries(document).find(
      (candidate) => candidate.configMap === 'istio' && candidate.key === key,
    );
    if (entry === undefined) continue;
    findings.push(...entry.source.findings.filter(({ code }) => code !== 'empty'));
    const [found] = entry.source.documents;
    if (found !== undefined) return messageAt<T>(found, type, findings);
  }
  return undefined;
}

/** A ProxyConfig in YAML, as an annotation has it; undefined where it cannot be read. */
export function readProxyConfigText(text: string): ProxyConfig | undefined {
  const { documents } = readSource('proxy.istio.io/config', text);
  const findings: Finding[] = [];
  const [document] = documents;
  return document && messageAt<ProxyConfig>(document, 'istio.mesh.v1.ProxyConfig', findings);
}

function readMessageFile<T extends object>(
  name: string,
  text: string,
  key: string,
  type: string,
): ReadMesh<T> {
  const source = readSource(name, text);
  const findings: Finding[] = [...source.findings.filter(({ code }) => code !== 'empty')];
  // Nothing in a file is a message without fields.
  if (source.documents.length === 0) return { value: {} as T, findings };
  for (const document of source.documents) {
    const found = documentWith(document, key, findings);
    if (found !== undefined) return { value: messageAt<T>(found, type, findings), findings };
  }
  findings.push({
    code: 'no-mesh-config',
    level: 'error',
    message: `this file has no ${key === 'mesh' ? 'MeshConfig' : 'meshNetworks'}`,
    expected: `the message itself, or the istio ConfigMap with one under ${key}`,
    region: source.region(0, 0),
  });
  return { value: undefined, findings };
}

/** The document that holds a ConfigMap's key; a document that is no Kubernetes object is itself. */
function documentWith(document: Document, key: string, findings: Finding[]): Document | undefined {
  if (!isKubernetesObject(document.tape, 0)) return document;
  const entry = configMapEntries(document).find((candidate) => candidate.key === key);
  if (entry === undefined) return undefined;
  findings.push(...entry.source.findings);
  return entry.source.documents[0];
}

/** Reads the message of a document. Unknown fields are warnings: istiod ignores them. */
function messageAt<T extends object>(document: Document, type: string, findings: Finding[]): T | undefined {
  const reader = new MessageReader(document);
  const info = message(type);
  const read = info === undefined ? undefined : reader.read(info, 0);
  if (read !== undefined) checkSpec(read, findings);
  findings.push(...reader.findings);
  return read === undefined ? undefined : (specValue(read) as T);
}

/** A MeshConfig over istiod's defaults. */
function withDefaults(given: MeshConfig): Settings {
  const { default_config, default_providers, extension_providers, trust_domain_aliases, ...rest } = given;
  return {
    ...DEFAULT_SETTINGS,
    ...(rest as Partial<Settings>),
    default_config: mergedProxyConfig(DEFAULT_PROXY_CONFIG, default_config ?? {}),
    default_providers: { ...DEFAULT_SETTINGS.default_providers, ...default_providers },
    extension_providers: mergedProviders(extension_providers ?? []),
    trust_domain_aliases: [...new Set(trust_domain_aliases ?? [])].sort(compareText),
  };
}

/** A proxy's configuration over another: fields replace, metadata are merged. */
export function mergedProxyConfig(base: ProxyConfig, given: ProxyConfig): ProxyConfig {
  const proxy_metadata = { ...base.proxy_metadata, ...given.proxy_metadata };
  return {
    ...base,
    ...given,
    ...(Object.keys(proxy_metadata).length > 0 && { proxy_metadata }),
  };
}

function mergedProviders(
  given: NonNullable<MeshConfig['extension_providers']>,
): NonNullable<MeshConfig['extension_providers']> {
  const providers = [...DEFAULT_SETTINGS.extension_providers];
  for (const provider of given) {
    const known = providers.findIndex(({ name }) => name === provider.name);
    if (known < 0) providers.push(provider);
    else providers[known] = provider;
  }
  return providers;
}

/** The SPIFFE id of a service account. */
export function identity({ trust_domain }: Settings, namespace: string, account: string): string {
  return `spiffe://${trust_domain.replaceAll('@', '.')}/ns/${namespace}/sa/${account}`;
}
