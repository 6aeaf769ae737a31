// Workloads that nobody has run yet: Deployments and their like, as a repository has them.

import { describe, expect, it, test } from 'vitest';
import { type CompileOptions, compileInputs } from '../../src/compile/compile.js';
import type { Cluster } from '../../src/envoy/generated/types/envoy/api/v2/cluster.js';
import { istio, pod, service } from './mesh-of.js';

const API = 'apps/v1';

function template(kind: string, name: string, labels: string, account = ''): string {
  const pods = `{metadata: {labels: ${labels}}, spec: {${account && `serviceAccountName: ${account}, `}containers: [{name: main, ports: [{name: web, containerPort: 8080}]}]}}`;
  const spec = kind === 'CronJob' ? `{jobTemplate: {spec: {template: ${pods}}}}` : `{template: ${pods}}`;
  const api = { CronJob: 'batch/v1beta1', Job: 'batch/v1' }[kind] ?? API;
  return `apiVersion: ${api}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}`;
}

/** A service as one writes it: the cluster gives it its address. */
function plain(name: string, port: number, protocol = 'http'): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{name: ${protocol}, port: ${port}, targetPort: web}]}`;
}

const MTLS = istio('DestinationRule', 'all', '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}');
const STRICT = istio('Policy', 'default', '{peers: [{mtls: {}}]}');
const WEB = [plain('web', 80), template('Deployment', 'web-v1', '{app: web}', 'web-account')];

function run(resources: readonly string[], options: Partial<CompileOptions> = {}) {
  const text = resources.join('\n---\n');
  return compileInputs([{ name: 'in.yaml', text }], { proxy: 'web-v1.shop', ...options });
}

function cluster(result: ReturnType<typeof run>, name: string): Cluster | undefined {
  return result.compiled?.clusters.find((candidate) => candidate.name === name);
}

function sans(found: Cluster | undefined): readonly string[] | undefined {
  return found?.tls_context?.common_tls_context?.validation_context?.verify_subject_alt_name;
}

test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'])(
  'a %s is a workload',
  (kind) => {
    const { compiled } = run([plain('web', 80), template(kind, 'web-v1', '{app: web}')]);
    expect(compiled?.listeners.map(({ name }) => name)).toContain('0.0.0.0_8080');
    expect(compiled?.clusters.map(({ name }) => name)).toContain(
      'inbound|80|http|web.shop.svc.cluster.local',
    );
  },
);

describe('a service without addresses', () => {
  it('has a cluster with EDS or DNS', () => {
    const name = 'outbound|80||web.shop.svc.cluster.local';
    const known = run(WEB);
    expect(cluster(known, name)?.type).toBe('EDS');
    expect(known.findings.map(({ code, level }) => `${level} ${code}`)).toEqual(['note no-endpoints']);
    const asked = run(WEB, { dataplane: 'envoy' });
    expect(cluster(asked, name)).toMatchObject({
      type: 'STRICT_DNS',
      dns_lookup_family: 'V4_ONLY',
      load_assignment: {
        endpoints: [
          {
            lb_endpoints: [
              {
                endpoint: {
                  address: { socket_address: { address: 'web.shop.svc.cluster.local', port_value: 80 } },
                },
              },
            ],
          },
        ],
      },
    });
    expect(cluster(asked, name)?.eds_cluster_config).toBeUndefined();
    expect(asked.findings).toEqual([]);
  });

  it('has no separate endpoints for its subsets with DNS', () => {
    const rule = istio('DestinationRule', 'web', '{host: web, subsets: [{name: v1, labels: {app: web}}]}');
    expect(run([...WEB, rule], { dataplane: 'envoy' }).findings.map(({ message }) => message)).toEqual([
      'Service web has no endpoints in the inputs, so each of its subsets routes to the whole service',
    ]);
  });

  it('has the accounts of the templates that it selects', () => {
    const other = template('StatefulSet', 'web-v2', '{app: web}');
    expect(sans(cluster(run([...WEB, other, MTLS]), 'outbound|80||web.shop.svc.cluster.local'))).toEqual([
      'spiffe://cluster.local/ns/shop/sa/default',
      'spiffe://cluster.local/ns/shop/sa/web-account',
    ]);
  });

  it('has a listener on all addresses, with a warning if it receives other connections', () => {
    const { compiled, findings } = run([...WEB, plain('db', 3306, 'tcp')]);
    expect(compiled?.listeners.map(({ name }) => name)).toContain('0.0.0.0_3306');
    expect(findings.filter(({ level }) => level === 'warning').map(({ message }) => message)).toEqual([
      'Service db has no clusterIP, so the listener for its TCP port 3306 is on 0.0.0.0 and receives all connections to port 3306',
    ]);
  });
});

describe('a port with inbound and outbound traffic', () => {
  const other = plain('other', 8080);

  it('is shared if the inbound traffic is mTLS only', () => {
    const { compiled, findings } = run([...WEB, other, STRICT]);
    const shared = compiled?.listeners.filter(({ name }) => name === '0.0.0.0_8080');
    expect(shared).toHaveLength(1);
    expect(shared?.[0]?.filter_chains?.map((chain) => chain.filter_chain_match)).toEqual([
      { transport_protocol: 'tls' },
      undefined,
    ]);
    expect(compiled?.routes.map(({ name }) => name)).toContain('8080');
    expect(findings.map(({ code }) => code)).not.toContain('shared-port');
  });

  it('is for inbound traffic only if the workload accepts plaintext', () => {
    const { compiled, findings } = run([...WEB, other]);
    expect(compiled?.listeners.filter(({ name }) => name === '0.0.0.0_8080')).toHaveLength(1);
    expect(compiled?.routes.map(({ name }) => name)).not.toContain('8080');
    expect(findings.map(({ code }) => code)).toContain('shared-port');
  });
});

describe('Pods', () => {
  const POD = pod('web', '10.1.0.1').replace(
    '{name: main}',
    '{name: main, ports: [{name: web, containerPort: 8080}]}',
  );

  it('are used instead of their templates', () => {
    const result = run([...WEB, POD], { proxy: 'web-v1.shop' });
    expect(result.compiled?.listeners.map(({ name }) => name)).toContain('10.1.0.1_8080');
    expect(run([...WEB, POD], { proxy: 'web-1.shop' }).compiled?.listeners).toEqual(
      result.compiled?.listeners,
    );
  });

  it.each([
    ['Deployment', 'ReplicaSet', 'web-v1-5c9b8d'],
    ['CronJob', 'Job', 'web-v1-1589'],
    ['StatefulSet', 'StatefulSet', 'web-v1'],
  ])('of a %s are known by their owner', (kind, ownerKind, owner) => {
    const owned = POD.replace(
      'labels: {app: web}}',
      `labels: {app: web, job: x}, ownerReferences: [{kind: ${ownerKind}, name: ${owner}}]}`,
    );
    const { compiled } = run([plain('web', 80), template(kind, 'web-v1', '{app: web, run: y}'), owned]);
    expect(compiled?.listeners.map(({ name }) => name)).toContain('10.1.0.1_8080');
  });

  it('are the endpoints of the service that selects them', () => {
    const { compiled } = run([service('web', 80), POD], { proxy: 'web-1.shop' });
    expect(compiled?.endpoints.map(({ endpoints }) => endpoints?.[0]?.lb_endpoints?.[0]?.endpoint)).toEqual([
      { address: { socket_address: { address: '10.1.0.1', port_value: 80 } } },
    ]);
  });
});

describe('a proxy', () => {
  it('is found by its name without the namespace if the name is unique', () => {
    expect(run(WEB, { proxy: 'web-v1' }).compiled).toBeDefined();
    const elsewhere = template('Deployment', 'web-v1', '{}').replace('namespace: shop', 'namespace: other');
    expect(run([...WEB, elsewhere], { proxy: 'web-v1' }).compiled).toBeUndefined();
  });

  it('that is unknown is an error with a suggestion', () => {
    const [finding] = run(WEB, { proxy: 'wbe-v1.shop' }).findings.filter(({ level }) => level === 'error');
    expect(finding).toMatchObject({
      message: 'no workload "wbe-v1.shop" in the inputs',
      expected: 'one of web-v1.shop, or a file that describes the proxy',
      suggestion: 'web-v1.shop',
    });
  });
});
