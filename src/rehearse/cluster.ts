// What a cluster adds to the manifests of a repository: pods of the workloads, with addresses, and the addresses of
// services. The manifests stay as they are; what is added is edited in or put beside them.

import { compareText } from '../collections/compare-text.js';
import { settingsAmong } from '../compile/compile.js';
import { type CompileInput, documentsOf } from '../compile/sources.js';
import { noProxies, noSuchProxy } from '../compile/which-proxies.js';
import { type NormalValue, plainValue } from '../envoy/normal-value.js';
import type { Finding } from '../finding/finding.js';
import { DEFAULT_DOMAIN } from '../istio/trust-domain.js';
import { fleetOf } from '../mesh/fleet.js';
import { hasLabels } from '../mesh/instances.js';
import { type MeshSettings, type ServiceObject, UNSPECIFIED_ADDRESS, type Workload } from '../mesh/model.js';
import { readMesh } from '../mesh/read-mesh.js';
import { type Resources, readResources } from '../mesh/resources.js';
import { portAt } from '../mesh/workloads.js';
import type { Document } from '../source/document.js';
import { applyEdits, type Edit, sortEdits } from '../source/edit.js';
import { appendMembers } from '../source/map-edit.js';
import { type Entrances, entrancesOf } from './entrances.js';
import type { ClusterService, Member } from './members.js';

/** A pod of a workload at some time. */
export interface Pod {
  readonly member: Member;
  /** 1 for the first pod, and so on for those that replace it. */
  readonly generation: number;
  readonly ip: string;
}

/** A mesh as a cluster has it. */
export interface Cluster {
  readonly settings: MeshSettings;
  readonly trustDomain: string;
  /** In the order of their names. */
  readonly members: readonly Member[];
  /** The manifests without pods, all services with addresses. */
  readonly manifests: readonly CompileInput[];
  /** Those that select a member, in the order of their names. */
  readonly services: readonly ClusterService[];
  readonly entrances: Entrances;
}

/** A cluster, or findings of level error that say why there is none. */
export interface ReadCluster {
  readonly cluster: Cluster | undefined;
  readonly findings: readonly Finding[];
}

/** The id of a pod's proxy, `NAME.NAMESPACE` of the pod. */
export function proxyOf({ member, generation }: Pod): string {
  return `${member.template.name}-${generation}.${member.namespace}`;
}

/**
 * Gives the workloads of manifests their pods, and pods and services addresses; each run gives the same ones.
 *
 * @param given the mesh's settings; by default those among the manifests
 * @param only the names of the workloads that take part; by default all
 */
export function readCluster(
  inputs: readonly CompileInput[],
  given: MeshSettings | undefined,
  only: readonly string[] = [],
): ReadCluster {
  const findings: Finding[] = [];
  const documents = documentsOf(inputs, findings);
  const settings = given ?? settingsAmong(documents, findings);
  const { mesh, findings: wrong } = readMesh(documents, settings);
  findings.push(...wrong);
  if (findings.some(({ level }) => level === 'error')) return { cluster: undefined, findings };
  const resources = readResources(documents, []);
  const taken = new Set([
    ...mesh.workloads.map(({ ip }) => ip),
    ...mesh.services.map(({ address }) => address),
  ]);
  const podIp = addresses('10.244', taken);
  const serviceIp = addresses('10.96', taken);
  const proxies = new Map(fleetOf(mesh).proxies.map(({ workload, type }) => [workload, type]));
  const all = firstOfEach(mesh.workloads);
  for (const name of only.filter((one) => !all.some((workload) => nameOf(workload) === one)))
    findings.push(noSuchProxy(all.map(nameOf), name));
  if (all.length === 0) findings.push(noProxies(0));
  if (findings.some(({ level }) => level === 'error')) return { cluster: undefined, findings };
  const workloads = all.filter((workload) => only.length === 0 || only.includes(nameOf(workload)));
  const members = workloads.map((workload): Member => {
    const { document, podSpec, namespace, labels, annotations, account, ip } = workload;
    const name = workload.owner || workload.name;
    return {
      name: nameOf(workload),
      namespace,
      account: account || 'default',
      hasProxy: proxies.has(workload),
      isGateway: proxies.get(workload) === 'router',
      labels,
      ip: ip || podIp(),
      template: {
        name,
        metadata: { namespace, labels, annotations, ownerReferences: ownersOf(name) },
        spec: podSpec < 0 ? {} : plainValue(document.tape, podSpec),
      },
    };
  });
  const edits = new Map<Document, Edit[]>();
  const edit = (document: Document, made: Edit): void => {
    edits.set(document, [...(edits.get(document) ?? []), made]);
  };
  const services = [...mesh.serviceObjects.values()]
    .flat()
    .sort((a, b) => byName(a.service, b.service))
    .flatMap((object): ClusterService[] => {
      const { service, selector, document, node } = object;
      const { tape } = document;
      const spec = tape.resolve(tape.get(node, 'spec'));
      const { name, namespace, hostname, resolution } = service;
      let ip = service.address;
      if (ip === UNSPECIFIED_ADDRESS && resolution === 'ClientSideLB') {
        ip = serviceIp();
        edit(document, appendMembers(tape, spec, { clusterIP: ip }));
      }
      const selected = workloads.filter(
        (one) => selector !== undefined && one.namespace === namespace && hasLabels(one.labels, selector),
      );
      const ports = service.ports.map((port, index) => ({
        ...port,
        targets: targetsOf(object, index, selected),
      }));
      return selected.length === 0 ? [] : [{ name, namespace, hostname, ip, ports }];
    });
  for (const { document, node } of replaced(resources)) {
    const { tape } = document;
    edit(document, { start: tape.start(node), end: tape.end(node), text: NOTHING });
  }
  return {
    findings,
    cluster: {
      settings,
      trustDomain: settings.trust_domain || DEFAULT_DOMAIN,
      members,
      manifests: edited(inputs, documents, edits),
      services,
      entrances: entrancesOf(mesh, members, services),
    },
  };
}

/** The manifests with some pods, as texts to compile. */
export function withPods({ manifests }: Pick<Cluster, 'manifests'>, pods: readonly Pod[]): CompileInput[] {
  return [
    ...manifests,
    ...pods.map((pod): CompileInput => {
      const { metadata, spec, name } = pod.member.template;
      const text = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...(metadata as object), name: `${name}-${pod.generation}` },
        spec,
        status: { phase: 'Running', podIP: pod.ip },
      });
      return { name: `the pod of ${pod.member.name}`, text };
    }),
  ];
}

/** A resource that says nothing, also as an item of a list. */
const NOTHING = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });

/** Pods, which are written anew, and the endpoints that a cluster keeps for services that select pods. */
function replaced({ core }: Resources): readonly { readonly document: Document; readonly node: number }[] {
  const selecting = new Set(
    core.Service.filter(({ spec }) => spec.selector !== undefined).map(
      ({ name, namespace }) => `${namespace}/${name}`,
    ),
  );
  return [
    ...core.Pod,
    ...core.Endpoints.filter(({ name, namespace }) => selecting.has(`${namespace}/${name}`)),
  ];
}

/** The port of each workload that a port of a service leads to; of a named one there may be none. */
function targetsOf(
  { targetPorts }: ServiceObject,
  index: number,
  selected: readonly Workload[],
): ReadonlyMap<string, number> {
  const target = targetPorts[index];
  return new Map(
    selected.flatMap((workload) => {
      const port = target && portAt(workload, target);
      return port === undefined ? [] : [[nameOf(workload), port] as const];
    }),
  );
}

function nameOf({ owner, name, namespace }: Workload): string {
  return `${owner || name}.${namespace}`;
}

/** One workload of those that are replicas of one another. */
function firstOfEach(workloads: readonly Workload[]): Workload[] {
  const first = new Map<string, Workload>();
  for (const workload of workloads) {
    const key = nameOf(workload);
    if (!first.has(key)) first.set(key, workload);
  }
  return [...first].sort(([a], [b]) => compareText(a, b)).map(([, workload]) => workload);
}

function byName(a: { name: string; namespace: string }, b: { name: string; namespace: string }): number {
  return compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

function ownersOf(name: string): NormalValue {
  return [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-1`, uid: '0', controller: true }];
}

/** Addresses of a network that are not taken, one after the other. */
export function addresses(network: string, taken: Set<string>): () => string {
  let last = 0;
  return () => {
    for (;;) {
      last++;
      const ip = `${network}.${Math.floor(last / 250)}.${(last % 250) + 1}`;
      if (taken.has(ip)) continue;
      taken.add(ip);
      return ip;
    }
  };
}

function edited(
  inputs: readonly CompileInput[],
  documents: readonly Document[],
  edits: ReadonlyMap<Document, readonly Edit[]>,
): CompileInput[] {
  return inputs.map((input) => {
    const own = documents
      .filter(({ source }) => source.name === input.name)
      .flatMap((document) => edits.get(document) ?? []);
    return own.length === 0
      ? input
      : { ...input, text: [...applyEdits(input.text, sortEdits(own))].join('') };
  });
}
