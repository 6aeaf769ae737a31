// The manifests of the node agent: valid for Kubernetes, the same each time, and what the values make of them.

import { ValidatingAdmissionPolicy } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy';
import { ValidatingAdmissionPolicyBinding } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding';
import { DaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodSecurityPolicy } from 'kubernetes-models/policy/v1beta1/PodSecurityPolicy';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readHelmValues } from '../../src/kubernetes/helm-values.js';
import { type AgentRequest, sdsAgentManifests } from '../../src/kubernetes/manifests.js';

// biome-ignore lint/suspicious/noExplicitAny: parsed manifests
type Any = any;

const MODELS: Readonly<Record<string, new (data: Any) => { validate(): void }>> = {
  ClusterRole,
  ClusterRoleBinding,
  DaemonSet,
  Deployment,
  PodSecurityPolicy,
  Role,
  RoleBinding,
  Service,
  ServiceAccount,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
};

function objects(request: AgentRequest): Any[] {
  const { text, findings } = sdsAgentManifests(request);
  if (text === undefined) throw new Error(JSON.stringify(findings));
  return parseAllDocuments(text).map((document) => document.toJS());
}

const agentOf = (request: AgentRequest): Any => objects(request).find(({ kind }) => kind === 'DaemonSet');

function envOf(request: AgentRequest): Record<string, string> {
  const { env } = agentOf(request).spec.template.spec.containers[0];
  return Object.fromEntries(env.map(({ name, value }: Any) => [name, value]));
}

const VAULT = { ca: 'vault', caAddress: 'https://vault:8200' };

describe('every manifest is valid', () => {
  const requests: AgentRequest[] = [
    { ca: 'citadel' },
    VAULT,
    { ca: 'Mine', caAddress: 'mine:1' },
    { ...VAULT, integration: 'citadel' as const },
    { ca: 'Mine', integration: 'signing-key' as const },
  ].flatMap((ca) =>
    ['1.10', '1.24', '1.25', '1.27', '1.29', '1.30', '1.34'].map((kubernetes) => ({ ...ca, kubernetes })),
  );
  test.each(requests)('$ca, Kubernetes $kubernetes', (request) => {
    const all = objects(request);
    for (const object of all) {
      // The schema is that of v1, which the earlier versions share as far as it is used here.
      const apiVersion = object.apiVersion.replace(/^(admissionregistration.*)\/v1(alpha|beta)1$/, '$1/v1');
      const Model = MODELS[object.kind] as (typeof MODELS)[string];
      expect(() => new Model({ ...object, apiVersion }).validate()).not.toThrow();
    }
    expect(sdsAgentManifests(request).text).toBe(sdsAgentManifests(request).text);
  });
});

describe('the environment', () => {
  test.each<[string, AgentRequest, Record<string, string>]>([
    [
      'of Citadel',
      { ca: 'citadel' },
      { CA_PROVIDER: 'Citadel', CA_ADDR: 'istio-citadel:8060', VALID_TOKEN: 'true' },
    ],
    [
      'of Vault',
      { ...VAULT, options: { VAULT_ROLE: 'mine' } },
      {
        CA_PROVIDER: 'VaultCA',
        CA_ADDR: 'https://vault:8200',
        VAULT_ADDR: 'https://vault:8200',
        VAULT_AUTH_PATH: 'auth/kubernetes/login',
        VAULT_ROLE: 'mine',
        VAULT_SIGN_CSR_PATH: 'istio_ca/sign/istio-pki-role',
        VALID_TOKEN: 'true',
      },
    ],
    [
      'of a CA of your own',
      { ca: 'Mine', caAddress: 'mine:1', options: { MINE: '1' } },
      { CA_PROVIDER: 'Mine', CA_ADDR: 'mine:1', MINE: '1', VALID_TOKEN: 'true' },
    ],
    [
      'of Citadel where its signing key was injected',
      { ca: 'Mine', integration: 'signing-key' },
      { CA_PROVIDER: 'Citadel', CA_ADDR: 'istio-citadel:8060', VALID_TOKEN: 'true' },
    ],
    [
      'of Citadel where Citadel asks',
      { ...VAULT, integration: 'citadel', options: { VAULT_ROLE: 'mine' } },
      { CA_PROVIDER: 'Citadel', CA_ADDR: 'istio-citadel:8060', VALID_TOKEN: 'true' },
    ],
  ])('%s', (_, request, env) => {
    expect(envOf(request)).toEqual({ ...env, Trust_Domain: 'cluster.local' });
  });
});

describe("Citadel's own part", () => {
  const citadelOf = (request: AgentRequest) => {
    const { text, findings } = sdsAgentManifests(request);
    const objects = parseAllDocuments(text ?? '').map((document) => document.toJS());
    return { text, findings, objects: objects.filter(({ metadata }) => metadata.name.includes('citadel')) };
  };

  test('is written only if Citadel is involved', () => {
    for (const request of [{ ca: 'citadel' }, VAULT, { ...VAULT, integration: 'node-agent' as const }])
      expect(citadelOf(request).objects).toEqual([]);
  });

  test('signs with an injected key from a secret that is not written', () => {
    const { text, findings, objects } = citadelOf({
      ca: 'Mine',
      integration: 'signing-key',
      trustDomain: 'td',
    });
    expect(findings).toEqual([]);
    expect(objects.map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'ClusterRole',
      'ClusterRoleBinding',
      'Service',
      'Deployment',
    ]);
    const { spec } = objects.at(-1).spec.template;
    expect(spec.containers[0]).toMatchObject({
      image: 'docker.io/istio/citadel:1.1.7',
      volumeMounts: [{ name: 'cacerts', mountPath: '/etc/cacerts', readOnly: true }],
    });
    expect(spec.containers[0].args).toEqual(
      expect.arrayContaining([
        '--self-signed-ca=false',
        '--signing-key=/etc/cacerts/ca-key.pem',
        '--trust-domain=td',
        '--grpc-port=8060',
      ]),
    );
    expect(spec.volumes).toEqual([{ name: 'cacerts', secret: { secretName: 'cacerts' } }]);
    expect(text).not.toContain('kind: Secret\n');
    // The role that a review of tokens needs.
    expect(objects[1].rules).toContainEqual({
      apiGroups: ['authentication.k8s.io'],
      resources: ['tokenreviews'],
      verbs: ['create'],
    });
  });

  test('calls another CA with environment variables and an image that has the client', () => {
    const request = { ...VAULT, integration: 'citadel', options: { VAULT_ROLE: 'mine' } } as const;
    const without = citadelOf(request);
    expect(without.findings).toContainEqual(
      expect.objectContaining({ code: 'citadel-image', level: 'warning' }),
    );
    const { findings, objects } = citadelOf({ ...request, citadelImage: 'example.org/citadel:1' });
    expect(findings.filter(({ code }) => code === 'citadel-image')).toEqual([]);
    const [container] = objects.at(-1).spec.template.spec.containers;
    expect(container.image).toBe('example.org/citadel:1');
    expect(container.env).toContainEqual({ name: 'VAULT_ROLE', value: 'mine' });
    expect(container.env).toContainEqual({ name: 'CA_PROVIDER', value: 'VaultCA' });
    expect(container.args.join(' ')).not.toContain('--signing-key');
  });
});

describe('Helm values', () => {
  const values = (text: string) => {
    const read = readHelmValues('values.yaml', text);
    expect(read.findings).toEqual([]);
    return read.values;
  };

  test('set everything that the chart reads', () => {
    const request = {
      values: values(
        `global:
  hub: example.org/istio
  tag: 1.2.3
  trustDomain: example.org
  imagePullPolicy: Always
  priorityClassName: high
  sds: {enabled: true, udsPath: "unix:/run/x/uds_path", useNormalJwt: true}
nodeagent:
  image: agent
  env: {CA_PROVIDER: VaultCA, CA_ADDR: "https://v", VALID_TOKEN: true, VAULT_TLS_ROOT_CERT: 'a\\nb'}
`,
      ),
    };
    const { spec } = agentOf(request).spec.template;
    expect(spec.priorityClassName).toBe('high');
    expect(spec.containers[0].image).toBe('example.org/istio/agent:1.2.3');
    expect(spec.containers[0].imagePullPolicy).toBe('Always');
    expect(spec.volumes[0].hostPath.path).toBe('/run/x');
    expect(envOf(request)).toMatchObject({
      CA_PROVIDER: 'VaultCA',
      CA_ADDR: 'https://v',
      VAULT_ADDR: 'https://v',
      VAULT_TLS_ROOT_CERT: 'a\nb',
      Trust_Domain: 'example.org',
    });
  });

  test('are overridden by options', () => {
    const given = values(`global: {trustDomain: a}
nodeagent: {image: example.org/a:1, env: {CA_PROVIDER: Citadel, CA_ADDR: "istio-citadel:8060"}}`);
    expect(envOf({ values: given, ...VAULT, trustDomain: 'b' })).toMatchObject({
      CA_PROVIDER: 'VaultCA',
      CA_ADDR: 'https://vault:8200',
      Trust_Domain: 'b',
    });
    expect(agentOf({ values: given }).spec.template.spec.containers[0].image).toBe('example.org/a:1');
    expect(envOf({ values: given, ca: 'citadel', caAddress: 'c:1' }).CA_ADDR).toBe('c:1');
  });
});

describe('errors are reported', () => {
  test.each<[string, AgentRequest]>([
    ['no-ca', {}],
    ['ca-address', { ca: 'vault' }],
    ['ca-address', { ca: 'vault', caAddress: 'vault:8200' }],
    ['ca-address', { ca: 'Mine' }],
    ['ca-integration', { ca: 'citadel', integration: 'citadel' }],
    ['citadel-image', { ...VAULT, citadelImage: 'x' }],
    ['kubernetes', { ca: 'citadel', kubernetes: '2.0' }],
    ['kubernetes', { ca: 'citadel', kubernetes: '1.9' }],
    ['namespace', { ca: 'citadel', namespace: "a' || true" }],
    ['socket-name', { ca: 'citadel', values: { env: {}, udsPath: 'unix:/x/sock' } }],
    ['socket-name', { ca: 'citadel', values: { env: {}, udsPath: "unix:/x'/uds_path" } }],
    ['socket-name', { ca: 'citadel', values: { env: {}, udsPath: 'unix:/uds_path' } }],
    ['secret-in-env', { ca: 'citadel', options: { KEY: '-----BEGIN RSA PRIVATE KEY-----' } }],
    ['env-name', { ca: 'citadel', options: { 'a b': 'c' } }],
  ])('%s: %j', (code, request) => {
    const { text, findings } = sdsAgentManifests(request);
    expect(text).toBeUndefined();
    expect(findings.filter(({ level }) => level === 'error').map((finding) => finding.code)).toEqual([code]);
  });

  test.each<[string, AgentRequest]>([
    ['unknown-ca', { ca: 'valut', caAddress: 'v:1' }],
    ['vault-root', VAULT],
    ['unknown-option', { ca: 'citadel', options: { VALID_TOKN: 'true' } }],
    ['no-projected-token', { ca: 'citadel', kubernetes: '1.11' }],
    ['no-protection', { ca: 'citadel', kubernetes: '1.25' }],
    ['feature-gate', { ca: 'citadel', kubernetes: '1.28' }],
  ])('%s, as a warning', (code, request) => {
    const { text, findings } = sdsAgentManifests(request);
    expect(text).toBeDefined();
    expect(findings.map((finding) => [finding.code, finding.level])).toEqual([[code, 'warning']]);
  });
});
