// The settings of a mesh, in each of the files that say them.

import { describe, expect, it, test } from 'vitest';
import { compileInputs } from '../../src/compile/compile.js';
import { readMeshSettings } from '../../src/convert/mesh-settings.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { pod, service } from '../compile/mesh-of.js';

const SDS = `global:
  sds: {enabled: true, udsPath: unix:/sds, useNormalJwt: true}
`;

test.each([
  ['a MeshConfig', 'sdsUdsPath: unix:/sds\nsdsUseK8sSaJwt: true\n'],
  [
    'the ConfigMap',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata:\n  mesh: |\n    sdsUdsPath: unix:/sds\n    sdsUseK8sSaJwt: true\n',
  ],
  ["Helm's values", SDS],
])('%s sets the SDS socket for compile and convert', (_, text) => {
  const { settings } = readMeshConfig('mesh.yaml', text);
  expect(settings).toMatchObject({ sds_uds_path: 'unix:/sds', sds_use_k8s_sa_jwt: true });
  expect(readMeshSettings('mesh.yaml', text).settings).toMatchObject({
    sdsUdsPath: 'unix:/sds',
    sdsUseK8sSaJwt: true,
    enableSdsTokenMount: false,
  });
});

describe("Helm's values", () => {
  const settings = (text: string) => readMeshConfig('values.yaml', text).settings;
  const messages = (text: string) =>
    readMeshConfig('values.yaml', text).findings.map(
      ({ level, message, suggestion, region }) =>
        `${region?.line}:${region?.column} ${level}: ${message}${suggestion === undefined ? '' : ` (${suggestion}?)`}`,
    );

  it('default to those of the chart', () => {
    expect(settings('global: {}\npilot: {enabled: true}\n')).toMatchObject({
      connect_timeout: '10s',
      access_log_file: '',
      enable_tracing: true,
      sds_uds_path: '',
      root_namespace: 'istio-system',
      default_config: { control_plane_auth_policy: 'NONE' },
    });
  });

  it('equal the MeshConfig', () => {
    expect(
      settings(`global:
  controlPlaneSecurityEnabled: true
  enableTracing: false
  outboundTrafficPolicy: {mode: REGISTRY_ONLY}
  trustDomain: example.org
  configRootNamespace: config
  proxy: {accessLogFile: /dev/stdout, accessLogEncoding: JSON, dnsRefreshRate: 300s, concurrency: 2}
`),
    ).toMatchObject({
      enable_tracing: false,
      access_log_file: '/dev/stdout',
      access_log_encoding: 'JSON',
      dns_refresh_rate: '300s',
      outbound_traffic_policy: { mode: 'REGISTRY_ONLY' },
      trust_domain: 'example.org',
      root_namespace: 'config',
      default_config: { control_plane_auth_policy: 'MUTUAL_TLS', concurrency: 2 },
    });
  });

  it.each([
    [
      'a misspelt value',
      'global:\n  sds: {enabeld: true}\n',
      '2:9 error: istio.helm.v1.Global.Sds has no field "enabeld" (enabled?)',
    ],
    ['a wrong one', 'global:\n  enableTracing: maybe\n', '2:18 error: enable_tracing is "maybe"'],
    [
      'SDS without a socket',
      'global:\n  sds: {enabled: true}\n',
      '2:8 warning: global.sds is enabled without udsPath, so certificates stay in files',
    ],
    [
      'a socket without SDS',
      'global:\n  sds: {udsPath: unix:/sds}\n',
      '2:18 warning: global.sds.udsPath is set but global.sds is not enabled, so certificates stay in files',
    ],
  ])('with %s are reported', (_, text, message) => {
    expect(messages(text)).toEqual([message]);
  });

  const compiled = (values: string, ...resources: string[]) => {
    const text = [service('web', 80), pod('web', '10.1.0.1'), ...resources].join('\n---\n');
    const result = compileInputs([{ name: 'in.yaml', text }], {
      proxy: 'web-1.shop',
      settings: settings(values) as NonNullable<ReturnType<typeof settings>>,
    });
    const listener = result.compiled?.listeners.find(({ name }) => name === '10.1.0.1_80');
    const cluster = result.compiled?.clusters.find(({ name }) => name?.startsWith('outbound|80'));
    return [
      (listener?.filter_chains ?? []).map(({ tls_context }) => tls_context !== undefined),
      cluster?.tls_context !== undefined,
    ];
  };

  it('add mesh-wide policies if the resources have none', () => {
    expect(compiled('global: {}\n')).toEqual([[false], false]);
    expect(compiled('global: {mtls: {enabled: true}}\n')).toEqual([[true], true]);
    expect(compiled('global: {mtls: {enabled: false}}\n')).toEqual([[true, false], false]);
    const own =
      'apiVersion: authentication.istio.io/v1alpha1\nkind: MeshPolicy\nmetadata: {name: default}\nspec: {}\n';
    expect(compiled('global: {mtls: {enabled: true}}\n', own)).toEqual([[false], true]);
  });
});
