// `--discovery ads` against the bootstraps of Istio 1.1.7's own agent, for the same ProxyConfig.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BootstrapOptions, bootstrap } from '../../../src/compile/bootstrap/bootstrap.js';
import { readProxyConfig } from '../../../src/compile/bootstrap/proxy-config.js';
import { withoutDefaults } from '../../../src/compile/pilot/context/without-defaults.js';
import { type MessageInfo, message } from '../../../src/envoy/api-table.js';
import { MessageReader } from '../../../src/envoy/message-reader.js';
import { type Document, readSource } from '../../../src/source/document.js';
import { sharedFolder } from '../../shared.js';

const BOOTSTRAP = 'envoy.config.bootstrap.v2.Bootstrap';

/** What the agent was told beside the ProxyConfig. */
const SETTINGS: { readonly [name: string]: Pick<BootstrapOptions, 'annotations'> & { metadata?: object } } = {
  running: {
    metadata: {
      ISTIO_PROXY_SHA: 'istio-proxy:sha',
      INTERCEPTION_MODE: 'REDIRECT',
      ISTIO_PROXY_VERSION: 'istio-proxy:version',
      ISTIO_VERSION: 'release-3.1',
      POD_NAME: 'svc-0-0-0-6944fb884d-4pgx8',
    },
    annotations: { 'istio.io/insecurepath': '{"paths":["/metrics","/live"]}' },
  },
  stats_inclusion: {
    annotations: {
      'sidecar.istio.io/statsInclusionPrefixes': 'cluster_manager,cluster.xds-grpc,listener.',
    },
  },
};

/** A ProxyConfig in protobuf's text form as YAML. */
function yamlOf(text: string): string {
  return text.replace(/\{\s*seconds:\s*(\d+)\s*\}/g, '$1s').replace(/\b(\w+):\s*\{/g, '$1: {');
}

function normal(text: string): string {
  const [document] = readSource('golden.json', text, { format: 'json' }).documents;
  const reader = new MessageReader(document as Document);
  const read = reader.read(message(BOOTSTRAP) as MessageInfo, 0)?.toValue() ?? {};
  return JSON.stringify(sorted(withoutDefaults(BOOTSTRAP, read)), null, 1);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}

const folder = sharedFolder('conformance/bootstrap-1.1.7');
const CASES = [
  'all',
  'auth',
  'default',
  'running',
  'stats_inclusion',
  'tracing_datadog',
  'tracing_lightstep',
  'tracing_zipkin',
];

describe.skipIf(folder === undefined)('is equal to the bootstrap of Istio 1.1.7', () => {
  it.each(CASES)('%s', (name) => {
    const given = yamlOf(readFileSync(join(folder as string, `${name}.proto`), 'utf8'));
    const { config, findings } = readProxyConfig('proxy-config.yaml', given);
    expect(findings).toEqual([]);
    const { metadata, annotations } = SETTINGS[name] ?? {};
    const result = bootstrap([], {
      discovery: 'ads',
      config: { ...config, ...(name === 'tracing_lightstep' && { config_path: '/test-path' }) },
      ...(annotations !== undefined && { annotations }),
      proxy: {
        description: {
          type: 'sidecar',
          ip: '1.2.3.4',
          id: 'foo',
          domain: 'bar',
          metadata: { ISTIO_META_INSTANCE_IPS: '10.3.3.3,10.4.4.4,10.5.5.5,10.6.6.6', ...metadata },
          locality: undefined,
        },
        environment: {},
        routes: [],
      },
    });
    expect(result.findings.filter(({ level }) => level !== 'note')).toEqual([]);
    const golden = readFileSync(join(folder as string, `${name}_golden.json`), 'utf8');
    expect(normal(JSON.stringify(result.bootstrap))).toBe(normal(golden));
  });
});
