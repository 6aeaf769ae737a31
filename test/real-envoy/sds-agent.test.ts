// The SDS server with real Envoys as its clients, from configuration that xdsc compiles: its token, its two streams,
// a rotation. ENVOY_BINS lists more Envoys to try, separated by colons.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { googleGrpcSource } from '../../src/tls/sds-source.js';
import { HEADER } from '../agent/client.js';
import { TestAgent } from '../agent/harness.js';
import { ENVOY, NO_ENVOY } from './envoy.js';
import { fetchText, freePort, RunningEnvoy } from './proxies.js';

const ENVOYS = [
  ...new Set([...(ENVOY === undefined ? [] : [ENVOY]), ...(process.env.ENVOY_BINS?.split(':') ?? [])]),
];

/** A bootstrap whose only listener presents `default` and asks for certificates of `ROOTCA`. */
function bootstrapOf(source: unknown, adminPort: number, port: number): string {
  const secret = (name: string) => ({ name, sds_config: source });
  return JSON.stringify({
    node: { id: 'sidecar~127.0.0.1~sleep.foo~foo.svc.cluster.local', cluster: 'sleep' },
    admin: { address: { socket_address: { address: '127.0.0.1', port_value: adminPort } } },
    static_resources: {
      listeners: [
        {
          name: 'inbound',
          address: { socket_address: { address: '127.0.0.1', port_value: port } },
          filter_chains: [
            {
              transport_socket: {
                name: 'envoy.transport_sockets.tls',
                typed_config: {
                  '@type':
                    'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
                  require_client_certificate: true,
                  common_tls_context: {
                    tls_certificate_sds_secret_configs: [secret('default')],
                    combined_validation_context: {
                      default_validation_context: {},
                      validation_context_sds_secret_config: secret('ROOTCA'),
                    },
                  },
                },
              },
              filters: [
                {
                  name: 'tcp',
                  typed_config: {
                    '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
                    stat_prefix: 'tcp',
                    cluster: 'nowhere',
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [{ name: 'nowhere', connect_timeout: '1s' }],
    },
  });
}

test('there is an Envoy in CI', () => {
  if (process.env.CI && ENVOYS.length === 0) throw new Error(NO_ENVOY);
});

describe.skipIf(ENVOYS.length === 0).each(ENVOYS)('Envoy %s', (envoy) => {
  let folder: string;
  let agent: TestAgent;
  let running: RunningEnvoy | undefined;
  let adminPort: number;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'xdsc-sds-envoy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await running?.stop();
    agent.close();
  });

  async function start(token: string, config?: (port: number) => string): Promise<void> {
    const file = join(folder, 'token');
    writeFileSync(file, token);
    adminPort = await freePort('127.0.0.1');
    const port = await freePort('127.0.0.1');
    const source = googleGrpcSource(
      `unix:${agent.socket('foo/sleep')}`,
      { kind: 'token', filename: file },
      '1.1',
      'v3',
    );
    writeFileSync(join(folder, 'envoy.json'), config?.(port) ?? bootstrapOf(source, adminPort, port));
    running = new RunningEnvoy(envoy, join(folder, 'envoy.json'), 5000 + ENVOYS.indexOf(envoy));
  }

  /** What Envoy's admin interface says of its certificates. */
  async function certificates(): Promise<string> {
    const { text } = await fetchText('127.0.0.1', adminPort, '/certs', 'localhost').catch(() => ({
      text: '',
    }));
    return text;
  }

  test('gets the certificate and the root by its token, and every rotation', {
    timeout: 40_000,
  }, async () => {
    agent = await TestAgent.start();
    await start(await agent.token('foo/sleep'));
    await running?.ready(adminPort);
    const serial = () => agent.of('issued').at(-1)?.serial ?? 'none';
    await expect.poll(certificates, { timeout: 10_000 }).toContain(serial());
    for (let i = 0; i < 3; i++) {
      await agent.rotate();
      await expect.poll(certificates, { timeout: 10_000 }).toContain(serial());
    }
    expect(agent.of('refused')).toEqual([]);
    expect(agent.of('nack')).toEqual([]);
    expect(agent.of('opened').map(({ api, method }) => `${api} ${method}`)).toEqual([
      'v3 stream',
      'v3 stream',
    ]);
    expect(HEADER).toBe('istio_sds_credentail_header-bin');
  });

  test('is refused with the token of another workload', { timeout: 40_000 }, async () => {
    agent = await TestAgent.start();
    await start(await agent.token('bar/httpbin'));
    await expect.poll(() => agent.of('refused').length, { timeout: 15_000 }).toBeGreaterThanOrEqual(2);
    expect(agent.of('issued')).toEqual([]);
    expect(await certificates()).not.toContain('spiffe://');
  });
});
