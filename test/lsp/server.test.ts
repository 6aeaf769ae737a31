// The language server as an editor sees it: in a process, over standard input and output.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { program, useProgram } from '../cli/program.js';
import { put } from '../cli/xdsc.js';
import { Editor } from './editor.js';

useProgram();

let editor: Editor;

beforeEach(async () => {
  editor = await Editor.start();
});
afterEach(async () => {
  expect(await editor.quit()).toBe(0);
});

/** Starts the editor anew, in a folder that holds files. */
async function startWith(files: Readonly<Record<string, string>>): Promise<void> {
  await editor.quit();
  put(files);
  editor = await Editor.start();
}

const ROUTES = `node: {id: a, cluster: b}
static_resources:
  listeners:
  - name: http
    address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.tcp_proxy
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: tcp
          cluster: backend
  clusters:
  - name: backend
    type: STATIC
    connect_timeout: 1s
    load_assignment: {cluster_name: backend}
`;

/** A bootstrap whose clusters are in a file of their own. */
const BOOTSTRAP = `node: {id: a, cluster: b}
dynamic_resources: {cds_config: {path_config_source: {path: clusters.yaml}}}
static_resources:
${ROUTES.slice(ROUTES.indexOf('  listeners:'), ROUTES.indexOf('  clusters:'))}`;

const CLUSTERS = `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: backend
  connect_timeout: 1s
`;

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata: {name: envoy}
data:
  envoy.yaml: |
${ROUTES.replace(/^(?=.)/gm, '    ')}`;

describe('diagnostics', () => {
  test('come while one types, and go', async () => {
    await editor.open('envoy.yaml', ROUTES);
    expect(await editor.diagnostics('envoy.yaml')).toEqual([]);
    await editor.replace('envoy.yaml', 'cluster: backend', 'cluster: backent');
    expect(await editor.diagnostics('envoy.yaml')).toEqual([
      {
        range: { start: { line: 11, character: 10 }, end: { line: 11, character: 26 } },
        severity: 2,
        code: 'unknown-cluster',
        source: 'xdsc',
        message: 'unknown cluster "backent"\ndid you mean backend?\ndefine the cluster, or correct the name',
      },
    ]);
    await editor.replace('envoy.yaml', 'backent', 'backend');
    expect(await editor.diagnostics('envoy.yaml')).toEqual([]);
  });

  test('name a line in a ConfigMap', async () => {
    await editor.open('map.yaml', CONFIG_MAP.replace('connect_timeout', 'conect_timeout'));
    const [found, ...others] = await editor.diagnostics('map.yaml');
    expect(found?.code).toBe('unknown-field');
    expect(found?.range.start).toEqual({ line: 20, character: 8 });
    expect(others).toEqual([]);
  });

  test('come for JSON', async () => {
    await editor.open('a.json', '{"name": "a", "connect_timeout": "1s", "lb_policy": "ROUND_ROBBIN"}');
    await editor.codes('a.json', 'unknown-value');
  });

  test('know the other files of the folder, as they are in the editor', async () => {
    await startWith({ 'envoy.yaml': BOOTSTRAP, 'clusters.yaml': CLUSTERS });
    await editor.open('envoy.yaml', BOOTSTRAP);
    await editor.codes('envoy.yaml');
    await editor.open('clusters.yaml', CLUSTERS);
    await editor.replace('clusters.yaml', 'name: backend', 'name: other');
    await editor.codes('envoy.yaml', 'unknown-cluster');
    await editor.close('clusters.yaml');
    await editor.codes('envoy.yaml');
  });

  test('follow files that others change', async () => {
    await startWith({ 'envoy.yaml': BOOTSTRAP, 'clusters.yaml': CLUSTERS });
    await editor.open('envoy.yaml', BOOTSTRAP);
    await editor.codes('envoy.yaml');
    put({ 'clusters.yaml': CLUSTERS.replace('backend', 'other') });
    await editor.changed('clusters.yaml');
    await editor.codes('envoy.yaml', 'unknown-cluster');
  });

  test('have the levels, the silences and the Envoy of the project file', async () => {
    await startWith({ 'xdsc.config.yaml': 'rules: {unknown-cluster: error}\n', 'envoy.yaml': '' });
    await editor.open('envoy.yaml', ROUTES.replace('cluster: backend\n', 'cluster: other\n'));
    expect((await editor.diagnostics('envoy.yaml')).map(({ severity }) => severity)).toEqual([1]);
    put({
      'xdsc.config.yaml': 'silence:\n- {files: envoy.yaml, rules: [unknown-cluster], reason: a test}\n',
    });
    await editor.changed('xdsc.config.yaml');
    await editor.codes('envoy.yaml');
    put({ 'xdsc.config.yaml': 'envoy: 1.17\nrules: {unknown-cluster: off, x: error}\n' });
    await editor.changed('xdsc.config.yaml');
    await editor.codes('xdsc.config.yaml', 'project-config');
  });

  test('say where a text cannot be read', async () => {
    await editor.open('envoy.yaml', `${ROUTES}  x`);
    await editor.codes('envoy.yaml', 'syntax');
  });

  test('leave other texts alone', async () => {
    await editor.open('ci.yaml', 'jobs: {test: {steps: [{run: npm test}]}}\n');
    expect(await editor.diagnostics('ci.yaml')).toEqual([]);
  });
});

describe('hover', () => {
  test('says what the API says of a field', async () => {
    await editor.open('envoy.yaml', ROUTES);
    const text = await editor.hover('envoy.yaml', 'connect_timeout', 3);
    expect(text).toContain('**connect\\_timeout** `google.protobuf.Duration`');
    expect(text).toContain('The timeout for new network connections to hosts in the cluster.');
    expect(text).toContain('- Envoy: since 1.13');
  });

  test('says it of enum values, of types and of extensions', async () => {
    await editor.open('map.yaml', CONFIG_MAP);
    expect(await editor.hover('map.yaml', 'STATIC\n', 1)).toContain('**STATIC** `value 0 of');
    expect(await editor.hover('map.yaml', 'type.googleapis.com', 30)).toMatch(/^\*\*TcpProxy\*\* `message`/);
    expect(await editor.hover('map.yaml', 'envoy.filters.network.tcp_proxy')).toMatch(/^\*\*TcpProxy\*\*/);
  });

  test('shows no value of the text', async () => {
    const key = 'hunter2-hunter2';
    await editor.open('a.json', `{"name": "a", "generic_secret": {"secret": {"inline_string": "${key}"}}}`);
    expect(await editor.hover('a.json', 'inline_string')).toContain('**inline\\_string**');
    expect(await editor.hover('a.json', key, 2)).not.toContain(key);
  });

  test('shows nothing where the API has nothing to say', async () => {
    await editor.open('envoy.yaml', ROUTES);
    expect(await editor.hover('envoy.yaml', '    - filters:')).toBeUndefined();
    await editor.open('ci.yaml', 'jobs: {test: {steps: [{run: npm test}]}}\n');
    expect(await editor.hover('ci.yaml', 'steps')).toBeUndefined();
  });
});

test('a server without --stdio ends with a usage error', async () => {
  const { status, stderr } = program(['lsp']);
  expect(stderr).toContain('pass --stdio');
  expect(status).toBe(2);
});
