// Documents to resources of istiod 1.29: Kubernetes objects, Istio's specs as messages of its API, and what is
// not applied. Findings say where names, kinds or values are wrong.

import { compareText } from '../../collections/compare-text.js';
import { memo } from '../../collections/memo.js';
import { type MessageInfo, message } from '../../envoy/api-table.js';
import { MessageReader } from '../../envoy/message-reader.js';
import type { Finding } from '../../finding/finding.js';
import { nearName } from '../../finding/near-name.js';
import { eachObject, nodeAt } from '../../kubernetes/objects.js';
import { isWorkload, WORKLOAD_KINDS } from '../../kubernetes/workload.js';
import { quoted } from '../../secrecy/quoted.js';
import type { Document } from '../../source/document.js';
import { kubernetesCheck } from '../check-kubernetes.js';
import { checkSpec } from '../check-spec.js';
import { itemsAt } from '../fields.js';
import { checkName, ofResource, strict } from '../resources.js';
import { versionless } from '../versionless.js';
import {
  type EndpointSlice,
  type KubernetesPod,
  type KubernetesService,
  type ObjectMeta,
  readEndpoints,
  readMeta,
  readPod,
  readService,
  readSlice,
  readTemplate,
} from './kubernetes-objects.js';
import type { Config, ConfigKind, ConfigStore } from './model.js';
import { specValue } from './spec-value.js';

/** All resources of some documents. */
export interface Resources {
  readonly services: readonly KubernetesService[];
  readonly slices: readonly EndpointSlice[];
  readonly pods: readonly KubernetesPod[];
  /** Pod templates, under the names of what makes Pods of them. */
  readonly templates: readonly KubernetesPod[];
  readonly nodes: readonly ObjectMeta[];
  readonly namespaces: readonly ObjectMeta[];
  readonly serviceAccounts: readonly ObjectMeta[];
  readonly configs: ConfigStore;
  /** Kinds that are not read, with their numbers. */
  readonly ignored: ReadonlyMap<string, number>;
}

interface KindInfo {
  readonly group: string;
  readonly type: string;
  /** The versions that the API server of Istio 1.29's definitions knows. */
  readonly versions: readonly string[];
}

const VERSIONS: { readonly [group: string]: readonly string[] } = {
  networking: ['v1', 'v1beta1', 'v1alpha3'],
  security: ['v1', 'v1beta1'],
  telemetry: ['v1', 'v1alpha1'],
};

/** For each kind of Istio resource its API group and the message that its spec is. */
const CONFIG_KINDS: ReadonlyMap<string, KindInfo> = new Map(
  Object.entries({
    networking: ['DestinationRule', 'VirtualService', 'ServiceEntry', 'WorkloadEntry', 'Gateway', 'Sidecar'],
    security: ['PeerAuthentication', 'RequestAuthentication', 'AuthorizationPolicy'],
    telemetry: ['Telemetry'],
  } satisfies Record<string, readonly ConfigKind[]>).flatMap(([group, kinds]) =>
    kinds.map(
      (kind) =>
        [
          kind,
          {
            group: `${group}.istio.io`,
            type: `istio.${group}.v1.${kind}`,
            versions: VERSIONS[group] as readonly string[],
          },
        ] as const,
    ),
  ),
);

/** What changes proxies in ways that are not computed here, by group. */
const NOT_APPLIED: ReadonlyMap<string, readonly string[] | undefined> = new Map([
  ['networking.istio.io', ['EnvoyFilter', 'ProxyConfig']],
  ['extensions.istio.io', undefined],
  ['gateway.networking.k8s.io', undefined],
  ['gateway.networking.x-k8s.io', undefined],
  ['inference.networking.k8s.io', undefined],
  ['authentication.istio.io', undefined],
  ['rbac.istio.io', undefined],
  ['config.istio.io', undefined],
]);

/** Kinds of Kubernetes that are read, by API version. */
const KUBERNETES_KINDS: ReadonlyMap<string, string> = new Map([
  ['Service', 'v1'],
  ['Endpoints', 'v1'],
  ['EndpointSlice', 'discovery.k8s.io/v1'],
  ['Pod', 'v1'],
  ['Node', 'v1'],
  ['Namespace', 'v1'],
  ['ServiceAccount', 'v1'],
]);

const READ_KINDS: readonly string[] = [...CONFIG_KINDS.keys(), ...KUBERNETES_KINDS.keys(), ...WORKLOAD_KINDS];

/** Reads the resources of all documents; the order of the documents does not matter. */
export function readResources(documents: readonly Document[], findings: Finding[]): Resources {
  const collected = new Collected(findings);
  for (const document of documents) collected.add(document);
  return collected.resources();
}

class Collected {
  private readonly services: KubernetesService[] = [];
  private readonly slices: EndpointSlice[] = [];
  private readonly mirrored: EndpointSlice[] = [];
  private readonly pods: KubernetesPod[] = [];
  private readonly templates: KubernetesPod[] = [];
  private readonly nodes: ObjectMeta[] = [];
  private readonly namespaces: ObjectMeta[] = [];
  private readonly serviceAccounts: ObjectMeta[] = [];
  private readonly configs = new Map<string, Config<unknown>[]>();
  private readonly ignored = new Map<string, number>();
  private readonly check: ReturnType<typeof kubernetesCheck>;

  constructor(private readonly findings: Finding[]) {
    this.check = kubernetesCheck(findings);
    for (const kind of CONFIG_KINDS.keys()) this.configs.set(kind, []);
  }

  add(document: Document): void {
    this.findings.push(...versionless(document));
    let reader: MessageReader | undefined;
    eachObject(document.tape, 0, (node, kind, apiVersion) => {
      const config = CONFIG_KINDS.get(kind);
      if (config !== undefined && apiVersion.startsWith(`${config.group}/`)) {
        reader ??= new MessageReader(document);
        this.findings.push(...unknownVersion(document, node, apiVersion, config));
        this.configs.get(kind)?.push(this.config(reader, node, kind, config));
      } else if (KUBERNETES_KINDS.get(kind) === apiVersion || isWorkload({ kind, apiVersion })) {
        this.check(document, node, kind);
        checkName(document, node, kind, this.findings);
        this.addObject(document, node, kind);
      } else this.pass(document, node, kind, apiVersion);
    });
    if (reader !== undefined) this.findings.push(...reader.findings.map(strict).map(ofResource));
  }

  private addObject(document: Document, node: number, kind: string): void {
    switch (kind) {
      case 'Service':
        this.services.push(readService(document, node));
        break;
      case 'EndpointSlice':
        this.slices.push(readSlice(document, node));
        break;
      case 'Endpoints':
        this.mirrored.push(...readEndpoints(document, node));
        break;
      case 'Pod':
        this.pods.push(readPod(document, node));
        break;
      case 'Node':
        this.nodes.push(readMeta(document, node, kind));
        break;
      case 'Namespace':
        this.namespaces.push(readMeta(document, node, kind));
        break;
      case 'ServiceAccount':
        this.serviceAccounts.push(readMeta(document, node, kind));
        break;
      default:
        this.templates.push(readTemplate(document, node, kind));
    }
  }

  /** Counts what is not read, and says what would have had an effect. */
  private pass(document: Document, node: number, kind: string, apiVersion: string): void {
    this.ignored.set(kind, (this.ignored.get(kind) ?? 0) + 1);
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    const kinds = NOT_APPLIED.has(group) ? (NOT_APPLIED.get(group) ?? [kind]) : [];
    if (kinds.includes(kind)) this.findings.push(notApplied(document, node, kind));
    else this.findings.push(...misspeltKind(document, node, kind, apiVersion));
  }

  private config(reader: MessageReader, node: number, kind: string, { type }: KindInfo): Config<unknown> {
    const { tape, document } = reader;
    checkName(document, node, kind, this.findings);
    const spec = tape.get(node, 'spec');
    const read = spec < 0 ? undefined : reader.read(message(type) as MessageInfo, spec);
    const wrong: Finding[] = [];
    if (read !== undefined) checkSpec(read, wrong);
    else if (NEEDS_SPEC.has(kind)) this.findings.push(noSpec(document, node, kind));
    this.findings.push(...wrong.map(ofResource));
    return { ...readMeta(document, node, kind), spec: read === undefined ? {} : specValue(read) };
  }

  resources(): Resources {
    for (const list of this.configs.values()) sortByAge(list);
    const sliced = new Set(this.slices.map(({ namespace, service }) => `${namespace}/${service}`));
    return {
      services: this.services,
      slices: [
        ...this.slices,
        ...this.mirrored.filter(({ namespace, service }) => !sliced.has(`${namespace}/${service}`)),
      ],
      pods: this.pods,
      templates: this.templates,
      nodes: this.nodes,
      namespaces: this.namespaces,
      serviceAccounts: this.serviceAccounts,
      configs: Object.fromEntries(this.configs) as unknown as ConfigStore,
      ignored: this.ignored,
    };
  }
}

/** Sorts resources oldest first, then by name and namespace. */
export function sortByAge<T extends Pick<ObjectMeta, 'creationTime' | 'name' | 'namespace'>>(list: T[]): T[] {
  return list.sort(
    (a, b) =>
      byTime(a.creationTime, b.creationTime) ||
      compareText(a.name, b.name) ||
      compareText(a.namespace, b.namespace),
  );
}

/** Orders times, unknown ones first. */
export function byTime(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The addresses that istiod allocated to the hosts of a ServiceEntry: they are in its status. */
export function allocatedAddresses({ document, node }: Config<unknown>): ReadonlyMap<string, string[]> {
  const { tape } = document;
  const addresses = new Map<string, string[]>();
  const status = nodeAt(tape, node, 'status');
  if (status < 0) return addresses;
  itemsAt(tape, status, 'addresses', (item) => {
    const host = nodeAt(tape, item, 'host');
    const value = nodeAt(tape, item, 'value');
    if (host >= 0 && value >= 0)
      memo(addresses, tape.string(host), () => [] as string[]).push(tape.string(value));
  });
  return addresses;
}

/** Kinds that say nothing without a spec, and that istiod refuses then. */
const NEEDS_SPEC: ReadonlySet<string> = new Set([
  'DestinationRule',
  'VirtualService',
  'ServiceEntry',
  'WorkloadEntry',
  'Gateway',
  'Sidecar',
]);

function noSpec(document: Document, node: number, kind: string): Finding {
  const start = document.tape.start(node);
  return {
    code: 'missing-field',
    level: 'error',
    message: 'spec is missing',
    expected: `the spec of a ${kind}`,
    region: document.source.region(start, start),
  };
}

function unknownVersion(
  { tape, source }: Document,
  node: number,
  apiVersion: string,
  { group, versions }: KindInfo,
): Finding[] {
  const known = versions.map((version) => `${group}/${version}`);
  if (known.includes(apiVersion)) return [];
  const value = tape.resolve(tape.get(node, 'apiVersion'));
  const suggestion = nearName(apiVersion, known);
  return [
    {
      code: 'wrong-value',
      level: 'error',
      message: `apiVersion is ${quoted(apiVersion)}`,
      expected: `one of ${known.join(', ')}`,
      ...(suggestion !== undefined && { suggestion }),
      path: 'apiVersion',
      region: source.region(tape.start(value), tape.end(value)),
    },
  ];
}

function notApplied(document: Document, node: number, kind: string): Finding {
  const start = document.tape.start(node);
  return {
    code: 'not-applied',
    level: 'warning',
    message: `this ${kind} is not applied`,
    expected: 'resources whose effect xdsc computes for Istio 1.29',
    region: document.source.region(start, start),
  };
}

/** A kind that its API group does not have, close to one that is read. */
function misspeltKind(document: Document, node: number, kind: string, apiVersion: string): Finding[] {
  const isRead = (other: string): boolean => {
    const config = CONFIG_KINDS.get(other);
    return config === undefined
      ? KUBERNETES_KINDS.get(other) === apiVersion || isWorkload({ kind: other, apiVersion })
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
