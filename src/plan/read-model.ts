// Inputs to the model of a migration: workloads from manifests and the mesh, connections from services,
// destination rules and policies, and what stands in the way.

import { mutualTls, policyFor } from '../compile/authn-policy.js';
import { settingsAmong } from '../compile/compile-inputs.js';
import { policyForPort } from '../compile/traffic-policy.js';
import { convert } from '../convert/convert.js';
import type { TLSSettings } from '../envoy/generated/types/networking/v1alpha3/destination_rule.js';
import type { Finding, Region } from '../finding/finding.js';
import type { PodDelivery } from '../kubernetes/pod-sds.js';
import {
  isGatewayProxy,
  isOwnSecret,
  isProxy,
  planPod,
  reachesSocket,
  usesControlPlaneFiles,
} from '../kubernetes/pod-sds.js';
import { type PodWorkload, workloadsOf } from '../kubernetes/workload.js';
import { checkMesh } from '../mesh/check-mesh.js';
import { fleetOf } from '../mesh/fleet.js';
import { compareText } from '../mesh/host.js';
import { hasLabels } from '../mesh/instances.js';
import type { Mesh, MeshSettings, Port, Service, Workload } from '../mesh/model.js';
import { destinationRuleFor, type MeshProxy, resolveProxy, servicesFor } from '../mesh/proxy.js';
import { readMesh } from '../mesh/read-mesh.js';
import { type Document, readSource } from '../source/document.js';
import type { Provider } from '../tls/providers/provider.js';
import type {
  ClientTls,
  Connection,
  PlanModel,
  PlanWorkload,
  Root,
  ServerMode,
  WorkloadState,
} from './model.js';

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
  readonly sdsRoot: Root;
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
  readonly findings: readonly Finding[];
}

/** Where Citadel's secret is mounted. */
const MOUNT = '/etc/certs';

/** Reads the model; the order of the inputs does not matter. */
export function readModel(inputs: readonly PlanInput[], options: ModelOptions): ReadModel {
  const findings: Finding[] = [];
  const documents = inputs.flatMap(({ name, text }) => {
    const source = readSource(name, text);
    findings.push(...source.findings.filter(({ code }) => code !== 'empty'));
    return source.documents;
  });
  const settings = options.settings ?? settingsAmong(documents, findings);
  const { mesh, findings: wrong } = readMesh(documents.filter(isResource), settings);
  findings.push(...wrong);
  if (!findings.some(isError)) findings.push(...checkMesh(mesh).filter(({ level }) => level === 'error'));
  if (findings.some(isError)) return { model: undefined, blockers: [], ownConfigs: [], findings };
  const blockers: Blocker[] = [];
  const ownConfigs = configBlockers(inputs, options.provider, blockers);
  const members = membersOf(mesh, documents);
  const connections = connectionsOf(mesh, members, blockers);
  const workloads = [...members.values()].map((member) =>
    planWorkload(member, options.pods, connections, blockers),
  );
  const initial = new Map(
    workloads.map((workload) => [
      workload.id,
      initialState(workload, members.get(workload.id), settings, options),
    ]),
  );
  return {
    model: { workloads, connections, initial, sdsRoot: options.sdsRoot },
    blockers,
    ownConfigs,
    findings,
  };
}

/** Envoy's own documents are no resources of a mesh. */
function isResource({ tape }: Document): boolean {
  return tape.get(0, 'apiVersion') >= 0;
}

function isError({ level }: Finding): boolean {
  return level === 'error';
}

/** One workload with all that is known of it. */
interface Member {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
  readonly manifest: PodWorkload | undefined;
  readonly proxies: readonly MeshProxy[];
  readonly gateway: boolean;
  readonly controlPlane: boolean;
  /** The control plane that the inputs do not hold. */
  readonly outside: boolean;
}

/** Workloads by id, in the order of their ids; the pods of one owner are one. */
function membersOf(mesh: Mesh, documents: readonly Document[]): Map<string, Member> {
  const manifests = new Map<string, PodWorkload>();
  for (const workload of documents.flatMap(workloadsOf))
    manifests.set(`${workload.namespace || 'default'}/${workload.name}`, workload);
  const found = new Map<string, Member>();
  for (const description of fleetOf(mesh).proxies) {
    const workload = description.workload as Workload;
    const name = workload.owner || workload.name;
    const id = `${workload.namespace}/${name}`;
    const manifest = manifests.get(id);
    const known = found.get(id);
    found.set(id, {
      id,
      name,
      namespace: workload.namespace,
      kind: manifest?.kind ?? workload.kind,
      manifest,
      proxies: [...(known?.proxies ?? []), resolveProxy(mesh, description)],
      gateway: description.type === 'router' || (manifest?.pod.containers.some(isGatewayProxy) ?? false),
      controlPlane: CONTROL_PLANE.has(workload.labels.istio ?? ''),
      outside: false,
    });
  }
  const pilot = pilotOf(mesh, [...found.values()]);
  if (usesControlPlaneTls(mesh, [...found.values()]) && !found.has(pilot)) {
    const [namespace = '', name = ''] = pilot.split('/');
    found.set(pilot, {
      id: pilot,
      name,
      namespace,
      kind: 'Deployment',
      manifest: undefined,
      proxies: [],
      gateway: false,
      controlPlane: true,
      outside: true,
    });
  }
  return new Map([...found].sort(([a], [b]) => compareText(a, b)));
}

/** The label `istio` of what the control plane consists of. */
const CONTROL_PLANE: ReadonlySet<string> = new Set([
  'pilot',
  'mixer',
  'galley',
  'citadel',
  'sidecar-injector',
]);

function pilotOf({ settings }: Mesh, members: readonly Member[]): string {
  const pilot = members.find(({ proxies }) =>
    proxies.some(({ workload }) => workload?.labels.istio === 'pilot'),
  );
  return pilot?.id ?? `${settings.root_namespace}/istio-pilot`;
}

function usesControlPlaneTls({ settings }: Mesh, members: readonly Member[]): boolean {
  return (
    settings.default_config?.control_plane_auth_policy === 'MUTUAL_TLS' || members.some(asksControlPlaneByTls)
  );
}

function asksControlPlaneByTls({ manifest }: Member): boolean {
  return (
    manifest?.pod.containers.some((container) => isProxy(container) && usesControlPlaneFiles(container)) ??
    false
  );
}

function planWorkload(
  member: Member,
  pods: PodDelivery,
  connections: readonly Connection[],
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
  const mountedFiles = connections.some((connection) => connection.client === id && connection.mountedFiles);
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
      ? 'a destination rule names files of the secret'
      : gateway
        ? 'a gateway keeps it, as in its chart'
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
  member: Member | undefined,
  settings: MeshSettings,
  { pods, sdsRoot }: ModelOptions,
): WorkloadState {
  const onSds = (settings.sds_uds_path ?? '') !== '';
  const proxy = member?.manifest?.pod.containers.find(isProxy);
  const pod = member?.manifest?.pod;
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

/** Who serves a port of a service. */
interface Server {
  readonly id: string;
  readonly proxy: MeshProxy;
}

function connectionsOf(mesh: Mesh, members: ReadonlyMap<string, Member>, blockers: Blocker[]): Connection[] {
  const servers = new Map<string, Server[]>();
  for (const { id, proxies } of members.values()) {
    for (const proxy of proxies) {
      for (const { service, servicePort } of proxy.instances) {
        const key = `${service.hostname}:${servicePort.port}`;
        const known = servers.get(key);
        if (known === undefined) servers.set(key, [{ id, proxy }]);
        else known.push({ id, proxy });
      }
    }
  }
  const found = new Map<string, Connection & { hosts: string[] }>();
  const add = (connection: Omit<Connection, 'hosts'>, host: string): void => {
    const { client, server, purpose, tls, mountedFiles, mode } = connection;
    const key = [client, server, purpose, tls, mountedFiles, mode].join(' ');
    const known = found.get(key);
    if (known === undefined) found.set(key, { ...connection, hosts: [host] });
    else if (!known.hosts.includes(host)) known.hosts.push(host);
  };
  const said = new Set<string>();
  for (const { id, proxies } of members.values()) {
    for (const proxy of proxies) {
      for (const service of servicesFor(mesh, proxy)) {
        for (const port of service.ports) {
          const host = `${service.hostname}:${port.port}`;
          const mode = modeOf(mesh, service, port);
          for (const { tls, labels } of clientSides(mesh, proxy, service, port)) {
            const how = clientTls(tls);
            if (how === undefined) continue;
            if (how.mountedFiles && !said.has(service.hostname)) {
              said.add(service.hostname);
              blockers.push({
                code: 'rule-files',
                effect: 'stays',
                message: `the destination rule for ${service.hostname} names files of the mounted secret, which Istio 1.1 leaves as they are`,
                remedy: 'make its mode ISTIO_MUTUAL, or its clients keep the secret',
              });
            }
            for (const server of servers.get(host) ?? []) {
              if (!hasLabels(server.proxy.workload?.labels, labels)) continue;
              add({ client: id, server: server.id, purpose: 'service', ...how, mode }, host);
            }
          }
        }
      }
    }
  }
  const pilot = pilotOf(mesh, [...members.values()]);
  for (const member of usesControlPlaneTls(mesh, [...members.values()]) ? members.values() : []) {
    const asks =
      mesh.settings.default_config?.control_plane_auth_policy === 'MUTUAL_TLS' ||
      asksControlPlaneByTls(member);
    if (member.id === pilot || member.proxies.length === 0 || !asks) continue;
    add(
      {
        client: member.id,
        server: pilot,
        purpose: 'control plane',
        tls: 'istio',
        mountedFiles: false,
        mode: 'strict',
      },
      `${pilot.split('/')[1]}:15011`,
    );
  }
  return [...found.values()];
}

function modeOf(mesh: Mesh, service: Service, port: Port): ServerMode {
  const mtls = mutualTls(policyFor(mesh, service, port));
  if (mtls === undefined) return 'plain';
  return mtls.mode === 'PERMISSIVE' ? 'permissive' : 'strict';
}

interface ClientSide {
  readonly tls: TLSSettings | undefined;
  /** Those of a subset, which its servers have. */
  readonly labels: { readonly [name: string]: string } | undefined;
}

/** The TLS settings by which a client may call a port: those of the rule, and those of each subset over them. */
function clientSides(mesh: Mesh, proxy: MeshProxy, service: Service, port: Port): ClientSide[] {
  const rule = destinationRuleFor(mesh, proxy, service)?.spec;
  const base = tlsOver(undefined, rule?.traffic_policy && policyForPort(rule.traffic_policy, port).tls);
  return [
    { tls: base, labels: undefined },
    ...(rule?.subsets ?? []).map(({ labels, traffic_policy }) => ({
      tls: tlsOver(base, traffic_policy && policyForPort(traffic_policy, port).tls),
      labels,
    })),
  ];
}

/** A rule that cannot be applied leaves what was before it. */
function tlsOver(before: TLSSettings | undefined, tls: TLSSettings | undefined): TLSSettings | undefined {
  if (tls === undefined) return before;
  return tls.mode === 'MUTUAL' && (!tls.client_certificate || !tls.private_key) ? before : tls;
}

/** How a client begins; undefined where it checks the server alone, which is no matter of the mesh's identities. */
function clientTls(
  tls: TLSSettings | undefined,
): { readonly tls: ClientTls; readonly mountedFiles: boolean } | undefined {
  switch (tls?.mode ?? 'DISABLE') {
    case 'ISTIO_MUTUAL':
      return { tls: 'istio', mountedFiles: false };
    case 'MUTUAL': {
      const files = [tls?.client_certificate, tls?.private_key, tls?.ca_certificates];
      return { tls: 'files', mountedFiles: files.some((file) => file?.startsWith(`${MOUNT}/`)) };
    }
    case 'SIMPLE':
      return undefined;
    default:
      return { tls: 'plain', mountedFiles: false };
  }
}

/** What convert would leave in the inputs' Envoy configurations; the names of the files that hold some. */
function configBlockers(inputs: readonly PlanInput[], provider: Provider, blockers: Blocker[]): string[] {
  const { contexts } = convert(inputs, { provider, mounts: [MOUNT] });
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
