// What a pod needs so that its proxy's identity comes from SDS and no longer from Citadel's mounted secret:
// the volumes and mounts of Istio 1.1's sidecar injector, and of its Helm chart for gateways.

import type { Finding, Region } from '../finding/finding.js';
import { ISTIO_TOKEN, ISTIO_TOKEN_FILE, ISTIO_TOKEN_FOLDER } from '../istio/tokens.js';
import type { Item } from '../source/list-edit.js';
import { nodeAt, textAt } from './objects.js';
import type { Container, Mount, PodSpecText, Volume } from './pod-spec.js';
import type { PodWorkload } from './workload.js';

/** How pods get at the SDS server, or why they keep the mounted secret. */
export type PodDelivery = { readonly sds: PodSds } | { readonly keeps: string };

/** What is mounted into a proxy's pod. */
export interface PodSds {
  /** The server's socket on the node. */
  readonly socket: string;
  /** Whether the socket alone is mounted, or the folder that it is in. */
  readonly mounted: 'socket' | 'folder';
  /** The names of the volume in sidecars and in gateways. */
  readonly volume: { readonly sidecar: string; readonly gateway: string };
  readonly token: PodToken;
  /** Whether the secret stays, for the time when some configurations still name its files. */
  readonly keepsSecret?: boolean;
}

/** The token that the proxy shows to the server. */
export type PodToken =
  | { readonly kind: 'projected'; readonly audience: string }
  | { readonly kind: 'account' }
  | { readonly kind: 'file'; readonly filename: string }
  | { readonly kind: 'none' };

const CERTS_VOLUME = 'istio-certs';
const TOKEN_VOLUME = 'istio-token';
const TOKEN_SECONDS = 43200;
const PROXY_GROUP = 1337;

/** Why something of a workload is left as it is, in a word for machines. */
type PodReason =
  | 'alias'
  | 'gateway'
  | 'name-taken'
  | 'needs-files'
  | 'no-proxy'
  | 'other-container'
  | 'other-group'
  | 'path-taken'
  | 'projected-secret';

/** Something that stays in a workload. */
export interface PodLeft {
  readonly reason: PodReason;
  readonly detail: string;
  readonly remedy?: string;
  readonly region: Region;
}

/** A list that changes: what leaves it and what comes. */
export interface ListChange {
  readonly kind: 'list';
  readonly map: number;
  readonly name: string;
  readonly removed: readonly number[];
  readonly added: readonly Item[];
}

/** A member that a map gets. */
export interface MemberChange {
  readonly kind: 'member';
  readonly map: number;
  readonly name: string;
  readonly value: number | Item;
}

/** What is to be done with a workload. */
export interface PodPlan {
  readonly workload: PodWorkload;
  readonly changes: readonly (ListChange | MemberChange)[];
  readonly left: readonly PodLeft[];
  readonly warnings: readonly Finding[];
}

/** Decides what changes in a workload; undefined where it has neither the secret nor SDS. */
export function planPod(workload: PodWorkload, delivery: PodDelivery): PodPlan | undefined {
  const { pod } = workload;
  const own = pod.volumes.filter((volume) => isOwnSecret(pod, volume));
  const users = usersOf(workload, own);
  const proxy = pod.containers.find(isProxy);
  if ('keeps' in delivery) {
    if (own.length === 0) return undefined;
    return leave(workload, [
      { reason: 'needs-files', detail: delivery.keeps, region: placeOf(pod, own[0]?.node) },
    ]);
  }
  const { sds } = delivery;
  const reached = proxy !== undefined && reachesSocket(pod, proxy, sds.socket);
  if (proxy === undefined || (own.length === 0 && !reached)) {
    if (users.length > 0) return leave(workload, users);
    return own.length === 0 ? undefined : leave(workload, [unused(workload, own[0] as Volume)]);
  }
  const gateway = isGatewayProxy(proxy);
  const wanted = additions(workload, proxy, sds, gateway);
  if (wanted.problem !== undefined) return leave(workload, [...users, wanted.problem]);
  const left = [...users, ...wanted.left];
  const warnings = tokenWarnings(workload, proxy, sds.token);
  const mounts = proxy.mounts.filter((mount) => own.some(({ name }) => name === mount.volume));
  let removedVolumes: readonly Volume[] = [];
  let removedMounts: readonly Mount[] = [];
  if (gateway) left.push(...own.map((volume) => keptByGateway(pod, volume)));
  else if (sds.keepsSecret !== true) {
    removedMounts = mounts;
    removedVolumes = own.filter(({ name }) => !isMountedElsewhere(pod, proxy, name));
    if (mounts.length > 0 && usesControlPlaneFiles(proxy))
      warnings.push(controlPlaneWarning(workload, proxy));
  }
  const changes: (ListChange | MemberChange)[] = [];
  const list = (
    map: number,
    name: string,
    removed: readonly { node: number }[],
    added: readonly Item[],
  ): void => {
    if (removed.length + added.length > 0)
      changes.push({ kind: 'list', map, name, removed: removed.map(({ node }) => node), added });
  };
  list(pod.node, 'volumes', removedVolumes, wanted.volumes);
  list(proxy.node, 'volumeMounts', removedMounts, wanted.mounts);
  changes.push(...wanted.members);
  return { workload, changes, left, warnings };
}

function leave(workload: PodWorkload, left: readonly PodLeft[]): PodPlan {
  return { workload, changes: [], left, warnings: [] };
}

function unused({ pod, kind, name }: PodWorkload, volume: Volume): PodLeft {
  return {
    reason: 'no-proxy',
    detail: `${kind} ${name} has the volume ${volume.name}, but no proxy mounts it`,
    remedy: 'remove it',
    region: placeOf(pod, volume.node),
  };
}

/** Whether a volume is the secret that Citadel makes for the pod's service account. */
export function isOwnSecret({ serviceAccount }: PodSpecText, { name, source }: Volume): boolean {
  if (source.kind !== 'secret') return false;
  return name === CERTS_VOLUME || source.secret === secretOf(serviceAccount);
}

/** The secret in which Citadel keeps the certificate of a service account. */
function secretOf(serviceAccount: string): string {
  return `istio.${serviceAccount || 'default'}`;
}

/** Whether a container is Istio's proxy, as a sidecar or a gateway. */
export function isProxy({ name, args }: Container): boolean {
  return (
    name === 'istio-proxy' || (args[0] === 'proxy' && /^(?:sidecar|router|ingress)$/.test(args[1] ?? ''))
  );
}

/** Whether a proxy is that of a gateway. */
export function isGatewayProxy({ args }: Container): boolean {
  return args[0] === 'proxy' && (args[1] === 'router' || args[1] === 'ingress');
}

/** Who else has the workload's secret: containers beside the proxy, and projected volumes. */
function usersOf({ pod, kind, name }: PodWorkload, own: readonly Volume[]): PodLeft[] {
  const secrets = new Set([
    secretOf(pod.serviceAccount),
    ...own.flatMap(({ source }) => (source.kind === 'secret' && source.secret !== '' ? [source.secret] : [])),
  ]);
  const left: PodLeft[] = [];
  for (const container of pod.containers) {
    for (const { name: secret, node } of container.secretsInEnv) {
      if (!secrets.has(secret)) continue;
      left.push({
        reason: 'other-container',
        detail: `container ${container.name} of ${kind} ${name} has values from the secret ${secret} in its environment`,
        remedy: 'check what it uses them for',
        region: placeOf(pod, node),
      });
    }
    if (isProxy(container)) continue;
    for (const mount of container.mounts) {
      const volume = own.find((one) => one.name === mount.volume);
      if (volume === undefined) continue;
      left.push({
        reason: 'other-container',
        detail: `container ${container.name} of ${kind} ${name} also mounts the secret, at ${mount.path}, so the volume ${volume.name} is kept`,
        remedy: 'move the application that reads it to SDS, then remove the mount and the volume',
        region: placeOf(pod, mount.node),
      });
    }
  }
  for (const { name: volume, node, source } of pod.volumes) {
    if (source.kind !== 'projected' || !source.secrets.some((secret) => secrets.has(secret))) continue;
    left.push({
      reason: 'projected-secret',
      detail: `the projected volume ${volume} of ${kind} ${name} has the secret as one of its sources`,
      remedy: 'remove this source once nothing reads it anymore',
      region: placeOf(pod, node),
    });
  }
  return left;
}

function isMountedElsewhere(pod: PodSpecText, proxy: Container, volume: string): boolean {
  return pod.containers.some(
    (container) => container !== proxy && container.mounts.some((mount) => mount.volume === volume),
  );
}

function keptByGateway(pod: PodSpecText, volume: Volume): PodLeft {
  return {
    reason: 'gateway',
    detail: `a gateway keeps the volume ${volume.name}, as in Istio's chart: its TLS to the control plane and its servers without credentialName use it`,
    remedy: "remove the volume and its mount once the proxy's bootstrap uses SDS for them (xdsc bootstrap)",
    region: placeOf(pod, volume.node),
  };
}

/** Whether a proxy's own bootstrap, not one that it was given, says how it reaches the control plane by mutual TLS. */
export function usesControlPlaneFiles({ args }: Container): boolean {
  if (args.some((arg) => /^--customConfigFile(?:=|$)/.test(arg))) return false;
  return args.some(
    (arg, i) =>
      arg === '--controlPlaneAuthPolicy=MUTUAL_TLS' ||
      (arg === '--controlPlaneAuthPolicy' && args[i + 1] === 'MUTUAL_TLS'),
  );
}

function controlPlaneWarning({ kind, name, pod }: PodWorkload, proxy: Container): Finding {
  return {
    code: 'control-plane-files',
    level: 'warning',
    message: `the proxy of ${kind} ${name} connects to the control plane by mutual TLS with the mounted files, which are no longer mounted`,
    expected: 'a bootstrap whose xds-grpc cluster gets its identity from SDS',
    remedy: 'create such a bootstrap with xdsc bootstrap, and give it to the proxy before this pod starts',
    region: placeOf(pod, proxy.node),
  };
}

interface Additions {
  readonly volumes: readonly Item[];
  readonly mounts: readonly Item[];
  readonly members: readonly MemberChange[];
  readonly left: readonly PodLeft[];
  /** Why nothing can be added. */
  readonly problem: PodLeft | undefined;
}

/** What the pod lacks, and what conflicts with it. */
function additions(
  { pod, kind, name }: PodWorkload,
  proxy: Container,
  sds: PodSds,
  gateway: boolean,
): Additions {
  const volumes: Item[] = [];
  const mounts: Item[] = [];
  const members: MemberChange[] = [];
  const left: PodLeft[] = [];
  let problem: PodLeft | undefined;
  /** Mounts a volume: one that holds the right thing already, or a new one. */
  const provide = (there: Volume | undefined, volume: Item, path: string, readOnly: boolean): void => {
    const volumeName = there?.name ?? String(volume.name);
    const taken = pod.volumes.find((one) => one !== there && one.name === volumeName);
    const hidden = proxy.mounts.find((mount) => trimmed(mount.path) === path);
    if (taken !== undefined || hidden !== undefined) {
      problem ??= {
        reason: taken !== undefined ? 'name-taken' : 'path-taken',
        detail:
          taken !== undefined
            ? `${kind} ${name} already has a volume ${volumeName} with other contents`
            : `the proxy of ${kind} ${name} already has something else mounted at ${path}`,
        remedy: 'rename or move it, then convert again',
        region: placeOf(pod, (taken ?? hidden)?.node),
      };
    }
    if (there === undefined) volumes.push(volume);
    mounts.push(mountItem(pod, proxy, path, volumeName, readOnly));
  };
  if (!reachesSocket(pod, proxy, sds.socket)) {
    const path = sds.mounted === 'socket' ? sds.socket : folderOf(sds.socket);
    const there = pod.volumes.find(
      ({ source }) => source.kind === 'hostPath' && trimmed(source.path) === path,
    );
    const type = sds.mounted === 'socket' ? 'Socket' : 'Directory';
    const volumeName = gateway ? sds.volume.gateway : sds.volume.sidecar;
    provide(there, { name: volumeName, hostPath: { path, type } }, path, true);
  }
  if (sds.token.kind === 'projected') {
    if (!reachesToken(pod, proxy)) {
      const there = pod.volumes.find(holdsToken);
      provide(there, tokenVolume(sds.token.audience), ISTIO_TOKEN_FOLDER, false);
    }
    // The chart's gateways run as root, who needs no group to read the token.
    if (!gateway) {
      const group = groupOf(pod, proxy);
      if ('change' in group) members.push(...group.change);
      else left.push(group.left);
    }
  }
  return { volumes, mounts, members, left, problem };
}

function tokenVolume(audience: string): Item {
  const token = { path: ISTIO_TOKEN_FILE, expirationSeconds: TOKEN_SECONDS, audience };
  return { name: TOKEN_VOLUME, projected: { sources: [{ serviceAccountToken: token }] } };
}

/** A mount, its members in the order in which the proxy's other mounts have them. */
function mountItem(
  { document: { tape } }: PodSpecText,
  { mounts }: Container,
  mountPath: string,
  name: string,
  readOnly: boolean,
): Item {
  const [sample] = mounts;
  const nameFirst = sample !== undefined && tape.name(tape.resolve(sample.node) + 1) === 'name';
  const rest = readOnly ? { readOnly } : {};
  return nameFirst ? { name, mountPath, ...rest } : { mountPath, name, ...rest };
}

/** The group in which the proxy may read its token. */
function groupOf(
  pod: PodSpecText,
  proxy: Container,
): { readonly change: readonly MemberChange[] } | { readonly left: PodLeft } {
  const { tape } = pod.document;
  const context = tape.get(proxy.node, 'securityContext');
  const given =
    textAt(tape, context, 'runAsGroup') ||
    textAt(tape, nodeAt(tape, pod.node, 'securityContext'), 'runAsGroup');
  if (given === String(PROXY_GROUP)) return { change: [] };
  if (given !== '') {
    return {
      left: {
        reason: 'other-group',
        detail: `the proxy runs with the group ${given}, which may be unable to read its token`,
        remedy: `set runAsGroup to ${PROXY_GROUP}, or make sure that the group can read ${ISTIO_TOKEN}`,
        region: placeOf(pod, context < 0 ? pod.node : context),
      },
    };
  }
  const empty = context < 0 || tape.next(context) === context + 1;
  return {
    change: [
      empty
        ? { kind: 'member', map: proxy.node, name: 'securityContext', value: { runAsGroup: PROXY_GROUP } }
        : { kind: 'member', map: context, name: 'runAsGroup', value: PROXY_GROUP },
    ],
  };
}

function tokenWarnings({ pod, kind, name }: PodWorkload, proxy: Container, token: PodToken): Finding[] {
  const { tape } = pod.document;
  if (token.kind === 'account' && textAt(tape, pod.node, 'automountServiceAccountToken') === 'false') {
    return [
      {
        code: 'no-account-token',
        level: 'warning',
        message: `${kind} ${name} has no service account token, which its proxy needs to request its certificate`,
        expected: 'automountServiceAccountToken: true, or the projected token (--token istio)',
        region: placeOf(pod, tape.get(pod.node, 'automountServiceAccountToken')),
      },
    ];
  }
  if (token.kind !== 'file' || proxy.mounts.some((mount) => below(mount.path, token.filename) !== undefined))
    return [];
  return [
    {
      code: 'token-not-mounted',
      level: 'warning',
      message: `the proxy of ${kind} ${name} has no mount for its token ${token.filename}`,
      expected: 'a volume that contains the token',
      region: placeOf(pod, proxy.node),
    },
  ];
}

/** Whether the node's socket is mounted at its own path, by itself or with a folder around it. */
export function reachesSocket(pod: PodSpecText, proxy: Container, socket: string): boolean {
  return proxy.mounts.some((mount) => {
    const rest = below(mount.path, socket);
    const volume = pod.volumes.find(({ name }) => name === mount.volume);
    if (rest === undefined || mount.subPath !== '' || volume?.source.kind !== 'hostPath') return false;
    return trimmed(volume.source.path) + rest === socket;
  });
}

function reachesToken(pod: PodSpecText, proxy: Container): boolean {
  return proxy.mounts.some(
    (mount) =>
      trimmed(mount.path) === ISTIO_TOKEN_FOLDER &&
      pod.volumes.some((volume) => volume.name === mount.volume && holdsToken(volume)),
  );
}

function holdsToken({ source }: Volume): boolean {
  return source.kind === 'projected' && source.tokens.some(({ path }) => path === ISTIO_TOKEN_FILE);
}

/** What of a path is left below a folder: '' for the folder itself, undefined for what is not below it. */
function below(folder: string, path: string): string | undefined {
  const prefix = trimmed(folder);
  if (path === prefix) return '';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function placeOf({ document: { tape, source }, node }: PodSpecText, at: number | undefined): Region {
  const place = at ?? node;
  return source.region(tape.start(place), tape.start(place));
}
