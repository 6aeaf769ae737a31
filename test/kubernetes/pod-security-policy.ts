// What pod security policies make of a pod, as far as host paths, capabilities and the node's own names go:
// Kubernetes' rules of admission (pkg/security/podsecuritypolicy up to 1.24).

export interface PodSecurityPolicy {
  readonly spec: {
    readonly allowedHostPaths?: readonly { readonly pathPrefix: string; readonly readOnly?: boolean }[];
    readonly allowedCapabilities?: readonly string[];
    readonly privileged?: boolean;
    readonly hostPID?: boolean;
    readonly volumes?: readonly string[];
  };
}

interface TestContainer {
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean }[];
  readonly securityContext?: {
    readonly privileged?: boolean;
    readonly capabilities?: { readonly add?: readonly string[] };
  };
}

export interface TestPod {
  readonly spec: {
    readonly hostPID?: boolean;
    readonly containers: readonly TestContainer[];
    readonly initContainers?: readonly TestContainer[];
    readonly ephemeralContainers?: readonly TestContainer[];
    readonly volumes?: readonly { readonly name: string; readonly [source: string]: unknown }[];
  };
}

/** A pod is admitted if one of the policies that it may use admits it. */
export function admitted(policies: readonly PodSecurityPolicy[], pod: TestPod): boolean {
  return policies.some((policy) => admits(policy, pod));
}

function admits({ spec: policy }: PodSecurityPolicy, { spec }: TestPod): boolean {
  const containers = [
    ...spec.containers,
    ...(spec.initContainers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ];
  if (spec.hostPID === true && policy.hostPID !== true) return false;
  for (const { securityContext } of containers) {
    if (securityContext?.privileged === true && policy.privileged !== true) return false;
    const added = securityContext?.capabilities?.add ?? [];
    if (!added.every((one) => policy.allowedCapabilities?.includes(one))) return false;
  }
  return (spec.volumes ?? []).every((volume) => {
    const [kind] = Object.keys(volume).filter((key) => key !== 'name');
    if (!policy.volumes?.includes('*') && !policy.volumes?.includes(String(kind))) return false;
    const hostPath = volume.hostPath as { readonly path: string } | undefined;
    return hostPath === undefined || allowsHostPath(policy, volume.name, hostPath.path, containers);
  });
}

function allowsHostPath(
  { allowedHostPaths = [] }: PodSecurityPolicy['spec'],
  name: string,
  path: string,
  containers: readonly TestContainer[],
): boolean {
  // The API refuses such a path before any policy sees it.
  if (path.split('/').includes('..')) return false;
  if (allowedHostPaths.length === 0) return true;
  const fitting = allowedHostPaths.filter(({ pathPrefix }) => hasPathPrefix(path, pathPrefix));
  if (fitting.length === 0) return false;
  if (fitting.some(({ readOnly }) => readOnly !== true)) return true;
  return containers.every(({ volumeMounts = [] }) =>
    volumeMounts.every((mount) => mount.name !== name || mount.readOnly === true),
  );
}

function hasPathPrefix(path: string, prefix: string): boolean {
  const plain = (text: string): string => text.replace(/\/+$/, '');
  return plain(path) === plain(prefix) || path.startsWith(`${plain(prefix)}/`);
}
