// Citadel's own part where an external CA is used through it: the Deployment of Istio 1.1's chart with the signing key
// that the CA issued, or with the environment of the CA's client, and the account, roles and service that it needs.

import type { CertificateAuthority } from './certificate-authority.js';
import type { Manifest } from './manifest.js';

/** What Citadel is made of. */
export interface CitadelOptions {
  readonly authority: CertificateAuthority;
  readonly namespace: string;
  readonly image: string;
  readonly imagePullPolicy: string | undefined;
  readonly priorityClassName: string | undefined;
  readonly trustDomain: string;
}

const CITADEL = 'istio-citadel';
const ACCOUNT = 'istio-citadel-service-account';
const LABELS = { app: 'security', istio: 'citadel' };
/** Where agents ask Citadel, and where its metrics are. */
const PORTS = { grpc: 8060, monitoring: 15014 };
/** The secret with the signing key, and where the chart mounts it. */
const KEY_SECRET = 'cacerts';
const KEY_FOLDER = '/etc/cacerts';

/** The manifests of Citadel in the order in which they are to be applied; none where it is not asked in another way. */
export function citadel(options: CitadelOptions): readonly Manifest[] {
  const { integration } = options.authority;
  if (integration !== 'signing-key' && integration !== 'citadel') return [];
  return [account(options), ...roles(options), service(options), deployment(options)];
}

function account({ namespace }: CitadelOptions): Manifest {
  return {
    comment: ["Citadel. These objects replace those of Istio's chart with the same names."],
    object: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: ACCOUNT, namespace, labels: LABELS },
    },
  };
}

function roles({ namespace }: CitadelOptions): Manifest[] {
  const name = `${CITADEL}-${namespace}`;
  return [
    {
      comment: [
        'Citadel publishes its root certificate in a ConfigMap, keeps the mounted secrets of workloads without SDS, and',
        'has the Kubernetes API review tokens.',
      ],
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name, labels: LABELS },
        rules: [
          { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'get', 'update'] },
          {
            apiGroups: [''],
            resources: ['secrets'],
            verbs: ['create', 'get', 'watch', 'list', 'update', 'delete'],
          },
          { apiGroups: [''], resources: ['serviceaccounts', 'services'], verbs: ['get', 'watch', 'list'] },
          { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
        ],
      },
    },
    {
      comment: [],
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name, labels: LABELS },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }],
      },
    },
  ];
}

function service({ namespace }: CitadelOptions): Manifest {
  return {
    comment: [`Agents reach Citadel at ${CITADEL}:${PORTS.grpc}.`],
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: CITADEL, namespace, labels: LABELS },
      spec: {
        selector: { istio: 'citadel' },
        ports: [
          { name: 'grpc-citadel', port: PORTS.grpc, targetPort: PORTS.grpc, protocol: 'TCP' },
          { name: 'http-monitoring', port: PORTS.monitoring },
        ],
      },
    },
  };
}

function deployment(options: CitadelOptions): Manifest {
  const { namespace, image, imagePullPolicy, priorityClassName, authority } = options;
  const isKey = authority.integration === 'signing-key';
  const env = Object.entries(authority.citadelEnv).map(([name, value]) => ({ name, value }));
  return {
    comment: isKey ? keyComment(options) : clientComment(options),
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: CITADEL, namespace, labels: LABELS },
      spec: {
        replicas: 1,
        selector: { matchLabels: { istio: 'citadel' } },
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          metadata: { labels: LABELS, annotations: { 'sidecar.istio.io/inject': 'false' } },
          spec: {
            serviceAccountName: ACCOUNT,
            ...(priorityClassName !== undefined && { priorityClassName }),
            containers: [
              {
                name: 'citadel',
                image,
                ...(imagePullPolicy !== undefined && { imagePullPolicy }),
                args: argumentsOf(options),
                ...(env.length > 0 && { env }),
                ...(isKey && { volumeMounts: [{ name: KEY_SECRET, mountPath: KEY_FOLDER, readOnly: true }] }),
              },
            ],
            // Not optional as in the chart: without the key Citadel does not start, and signs with no other one.
            ...(isKey && { volumes: [{ name: KEY_SECRET, secret: { secretName: KEY_SECRET } }] }),
          },
        },
      },
    },
  };
}

function argumentsOf({ namespace, trustDomain, authority }: CitadelOptions): string[] {
  return [
    '--append-dns-names=true',
    `--grpc-port=${PORTS.grpc}`,
    `--citadel-storage-namespace=${namespace}`,
    `--custom-dns-names=istio-pilot-service-account.${namespace}:istio-pilot.${namespace}`,
    `--monitoring-port=${PORTS.monitoring}`,
    '--self-signed-ca=false',
    ...(authority.integration === 'signing-key'
      ? [
          `--signing-cert=${KEY_FOLDER}/ca-cert.pem`,
          `--signing-key=${KEY_FOLDER}/ca-key.pem`,
          `--root-cert=${KEY_FOLDER}/root-cert.pem`,
          `--cert-chain=${KEY_FOLDER}/cert-chain.pem`,
        ]
      : []),
    `--trust-domain=${trustDomain}`,
  ];
}

/** The secret holds a private key, so it is not among the manifests. */
function keyComment({ authority, namespace }: CitadelOptions): string[] {
  return [
    `Citadel signs with the key that ${authority.provider} issued. Create this secret first:`,
    `  kubectl -n ${namespace} create secret generic ${KEY_SECRET} --from-file=ca-cert.pem \\`,
    '    --from-file=ca-key.pem --from-file=root-cert.pem --from-file=cert-chain.pem',
    'Citadel reads it at startup: after a renewal, restart the Deployment.',
  ];
}

function clientComment({ authority }: CitadelOptions): string[] {
  return [`The image needs a client for ${authority.provider}. These variables configure it.`];
}
