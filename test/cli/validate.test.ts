// `xdsc validate` as it is run: exit statuses, what is detected, the project file, --fix.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FINDING_FORMATS } from '../../src/report/finding-formats.js';
import { at, put, useFolder, xdsc } from './xdsc.js';

useFolder();

const GOOD = 'name: backend\nconnect_timeout: 1s\ntype: STATIC\nload_assignment: {cluster_name: backend}\n';
const WARNED = `${GOOD}tls_context: {sni: backend}\n`;
const WRONG = GOOD.replace('connect_timeout', 'conect_timeout');
const PIPE = `name: agent
connect_timeout: 1s
type: STATIC # as it was
load_assignment:
  cluster_name: agent
  endpoints:
  - lb_endpoints:
    - endpoint: {address: {pipe: {path: 'unix:///run/agent.sock'}}}
`;

describe('exit status', () => {
  test.each([
    ['0 where all is well', GOOD, [], 0],
    ['0 where there are only warnings', WARNED, [], 0],
    ['1 where there is an error', WRONG, [], 1],
    ['1 from --fail-on warning on', WARNED, ['--fail-on', 'warning'], 1],
    ['0 with --fail-on never', WRONG, ['--fail-on', 'never'], 0],
    ['1 where there are more warnings than allowed', WARNED, ['--max-warnings', '0'], 1],
    ['0 where there are as many as allowed', WARNED, ['--max-warnings', '1'], 0],
    ['1 where nothing is there to validate', 'a: 1\n', [], 1],
    ['2 where the text cannot be read', 'a: [', [], 2],
    ['2 where the text is a template', 'a: {{ .Values.x }}', [], 2],
    ['2 for usage', GOOD, ['--fail-on', 'errors'], 2],
    ['2 for a rule that is none', GOOD, ['--forbid', 'secret-fils'], 2],
    ['2 for a message that is none', GOOD, ['--type', 'Clustr'], 2],
  ] as const)('%s', async (_, text, args, status) => {
    put({ 'a.yaml': text });
    expect((await xdsc(['validate', 'a.yaml', ...args])).status).toBe(status);
  });

  test('2 where a file is not there, and the others are told all the same', async () => {
    put({ 'a.yaml': WRONG });
    const { status, stdout } = await xdsc(['validate', 'a.yaml', 'b.yaml']);
    expect(status).toBe(2);
    expect(stdout).toContain('b.yaml: cannot be read: no such file or directory');
    expect(stdout).toContain('did you mean connect_timeout?');
  });

  test('2 where nothing is named', async () => {
    const { status, stderr } = await xdsc(['validate']);
    expect(status).toBe(2);
    expect(stderr).toContain('no input: pass files');
  });
});

describe('what was detected is said', () => {
  test.each([
    ['v3 Cluster', GOOD, []],
    ['v2 Cluster', GOOD, ['--api', 'v2']],
    ['v3 Listener', 'name: x\n', ['--type', 'envoy.config.listener.v3.Listener']],
    ['v3 Secret', 'name: x\n', ['--type', 'Secret', '--api', 'v3']],
    [
      'Service, Gateway',
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\napiVersion: networking.istio.io/v1alpha3\nkind: Gateway\nmetadata: {name: a}\nspec: {}\n',
      [],
    ],
  ] as const)('%s', async (what, text, args) => {
    put({ 'a.yaml': text });
    expect((await xdsc(['validate', 'a.yaml', ...args])).stdout).toContain(`a.yaml: ${what}`);
  });

  test('v2 where another file shows v2', async () => {
    put({ 'a.yaml': GOOD, 'b.yaml': `${GOOD}hosts: []\n` });
    expect((await xdsc(['validate', 'a.yaml', 'b.yaml'])).stdout).toContain('a.yaml: v2 Cluster');
  });
});

test('standard input has the name that is given', async () => {
  const { status, stdout } = await xdsc(['validate', '-', '--stdin-filename', 'web.yaml'], { input: WRONG });
  expect(status).toBe(1);
  expect(stdout).toContain('web.yaml:2:1: error');
});

test('in a folder there may be other things', async () => {
  put({ 'a.yaml': GOOD, 'ci.yaml': 'steps: [test]\n', 'notes.yaml': '# nothing yet\n' });
  expect((await xdsc(['validate', '.'])).status).toBe(0);
});

describe('--fix', () => {
  test('mends in place and changes nothing else', async () => {
    put({ 'a.yaml': PIPE });
    const { status, stderr } = await xdsc(['validate', 'a.yaml', '--fix']);
    expect(status).toBe(0);
    expect(stderr).toBe('1 finding mended\n');
    expect(readFileSync(at('a.yaml'), 'utf8')).toBe(
      PIPE.replace("'unix:///run/agent.sock'", '/run/agent.sock'),
    );
    expect((await xdsc(['validate', 'a.yaml', '--fix'])).stderr).toBe('');
  });

  test('mends JSON that Envoy refuses, and inside of ConfigMaps', async () => {
    put({
      'a.json': '{"name": "a", "connect_timeout": "1s", /* soon */ "type": "STATIC",}\n',
      'map.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.yaml: |\n${PIPE.replaceAll(/^(?=.)/gm, '    ')}`,
    });
    expect((await xdsc(['validate', '.', '--fix'])).stderr).toBe('3 findings mended\n');
    expect(readFileSync(at('a.json'), 'utf8')).toBe(
      '{"name": "a", "connect_timeout": "1s",  "type": "STATIC"}\n',
    );
    expect(readFileSync(at('map.yaml'), 'utf8')).toContain('{pipe: {path: /run/agent.sock}}');
  });

  test('mends names that have one right answer, and leaves those that are a guess', async () => {
    const log = (format: string): string =>
      [
        'name: entry # the first',
        'address: {socket_address: {address: 127.0.0.1, port_value: 8080}}',
        'access_log:',
        '- name: stdout',
        '  typed_config:',
        '    "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
        `    log_format: {text_format_source: {inline_string: "${format}\\n"}} # kept`,
        'filter_chains: [{filters: [{name: tcp, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: a, cluster: b}}]}]',
        '',
      ].join('\n');
    put({ 'a.yaml': log('%DURATON% %PROTOCOL%'), 'b.yaml': log('%RESPONSE_COUNTER%') });
    expect((await xdsc(['validate', 'a.yaml', 'b.yaml', '--fix'])).stderr).toBe('1 finding mended\n');
    expect(readFileSync(at('a.yaml'), 'utf8')).toBe(log('%DURATION% %PROTOCOL%'));
    expect(readFileSync(at('b.yaml'), 'utf8')).toBe(log('%RESPONSE_COUNTER%'));
    expect((await xdsc(['validate', 'a.yaml', 'b.yaml', '--fix'])).stderr).toBe('');
  });

  test('does not touch standard input', async () => {
    expect((await xdsc(['validate', '-', '--fix'], { input: PIPE })).status).toBe(2);
  });
});

describe('xdsc.config.yaml', () => {
  test('is found in a folder above, and gives inputs and levels', async () => {
    put({
      'xdsc.config.yaml': 'inputs: [configs]\nrules: {server-not-verified: error, deprecated-field: off}\n',
      'configs/a.yaml': WARNED,
      'below/x.txt': '',
    });
    const { status, stdout } = await xdsc(['validate']);
    expect(status).toBe(1);
    expect(stdout).toContain('configs/a.yaml:5:15: error');
    expect((await xdsc(['validate', '--no-config', 'configs'])).status).toBe(0);
  });

  test('says the API version of what leaves it open; a flag wins', async () => {
    put({ 'xdsc.config.yaml': 'inputs: [a.yaml]\napi: v3\n', 'a.yaml': GOOD });
    expect((await xdsc(['validate'])).stdout).toContain('a.yaml: v3 Cluster');
    expect((await xdsc(['validate', '--api', 'v2'])).stdout).toContain('a.yaml: v2 Cluster');
    expect((await xdsc(['validate', '--api', 'auto'])).stdout).toContain('a.yaml: v3 Cluster');
  });

  test('is not looked for above the repository', async () => {
    put({
      'xdsc.config.yaml': 'rules: {server-not-verified: error}\n',
      'repo/.git/HEAD': '',
      'repo/a.yaml': WARNED,
    });
    expect((await xdsc(['validate', '--config', 'xdsc.config.yaml', 'repo/a.yaml'])).status).toBe(1);
  });

  test('a name that is not known is an error at its line', async () => {
    put({ 'xdsc.config.yaml': 'inputs: [a.yaml]\nruls: {}\n', 'a.yaml': GOOD });
    const { status, stdout } = await xdsc(['validate']);
    expect(status).toBe(1);
    expect(stdout).toContain(
      'xdsc.config.yaml:2:1: error: unknown key "ruls" in xdsc.config.yaml [project-config]',
    );
    expect(stdout).toContain('did you mean rules?');
  });

  test('silences whole files, and says which silences are not needed', async () => {
    put({
      'xdsc.config.yaml':
        "inputs: ['*.yaml']\nrules: {deprecated-field: off}\nsilence:\n- {files: 'a.*', rules: [server-not-verified], reason: a test}\n- {files: 'b.*', rules: [server-not-verified]}\n",
      'a.yaml': WARNED,
    });
    const { status, stdout } = await xdsc(['validate']);
    expect(status).toBe(0);
    expect(stdout).toContain('xdsc.config.yaml:5:3: warning: no finding in these files has these codes');
    expect(stdout).toContain('xdsc.config.yaml:5:3: note: this silence has no reason');
    expect(stdout).toContain('1 warning, 1 note, 1 silenced');
  });
});

test('a report can go to a file, and the rules can be listed', async () => {
  put({ 'a.yaml': WRONG });
  const { status, stdout } = await xdsc([
    'validate',
    'a.yaml',
    '--format',
    'sarif',
    '-o',
    'out/report.sarif',
  ]);
  expect([status, stdout]).toEqual([1, '']);
  expect(JSON.parse(readFileSync(at('out/report.sarif'), 'utf8')).runs[0].results.length).toBe(1);
  expect((await xdsc(['validate', '--rules'])).stdout).toContain('sans-without-ca (error)\n');
});

test('no secret is shown', async () => {
  const key = 'c2VjcmV0LWtleS1vZi10aGUtc2VydmVy';
  const inline = `name: web
tls_certificate:
  certificate_chain: {inline_string: chain}
  private_key: {inline_string: ${key}}
  watched_directory: {path: /x}
`;
  const block = inline.replace(
    `{inline_string: ${key}}`,
    `\n    inline_string: |\n      BEGIN\n      ${key}`,
  );
  put({
    'inline.yaml': inline,
    'block.yaml': block,
    'a.json': JSON.stringify({
      name: 'web',
      tls_certificate: { private_key: { inline_string: key }, watched_directory: { path: '/x' } },
    }),
  });
  for (const format of FINDING_FORMATS) {
    const { stdout } = await xdsc(['validate', '.', '--api', 'v3', '--format', format]);
    expect(stdout).toContain('watched-inline');
    expect(stdout).not.toContain(key);
  }
});

describe('other commands take their defaults from xdsc.config.yaml', () => {
  const FILES = {
    'xdsc.config.yaml': 'inputs: [configs]\nsecrets: names.yaml\n',
    'names.yaml': 'certificates:\n  partner: {certificate_chain: /etc/p/c.pem, private_key: /etc/p/k.pem}\n',
    'configs/a.yaml': `${GOOD}tls_context:\n  common_tls_context:\n    tls_certificates:\n    - {certificate_chain: {filename: /etc/p/c.pem}, private_key: {filename: /etc/p/k.pem}}\n`,
  };

  test('convert', async () => {
    put(FILES);
    const { status, stdout } = await xdsc(['convert']);
    expect(status).toBe(0);
    expect(stdout).toContain('name: partner');
    expect((await xdsc(['convert', '--no-config', 'configs/a.yaml'])).stdout).not.toContain('partner');
    expect((await xdsc(['convert', '--no-config'])).status).toBe(2);
  });

  test('an error in it stops them', async () => {
    put({ ...FILES, 'xdsc.config.yaml': 'secret: names.yaml\n' });
    const { status, stderr } = await xdsc(['convert', 'configs/a.yaml']);
    expect(status).toBe(1);
    expect(stderr).toContain('did you mean secrets?');
  });
});
