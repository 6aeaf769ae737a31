// What a file says of a mesh: Istio's MeshConfig, by itself or in the ConfigMap `istio`, or values of Istio's
// Helm chart. The one place where settings are read; compile and convert add what each of them needs.

import { message } from '../envoy/api-table.js';
import type { MeshConfig } from '../envoy/generated/types/mesh/v1alpha1/config.js';
import type { Message } from '../envoy/message.js';
import { kubernetesReader, type MessageReader } from '../envoy/message-reader.js';
import type { Finding, Region } from '../finding/finding.js';
import { configMapEntries, isKubernetesObject } from '../source/config-map.js';
import { type Document, readSource } from '../source/document.js';
import { Kind } from '../source/tape.js';
import { checkSpec } from './check-spec.js';
import { settingsOfValues } from './helm-values.js';

/** Settings as given, in normal form, without defaults. */
export interface SaidSettings {
  readonly given: MeshConfig;
  /** Whether Helm's `global.mtls` makes policies for the whole mesh, and which; undefined where it says nothing. */
  readonly mutualTls: boolean | undefined;
  /** Where it says, or does not say, what the socket of SDS is. */
  readonly sdsUdsPathRegion: Region;
}

/** The settings of a file, or findings of level error that say why there are none. */
export interface ReadSettings {
  readonly said: SaidSettings | undefined;
  readonly findings: readonly Finding[];
}

export type SettingName = keyof MeshConfig & string;

/**
 * Reads settings in YAML or JSON.
 *
 * @param only the fields that matter; undefined for all. Errors in others are not reported: newer meshes
 *   have more of them, and of other kinds
 */
export function readSettings(name: string, text: string, only?: readonly SettingName[]): ReadSettings {
  const source = readSource(name, text);
  const findings = [...source.findings];
  for (const document of source.documents) {
    const found = settingsDocument(document, findings);
    if (found !== undefined) return { said: saidSettings(found, findings, only), findings };
  }
  if (!findings.some(({ level }) => level === 'error')) {
    findings.push({
      code: 'no-mesh-config',
      level: 'error',
      message: 'this file contains no MeshConfig',
      expected:
        "a MeshConfig, the `istio` ConfigMap with a MeshConfig under `mesh`, or values of Istio's Helm chart",
      region: source.region(0, 0),
    });
  }
  return { said: undefined, findings };
}

/** The document with the settings: this one, or one in its ConfigMap. */
export function settingsDocument(document: Document, findings: Finding[]): Document | undefined {
  if (!isKubernetesObject(document.tape, 0)) return document;
  const entry = configMapEntries(document).find(({ key }) => key === 'mesh');
  if (entry === undefined) return undefined;
  findings.push(...entry.source.findings);
  return entry.source.documents[0];
}

/** The settings of a document that `settingsDocument` gave. */
export function saidSettings(
  document: Document,
  findings: Finding[],
  only?: readonly SettingName[],
): SaidSettings | undefined {
  const { tape } = document;
  const isValues = tape.kind(0) === Kind.Map && tape.get(0, 'global') >= 0;
  return isValues ? ofValues(document, findings) : ofMeshConfig(document, findings, only);
}

function ofMeshConfig(
  document: Document,
  findings: Finding[],
  only: readonly SettingName[] | undefined,
): SaidSettings | undefined {
  const reader = kubernetesReader(document, (type) =>
    only === undefined ? undefined : new Set(only.flatMap((name) => type.field(name) ?? [])),
  );
  const read = readMessage(reader, 'istio.mesh.v1alpha1.MeshConfig');
  if (read !== undefined) checkSpec(read, findings, only);
  findings.push(...reader.findings);
  if (read === undefined) return undefined;
  return {
    given: read.toValue() as MeshConfig,
    mutualTls: undefined,
    sdsUdsPathRegion: regionOf(read, 'sds_uds_path'),
  };
}

function ofValues(document: Document, findings: Finding[]): SaidSettings | undefined {
  // The chart has many more values than those that are read.
  const reader = kubernetesReader(document, (type) => new Set(type.fields));
  const read = readMessage(reader, 'istio.helm.v1.Values');
  if (read !== undefined) checkSpec(read, findings);
  findings.push(...reader.findings);
  const global = read?.message('global');
  if (global === undefined) return undefined;
  const { given, mutualTls, problem } = settingsOfValues(global.toValue());
  const sdsUdsPathRegion = regionOf(global.message('sds') ?? global, 'uds_path');
  if (problem !== undefined)
    findings.push({ code: 'helm-sds', level: 'warning', ...problem, region: sdsUdsPathRegion });
  return { given, mutualTls, sdsUdsPathRegion };
}

function readMessage(reader: MessageReader, type: string): Message | undefined {
  const info = message(type);
  return info === undefined ? undefined : reader.read(info, 0);
}

/** Where a field's value is, or where the message begins that does not have it. */
function regionOf(read: Message, name: string): Region {
  const { tape, document } = read.reader;
  const value = read.value(name);
  const at = value < 0 ? read.node : value;
  return document.source.region(tape.start(at), value < 0 ? tape.start(at) : tape.end(at));
}
