// Where secrets come from: what each combination of options gives, and which contradict each other.

import { describe, expect, test } from 'vitest';
import { at, BOOTSTRAP, CLUSTER, MOVED, put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

const MESH = 'sdsUdsPath: unix:/mesh/socket\nsdsUseK8sSaJwt: true\n';
const ISTIO_TOKEN = '/var/run/secrets/tokens/istio-token';
const KUBERNETES_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const NODE_AGENT = 'target_uri: unix:/var/run/sds/uds_path';

describe('options that go together', () => {
  test.each<[args: string, wanted: string[], unwanted: string[]]>([
    ['', [NODE_AGENT, ISTIO_TOKEN, 'istio_sds_credentail_header-bin', 'name: default'], ['initial_fetch']],
    ['--istio 1.2', ['istio_sds_credentials_header-bin', 'initial_fetch_timeout: 0s'], []],
    ['--istio 1.4', ['istio_sds_credentials_header-bin'], ['initial_fetch_timeout']],
    ['--istio 1.5', [NODE_AGENT], ['envoy_grpc']],
    [
      '--istio 1.5 --sds-path /etc/istio/proxy/SDS',
      ['cluster_name: sds-grpc', 'path: /etc/istio/proxy/SDS'],
      ['google_grpc'],
    ],
    ['--token kubernetes', [KUBERNETES_TOKEN], [ISTIO_TOKEN]],
    ['--token gce', ['google_compute_engine: {}'], ['from_plugin']],
    ['--token none', ['local_credentials: {}'], ['call_credentials']],
    ['--token ./own/token', ['./own/token'], []],
    ['--sds-path /own.sock', ['target_uri: unix:/own.sock'], []],
    ['--sds-path sds.example:443', ['target_uri: sds.example:443'], []],
    ['--mesh mesh.yaml', ['target_uri: unix:/mesh/socket', KUBERNETES_TOKEN], []],
    ['--mesh mesh.yaml --sds-path /own.sock --token istio', ['unix:/own.sock', ISTIO_TOKEN], ['/mesh/']],
    [
      '--mesh mesh.yaml --transport envoy_grpc',
      ['path: /mesh/socket', 'http2_protocol_options: {}'],
      ['google_grpc'],
    ],
    ['--transport envoy_grpc', ['cluster_name: sds-grpc', 'path: /var/run/sds/uds_path'], ['google_grpc']],
    ['--sds-cluster own', ['envoy_grpc:', 'cluster_name: own'], ['pipe:', 'google_grpc']],
    ['--provider istio-agent', ['cluster_name: sds-grpc', 'initial_fetch_timeout: 0s'], ['google_grpc']],
    ['--provider istio-agent --transport google_grpc --token istio', ['google_grpc:', ISTIO_TOKEN], []],
    ['--provider spire', ['cluster_name: spire_agent', 'path: /run/spire/sockets/agent.sock'], []],
    ['--provider spire --sds-path [::1]:8080', ['port_value: 8080', 'STRICT_DNS'], ['pipe:']],
    [
      '--provider custom --all-files --sds-path /own.sock',
      ['target_uri: unix:/own.sock', 'name: file-cert:'],
      [],
    ],
    [
      '--provider custom --secrets secrets.yaml --sds-cluster own --istio 1.4 --transport envoy_grpc',
      ['name: web'],
      [],
    ],
    [
      '--provider custom --secrets secrets.yaml --sds-path /s --istio 1.4 --token istio',
      ['credentials_header-bin'],
      [],
    ],
    ['--provider files --secrets-dir /envoy/sees', ['path: /envoy/sees/default.yaml'], ['api_config_source']],
    ['--node-id own', ['id: a'], ['own']],
  ])('%s', async (args, wanted, unwanted) => {
    put({ 'in.yaml': BOOTSTRAP, 'mesh.yaml': MESH });
    put({
      'secrets.yaml':
        'certificates: {web: {certificate_chain: /etc/certs/cert-chain.pem, private_key: /etc/certs/key.pem}}\n',
    });
    const { status, stderr } = await xdsc([
      'convert',
      ...args.split(' ').filter(Boolean),
      'in.yaml',
      '-o',
      'out.yaml',
    ]);
    const text = tree()['out.yaml'] ?? '';
    expect(stderr).toContain('1 moved to SDS');
    expect(text).toContain(MOVED);
    for (const one of wanted) expect(text).toContain(one);
    for (const one of unwanted) expect(text).not.toContain(one);
    expect(status).toBe(0);
  });
});

describe('options that contradict each other', () => {
  test.each([
    ['--provider files', '--provider files needs --secrets-dir DIR'],
    ['--provider files -w', '--provider files needs --secrets-dir DIR'],
    ['--provider files -o out --token istio', '--token cannot be combined with --provider files'],
    ['--provider files -o out --sds-path /s', '--sds-path cannot be combined with --provider files'],
    ['--provider files -o out --sds-cluster c', '--sds-cluster cannot be combined with --provider files'],
    [
      '--provider files -o out --transport envoy_grpc',
      '--transport cannot be combined with --provider files',
    ],
    ['--provider files -o out --mesh mesh.yaml', '--mesh cannot be combined with --provider files'],
    ['--provider files -o out --istio 1.4', '--istio cannot be combined with --provider files'],
    ['--secrets-dir /s', '--secrets-dir requires --provider files'],
    ['--provider spire --secrets-dir /s', '--secrets-dir requires --provider files'],
    ['--provider spire --mesh mesh.yaml', '--mesh requires --provider istio'],
    ['--provider spire --istio 1.4', '--istio cannot be combined with --provider spire'],
    ['--provider spire --all-files', '--all-files cannot be combined with --provider spire'],
    ['--provider istio-agent --istio 1.4', '--istio cannot be combined with --provider istio-agent'],
    ['--provider istio-agent --token istio', '--token requires --transport google_grpc'],
    ['--provider custom', '--provider custom needs --sds-path (a socket or target) or --sds-cluster'],
    ['--transport envoy_grpc --token none', '--token requires --transport google_grpc'],
    ['--sds-cluster c --token istio', '--token requires --transport google_grpc'],
    ['--transport google_grpc --sds-cluster c', '--sds-cluster requires --transport envoy_grpc'],
    ['--sds-path=', '--sds-path is empty'],
    ['--sds-cluster=', '--sds-cluster is empty'],
    ['--token=', '--token is empty'],
    [
      '--token istoi',
      '--token "istoi" is neither one of istio, kubernetes, gce, none nor the path of a file',
    ],
    ['--token istoi', 'did you mean istio?'],
    ['--sds-path unix:', '"unix:" is not an address'],
    [
      '--sds-path var/run/sds',
      '"var/run/sds" is not an address: the path of a socket starts with /, ./ or unix:',
    ],
    [
      '--provider spire --sds-path spire',
      '"spire" is not an address for envoy_grpc: expected the path of a socket or HOST:PORT',
    ],
  ])('%s', async (args, message) => {
    put({ 'in.yaml': CLUSTER, 'mesh.yaml': MESH });
    const before = tree();
    const { status, stderr } = await xdsc(['convert', ...args.split(' '), 'in.yaml']);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(tree()).toEqual(before);
  });
});

describe('Secret files', () => {
  const names = ['default.yaml'];

  test.each([
    ['beside a file', ['a.yaml', '-o', 'out.yaml'], 'secrets', 'secrets'],
    ['beside a file in a folder', ['a.yaml', '-o', 'new/out.yaml'], 'new/secrets', 'new/secrets'],
    ['below a folder', ['.', '-o', 'out'], 'out/secrets', 'out/secrets'],
    [
      'below a folder, under the name that Envoy knows',
      ['a.yaml', '-o', 'out/', '--secrets-dir', '/e'],
      'out/secrets',
      '/e',
    ],
    ['where Envoy sees them, with standard output', ['a.yaml', '--secrets-dir', 'e'], 'e', 'e'],
    ['where Envoy sees them, in place', ['-w', 'a.yaml', '--secrets-dir', 'e'], 'e', 'e'],
  ])('are written %s', async (_, args, written, seen) => {
    put({ 'a.yaml': CLUSTER });
    const { status, stdout, stderr } = await xdsc(['convert', '--provider', 'files', ...args]);
    const files = tree();
    expect(stderr).toContain(`1 Secret file in ${written}: default.yaml`);
    expect(Object.keys(files).filter((path) => path.startsWith(`${written}/`))).toEqual(
      names.map((name) => `${written}/${name}`),
    );
    expect(files[`${written}/default.yaml`]).toContain('filename: /etc/certs/key.pem');
    expect(stdout + Object.values(files).join('')).toContain(`path: ${seen}/default.yaml`);
    expect(status).toBe(0);
  });

  test('are not written by --check', async () => {
    put({ 'a.yaml': CLUSTER });
    const { status } = await xdsc([
      'convert',
      '--check',
      '--provider',
      'files',
      '--secrets-dir',
      'e',
      'a.yaml',
    ]);
    expect(status).toBe(1);
    expect(tree()).toEqual({ 'a.yaml': CLUSTER });
  });

  test('are not written over inputs', async () => {
    put({ 'in/default.yaml': CLUSTER });
    const { status, stderr } = await xdsc([
      'convert',
      '-w',
      '--provider',
      'files',
      '--secrets-dir',
      'in',
      'in',
    ]);
    expect(stderr).toContain('error: in/default.yaml: ');
    expect(status).toBe(2);
    expect(tree()).toEqual({ 'in/default.yaml': CLUSTER });
  });

  test('stay where a second configuration needs them too', async () => {
    put({ 'in/a.yaml': CLUSTER });
    const args = ['convert', '-w', '--provider', 'files', '--secrets-dir', 'in/secrets', 'in'];
    expect((await xdsc(args)).status).toBe(0);
    const secret = tree()['in/secrets/default.yaml'];
    put({ 'in/b.yaml': CLUSTER });
    const { status, stderr } = await xdsc(args);
    expect(stderr).toContain('1 moved to SDS, 1 on SDS before');
    expect(status).toBe(0);
    expect(tree()['in/secrets/default.yaml']).toBe(secret);
  });
});

describe('--mesh', () => {
  const configMap = (mesh: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata:\n  mesh: |\n    ${mesh.trim().replaceAll('\n', '\n    ')}\n`;

  test.each([
    ['an empty socket', 'sdsUdsPath: ""\n', 1, "m.yaml:1:13: error: the mesh's sdsUdsPath is empty"],
    ['no socket', 'enableTracing: true\n', 1, "m.yaml:1:1: error: the mesh's sdsUdsPath is empty"],
    [
      'an empty socket in a ConfigMap',
      configMap('a: 1\nsdsUdsPath: ""'),
      1,
      "m.yaml:7:17: error: the mesh's sdsUdsPath is empty",
    ],
    [
      'a misspelt field',
      'x: 1\nsdsUdsPth: unix:/s\n',
      1,
      'm.yaml:2:1: error: istio.mesh.v1alpha1.MeshConfig has no field "sdsUdsPth"',
    ],
    ['a misspelt field in a ConfigMap', configMap('sdsUdsPth: unix:/s'), 1, 'm.yaml:6:5: error: '],
    ['a misspelt field, with what was meant', 'sdsUdsPth: unix:/s\n', 1, 'did you mean sdsUdsPath?'],
    ['a map for the socket', 'sdsUdsPath: {a: b}\n', 1, 'm.yaml:1:13: error: '],
    ['a word for a bool', `${MESH}enableSdsTokenMount: maybe\n`, 1, 'm.yaml:3:22: error: '],
    ['a list', '- a\n', 1, 'm.yaml:1:1: error: the document is a list'],
    [
      'a ConfigMap with something else',
      configMap('').replace('mesh:', 'other:'),
      1,
      'm.yaml:1:1: error: this file contains no MeshConfig',
    ],
    ['what is no YAML', 'a: [\n', 2, /m\.yaml:\d+:\d+: error: /],
    ['nothing', '', 2, 'm.yaml:1:1: error: this file contains no document'],
  ])('with %s', async (_, mesh, expected, message) => {
    put({ 'in.yaml': CLUSTER, 'm.yaml': mesh });
    const before = tree();
    const { status, stderr } = await xdsc(['convert', '--mesh', 'm.yaml', 'in.yaml']);
    if (message instanceof RegExp) expect(stderr).toMatch(message);
    else expect(stderr).toContain(message);
    expect(stderr).toContain('\n1 error: nothing was written\n');
    expect(status).toBe(expected);
    expect(tree()).toEqual(before);
  });

  test('without a socket goes with --sds-path', async () => {
    put({ 'in.yaml': CLUSTER, 'm.yaml': 'sdsUdsPath: ""\nsdsUseK8sSaJwt: true\n' });
    const { status, stdout } = await xdsc([
      'convert',
      '--mesh',
      'm.yaml',
      '--sds-path',
      '/own.sock',
      'in.yaml',
    ]);
    expect(stdout).toContain('target_uri: unix:/own.sock');
    expect(stdout).toContain(KUBERNETES_TOKEN);
    expect(status).toBe(0);
  });

  test('may be newer than what is known of it', async () => {
    put({ 'in.yaml': CLUSTER, 'm.yaml': `ingressSelector: gateway\ndefaultConfig: 5\n${MESH}` });
    const { status, stdout, stderr } = await xdsc(['convert', '--mesh', 'm.yaml', 'in.yaml']);
    expect(stderr).not.toContain('m.yaml');
    expect(stdout).toContain('unix:/mesh/socket');
    expect(status).toBe(0);
  });

  test('that is not there is told with the other errors', async () => {
    put({ 'in.yaml': CLUSTER.replace('tls_certificates', 'tls_certificats') });
    const { status, stderr } = await xdsc(['convert', '--mesh', 'm.yaml', '--secrets', 's.yaml', 'in.yaml']);
    expect(stderr).toContain('error: m.yaml: cannot be read: no such file or directory');
    expect(stderr).toContain('error: s.yaml: cannot be read: no such file or directory');
    expect(stderr).toContain('in.yaml:5:5: error: ');
    expect(stderr).toContain('3 errors: nothing was written');
    expect(status).toBe(2);
  });
});

describe('--secrets', () => {
  const files = '{certificate_chain: /c, private_key: /k}';

  test.each([
    ['is not a map', '[]', 1, 's.yaml:1:1: error: the file is not a map'],
    ['has a misspelt section', 'root: {}', 1, 's.yaml:1:1: error: the file has no field "root"'],
    ['has a misspelt section, with what was meant', 'root: {}', 1, 'did you mean roots?'],
    [
      'has a misspelt member',
      'certificates:\n  a: {certificate_chain: /c, private_ky: /k}',
      1,
      's.yaml:2:30: error: the certificate a has no field "private_ky"',
    ],
    [
      'has half a certificate',
      'certificates:\n  a: {certificate_chain: /c}',
      1,
      's.yaml:2:6: error: the certificate a has no private_key',
    ],
    [
      'has a word for a certificate',
      'certificates: {a: b}',
      1,
      's.yaml:1:19: error: the certificate a is not a map',
    ],
    ['has a number for a path', 'roots: {a: 5}', 1, 's.yaml:1:12: error: a is not a path'],
    ['has a list of names', 'roots: [a]', 1, 's.yaml:1:8: error: roots is not a map'],
    ['has no name', 'roots: {"": /r}', 1, 's.yaml:1:9: error: a secret in roots has no name'],
    [
      'names a root twice',
      'roots: {a: /r, b: [/s, /r]}',
      1,
      's.yaml:1:24: error: /r already has the name "a" and cannot have the name "b" as well',
    ],
    ['names a certificate twice', `certificates: {a: ${files}, b: ${files}}`, 1, 'already has the name "a"'],
    ['is not YAML', 'roots: {', 2, /s\.yaml:\d+:\d+: error: /],
  ])('that %s', async (_, secrets, expected, message) => {
    put({ 'in.yaml': CLUSTER, 's.yaml': secrets });
    const before = tree();
    const { status, stderr } = await xdsc(['convert', '--secrets', 's.yaml', 'in.yaml']);
    if (message instanceof RegExp) expect(stderr).toMatch(message);
    else expect(stderr).toContain(message);
    expect(stderr).toContain('\n1 error: nothing was written\n');
    expect(status).toBe(expected);
    expect(tree()).toEqual(before);
  });

  test('names files, in several documents', async () => {
    put({
      'in.yaml': CLUSTER.replaceAll('/etc/certs', '/own'),
      's.yaml':
        'roots: {a: /r}\n---\ncertificates:\n  web: [{certificate_chain: /own/cert-chain.pem, private_key: /own/key.pem}]\n',
    });
    const { status, stdout } = await xdsc(['convert', '--secrets', at('s.yaml'), 'in.yaml']);
    expect(stdout).toContain('name: web');
    expect(status).toBe(0);
  });
});
