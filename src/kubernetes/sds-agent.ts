// The node agent that serves SDS on a socket of its node: Istio 1.1's DaemonSet, its account and its roles,
// as its Helm chart has them, and the protection of the socket.

import type { Finding } from '../finding/finding.js';
import { NODE_AGENT_FOLDER } from '../istio/sockets.js';
import { servedBy } from './api-versions.js';
import type { CertificateAuthority } from './certificate-authority.js';
import { citadel } from './citadel.js';
import type { Manifest } from './manifest.js';
import { socketProtection } from './socket-protection.js';

/** What the agent is made of. */
export interface AgentOptions {
  readonly authority: CertificateAuthority;
  readonly namespace: string;
  readonly image: string;
  /** Of Citadel, where it is a part of the way to the CA. */
  readonly citadelImage: string;
  readonly imagePullPolicy: string | undefined;
  readonly priorityClassName: string | undefined;
  readonly trustDomain: string;
  /** The socket on the node. */
  readonly socket: string;
  /** Whether workloads show the projected token, not that of their account. */
  readonly projectedToken: boolean;
  /** The minor version of Kubernetes. */
  readonly minor: number;
}

/** The agent's manifests in the order in which they are to be applied, and what to know of them. */
export interface AgentManifests {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

/** The account that the agent runs as, which alone may write where the socket is. */
const AGENT_ACCOUNT = 'istio-nodeagent-service-account';

const AGENT = 'istio-nodeagent';
/** Where the agent's image makes its socket. */
const SOCKET_NAME = 'uds_path';
const LABELS = { app: 'nodeagent', istio: 'nodeagent' };

/** The agent's manifests. */
export function sdsAgent(options: AgentOptions): AgentManifests {
  const { namespace, minor, socket } = options;
  const folder = socket.slice(0, socket.lastIndexOf('/'));
  const findings: Finding[] = [];
  if (options.projectedToken && servedBy('projected service account token', minor) === undefined)
    findings.push({
      code: 'no-projected-token',
      level: 'warning',
      message: `Kubernetes 1.${minor} does not project service account tokens, which proxies present to the agent`,
      expected: 'Kubernetes 1.12 or later, or useNormalJwt: true',
    });
  if (!/^(?:\/[\w.-]+)+$/.test(folder) || socket !== `${folder}/${SOCKET_NAME}`)
    findings.push({
      code: 'socket-name',
      level: 'error',
      message: `the agent cannot create the socket ${socket}`,
      expected: `a path that ends in /${SOCKET_NAME}, in a directory of its own`,
    });
  const protection = socketProtection({ folder, namespace, account: AGENT_ACCOUNT, agent: AGENT, minor });
  findings.push(...protection.findings);
  return {
    manifests: [
      ...citadel({ ...options, image: options.citadelImage }),
      account(options),
      ...roles(options),
      ...protection.manifests,
      daemonSet(options, folder),
    ],
    findings,
  };
}

function account({ namespace, authority }: AgentOptions): Manifest {
  return {
    comment: ['The SDS agent of each node. Access to keys:', ...authority.keys.map((line) => `- ${line}`)],
    object: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: AGENT_ACCOUNT, namespace, labels: LABELS },
    },
  };
}

function roles({ namespace }: AgentOptions): Manifest[] {
  const name = `${AGENT}-${namespace}`;
  return [
    {
      comment: ["The agent reads the mesh's root certificate from a ConfigMap."],
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name, labels: LABELS },
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
      },
    },
    {
      comment: [],
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name, labels: LABELS },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', name: AGENT_ACCOUNT, namespace }],
      },
    },
  ];
}

function daemonSet(options: AgentOptions, folder: string): Manifest {
  const { namespace, authority, image, imagePullPolicy, priorityClassName, trustDomain } = options;
  const env = Object.entries({ ...authority.env, Trust_Domain: trustDomain });
  return {
    comment: [`One agent on each node; it creates the socket ${folder}/${SOCKET_NAME}.`],
    object: {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: AGENT, namespace, labels: LABELS },
      spec: {
        selector: { matchLabels: { istio: 'nodeagent' } },
        template: {
          metadata: { labels: LABELS, annotations: { 'sidecar.istio.io/inject': 'false' } },
          spec: {
            serviceAccountName: AGENT_ACCOUNT,
            ...(priorityClassName !== undefined && { priorityClassName }),
            containers: [
              {
                name: 'nodeagent',
                image,
                ...(imagePullPolicy !== undefined && { imagePullPolicy }),
                env: env.map(([name, value]) => ({ name, value })),
                volumeMounts: [{ name: 'sdsudspath', mountPath: NODE_AGENT_FOLDER }],
              },
            ],
            volumes: [{ name: 'sdsudspath', hostPath: { path: folder } }],
          },
        },
      },
    },
  };
}
