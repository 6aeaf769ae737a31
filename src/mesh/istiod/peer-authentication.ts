// PeerAuthentications: what they make of namespaces, and of workloads and their ports (istiod 1.29's
// model/authentication.go and authn.ComposePeerAuthentication).

import { grouped } from '../../collections/grouped.js';
import { memo } from '../../collections/memo.js';
import type {
  PeerAuthentication,
  PeerAuthentication_MutualTLS,
} from '../../envoy/generated/types/security/v1/peer_authentication.js';
import { covers } from './labels.js';
import type { Config, Labels, Mesh, MutualTlsMode, PeerAuthentications, Settings } from './model.js';

/** Indexes policies; of those for a whole namespace or mesh only the oldest counts. */
export function indexPeerAuthentications(
  configs: readonly Config<PeerAuthentication>[],
  { root_namespace }: Settings,
): PeerAuthentications {
  const modes = new Map<string, MutualTlsMode | undefined>();
  const kept = configs.filter((config) => {
    if (hasSelector(config)) return true;
    if (modes.has(config.namespace)) return false;
    modes.set(config.namespace, modeOf(config.spec.mtls));
    return true;
  });
  const meshMode = modes.has(root_namespace) ? (modes.get(root_namespace) ?? 'PERMISSIVE') : undefined;
  modes.delete(root_namespace);
  return {
    byNamespace: grouped(kept, ({ namespace }) => namespace),
    namespaceModes: new Map(
      [...modes].map(([namespace, mode]) => [namespace, mode ?? meshMode ?? 'PERMISSIVE']),
    ),
    meshMode,
  };
}

function hasSelector({ spec }: Config<PeerAuthentication>): boolean {
  return Object.keys(spec.selector?.match_labels ?? {}).length > 0;
}

/** A mode that is said; undefined where it is inherited. */
function modeOf(mtls: PeerAuthentication_MutualTLS | undefined): MutualTlsMode | undefined {
  const mode = mtls?.mode ?? 'UNSET';
  return mode === 'UNSET' ? undefined : mode;
}

/** The mode of a namespace, whatever its workloads have. */
export function namespaceMode({ peerAuthentications }: Mesh, namespace: string): MutualTlsMode {
  const { namespaceModes, meshMode } = peerAuthentications;
  return namespaceModes.get(namespace) ?? meshMode ?? 'PERMISSIVE';
}

/** What a workload takes. */
export interface PeerPolicy {
  readonly mode: MutualTlsMode;
  /** By port of the workload, in the order in which the policy has them. */
  readonly ports: ReadonlyMap<number, MutualTlsMode>;
  /** The policies that decided. */
  readonly from: readonly Config<PeerAuthentication>[];
}

const policies = new WeakMap<Mesh, WeakMap<Labels, PeerPolicy>>();

/** What the workload takes that some labels are of. */
export function peerPolicy(mesh: Mesh, namespace: string, labels: Labels): PeerPolicy {
  const known = memo(policies, mesh, () => new WeakMap<Labels, PeerPolicy>());
  return memo(known, labels, () => composed(mesh, namespace, labels));
}

function composed(mesh: Mesh, namespace: string, labels: Labels): PeerPolicy {
  const root = mesh.settings.root_namespace;
  const { byNamespace } = mesh.peerAuthentications;
  const of = (scope: string): readonly Config<PeerAuthentication>[] => byNamespace.get(scope) ?? [];
  const whole = (scope: string): Config<PeerAuthentication> | undefined =>
    of(scope).find((config) => !hasSelector(config));
  const meshWide = whole(root);
  const namespaceWide = namespace === root ? undefined : whole(namespace);
  const own =
    namespace === root
      ? undefined
      : of(namespace).find(
          (config) => hasSelector(config) && covers(labels, config.spec.selector?.match_labels),
        );
  const mode =
    modeOf(own?.spec.mtls) ?? modeOf(namespaceWide?.spec.mtls) ?? modeOf(meshWide?.spec.mtls) ?? 'PERMISSIVE';
  const ports = new Map(
    Object.entries(own?.spec.port_level_mtls ?? {}).map(
      ([port, mtls]) => [Number(port), modeOf(mtls) ?? mode] as const,
    ),
  );
  return { mode, ports, from: [meshWide, namespaceWide, own].flatMap((config) => config ?? []) };
}
