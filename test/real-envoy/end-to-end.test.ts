// Two Envoys run what is compiled from a small mesh: a client and a server, strict mutual TLS, identities from
// an SDS server that asks for the token. All of it on the loopback, and nothing of it is left.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootstrap } from '../../src/compile/bootstrap/bootstrap.js';
import { readMeshConfig } from '../../src/mesh/mesh-config.js';
import { readProxyFile } from '../../src/mesh/proxy-description.js';
import { Authority, type Issued } from './certificates.js';
import { ENVOY, NO_ENVOY } from './envoy.js';
import { fetchText, freePort, pause, RunningEnvoy } from './proxies.js';
import { SdsServer } from './sds-server.js';

const SERVER_IP = '127.0.0.2';
const CLIENT_IP = '127.0.0.3';
const HEADER = 'istio_sds_credentail_header-bin';
const TOKENS = { client: 'token-of-the-client', server: 'token-of-the-server' };
const spiffe = (account: string): string => `spiffe://cluster.local/ns/default/sa/${account}`;

/** The mesh: a service with one endpoint, strict mutual TLS, and a role for the client alone. */
function meshOf(ports: { readonly service: number; readonly inbound: number; readonly app: number }): string {
  return `
apiVersion: v1
kind: Service
metadata: {name: server, namespace: default}
spec:
  clusterIP: 10.0.0.1
  selector: {app: server}
  ports: [{name: http, port: ${ports.service}, targetPort: ${ports.inbound}}]
---
apiVersion: v1
kind: Endpoints
metadata: {name: server, namespace: default}
subsets:
- addresses: [{ip: ${SERVER_IP}, targetRef: {kind: Pod, name: server-0, namespace: default}}]
  ports: [{name: http, port: ${ports.inbound}}]
---
apiVersion: v1
kind: Service
metadata: {name: client, namespace: default}
spec: {clusterIP: 10.0.0.2, selector: {app: client}, ports: [{name: http, port: 7777}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: client, namespace: default}
subsets:
- addresses: [{ip: ${CLIENT_IP}, targetRef: {kind: Pod, name: client-0, namespace: default}}]
  ports: [{name: http, port: 7777}]
---
apiVersion: v1
kind: Pod
metadata: {name: server-0, namespace: default, labels: {app: server}}
spec:
  serviceAccountName: server
  containers: [{name: app, image: app, ports: [{containerPort: ${ports.inbound}}]}]
status: {podIP: ${SERVER_IP}, phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: client-0, namespace: default, labels: {app: client}}
spec:
  serviceAccountName: client
  containers: [{name: app, image: app}]
status: {podIP: ${CLIENT_IP}, phase: Running}
---
apiVersion: authentication.istio.io/v1alpha1
kind: MeshPolicy
metadata: {name: default}
spec: {peers: [{mtls: {}}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: {name: default, namespace: istio-system}
spec: {host: '*.local', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
---
apiVersion: networking.istio.io/v1alpha3
kind: Sidecar
metadata: {name: server, namespace: default}
spec:
  workloadSelector: {labels: {app: server}}
  ingress:
  - port: {number: ${ports.inbound}, protocol: HTTP, name: http}
    bind: ${SERVER_IP}
    captureMode: NONE
    defaultEndpoint: 127.0.0.1:${ports.app}
  egress: [{hosts: ['./*']}]
---
apiVersion: networking.istio.io/v1alpha3
kind: Sidecar
metadata: {name: client, namespace: default}
spec:
  workloadSelector: {labels: {app: client}}
  egress:
  - port: {number: ${ports.service}, protocol: HTTP, name: http}
    bind: ${CLIENT_IP}
    captureMode: NONE
    hosts: ['./*']
---
apiVersion: rbac.istio.io/v1alpha1
kind: ClusterRbacConfig
metadata: {name: default}
spec: {mode: ON}
---
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRole
metadata: {name: callers, namespace: default}
spec: {rules: [{services: ['server.default.svc.cluster.local'], methods: ['*']}]}
---
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRoleBinding
metadata: {name: callers, namespace: default}
spec:
  subjects: [{user: cluster.local/ns/default/sa/client}]
  roleRef: {kind: ServiceRole, name: callers}
`;
}

interface Listener {
  readonly address: { readonly socket_address: { readonly address: string } };
}

interface Bootstrap {
  readonly stats_config?: unknown;
  readonly static_resources: { readonly listeners: readonly Listener[] };
}

/** Without what listens on all addresses, and with all statistics. */
function onLoopback({ stats_config: _, ...bootstrap }: Bootstrap): Bootstrap {
  const { listeners, ...rest } = bootstrap.static_resources;
  const local = listeners.filter(({ address }) => address.socket_address.address.startsWith('127.'));
  return { ...bootstrap, static_resources: { ...rest, listeners: local } };
}

/** The serial of the certificate that the server presents, as a client of the mesh sees it. */
function serialAt(port: number, client: Issued, root: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(
      {
        host: SERVER_IP,
        port,
        cert: client.certificate,
        key: client.key,
        ca: root,
        checkServerIdentity: () => undefined,
      },
      () => {
        const { serialNumber } = socket.getPeerCertificate();
        socket.destroy();
        done(serialNumber.toLowerCase());
      },
    );
    socket.on('error', failed);
  });
}

describe.skipIf(ENVOY === undefined)(`a mesh of two Envoys (${ENVOY ?? NO_ENVOY})`, () => {
  let folder: string;
  let authority: Authority;
  let sds: SdsServer;
  let app: Server;
  let ports: { service: number; inbound: number; app: number };
  let clientAdmin: number;
  let clientIdentity: Issued;
  let serverIdentity: Issued;
  const proxies = new Map<string, RunningEnvoy>();

  const request = () =>
    fetchText(CLIENT_IP, ports.service, '/', `server.default.svc.cluster.local:${ports.service}`);

  /** Compiles a proxy's bootstrap into a folder of its own, with its token beside, and starts it. */
  async function start(name: 'client' | 'server', ip: string, baseId: number): Promise<void> {
    const own = join(folder, name);
    mkdirSync(own, { recursive: true });
    const token = join(own, 'token');
    writeFileSync(token, TOKENS[name]);
    const { settings } = readMeshConfig(
      'mesh.yaml',
      `{enableTracing: false, sdsUdsPath: 'unix:${folder}/sds.sock', enableSdsTokenMount: true, rootNamespace: istio-system, connectTimeout: 1s}`,
    );
    const metadata = {
      ISTIO_PROXY_VERSION: '1.1.7',
      INTERCEPTION_MODE: 'NONE',
      SDS_TOKEN_PATH: token,
      CONFIG_NAMESPACE: 'default',
      app: name,
    };
    const described = {
      type: 'sidecar',
      ip,
      id: `${name}-0.default`,
      domain: 'default.svc.cluster.local',
      metadata,
    };
    const { file: proxy } = readProxyFile('proxy.json', JSON.stringify(described));
    const adminPort = await freePort('127.0.0.1');
    if (settings === undefined || proxy === undefined) throw new Error('no settings or no proxy');
    const result = bootstrap([{ name: 'mesh.yaml', text: meshOf(ports) }], {
      settings,
      proxy,
      api: 'v3',
      dataplane: 'envoy',
      discovery: 'static',
      config: { proxy_admin_port: adminPort },
    });
    if (result.bootstrap === undefined) throw new Error(JSON.stringify(result.findings));
    writeFileSync(
      join(own, 'envoy.json'),
      JSON.stringify(onLoopback(result.bootstrap as unknown as Bootstrap)),
    );
    const running = new RunningEnvoy(ENVOY as string, join(own, 'envoy.json'), baseId);
    proxies.set(name, running);
    if (name === 'client') clientAdmin = adminPort;
    await running.ready(adminPort);
  }

  /** Starts the client anew, so that no connection of before is used. */
  async function restartClient(): Promise<void> {
    await proxies.get('client')?.stop();
    await start('client', CLIENT_IP, 4002);
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'xdsc-mesh-'));
    app = createServer((_, reply) => reply.end('hello'));
    await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
    ports = {
      service: await freePort(CLIENT_IP),
      inbound: await freePort(SERVER_IP),
      app: (app.address() as AddressInfo).port,
    };
    authority = await Authority.create();
    sds = new SdsServer(authority.root, HEADER);
    clientIdentity = await authority.issue({ uris: [spiffe('client')] });
    serverIdentity = await authority.issue({ uris: [spiffe('server')] });
    sds.issue(TOKENS.client, clientIdentity);
    sds.issue(TOKENS.server, serverIdentity);
    await sds.listen(join(folder, 'sds.sock'));
    await start('server', SERVER_IP, 4001);
    await start('client', CLIENT_IP, 4002);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
    sds?.close();
    app?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('requests pass, and each proxy showed its token', { timeout: 20_000 }, async () => {
    const { status, text } = await request();
    expect({ status, text }).toEqual({ status: 200, text: 'hello' });
    expect(sds.calls.known).toBeGreaterThanOrEqual(2);
    expect(sds.calls.refused).toBe(0);
  });

  test('the server presents what SDS gave it, and wants a certificate', { timeout: 20_000 }, async () => {
    expect(await serialAt(ports.inbound, clientIdentity, authority.root)).toBe(serverIdentity.serial);
    await expect(fetchText(SERVER_IP, ports.inbound, '/', 'server')).rejects.toThrow();
  });

  test('a rotation is seen, and no request fails', { timeout: 40_000 }, async () => {
    let running = true;
    let requests = 0;
    const failures: string[] = [];
    const load = Array.from({ length: 4 }, async () => {
      while (running) {
        const outcome = await request().then(
          ({ status, text }) => (status === 200 ? undefined : `${status} ${text}`),
          (error: Error) => error.message,
        );
        requests++;
        if (outcome !== undefined) failures.push(outcome);
      }
    });
    await pause(500);
    const next = await authority.issue({ uris: [spiffe('server')] });
    const began = performance.now();
    sds.issue(TOKENS.server, next);
    let seen = '';
    while (seen !== next.serial && performance.now() - began < 20_000) {
      seen = await serialAt(ports.inbound, clientIdentity, authority.root);
      if (seen !== next.serial) await pause(5);
    }
    const took = performance.now() - began;
    await pause(1000);
    running = false;
    await Promise.all(load);
    console.log(
      `rotation: ${requests} requests, ${failures.length} failures, the new serial after ${took.toFixed(0)} ms`,
    );
    expect(failures).toEqual([]);
    expect(seen).toBe(next.serial);
    expect(requests).toBeGreaterThan(50);
    serverIdentity = next;
  });

  test('a client with another identity is refused', { timeout: 30_000 }, async () => {
    sds.issue(TOKENS.client, await authority.issue({ uris: [spiffe('intruder')] }));
    await restartClient();
    expect(await request()).toEqual({ status: 403, text: 'RBAC: access denied' });
    sds.issue(TOKENS.client, clientIdentity);
    await restartClient();
    expect((await request()).status).toBe(200);
  });

  test('a server with another identity is refused by the client', { timeout: 30_000 }, async () => {
    const intruder = await authority.issue({ uris: [spiffe('intruder')] });
    sds.issue(TOKENS.server, intruder);
    while ((await serialAt(ports.inbound, clientIdentity, authority.root)) !== intruder.serial)
      await pause(20);
    await restartClient();
    expect((await request()).status).toBe(503);
    const { text } = await fetchText('127.0.0.1', clientAdmin, '/stats?filter=fail_verify_san', 'localhost');
    expect(text).toMatch(/outbound\S*ssl\.fail_verify_san: [1-9]/);
  });

  test('no secret is a file but the tokens', () => {
    for (const name of ['client', 'server']) {
      expect(readdirSync(join(folder, name)).sort()).toEqual(['envoy.json', 'token']);
      const text = readFileSync(join(folder, name, 'envoy.json'), 'utf8');
      expect(text).not.toMatch(/PRIVATE KEY|BEGIN CERTIFICATE|private_key/);
    }
  });
});
