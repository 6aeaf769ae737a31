// `xdsc bootstrap` as users run it: usage, outputs, and the built-in template given back.

import { describe, expect, it } from 'vitest';
import { at, put, tree, useFolder, xdsc } from './xdsc.js';

useFolder();

const PROXY = 'ip: 10.1.0.9\nid: web-0.shop\ndomain: shop.svc.cluster.local\nmetadata: {app: web}\n';
const ADS = ['bootstrap', '--proxy', 'proxy.yaml', '--discovery', 'ads'];

describe('usage', () => {
  it.each([
    [['bootstrap'], "required option '--proxy <which>' not specified"],
    [['bootstrap', '--proxy', 'proxy.yaml'], 'error: no input: pass files, directories or globs'],
    [[...ADS.slice(0, 3), '--discovery', 'files', '.'], 'add -o DIR'],
    [
      [...ADS.slice(0, 3), '--discovery', 'files', '.', '-o', 'out', '--format', 'yaml'],
      '--format yaml cannot be combined with --discovery files',
    ],
    [[...ADS, '--api', 'v3', '--dataplane', 'istio'], '--api v3 requires --dataplane envoy'],
    [[...ADS, '--max-heap', 'much'], 'Expected a number of bytes, optionally with Ki, Mi or Gi.'],
    [[...ADS, '--annotation', 'x'], 'Expected NAME=VALUE.'],
    [[...ADS, '--template', 'none.hbs'], 'none.hbs: cannot be read'],
  ])('%j', async (args, message) => {
    put({ 'proxy.yaml': PROXY });
    const { status, stdout, stderr } = await xdsc(args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(stdout).toBe('');
  });
});

it('takes inputs and the mesh from the project file', async () => {
  put({
    'proxy.yaml': PROXY,
    'mesh.yaml': 'defaultConfig: {proxyAdminPort: 15005}\n',
    'manifests/web.yaml':
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}\n',
    'xdsc.config.yaml': 'inputs: [manifests]\nmesh: mesh.yaml\n',
  });
  const { stdout, status } = await xdsc(['bootstrap', '--proxy', 'proxy.yaml']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout).admin.address.socket_address.port_value).toBe(15005);
  expect(stdout).toContain('outbound|80||web.shop.svc.cluster.local');
});

it('takes the API version from the project file', async () => {
  put({ 'proxy.yaml': PROXY, 'xdsc.config.yaml': 'api: v3\n' });
  const args = ['bootstrap', '--discovery', 'ads', '--proxy', 'proxy.yaml'];
  expect((await xdsc(args)).stdout).toContain('"resource_api_version": "V3"');
  expect((await xdsc([...args, '--api', 'v2'])).stdout).not.toContain('V3');
});

describe('the built-in template', () => {
  it('is printed, and given back makes the same bootstrap', async () => {
    put({ 'proxy.yaml': PROXY });
    const printed = await xdsc(['bootstrap', '--print-template']);
    expect(printed.status).toBe(0);
    put({ 'own.hbs': printed.stdout });
    const own = await xdsc([...ADS, '--template', 'own.hbs']);
    expect(own.stderr).toBe('');
    expect(own.stdout).toBe((await xdsc(ADS)).stdout);
    expect(JSON.parse(own.stdout).node.id).toBe('sidecar~10.1.0.9~web-0.shop~shop.svc.cluster.local');
  });
});

describe('a template', () => {
  it('may be of v3, but not where v2 is asked for', async () => {
    const text = `{"node": {{json node}}, "static_resources": {"clusters": [{"name": "a", "transport_socket": {
      "name": "envoy.transport_sockets.tls",
      "typed_config": {"@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"}
    }}]}}`;
    put({ 'proxy.yaml': PROXY, 'v3.hbs': text });
    const v3 = await xdsc([...ADS, '--template', 'v3.hbs', '--api', 'v3']);
    expect(v3.stderr).toBe('');
    expect(JSON.parse(v3.stdout).static_resources.clusters).toHaveLength(1);
    const v2 = await xdsc([...ADS, '--template', 'v3.hbs']);
    expect(v2.stderr).toContain("this uses Envoy's v3 API");
    expect(v2.status).toBe(1);
    expect(v2.stdout).toBe('');
  });
});

describe('output', () => {
  it('is JSON or YAML of the same', async () => {
    put({ 'proxy.yaml': PROXY });
    const { parse } = await import('yaml');
    expect(parse((await xdsc([...ADS, '--format', 'yaml'])).stdout)).toEqual(
      JSON.parse((await xdsc(ADS)).stdout),
    );
  });

  it('is written whole or not at all', async () => {
    put({ 'proxy.yaml': PROXY, 'bad.hbs': '{"node": }' });
    expect((await xdsc([...ADS, '--template', 'bad.hbs', '-o', at('out')])).status).toBe(2);
    expect(Object.keys(tree())).toEqual(['bad.hbs', 'proxy.yaml']);
    expect((await xdsc([...ADS, '-o', at('out')])).status).toBe(0);
    expect(Object.keys(tree())).toEqual(['bad.hbs', 'out/arguments.txt', 'out/bootstrap.json', 'proxy.yaml']);
  });
});
