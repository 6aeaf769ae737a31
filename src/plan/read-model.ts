// Inputs to the model of a migration: workloads from manifests and the mesh, connections from services,
// destination rules and policies, and blockers.

import { compareText } from '../collections/compare-text.js';
import { settingsAmong } from '../compile/compile.js';
import { convert } from '../convert/convert.js';
import type { Finding, Region } from '../finding/finding.js';
import { WORKLOAD_FOLDER } from '../istio/workload-files.js';
import type { PodDelivery } from '../kubernetes/pod-sds.js';
import { isOwnSecret, isProxy, planPod, reachesSocket } from '../kubernetes/pod-sds.js';
import type { PodWorkload } from '../kubernetes/workload.js';
import { checkMesh } from '../mesh/check-mesh.js';
import type { MeshSettings } from '../mesh/model.js';
import { readMesh } from '../mesh/read-mesh.js';
import { type Document, readSource } from '../source/document.js';
import type { Provider } from '../tls/providers/provider.js';
import { connectionsOf } from './connections.js';
import { type FleetMember, membersOf } from './members.js';
import type { PlanModel, PlanWorkload, TrustRoot, WorkloadId, WorkloadStage } from './model.js';

/** A text to plan for. */
export interface PlanInput {
  readonly name: string;
  readonly text: string;
}

/** What the model is read for. */
export interface ModelOptions {
  /** The mesh's settings; without them those of the `istio` ConfigMap among the inputs. */
  readonly settings?: MeshSettings;
  readonly provider: Provider;
  readonly pods: PodDelivery;
  readonly sdsRoot: TrustRoot;
}

/** Something that the move meets. */
export interface Blocker {
  readonly code: string;
  /** Whether it keeps something from moving, or something stays where it is while the rest moves. */
  readonly effect: 'blocks' | 'stays';
  readonly message: string;
  readonly remedy?: string;
  readonly region?: Region;
}

/** A model, or findings of level error that say why there is none. */
export interface ReadModel {
  readonly model: PlanModel | undefined;
  readonly blockers: readonly Blocker[];
  /** The files of Envoy configurations among the inputs that will change. */
  readonly ownConfigs: readonly string[];
  /** Workloads that present or check the mesh's certificates on some connection, or would if there were one. */
  readonly mutual: ReadonlySet<WorkloadId>;
  readonly findings: readonly Finding[];
}

/** Reads the model; the order of the inputs does not matter. */
export function readModel(inputs: readonly PlanInput[], options: ModelOptions): ReadModel {
  const findings: Finding[] = [];
  const documents = inputs.flatMap(({ name, text }) => {
    const source = readSource(name, text);
    findings.push(...source.findings.filter(({ code }) => code !== 'empty'));
    return source.documents;
  });
  const settings = options.settings ?? settingsAmong(documents, findings);
  const { mesh, findings: wrong } = readMesh(
    documents.filter(isResource),
    settings,
    { separate: false },
    // The plan is for a mesh of Istio 1.1.
    true,
  );
  findings.push(...wrong);
  if (!findings.some(isError)) findings.push(...checkMesh(mesh).filter(({ level }) => level === 'error'));
  if (findings.some(isError))
    return { model: undefined, blockers: [], ownConfigs: [], mutual: new Set(), findings };
  const blockers: Blocker[] = [];
  const ownConfigs = configBlockers(inputs, options.provider, blockers);
  const members = membersOf(mesh, documents);
  const { connections, hostsWithMountedFiles, mutual } = connectionsOf(mesh, members);
  blockers.push(...[...hostsWithMountedFiles].sort(compareText).map(ruleBlocker));
  const needsFiles = new Set(connections.filter((one) => one.mountedFiles).map(({ client }) => client));
  const workloads = members.map((member) =>
    planWorkload(member, options.pods, needsFiles.has(member.id), blockers),
  );
  const initial = new Map(
    workloads.map((workload, i) => [
      workload.id,
      initialState(workload, members[i] as FleetMember, settings, options),
    ]),
  );
  return {
    model: { workloads, connections, initial, sdsRoot: options.sdsRoot },
    blockers,
    ownConfigs,
    mutual,
    findings,
  };
}

function ruleBlocker(host: string): Blocker {
  return {
    code: 'rule-files',
    effect: 'stays',
    message: `the destination rule for ${host} uses files of the mounted secret, and Istio 1.1 does not replace them`,
    remedy: 'set its mode to ISTIO_MUTUAL; otherwise its clients keep the secret',
  };
}

/** Envoy's own documents are no resources of a mesh. */
function isResource({ tape }: Document): boolean {
  return tape.get(0, 'apiVersion') >= 0;
}

function isError({ level }: Finding): boolean {
  return level === 'error';
}

function planWorkload(
  member: FleetMember,
  pods: PodDelivery,
  mountedFiles: boolean,
  blockers: Blocker[],
): PlanWorkload {
  const { id, kind, name, namespace, manifest, gateway, controlPlane } = member;
  const injected = describesIdentity(manifest, pods);
  const planned = injected && manifest !== undefined ? planPod(manifest, pods) : undefined;
  const blocked = planned?.left.find(({ reason }) => BLOCKING.has(reason));
  const kept = planned?.left.find(({ reason }) => reason === 'other-container' || reason === 'gateway');
  if (blocked !== undefined)
    blockers.push({
      code: blocked.reason,
      effect: 'blocks',
      message: blocked.detail,
      ...(blocked.remedy !== undefined && { remedy: blocked.remedy }),
      region: blocked.region,
    });
  if (kept?.reason === 'other-container')
    blockers.push({
      code: kept.reason,
      effect: 'stays',
      message: kept.detail,
      ...(kept.remedy !== undefined && { remedy: kept.remedy }),
      region: kept.region,
    });
  return {
    id,
    kind,
    name,
    namespace,
    file: manifest?.document.source.name,
    injected,
    gateway,
    controlPlane,
    blocked: blocked?.detail,
    keepsSecret: mountedFiles
      ? 'a destination rule uses files of the secret'
      : gateway
        ? "a gateway keeps it, as in Istio's chart"
        : kept?.detail,
  };
}

/** Whether a manifest shows its proxy's secret or socket; else they come later, by injection. */
function describesIdentity(manifest: PodWorkload | undefined, pods: PodDelivery): boolean {
  const proxy = manifest?.pod.containers.find(isProxy);
  if (manifest === undefined || proxy === undefined) return false;
  const { pod } = manifest;
  return pod.volumes.some((volume) => isOwnSecret(pod, volume)) || reachesSocket(pod, proxy, socketOf(pods));
}

function socketOf(pods: PodDelivery): string {
  return 'sds' in pods ? pods.sds.socket : '';
}

const BLOCKING: ReadonlySet<string> = new Set(['name-taken', 'path-taken', 'needs-files']);

function initialState(
  workload: PlanWorkload,
  { manifest }: FleetMember,
  settings: MeshSettings,
  { pods, sdsRoot }: ModelOptions,
): WorkloadStage {
  const onSds = (settings.sds_uds_path ?? '') !== '';
  const proxy = manifest?.pod.containers.find(isProxy);
  const pod = manifest?.pod;
  const mounted = workload.injected && pod !== undefined && proxy !== undefined;
  return {
    secret: mounted
      ? proxy.mounts.some((mount) =>
          pod.volumes.some((volume) => volume.name === mount.volume && isOwnSecret(pod, volume)),
        )
      : !onSds,
    socket: mounted ? reachesSocket(pod, proxy, socketOf(pods)) : onSds,
    agent: onSds,
    config: onSds ? 'sds' : 'files',
    bootstrap: 'files',
    fileRoots: ['old'],
    sdsRoots: [sdsRoot],
    permissive: false,
    plain: false,
  };
}

/** What convert would leave in the inputs' Envoy configurations; the names of the files that hold some. */
function configBlockers(inputs: readonly PlanInput[], provider: Provider, blockers: Blocker[]): string[] {
  const { contexts } = convert(inputs, { provider, mounts: [WORKLOAD_FOLDER] });
  const names = new Set<string>();
  for (const context of contexts) {
    if (context.state === 'converted' || context.state === 'partial') names.add(context.region.file);
    for (const { reason, detail, remedy } of context.left) {
      blockers.push({
        code: reason,
        effect: 'stays',
        message: `${context.resource ?? context.path}: ${detail}`,
        ...(remedy !== undefined && { remedy }),
        region: context.region,
      });
    }
  }
  return [...names].sort(compareText);
}
