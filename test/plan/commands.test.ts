// The commands of a plan: they run as they are printed, whatever the kinds and names of the workloads.

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type Plan, type PlanOptions, plan } from '../../src/plan/plan.js';
import { calls, MTLS, planOptions, workload } from './mesh-text.js';

type Text = readonly [name: string, text: string];

function planned(texts: readonly Text[], more: Partial<PlanOptions> = {}): Plan {
  const inputs = texts.map(([name, text]) => ({ name, text }));
  const { plan: result, findings } = plan(inputs, planOptions(more));
  expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  if (result === undefined) throw new Error('no plan');
  return result;
}

const mtls: Text = ['mtls.yaml', MTLS];

/** The mesh whose proxies reach the control plane by mTLS. */
const controlPlaneTls: Text = [
  'mesh.yaml',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata: {mesh: "defaultConfig: {controlPlaneAuthPolicy: MUTUAL_TLS}"}\n',
];

/** All lines of all waves. */
const lines = (of: Plan): string[] =>
  of.waves.flatMap(({ commands, checks, undo }) => [...commands, ...checks, ...undo]);

/** The lines of a phase's first wave. */
function phase(of: Plan, name: string) {
  const wave = of.waves.find((one) => one.phase === name);
  if (wave === undefined) throw new Error(`no wave ${name}`);
  return wave;
}

/** A workload of another kind than Deployment. */
function ofKind(kind: string, name: string): string {
  const text = workload(name).replace('kind: Deployment', `kind: ${kind}`);
  const podSpec = / {2}template:\n([\s\S]*)$/.exec(text)?.[1] ?? '';
  const head = `${text.slice(0, text.indexOf('---'))}---\n`;
  const indented = (by: number): string => podSpec.replace(/^ {4}/gm, ' '.repeat(by));
  switch (kind) {
    case 'Pod':
      return `${head}apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}\n${indented(0).replace(/^metadata.*\n/, '')}`;
    case 'Job':
      return `${head}apiVersion: batch/v1\nkind: Job\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  template:\n${indented(4)}`;
    case 'CronJob':
      return `${head}apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  schedule: "@daily"\n  jobTemplate:\n    spec:\n      template:\n${indented(8)}`;
    default:
      return text;
  }
}

describe('kinds of workloads', () => {
  test('Pods and Jobs are deleted before they are applied, and have no rollout', () => {
    const of = planned([
      ['web.yaml', workload('web')],
      ['pod.yaml', ofKind('Pod', 'batch')],
      ['job.yaml', ofKind('Job', 'import')],
      mtls,
    ]);
    expect(phase(of, 'pods').commands).toEqual([
      'xdsc convert --keep-secret -w pod.yaml job.yaml web.yaml',
      'kubectl -n shop delete pod/batch --ignore-not-found   # replaced below',
      'kubectl -n shop delete job/import --ignore-not-found   # a Job cannot be changed; it runs again',
      'kubectl apply -f pod.yaml',
      'kubectl apply -f job.yaml',
      'kubectl apply -f web.yaml',
    ]);
    expect(phase(of, 'pods').checks).toEqual(
      expect.arrayContaining([
        'kubectl -n shop wait --for=condition=Ready pod/batch',
        'kubectl -n shop wait --for=condition=Ready pod -l job-name=import',
        'kubectl -n shop rollout status deployment/web',
      ]),
    );
    expect(phase(of, 'secret').undo).toEqual([
      'git checkout -- pod.yaml job.yaml web.yaml',
      ...phase(of, 'secret').commands.slice(1),
    ]);
    expect(lines(of).join('\n')).not.toMatch(/rollout \w+ (?:pod|job)\//);
  });

  test('a CronJob is looked at in its last Job', () => {
    const of = planned([['cron.yaml', ofKind('CronJob', 'nightly')], mtls]);
    const { checks, commands } = phase(of, 'pods');
    expect(commands).toEqual(['xdsc convert --keep-secret -w cron.yaml', 'kubectl apply -f cron.yaml']);
    expect(checks[0]).toBe(
      'kubectl -n shop get cronjob/nightly   # wait for a run: LAST SCHEDULE is after this wave',
    );
    expect(checks[1]).toMatch(/^kubectl -n shop exec "\$\(kubectl .*\| grep '\/nightly-\[0-9\]\*\$' .*\)"/);
    expect(lines(of).join('\n')).not.toMatch(/(?:exec|rollout \w+) cronjob\//);
  });

  test('ReplicaSets take a change only when they are replaced', () => {
    const of = planned([['set.yaml', ofKind('ReplicaSet', 'old')], mtls]);
    expect(phase(of, 'pods').commands).toContain(
      'kubectl -n shop delete replicaset/old --ignore-not-found   # replaced below',
    );
  });

  test('pods whose configurations are files start anew', () => {
    const of = planned([['job.yaml', ofKind('Job', 'import')], ['web.yaml', workload('web')], mtls], {
      switch: 'workload',
    });
    // Without own configurations nothing starts anew: Pilot sends the change.
    expect(phase(of, 'config').commands.join('\n')).not.toContain('replace --force');
    const config = `static_resources:
  clusters:
  - name: other
    tls_context: {common_tls_context: {tls_certificates: [{certificate_chain: {filename: /etc/certs/cert-chain.pem}, private_key: {filename: /etc/certs/key.pem}}]}}
`;
    const own = planned([['job.yaml', ofKind('Job', 'import')], ['envoy.yaml', config], mtls]);
    expect(phase(own, 'config').commands.at(-1)).toMatch(
      /^kubectl -n shop get job\/import -o yaml \| yq 'del\(.*controller-uid.*\)' \| kubectl replace --force -f -$/,
    );
  });
});

describe('checks that can pass', () => {
  test('files with a workload that keeps the secret are not checked for it', () => {
    const gateway = `${workload('edge', '        args: [proxy, router]')}`;
    const of = planned([['all.yaml', `${workload('web')}---\n${gateway}`], ['b.yaml', workload('b')], mtls]);
    const checks = of.waves.filter((wave) => wave.phase === 'secret').flatMap((wave) => wave.checks);
    expect(checks).toContain('xdsc validate --forbid secret-files b.yaml');
    expect(checks).toContain('# no check of all.yaml: another workload in it keeps the secret');
    expect(checks.join('\n')).not.toMatch(/secret-files.*all\.yaml/);
  });

  test('only proxies with mTLS have the certificate', () => {
    const certificate = (of: Plan): string[] =>
      phase(of, 'config').checks.filter((line) => line.includes('"default"'));
    expect(certificate(planned([['a.yaml', workload('a')]]))).toEqual([]);
    expect(certificate(planned([['a.yaml', workload('a')], mtls]))).toHaveLength(1);
    // A server has it without clients.
    const policy = MTLS.slice(0, MTLS.indexOf('---'));
    expect(
      certificate(
        planned([
          ['a.yaml', workload('a')],
          ['calls.yaml', calls('a')],
          ['policy.yaml', policy],
        ]),
      ),
    ).toHaveLength(1);
  });
});

describe('names', () => {
  test('never become flags, and never more than one word', () => {
    const of = planned([
      ['-a.yaml', workload('a')],
      ['-', workload('b')],
      ["it's here.yaml", workload('c')],
      mtls,
    ]);
    const { commands, undo } = phase(of, 'pods');
    expect(commands).toEqual([
      "xdsc convert --keep-secret -w ./-a.yaml ./- 'it'\\''s here.yaml'",
      'kubectl apply -f ./-a.yaml',
      'kubectl apply -f ./-',
      "kubectl apply -f 'it'\\''s here.yaml'",
    ]);
    expect(undo[0]).toBe("git checkout -- ./-a.yaml ./- 'it'\\''s here.yaml'");
  });
});

describe('objects of the cluster', () => {
  const through = planned([['a.yaml', workload('a')], ['b.yaml', workload('b')], mtls], {
    ca: 'vault',
    root: 'new',
    trust: 'one',
    allowPlaintext: true,
  });

  test('are saved without the version that would be a conflict when they are applied again', () => {
    for (const name of ['permissive', 'plain-clients', 'config']) {
      const { commands } = phase(through, name);
      expect(commands[0]).toMatch(
        /^kubectl get .* -o yaml \| yq 'del\(.*resourceVersion.*\)' > \S+-before\.yaml$/,
      );
    }
    expect(lines(through).join('\n')).not.toMatch(/\bsed\b/);
  });

  test.skipIf(!hasYq())('are edited as YAML', () => {
    const script = phase(through, 'config').commands[1] as string;
    const before =
      "data:\n  mesh: |-\n    # sdsUdsPath: x\n    enableSdsTokenMount: false\n    a: 1\n  other: 'b: 2'\nkind: ConfigMap\n";
    expect(shell(script.replace(/ \S+ > \S+$/, ''), before)).toBe(
      'data:\n  mesh: |-\n    # sdsUdsPath: x\n    enableSdsTokenMount: true\n    a: 1\n    sdsUdsPath: unix:/var/run/sds/uds_path\n' +
        "  other: 'b: 2'\nkind: ConfigMap\n",
    );
    const policies =
      'items:\n  - spec: {peers: [{mtls: {}}, {jwt: {}}]}\n  - spec: {peers: [{mtls: {mode: STRICT}}]}\n  - spec: {targets: []}\n';
    expect(shell(firstCommand(phase(through, 'permissive').commands[1]), policies)).toBe(
      'items:\n  - spec: {peers: [{mtls: {mode: PERMISSIVE}}, {jwt: {}}]}\n  - spec: {peers: [{mtls: {mode: PERMISSIVE}}]}\n  - spec: {targets: []}\n',
    );
    const rules =
      'items:\n  - spec: {host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}, subsets: [{trafficPolicy: {tls: {mode: SIMPLE}}}]}\n  - spec: {host: mode}\n';
    expect(shell(firstCommand(phase(through, 'plain-clients').commands[1]), rules)).toBe(
      rules.replace('ISTIO_MUTUAL', 'DISABLE'),
    );
  });
});

describe('the bootstrap', () => {
  const args = '        args: [proxy, sidecar, --controlPlaneAuthPolicy, MUTUAL_TLS]';

  test('is replaced, since an override would be merged into the one of the agent', () => {
    const of = planned([['a.yaml', workload('a', args)], mtls]);
    const { commands, checks } = phase(of, 'bootstrap');
    expect(commands.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'xdsc bootstrap a.yaml',
      'kubectl -n shop',
      "yq -i '(..",
      'kubectl apply -f',
    ]);
    expect(checks[0]).toBe('kubectl -n shop rollout status deployment/a');
    expect(lines(of).join('\n')).not.toContain('bootstrapOverride');
  });

  test.skipIf(!hasYq()).each(['Deployment', 'Pod', 'CronJob'])('is mounted in a %s', (kind) => {
    const text = ofKind(kind, 'a');
    const of = planned([['a.yaml', text], mtls, controlPlaneTls]);
    const edit = phase(of, 'bootstrap').commands.find((line) => line.startsWith('yq')) as string;
    const once = edit.replace('yq -i', 'yq').replace(/ a\.yaml$/, '');
    const edited = shell(once, text);
    expect(shell(once, edited)).toBe(edited);
    for (const part of [/--customConfigFile/g, /mountPath: \/etc\/istio\/bootstrap\b/g, /name: a-bootstrap/g])
      expect(edited.match(part)).toHaveLength(1);
  });
});

test('every line is one that a shell can read', () => {
  const kinds = ['Deployment', 'Pod', 'Job', 'CronJob', 'StatefulSet', 'ReplicaSet'];
  const texts = kinds.map((kind): Text => [`-${kind} '$(x).yaml`, ofKind(kind, kind.toLowerCase())]);
  const through = {
    ca: 'vault',
    caAddress: 'https://v:8200/;x',
    root: 'new',
    trust: 'one',
    allowPlaintext: true,
  } as const;
  for (const of of [planned([...texts, mtls, controlPlaneTls]), planned([...texts, mtls], through)]) {
    expect(of.result).toBe('plan');
    const script = lines(of).join('\n');
    expect(() => execFileSync('bash', ['-n'], { input: script, stdio: 'pipe' })).not.toThrow();
  }
});

function firstCommand(line: string | undefined): string {
  return (line ?? '').replace(/ \S+-before\.yaml \| .*$/, '');
}

function shell(command: string, input: string): string {
  return execFileSync('bash', ['-c', command], { input, encoding: 'utf8' });
}

/** Whether the yq of the commands is installed; another program has the same name. */
function hasYq(): boolean {
  try {
    return execFileSync('yq', ['--version'], { encoding: 'utf8' }).includes('mikefarah');
  } catch {
    return false;
  }
}
