// The language server as an editor sees it: in a process, over standard input and output.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  CodeAction,
  CompletionItem,
  DocumentSymbol,
  FoldingRange,
  Location,
  WorkspaceSymbol,
} from 'vscode-languageserver-protocol';
import { program, useProgram } from '../cli/program.js';
import { put } from '../cli/xdsc.js';
import { Editor, uriOf } from './editor.js';

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

/** A listener that names clusters, routes and secrets, with what it names. */
const NAMES = `node: {id: a, cluster: b}
static_resources:
  listeners:
  - name: http
    filter_chains:
    - name: tls
      filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: http
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
          rds: {route_config_name: web, config_source: &source {path_config_source: {path: routes.yaml}}}
      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          common_tls_context:
            tls_certificate_sds_secret_configs: [{name: server}]
  clusters:
  - {name: backend, connect_timeout: 1s}
  secrets:
  - name: server
    tls_certificate: {certificate_chain: {filename: /a}, private_key: {filename: /b}}
dynamic_resources: {lds_config: *source}
`;

const ROUTE_FILE = `resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: web
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes: [{match: {prefix: /}, route: {cluster: backend}}]
`;

describe('names', () => {
  beforeEach(async () => {
    await startWith({ 'envoy.yaml': NAMES, 'routes.yaml': ROUTE_FILE });
    await editor.open('envoy.yaml', NAMES);
    await editor.open('routes.yaml', ROUTE_FILE);
  });

  /** Where a question leads to, as `file:line`, both counted from 1. */
  async function places(method: string, name: string, found: string, offset: number): Promise<string[]> {
    const more = { context: { includeDeclaration: true } };
    const locations = await editor.ask<Location[]>(method, name, found, offset, more);
    return locations.map(({ uri, range }) => `${uri.replace(/.*\//, '')}:${range.start.line + 1}`);
  }

  test.each([
    ['a cluster, in another file', 'routes.yaml', 'cluster: backend', 10, 'envoy.yaml:23'],
    ['a secret', 'envoy.yaml', '{name: server', 8, 'envoy.yaml:25'],
    ['a route configuration', 'envoy.yaml', 'route_config_name: web', 20, 'routes.yaml:3'],
    ['the file of a source', 'envoy.yaml', 'path: routes.yaml', 8, 'routes.yaml:1'],
    ['an anchor', 'envoy.yaml', '*source', 2, 'envoy.yaml:15'],
  ])('lead to %s', async (_what, name, found, offset, expected) => {
    expect(await places('definition', name, found, offset)).toEqual([expected]);
  });

  test('lead nowhere where there is nothing', async () => {
    expect(await places('definition', 'envoy.yaml', 'stat_prefix: http', 14)).toEqual([]);
  });

  test('are found in all files', async () => {
    expect(await places('references', 'envoy.yaml', 'name: backend', 8)).toEqual([
      'envoy.yaml:23',
      'routes.yaml:7',
    ]);
  });

  test('are symbols of their file, and of the folder', async () => {
    const { connection } = editor;
    const found = await connection.sendRequest<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument: { uri: uriOf('envoy.yaml') },
    });
    expect(
      found.map(({ name, detail, children }) => [name, detail, children?.map((one) => one.name)]),
    ).toEqual([
      ['http', 'listener', ['tls']],
      ['backend', 'cluster', []],
      ['server', 'secret', []],
    ]);
    const all = await connection.sendRequest<WorkspaceSymbol[]>('workspace/symbol', { query: 'E' });
    expect(all.map(({ name }) => name).sort()).toEqual(['backend', 'server', 'web']);
  });
});

describe('help', () => {
  test('completes fields and names while the text does not read', async () => {
    await editor.open('envoy.yaml', ROUTES);
    await editor.diagnostics('envoy.yaml');
    await editor.replace('envoy.yaml', 'cluster: backend', 'clus');
    await editor.codes('envoy.yaml', 'syntax');
    const fields = await editor.ask<CompletionItem[]>('completion', 'envoy.yaml', 'clus\n', 4);
    expect(fields.find(({ label }) => label === 'cluster')?.textEdit).toEqual({
      range: { start: { line: 11, character: 10 }, end: { line: 11, character: 14 } },
      newText: 'cluster: ',
    });
    await editor.replace('envoy.yaml', 'clus\n', 'cluster: \n');
    const names = await editor.ask<CompletionItem[]>('completion', 'envoy.yaml', 'cluster: \n', 9);
    expect(names.map(({ label }) => label)).toEqual(['backend']);
  });

  test('fixes what it finds', async () => {
    await editor.open('envoy.yaml', ROUTES.replace('cluster: backend\n', 'cluster: backent\n'));
    const [finding] = await editor.diagnostics('envoy.yaml');
    const found = await editor.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri: uriOf('envoy.yaml') },
      range: finding?.range,
      context: { diagnostics: [finding] },
    });
    expect(found.map(({ title, kind }) => [title, kind])).toEqual([
      ['Change to backend', 'quickfix'],
      ['Silence unknown-cluster for this line', 'quickfix'],
    ]);
    expect(found[0]?.edit?.changes?.[uriOf('envoy.yaml')]).toEqual([
      { range: { start: { line: 11, character: 19 }, end: { line: 11, character: 26 } }, newText: 'backend' },
    ]);
  });

  test('fixes all that --fix does at once', async () => {
    const text = ROUTES.replace('connect_timeout', 'conect_timeout').replace('type: STATIC', 'type: STATICC');
    await editor.open('envoy.yaml', text);
    const found = await editor.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri: uriOf('envoy.yaml') },
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      context: { diagnostics: [], only: ['source.fixAll'] },
    });
    expect(found.map(({ title, kind }) => [title, kind])).toEqual([
      ['Apply all automatic fixes', 'source.fixAll.xdsc'],
    ]);
    expect(found[0]?.edit?.changes?.[uriOf('envoy.yaml')]?.map(({ newText }) => newText)).toEqual([
      'STATIC',
      'connect_timeout',
    ]);
  });

  test('folds maps, lists and comments', async () => {
    await editor.open('map.yaml', `# one\n# two\n${CONFIG_MAP}`);
    const folds = await editor.connection.sendRequest<FoldingRange[]>('textDocument/foldingRange', {
      textDocument: { uri: uriOf('map.yaml') },
    });
    expect(folds.slice(0, 4).map(({ startLine, endLine, kind }) => [startLine, endLine, kind])).toEqual([
      [0, 1, 'comment'],
      [5, 23, undefined],
      [6, 23, undefined],
      [8, 23, undefined],
    ]);
  });
});

test('a server without --stdio ends with a usage error', async () => {
  const { status, stderr } = program(['lsp']);
  expect(stderr).toContain('pass --stdio');
  expect(status).toBe(2);
});
