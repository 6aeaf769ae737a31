// `xdsc schema` and `xdsc explain` as users run them.

import { expect, test } from 'vitest';
import { useFolder, xdsc } from './xdsc.js';

useFolder();

test('schema prints that of a message, in the version that is asked for', async () => {
  const { status, stdout } = await xdsc(['schema', '--api', 'v2', 'core.Address']);
  expect(status).toBe(0);
  const schema = JSON.parse(stdout);
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'envoy.api.v2.core.Address',
    $ref: '#/$defs/envoy.api.v2.core.Address',
  });
  expect(Object.keys(schema.$defs)).toContain('envoy.api.v2.core.SocketAddress');
});

test('schema prints that of Bootstrap where no message is named', async () => {
  const { stdout } = await xdsc(['schema']);
  expect(JSON.parse(stdout).title).toBe('envoy.config.bootstrap.v3.Bootstrap');
});

test('explain prints what is known', async () => {
  const { status, stdout } = await xdsc(['explain', 'Cluster.tls_context.common_tls_context']);
  expect(status).toBe(0);
  expect(stdout.split('\n').slice(0, 7)).toEqual([
    'envoy.api.v2.Cluster.tls_context.common_tls_context',
    '',
    '  Common TLS context settings.',
    '',
    '  type    envoy.api.v2.auth.CommonTlsContext',
    '  Envoy   since 1.10 or before',
    '  in v3   envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext.common_tls_context',
  ]);
  expect(JSON.parse((await xdsc(['explain', '--format', 'json', 'Cluster.name'])).stdout)).toMatchObject({
    path: 'envoy.config.cluster.v3.Cluster.name',
    type: 'string',
  });
  const { stdout: bare } = await xdsc(['explain', '--envoy', '1.28', 'auto_sni_san_validation']);
  expect(bare).toContain('UpstreamTlsContext.auto_sni_san_validation');
  const { stdout: named } = await xdsc(['explain', 'envoy.filters.http.rbac']);
  expect(named).toMatch(/^envoy\.extensions\.filters\.http\.rbac\.v3\.RBAC\n/);
  expect(bare).toContain('since 1.33; Envoy 1.28 does not have it');
});

test.each([
  [['explain', 'Cluster.lb_polcy'], 'Cluster.lb_policy'],
  [['explain', 'Clusterr'], 'Cluster'],
  [['schema', 'Bootstrp'], 'Bootstrap'],
  [['schema', 'Cluster', '--api', 'v4'], undefined],
])('%j ends with 2 and says what was meant', async (args, meant) => {
  const { status, stderr } = await xdsc(args);
  expect(status).toBe(2);
  if (meant !== undefined) expect(stderr).toContain(`did you mean ${meant}?`);
});
