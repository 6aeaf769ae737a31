// Documents to resources: which Kubernetes object is which, lists taken apart, Istio specs read as messages
// of its API, with findings where names or kinds are wrong. Kinds that are not read are counted.

import { compareText } from '../collections/compare-text.js';
import { memo } from '../collections/memo.js';
import { type MessageInfo, message } from '../envoy/api-table.js';
import type { Message } from '../envoy/message.js';
import { kubernetesReader, type MessageReader } from '../envoy/message-reader.js';
import type { Finding, Level } from '../finding/finding.js';
import { nearName } from '../finding/near-name.js';
import { eachObject, textAt } from '../kubernetes/objects.js';
import { isWorkload, WORKLOAD_KINDS } from '../kubernetes/workload.js';
import { quoted } from '../secrecy/quoted.js';
import type { Document } from '../source/document.js';
import { Kind } from '../source/tape.js';
import { isLabel, isObjectName, kubernetesCheck } from './check-kubernetes.js';
import { checkSpec } from './check-spec.js';
import { istioOf } from './istio-api.js';
import {
  CORE_KINDS,
  type CoreKind,
  type CoreSpecs,
  creationTimeOf,
  isCoreKind,
  type KubernetesObject,
  type PodSpec,
  readCore,
  readTemplate,
} from './kubernetes-objects.js';
import type { Config, ConfigStore } from './model.js';
import { prescribedName, refusals } from './validation/pilot-checks.js';
import { versionless } from './versionless.js';

/** All resources of some documents. */
export interface Resources {
  readonly core: { readonly [Kind in CoreKind]: readonly KubernetesObject<CoreSpecs[Kind]>[] };
  /** Pod templates, under the names of what makes Pods of them. */
  readonly templates: readonly KubernetesObject<PodSpec>[];
  readonly configs: ConfigStore;
  /** Kinds that are not read, with their numbers. */
  readonly ignored: ReadonlyMap<string, number>;
}

type ConfigKind = keyof ConfigStore;

/** For each kind of Istio resource its API group, the message that its spec is, and whether it has no namespace. */
const CONFIG_KINDS: ReadonlyMap<string, { group: string; type: string; clusterWide?: true }> = new Map([
  ...(['DestinationRule', 'VirtualService', 'ServiceEntry', 'Gateway', 'Sidecar'] as const).map(
    (kind) => [kind, { group: 'networking.istio.io', type: `istio.networking.v1alpha3.${kind}` }] as const,
  ),
  ...(['ServiceRole', 'ServiceRoleBinding', 'RbacConfig'] as const).map(
    (kind) => [kind, { group: 'rbac.istio.io', type: `istio.rbac.v1alpha1.${kind}` }] as const,
  ),
  [
    'ClusterRbacConfig',
    { group: 'rbac.istio.io', type: 'istio.rbac.v1alpha1.RbacConfig', clusterWide: true },
  ],
  ['Policy', { group: 'authentication.istio.io', type: 'istio.authentication.v1alpha1.Policy' }],
  [
    'MeshPolicy',
    { group: 'authentication.istio.io', type: 'istio.authentication.v1alpha1.Policy', clusterWide: true },
  ],
]);

const READ_KINDS: readonly string[] = [...CONFIG_KINDS.keys(), ...CORE_KINDS, ...WORKLOAD_KINDS];

/** How resources are read. */
export interface ReadingOptions {
  /** Whether resources that only later releases have are reported and ignored. */
  readonly leavesOutLater?: boolean;
  /** How much it weighs that Istio's validation refuses what Pilot takes; by default it is an error. */
  readonly refused?: Level;
}

/** Reads the resources of all documents; the order of the documents does not matter. */
export function readResources(
  documents: readonly Document[],
  findings: Finding[],
  { leavesOutLater = false, refused = 'error' }: ReadingOptions = {},
): Resources {
  const core: { readonly [Kind in CoreKind]: KubernetesObject<CoreSpecs[Kind]>[] } = {
    Service: [],
    Endpoints: [],
    Pod: [],
    Node: [],
    ServiceAccount: [],
  };
  const templates: KubernetesObject<PodSpec>[] = [];
  const configs: Record<ConfigKind, Config<unknown>[]> = {
    DestinationRule: [],
    VirtualService: [],
    ServiceEntry: [],
    Gateway: [],
    Sidecar: [],
    Policy: [],
    MeshPolicy: [],
    ServiceRole: [],
    ServiceRoleBinding: [],
    RbacConfig: [],
    ClusterRbacConfig: [],
  };
  const ignored = new Map<string, number>();
  const checkKubernetes = kubernetesCheck(findings);
  // Most documents hold none of Istio's resources.
  const readers = new Map<Document, MessageReader>();
  for (const document of documents) {
    findings.push(...versionless(document));
    eachObject(document.tape, 0, (node, kind, group) => {
      const config = CONFIG_KINDS.get(kind);
      if (leavesOutLater && istioOf(group) === '1.29') {
        ignored.set(kind, (ignored.get(kind) ?? 0) + 1);
        findings.push(laterResource(document, node, kind, group));
      } else if (config !== undefined && group.startsWith(`${config.group}/`)) {
        const reader = memo(readers, document, () => kubernetesReader(document));
        configs[kind as ConfigKind].push(readConfig(reader, node, kind, config, refused, findings));
      } else if (group === 'v1' && isCoreKind(kind)) {
        checkKubernetes(document, node, kind);
        checkName(document, node, kind, findings);
        (core[kind] as KubernetesObject[]).push(readCore(document, node, kind));
      } else if (isWorkload({ kind, apiVersion: group })) {
        checkKubernetes(document, node, kind);
        checkName(document, node, kind, findings);
        templates.push(readTemplate(document, node, kind));
      } else {
        ignored.set(kind, (ignored.get(kind) ?? 0) + 1);
        if (kind === 'EnvoyFilter') findings.push(envoyFilter(document, node));
        else findings.push(...misspeltKind(document, node, kind, group));
      }
    });
    const reader = readers.get(document);
    if (reader !== undefined) findings.push(...reader.findings.map(strict).map(ofResource));
  }
  for (const list of Object.values<KubernetesObject[]>(core)) sortByAge(list);
  for (const list of Object.values<Config<unknown>[]>(configs)) sortByAge(list);
  sortByAge(templates);
  return { core, templates, configs: configs as unknown as ConfigStore, ignored };
}

/** Resources with the Istio resources of others added that they do not have themselves. */
export function withMissing(resources: Resources, others: ConfigStore): Resources {
  const merged = Object.entries<readonly Config<unknown>[]>({ ...resources.configs }).map(
    ([kind, configs]) => {
      const missing = (others[kind as ConfigKind] as readonly Config<unknown>[]).filter(
        (other) =>
          !configs.some(({ name, namespace }) => name === other.name && namespace === other.namespace),
      );
      return [kind, sortByAge([...configs, ...missing])];
    },
  );
  return { ...resources, configs: Object.fromEntries(merged) as ConfigStore };
}

/**
 * Sorts resources oldest first, then by `name.namespace`: the order in which Pilot takes those of one kind. A
 * dot comes after a dash: `web-canary` is before `web`.
 */
function sortByAge<T extends Pick<KubernetesObject, 'creationTime' | 'name' | 'namespace'>>(list: T[]): T[] {
  const names = list.map(({ name, namespace }) => `${name}.${namespace}`);
  const times = list.map(({ creationTime }) => creationTime);
  const order = list.map((_, i) => i);
  order.sort((a, b) => {
    const time = times[a] as number;
    const other = times[b] as number;
    if (time !== other) return time < other ? -1 : 1;
    return compareText(names[a] as string, names[b] as string);
  });
  const sorted = order.map((i) => list[i] as T);
  for (let i = 0; i < sorted.length; i++) list[i] = sorted[i] as T;
  return list;
}

/** An unknown field in what is compiled is an error: it would be left out of the result. */
export function strict(finding: Finding): Finding {
  return finding.code === 'unknown-field' ? { ...finding, level: 'error' } : finding;
}

/** A finding about a spec, with its path from the resource on. */
export function ofResource(finding: Finding): Finding {
  return finding.path === undefined ? finding : { ...finding, path: `spec.${finding.path}` };
}

function readConfig(
  reader: MessageReader,
  node: number,
  kind: string,
  { type, clusterWide }: { readonly type: string; readonly clusterWide?: true },
  refused: Level,
  findings: Finding[],
): Config<unknown> {
  const { tape, document } = reader;
  const metadata = tape.get(node, 'metadata');
  const name = textAt(tape, metadata, 'name');
  const namespace = textAt(tape, metadata, 'namespace');
  checkName(document, node, kind, findings);
  const spec = tape.get(node, 'spec');
  const read = spec < 0 ? undefined : reader.read(message(type) as MessageInfo, spec);
  const wrong: Finding[] = [];
  if (read !== undefined) checkSpec(read, wrong);
  const untaken: Finding[] = [];
  if (read !== undefined) refusals(read, untaken);
  findings.push(
    ...wrong.map(ofResource),
    ...[...untaken.map(ofResource), ...prescribedName(document, node, kind, name)].map((finding) => ({
      ...finding,
      level: refused,
    })),
  );
  return {
    kind,
    name,
    namespace: clusterWide ? '' : namespace || 'default',
    creationTime: creationTimeOf(tape, metadata),
    spec: read === undefined ? {} : specValue(kind, read),
    document,
    node,
  };
}

/** Says that an object has no name, or one that Kubernetes would refuse. */
export function checkName(document: Document, node: number, kind: string, findings: Finding[]): void {
  const { tape, source } = document;
  const metadata = tape.get(node, 'metadata');
  const at = metadata < 0 ? -1 : tape.get(metadata, 'name');
  const name = at < 0 ? '' : textAt(tape, metadata, 'name');
  checkNamespace(document, node, kind, findings);
  // What is made from this object gets a name of its own.
  if (name === '' && metadata >= 0 && textAt(tape, metadata, 'generateName') !== '') return;
  if (isObjectName(name)) return;
  const start = tape.start(name === '' ? node : at);
  findings.push({
    code: name === '' ? 'no-name' : 'wrong-name',
    level: 'error',
    message: name === '' ? `this ${kind} has no name` : `${quoted(name)} is not a valid name for a ${kind}`,
    expected: name === '' ? 'metadata.name' : 'lowercase letters, digits, hyphens and dots',
    region: source.region(start, name === '' ? start : tape.end(at)),
  });
}

/** Says that an object is in a namespace that Kubernetes would refuse: its name is a DNS label. */
function checkNamespace(document: Document, node: number, kind: string, findings: Finding[]): void {
  const { tape, source } = document;
  const metadata = tape.get(node, 'metadata');
  const at = metadata < 0 ? -1 : tape.get(metadata, 'namespace');
  const namespace = at < 0 ? '' : textAt(tape, metadata, 'namespace');
  if (namespace === '' || isLabel(namespace)) return;
  findings.push({
    code: 'wrong-name',
    level: 'error',
    message: `${quoted(namespace)} is not a valid namespace for a ${kind}`,
    expected: 'lowercase letters, digits and hyphens, at most 63',
    path: 'metadata.namespace',
    region: source.region(tape.start(at), tape.end(at)),
  });
}

/** A spec in normal form. Policies keep `mtls:` with nothing behind it, which means its defaults. */
function specValue(kind: string, read: Message): unknown {
  const value = read.toValue();
  if (kind !== 'Policy' && kind !== 'MeshPolicy') return value;
  const { tape } = read.reader;
  const peers = read.items('peers').map((peer, index) => {
    const mtls = tape.get(peer, 'mtls');
    const known = (value.peers as readonly object[])[index];
    return mtls >= 0 && tape.kind(mtls) === Kind.Null ? { mtls: {} } : known;
  });
  return peers.length === 0 ? value : { ...value, peers };
}

/** A kind that its API group does not have, near one that is read: without it the mesh would be another. */
function misspeltKind(document: Document, node: number, kind: string, apiVersion: string): Finding[] {
  const isRead = (other: string): boolean => {
    const config = CONFIG_KINDS.get(other);
    return config === undefined
      ? (apiVersion === 'v1' && isCoreKind(other)) || isWorkload({ kind: other, apiVersion })
      : apiVersion.startsWith(`${config.group}/`);
  };
  const suggestion = nearName(kind, READ_KINDS.filter(isRead));
  if (suggestion === undefined) return [];
  const { tape, source } = document;
  const value = tape.get(node, 'kind');
  return [
    {
      code: 'unknown-kind',
      level: 'error',
      message: `${apiVersion} has no kind ${quoted(kind)}`,
      suggestion,
      region: source.region(tape.start(value), tape.end(value)),
    },
  ];
}

function laterResource(document: Document, node: number, kind: string, apiVersion: string): Finding {
  const start = document.tape.start(node);
  return {
    code: 'not-applied',
    level: 'warning',
    message: `this ${quoted(kind)} of ${quoted(apiVersion)} is not applied`,
    expected: 'resources that Istio 1.1 has',
    region: document.source.region(start, start),
  };
}

function envoyFilter(document: Document, node: number): Finding {
  const start = document.tape.start(node);
  return {
    code: 'envoy-filter',
    level: 'warning',
    message: 'this EnvoyFilter is not applied',
    expected: 'resources that xdsc supports',
    remedy: 'apply its filters to the output yourself',
    region: document.source.region(start, start),
  };
}
