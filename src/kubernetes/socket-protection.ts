// The protection of the SDS socket: only the agent may have its folder writable. All pods of a node share the
// socket, so who could put another in its place would be given every workload's token. Up to Kubernetes 1.24
// the two pod security policies of Istio's task, since 1.26 the same rule as a ValidatingAdmissionPolicy.

import type { Finding } from '../finding/finding.js';
import { servedBy } from './api-versions.js';
import type { Manifest } from './manifest.js';
import { podRule, type SocketRule, volumeRule } from './socket-rule.js';

/** The rule, and the name of the agent's own policy. */
export interface ProtectionOptions extends SocketRule {
  readonly agent: string;
}

/** The policies, and what to know of them. */
export interface Protection {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

const RULE = 'istio-sds-uds';
const RBAC = 'rbac.authorization.k8s.io';

/** The protection that a version of Kubernetes offers. */
export function socketProtection(options: ProtectionOptions): Protection {
  const { minor } = options;
  if (servedBy('PodSecurityPolicy', minor) !== undefined)
    return { manifests: podSecurityPolicies(options), findings: [] };
  const policy = servedBy('ValidatingAdmissionPolicy', minor);
  if (policy === undefined) {
    return {
      manifests: [],
      findings: [
        {
          code: 'no-protection',
          level: 'warning',
          message: `Kubernetes 1.${minor} has neither pod security policies (up to 1.24) nor validating admission policies (since 1.26), so these manifests do not restrict which pods can write to the socket's directory`,
          expected: 'Kubernetes 1.26 or later',
          remedy: `let an admission webhook reject all pods except the agent's that mount ${options.folder} writable`,
        },
      ],
    };
  }
  const findings: Finding[] =
    policy.off === undefined
      ? []
      : [
          {
            code: 'feature-gate',
            level: 'warning',
            message: `Kubernetes 1.${minor} serves ${policy.apiVersion} only if it is enabled`,
            expected: `the feature gate ValidatingAdmissionPolicy, and --runtime-config=${policy.apiVersion}=true at the API server`,
          },
        ];
  return { manifests: admissionPolicies(options, policy.apiVersion), findings };
}

/** What a policy says of things that the rule is not about. */
const ANYTHING = {
  seLinux: { rule: 'RunAsAny' },
  supplementalGroups: { rule: 'RunAsAny' },
  runAsUser: { rule: 'RunAsAny' },
  fsGroup: { rule: 'RunAsAny' },
  volumes: ['*'],
};

function podSecurityPolicies({ folder, namespace, account, agent }: ProtectionOptions): Manifest[] {
  const use = (name: string) => [
    // Kubernetes asked for the one group, and asks for the other since 1.16.
    {
      apiGroups: ['extensions', 'policy'],
      resources: ['podsecuritypolicies'],
      resourceNames: [name],
      verbs: ['use'],
    },
  ];
  return [
    {
      comment: ["The agent creates the socket, so it may write to the socket's directory."],
      object: {
        apiVersion: 'policy/v1beta1',
        kind: 'PodSecurityPolicy',
        metadata: { name: agent },
        spec: { allowedHostPaths: [{ pathPrefix: folder }], ...ANYTHING },
      },
    },
    {
      comment: [],
      object: {
        apiVersion: `${RBAC}/v1`,
        kind: 'Role',
        metadata: { name: agent, namespace },
        rules: use(agent),
      },
    },
    {
      comment: [],
      object: {
        apiVersion: `${RBAC}/v1`,
        kind: 'RoleBinding',
        metadata: { name: agent, namespace },
        roleRef: { apiGroup: RBAC, kind: 'Role', name: agent },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
      },
    },
    {
      comment: [
        'All other pods may mount the directory read-only, and no other path of the node.',
        'If you already have policies, add allowedHostPaths to them instead: a pod is admitted by any',
        'policy that it may use. Grant what your pods need before you enable the admission plugin.',
      ],
      object: {
        apiVersion: 'policy/v1beta1',
        kind: 'PodSecurityPolicy',
        metadata: { name: RULE },
        spec: {
          allowedHostPaths: [{ pathPrefix: folder, readOnly: true }],
          // What the sidecar's init container needs.
          allowedCapabilities: ['NET_ADMIN'],
          ...ANYTHING,
        },
      },
    },
    {
      comment: [],
      object: {
        apiVersion: `${RBAC}/v1`,
        kind: 'ClusterRole',
        metadata: { name: RULE },
        rules: use(RULE),
      },
    },
    {
      comment: [],
      object: {
        apiVersion: `${RBAC}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: RULE },
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: RULE },
        subjects: [{ apiGroup: RBAC, kind: 'Group', name: 'system:serviceaccounts' }],
      },
    },
  ];
}

function admissionPolicies(options: ProtectionOptions, apiVersion: string): Manifest[] {
  const { folder, namespace, account, minor } = options;
  const rule = (operations: string[], resources: string[]) => ({
    apiGroups: [''],
    apiVersions: ['v1'],
    operations,
    resources,
  });
  const policy = (name: string, rules: unknown[], expression: string, message: string) => ({
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: rules },
      validations: [{ expression, message }],
    },
  });
  const binding = (name: string) => ({
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    // Before 1.27 a binding could do nothing but deny, and had no field for it.
    spec: { policyName: name, ...(minor >= 27 && { validationActions: ['Deny'] }) },
  });
  const volumes = `${RULE}-volumes`;
  return [
    {
      comment: [
        `Only pods of the service account ${account} in ${namespace} may mount ${folder}, or a directory`,
        'above it, writable. The policy applies to Pods: a Deployment whose template violates it is',
        'admitted, but its pods are rejected.',
      ],
      object: policy(
        RULE,
        [rule(['CREATE'], ['pods']), rule(['UPDATE'], ['pods/ephemeralcontainers'])],
        podRule(options),
        `only the SDS agent may mount ${folder}, or a directory above it, writable: set readOnly: true`,
      ),
    },
    { comment: [], object: binding(RULE) },
    {
      comment: ['A persistent volume would hide the path from the policy above, so none may expose it.'],
      object: policy(
        volumes,
        [rule(['CREATE'], ['persistentvolumes'])],
        volumeRule(options),
        `a persistent volume must not expose ${folder} or a directory above it`,
      ),
    },
    { comment: [], object: binding(volumes) },
  ];
}
