// What a mesh's settings say of SDS: fields of Istio's MeshConfig, in a file of its own or in the
// `istio` ConfigMap.

import { message } from '../envoy/api-table.js';
import type { Message } from '../envoy/message.js';
import { type Interest, MessageReader } from '../envoy/message-reader.js';
import type { Finding, Region } from '../finding/finding.js';
import { configMapEntries, isKubernetesObject } from '../source/config-map.js';
import { type Document, readSource } from '../source/document.js';

/** MeshConfig's `sdsUdsPath`, `enableSdsTokenMount` and `sdsUseK8sSaJwt`; absent fields have their defaults. */
export interface MeshSdsSettings {
  readonly sdsUdsPath: string;
  readonly enableSdsTokenMount: boolean;
  readonly sdsUseK8sSaJwt: boolean;
  /** '' where the mesh does not say. */
  readonly trustDomain?: string;
  /** Where the file says, or does not say, what the socket is. */
  readonly sdsUdsPathRegion?: Region;
}

/** The fields that are read. Of others a newer mesh may have more, or other kinds. */
const FIELDS = ['sds_uds_path', 'enable_sds_token_mount', 'sds_use_k8s_sa_jwt', 'trust_domain'] as const;

/** Settings, or findings of level error that say why there are none. */
export interface ReadMeshSettings {
  readonly settings: MeshSdsSettings | undefined;
  readonly findings: readonly Finding[];
}

/** Reads MeshConfig YAML or JSON, or a ConfigMap with it under `mesh`. */
export function readMeshSettings(name: string, text: string): ReadMeshSettings {
  const source = readSource(name, text);
  const findings = [...source.findings];
  for (const document of source.documents) {
    const found = meshDocument(document, findings);
    if (found === undefined) continue;
    const reader = new MessageReader(found, SDS_FIELDS);
    const type = message('istio.mesh.v1alpha1.MeshConfig');
    const mesh = type === undefined ? undefined : reader.read(type, 0);
    const settings = mesh && settingsOf(mesh);
    findings.push(...reader.findings);
    if (settings !== undefined) return { settings: findings.some(isError) ? undefined : settings, findings };
  }
  if (!findings.some(isError)) {
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
function meshDocument(document: Document, findings: Finding[]): Document | undefined {
  if (!isKubernetesObject(document.tape, 0)) return document;
  const entry = configMapEntries(document).find(({ key }) => key === 'mesh');
  if (entry === undefined) return undefined;
  findings.push(...entry.source.findings);
  return entry.source.documents[0];
}

/** What is wrong with other fields is not this command's business, and newer meshes have more of them. */
const SDS_FIELDS: Interest = (type) => new Set(FIELDS.flatMap((name) => type.field(name) ?? []));

function isError({ level }: Finding): boolean {
  return level === 'error';
}

function settingsOf(mesh: Message): MeshSdsSettings {
  const { tape, document } = mesh.reader;
  const path = mesh.value('sds_uds_path');
  const at = path < 0 ? mesh.node : path;
  return {
    sdsUdsPath: mesh.text('sds_uds_path') ?? '',
    enableSdsTokenMount: isTrue(mesh, 'enable_sds_token_mount'),
    sdsUseK8sSaJwt: isTrue(mesh, 'sds_use_k8s_sa_jwt'),
    trustDomain: mesh.text('trust_domain') ?? '',
    sdsUdsPathRegion: document.source.region(tape.start(at), path < 0 ? tape.start(at) : tape.end(at)),
  };
}

function isTrue(mesh: Message, name: (typeof FIELDS)[number]): boolean {
  const text = mesh.text(name);
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  mesh.reader.report(mesh.value(name), {
    code: 'wrong-kind',
    level: 'error',
    message: `${name} is ${JSON.stringify(text)}`,
    expected: 'true or false',
    path: name,
  });
  return false;
}
