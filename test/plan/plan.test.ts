import { describe, expect, test } from 'vitest';
import { type Plan, type PlanOptions, plan } from '../../src/plan/plan.js';
import { planMarkdown } from '../../src/report/plan-markdown.js';
import { calls, files, MTLS, planOptions, workload } from './mesh-text.js';

function planned(texts: readonly string[], more: Partial<PlanOptions> = {}): Plan {
  const { plan: result, findings } = plan(files(...texts), planOptions(more));
  expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  if (result === undefined) throw new Error('no plan');
  return result;
}

const phases = (of: Plan): string[] =>
  of.waves.map(({ phase, workloads }) => `${phase}: ${workloads.join(' ')}`);

const CHAIN = [
  workload('a'),
  workload('b'),
  workload('c'),
  calls('a', 'b'),
  calls('b', 'c'),
  calls('c'),
  MTLS,
];

describe('the order', () => {
  test('is servers before their clients', () => {
    const of = planned(CHAIN);
    expect(of.result).toBe('plan');
    expect(phases(of)).toEqual([
      'agent: shop/a shop/b shop/c',
      'pods: shop/c',
      'pods: shop/b',
      'pods: shop/a',
      'config: shop/a shop/b shop/c',
      'secret: shop/c',
      'secret: shop/b',
      'secret: shop/a',
    ]);
  });

  test('moves workloads that call each other together, within the size of a wave', () => {
    const texts = [workload('a'), workload('b'), workload('c'), MTLS];
    const pods = (of: Plan) =>
      of.waves.filter(({ phase }) => phase === 'pods').map(({ workloads }) => workloads);
    expect(pods(planned(texts))).toEqual([['shop/a', 'shop/b', 'shop/c']]);
    expect(pods(planned(texts, { waveSize: 2 }))).toEqual([['shop/a', 'shop/b'], ['shop/c']]);
    // What stands in one file is converted in one go.
    const together = [`${workload('a')}---\n${workload('c')}`, workload('b'), MTLS];
    expect(pods(planned(together, { waveSize: 1 }))).toEqual([['shop/a', 'shop/c'], ['shop/b']]);
  });

  test('does not depend on the order of the inputs', () => {
    const { waves } = planned(CHAIN);
    const reversed = plan([...files(...CHAIN)].reverse(), planOptions()).plan;
    expect(JSON.stringify(reversed?.waves)).toBe(JSON.stringify(waves));
  });

  test('switches configurations workload by workload if they are files', () => {
    const of = planned(CHAIN, { switch: 'workload' });
    expect(phases(of).filter((line) => line.startsWith('config'))).toEqual([
      'config: shop/c',
      'config: shop/b',
      'config: shop/a',
    ]);
  });
});

describe('another root', () => {
  test('is trusted alongside the old one during the migration', () => {
    const of = planned(CHAIN, { ca: 'vault', root: 'new' });
    expect(of.result).toBe('plan');
    expect(of.waves.map(({ phase }) => phase)).toEqual([
      'agent',
      'trust-both',
      'pods',
      'pods',
      'pods',
      'config',
      'secret',
      'secret',
      'secret',
      'drop-old-root',
    ]);
  });

  test('alone allows no order, which is reported with the options that would help', () => {
    const of = planned(CHAIN, { ca: 'vault', root: 'new', trust: 'one' });
    expect(of.result).toBe('no-order');
    expect(of.waves).toEqual([]);
    expect(
      of.violations.map(({ client, server, phase, was, now }) => [client, server, phase, was, now]),
    ).toEqual(expect.arrayContaining([['shop/a', 'shop/b', 'config', 'mtls', 'fails']]));
    expect(of.ways.map((way) => /--[\w-]+(?: \w+)?/.exec(way)?.[0])).toEqual([
      '--trust both',
      '--allow-plaintext',
    ]);
    expect(planMarkdown(of)).toContain('**No order keeps every connection.**');
  });

  test('alone works with a plaintext phase', () => {
    const of = planned(CHAIN, { ca: 'vault', root: 'new', trust: 'one', allowPlaintext: true });
    expect(of.result).toBe('plan');
    expect(
      of.waves.map(({ phase }) => phase).filter((phase) => phase !== 'pods' && phase !== 'secret'),
    ).toEqual(['agent', 'permissive', 'plain-clients', 'config', 'mutual-clients', 'strict']);
  });

  test('does not matter without mTLS', () => {
    const of = planned([workload('a'), workload('b')], { ca: 'vault', root: 'new', trust: 'one' });
    expect(of.result).toBe('plan');
    expect(of.simulation.mutual).toBe(0);
  });
});

describe('blockers', () => {
  const BLOCKED = workload('b').replace(
    '      volumes:\n',
    '      volumes:\n      - {name: sds-uds-path, emptyDir: {}}\n',
  );

  test('a pod that cannot mount the socket, if all configurations change at once', () => {
    const of = planned([workload('a'), BLOCKED, MTLS]);
    expect(of.result).toBe('no-order');
    expect(of.blockers.map(({ code, effect }) => [code, effect])).toEqual([['name-taken', 'blocks']]);
    expect(of.ways.map((way) => /--\w+ \w+/.exec(way)?.[0])).toEqual(['--switch workload']);
  });

  test('the same pod stays on files if they change one by one', () => {
    const of = planned([workload('a'), BLOCKED, MTLS], { switch: 'workload' });
    expect(of.result).toBe('plan');
    expect(
      new Set(of.waves.filter(({ phase }) => phase !== 'agent').flatMap(({ workloads }) => workloads)),
    ).toEqual(new Set(['shop/a']));
    expect(of.keeps.map(({ id }) => id)).toEqual(['shop/b']);
  });

  test('the old root stays trusted while a workload presents a certificate from it', () => {
    const of = planned([workload('a'), BLOCKED, MTLS], { switch: 'workload', ca: 'vault', root: 'new' });
    expect(of.result).toBe('plan');
    expect(of.waves.map(({ phase }) => phase)).not.toContain('drop-old-root');
  });

  test('platforms without projected tokens', () => {
    const of = planned(CHAIN, { kubernetes: '1.11' });
    expect(of.blockers.map(({ code }) => code)).toEqual(['no-projected-token']);
    expect(planMarkdown(of)).toMatch(/## What blocks the move\n\n- Kubernetes 1\.11/);
  });

  test('a rule that uses files of the secret: its clients keep it', () => {
    const rule = `apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: b, namespace: shop}
spec:
  host: b
  trafficPolicy:
    tls: {mode: MUTUAL, clientCertificate: /etc/certs/cert-chain.pem, privateKey: /etc/certs/key.pem, caCertificates: /etc/certs/root-cert.pem}
`;
    const of = planned([workload('a'), workload('b'), calls('a', 'b'), calls('b'), MTLS, rule]);
    expect(of.result).toBe('plan');
    expect(of.blockers.map(({ code }) => code)).toEqual(['rule-files']);
    expect(of.keeps.map(({ id }) => id)).toEqual(['shop/a']);
    // Such a client offers no protocol by which a permissive server would know it.
    const through = planned([workload('a'), workload('b'), calls('a', 'b'), calls('b'), MTLS, rule], {
      ca: 'vault',
      root: 'new',
      trust: 'one',
      allowPlaintext: true,
    });
    expect(through.result).toBe('no-order');
  });

  test('files outside the mount, and a cluster that connects to its own SDS server', () => {
    const config = `static_resources:
  clusters:
  - name: other
    tls_context: {common_tls_context: {tls_certificates: [{certificate_chain: {filename: /o/c.pem}, private_key: {filename: /o/k.pem}}]}}
  - name: sds
    http2_protocol_options: {}
    tls_context: {common_tls_context: {tls_certificates: [{certificate_chain: {filename: /etc/certs/cert-chain.pem}, private_key: {filename: /etc/certs/key.pem}}]}}
  - name: user
    tls_context:
      common_tls_context:
        tls_certificate_sds_secret_configs:
        - {name: x, sds_config: {api_config_source: {api_type: GRPC, grpc_services: [{envoy_grpc: {cluster_name: sds}}]}}}
`;
    const of = planned([...CHAIN, config]);
    expect(of.options.switch).toBe('mesh');
    expect(of.blockers.map(({ code, region }) => [code, region?.file, region?.line])).toEqual([
      ['outside-mount', '7.yaml', 4],
      ['sds-server', '7.yaml', 7],
    ]);
  });

  test('connections that fail today are listed and not protected', () => {
    const plain = `apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: b, namespace: shop}
spec: {host: b, trafficPolicy: {tls: {mode: DISABLE}}}
`;
    const of = planned([workload('a'), workload('b'), calls('a', 'b'), calls('b'), MTLS, plain]);
    expect(of.simulation.broken.map(({ client, server }) => [client, server])).toEqual([
      ['shop/a', 'shop/b'],
    ]);
    expect(of.result).toBe('plan');
  });
});

describe('the control plane', () => {
  const PROXY_TLS = '        args: [proxy, sidecar, --controlPlaneAuthPolicy, MUTUAL_TLS]';

  test('is reached with SDS before the secret is removed', () => {
    const of = planned([workload('a', PROXY_TLS), MTLS]);
    expect(of.workloads.map(({ id, controlPlane }) => [id, controlPlane])).toEqual([
      ['istio-system/istio-pilot', true],
      ['shop/a', false],
    ]);
    const names = of.waves.map(({ phase }) => phase);
    expect(names.indexOf('bootstrap')).toBeGreaterThan(names.lastIndexOf('config'));
    expect(names.indexOf('bootstrap')).toBeLessThan(names.lastIndexOf('secret'));
    expect(of.waves.find(({ phase }) => phase === 'bootstrap')?.commands.join('\n')).toContain(
      'xdsc bootstrap',
    );
  });

  test('with another root keeps being trusted', () => {
    expect(planned([workload('a', PROXY_TLS), MTLS], { ca: 'vault', root: 'new' }).result).toBe('plan');
    expect(planned([workload('a', PROXY_TLS), MTLS], { ca: 'vault', root: 'new', trust: 'one' }).result).toBe(
      'no-order',
    );
  });
});

describe('every wave', () => {
  const plans: [string, Plan][] = [
    ['Citadel', planned(CHAIN)],
    ['another CA', planned(CHAIN, { ca: 'vault', root: 'new', caAddress: 'https://v:8200' })],
    ['through plain text', planned(CHAIN, { ca: 'vault', root: 'new', trust: 'one', allowPlaintext: true })],
  ];
  test.each(plans)('has commands, checks and a rollback: %s', (_, of) => {
    for (const { commands, checks, undo, title, why } of of.waves)
      for (const part of [commands, checks, undo, title, why]) expect(part.length).toBeGreaterThan(0);
    const text = planMarkdown(of);
    expect(text).not.toContain('undefined');
    for (const { number, title } of of.waves) expect(text).toContain(`\n## ${number}. ${title}\n`);
  });

  test('has commands for the given files and options', () => {
    const [agent, pods] = planned(CHAIN, {
      ca: 'vault',
      root: 'new',
      caAddress: 'https://v:8200',
      kubernetes: '1.20',
    }).waves.filter(({ phase }) => phase === 'agent' || phase === 'pods');
    expect(agent?.commands[0]).toBe(
      'xdsc manifests sds-agent --ca vault --ca-address https://v:8200 --kubernetes 1.20 -o sds-agent.yaml',
    );
    expect(pods?.commands).toEqual(['xdsc convert --keep-secret -w 2.yaml', 'kubectl apply -f 2.yaml']);
  });
});

test('a mesh that is on SDS has nothing to do', () => {
  const settings = { sds_uds_path: 'unix:/var/run/sds/uds_path' };
  const pod = workload('a')
    .replace(
      '{name: istio-certs, mountPath: /etc/certs}',
      '{name: sds, mountPath: /var/run/sds/uds_path, readOnly: true}',
    )
    .replace(
      '{name: istio-certs, secret: {secretName: istio.default}}',
      '{name: sds, hostPath: {path: /var/run/sds/uds_path}}',
    );
  const mesh = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata: {mesh: 'sdsUdsPath: "${settings.sds_uds_path}"'}\n`;
  expect(planned([pod, MTLS, mesh]).result).toBe('moved');
});
