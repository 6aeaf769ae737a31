// MeshConfig with the defaults that Pilot 1.1's code has for it (config.DefaultMeshConfig); a file's fields
// replace them one by one.

import { message } from '../envoy/api-table.js';
import { MessageReader } from '../envoy/message-reader.js';
import type { Finding } from '../finding/finding.js';
import { configMapEntries, isKubernetesObject } from '../source/config-map.js';
import { type Document, readSource } from '../source/document.js';
import { checkSpec } from './check-spec.js';
import { normalDuration } from './duration.js';
import type { MeshSettings } from './model.js';

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

/** Reads a MeshConfig in YAML or JSON, or the ConfigMap that has one under `mesh`. */
export function readMeshConfig(name: string, text: string): ReadMeshConfig {
  const source = readSource(name, text);
  const findings = [...source.findings];
  for (const document of source.documents) {
    const found = meshDocument(document, findings);
    if (found !== undefined) return { settings: settingsOf(found, findings), findings };
  }
  if (!findings.some((finding) => finding.level === 'error')) {
    findings.push({
      code: 'no-mesh-config',
      level: 'error',
      message: 'there is no MeshConfig in this file',
      expected: 'a MeshConfig, or the `istio` ConfigMap with one under `mesh`',
      region: source.region(0, 0),
    });
  }
  return { settings: undefined, findings };
}

/** The document that is the MeshConfig: this one, or one in its ConfigMap. */
export function meshDocument(document: Document, findings: Finding[]): Document | undefined {
  if (!isKubernetesObject(document.tape, 0)) return document;
  const entry = configMapEntries(document).find(({ key }) => key === 'mesh');
  if (entry === undefined) return undefined;
  findings.push(...entry.source.findings);
  return entry.source.documents[0];
}

/** The settings of a MeshConfig document. */
export function settingsOf(document: Document, findings: Finding[]): MeshSettings {
  const reader = new MessageReader(document);
  const type = message('istio.mesh.v1alpha1.MeshConfig');
  const read = type === undefined ? undefined : reader.read(type, 0);
  const given = (read?.toValue() ?? {}) as Partial<MeshSettings>;
  findings.push(...reader.findings);
  if (read !== undefined) checkSpec(read, findings);
  const settings = { ...DEFAULT_MESH_SETTINGS, ...given };
  return {
    ...settings,
    connect_timeout: normalDuration(settings.connect_timeout as string),
    dns_refresh_rate: normalDuration(settings.dns_refresh_rate as string),
    outbound_traffic_policy: { mode: 'REGISTRY_ONLY', ...settings.outbound_traffic_policy },
  };
}

/** The trust domain of SPIFFE ids. */
export function trustDomain(settings: MeshSettings): string {
  return settings.trust_domain === '' ? 'cluster.local' : (settings.trust_domain as string);
}

/** The SPIFFE id of a Kubernetes service account. */
export function spiffeId(settings: MeshSettings, namespace: string, account: string): string {
  return `spiffe://${trustDomain(settings).replaceAll('@', '.')}/ns/${namespace}/sa/${account}`;
}
