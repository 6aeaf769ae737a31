// The bundled program in a process: it does what the same sources do in this one, and what only a process shows.

import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { program, shell, useProgram } from './program.js';
import { at, BOOTSTRAP, CLUSTER, LOOSER, put, tree, xdsc } from './xdsc.js';

useProgram();

const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'));

const FILES = {
  'a.yaml': CLUSTER,
  'b.yaml': LOOSER,
  'proxy.json': '{"type": "router", "ip": "10.0.0.1", "id": "a.b", "domain": "b.svc.cluster.local"}\n',
  'm/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: b}\nspec: {clusterIP: 10.1.0.1, ports: [{name: http, port: 80}]}\n',
};

/** A run of each command. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  bootstrap: ['--discovery', 'ads', '--proxy', 'proxy.json'],
  compile: ['m', '--proxy', 'proxy.json'],
  completion: ['bash'],
  convert: ['-'],
  diff: ['a.yaml', 'b.yaml'],
  explain: ['Cluster.name'],
  help: ['convert'],
  lsp: [],
  manifests: ['sds-agent', '--ca', 'citadel'],
  plan: ['m'],
  policy: ['test'],
  rehearse: ['work', '--mesh', 'm', '--envoy', 'no-such-envoy'],
  report: ['a.yaml', '-o', 'report.html'],
  schema: ['core.Address'],
  validate: ['a.yaml', '--format', 'json', '--fail-on', 'warning'],
};

test('there is a run of each command', async () => {
  const { stdout } = await xdsc(['--help']);
  const commands = [...stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) \[?/gm)];
  expect(commands.map(([, name]) => name).sort()).toEqual(Object.keys(RUNS));
});

test.each(Object.entries(RUNS))('%s ends as it does without a process', async (command, args) => {
  put(FILES);
  const ended = program([command, ...args], { input: BOOTSTRAP });
  const written = tree();
  put(FILES);
  expect(await xdsc([command, ...args], { input: BOOTSTRAP })).toEqual(ended);
  expect(tree()).toEqual(written);
  expect(ended.stderr).not.toContain('this is a mistake in xdsc');
});

test.each([['--version'], ['-V']])('%s prints the version', (flag) => {
  expect(program([flag])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test('a reader may take the first lines only', () => {
  const { stdout } = shell('"$@" schema | head -n 3');
  expect(stdout).toContain('"title": "envoy.config.bootstrap.v3.Bootstrap"');
});

test('says which folder below an input it cannot read', () => {
  put({ 'in/a.yaml': CLUSTER, 'in/closed/deep/b.yaml': CLUSTER });
  chmodSync(at('in/closed'), 0);
  const { status, stderr } = program(['convert', '--check', 'in'], { asNobody: true });
  chmodSync(at('in/closed'), 0o755);
  expect(stderr).toContain('error: in/closed: cannot be read: permission denied');
  expect(status).toBe(2);
});

test('a file that may not be read is an error', () => {
  put({ 'a.yaml': CLUSTER });
  chmodSync(at('a.yaml'), 0o000);
  const { status, stdout, stderr } = program(['convert', 'a.yaml'], { asNobody: true });
  expect(stderr).toContain('error: a.yaml: cannot be read: permission denied');
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

test.each(['a.json', 'a.yaml'])(
  '%s that is nested deeply is an error, and no overflow of the stack',
  (name) => {
    put({ [name]: '['.repeat(100_000) + ']'.repeat(100_000) });
    const { status, stderr } = program(['convert', '-w', name]);
    expect(stderr).toMatch(/^a\.\w+:1:\d+: error: .*deep/);
    expect(status).toBe(2);
  },
);

describe('colors', () => {
  const hasScript = spawnSync('script', ['--version']).status === 0;
  const inColor = '\u001b[1m1 TLS context found\u001b[22m';
  const plain = '1 TLS context found: 1 would move to SDS';

  test('that are forced and unwanted bring no warning of Node.js', () => {
    put({ 'a.yaml': CLUSTER });
    const env = { FORCE_COLOR: '1', NO_COLOR: '1' };
    const { stderr } = program(['convert', '--check', 'a.yaml'], { env });
    expect(stderr).toContain(inColor);
    expect(stderr).not.toContain('Warning');
  });

  test.skipIf(!hasScript).each<[string, Record<string, string>, boolean]>([
    ['are there', {}, true],
    ['are not there if unwanted', { NO_COLOR: '1' }, false],
    ['are there if unwanted by an empty word', { NO_COLOR: '' }, true],
    ['are not there if it has none', { TERM: 'dumb' }, false],
    ['are not there if forced off', { FORCE_COLOR: '0' }, false],
  ])('%s on a terminal', (_, env, colored) => {
    put({ 'a.yaml': CLUSTER });
    const { stdout } = shell('script -qec "$1 $2 convert --check a.yaml" /dev/null', {
      env: { TERM: 'xterm', ...env },
    });
    expect(stdout).toContain(colored ? inColor : plain);
  });
});
