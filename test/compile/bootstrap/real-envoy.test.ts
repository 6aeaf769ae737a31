// Bootstraps and the real Envoy: it starts from static ones of three conformance cases, holding what was
// compiled, accepts those of random meshes, and loads discovery files. (test/real-envoy/compiled.test.ts has the other cases.)

import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrap } from '../../../src/compile/bootstrap/bootstrap.js';
import { type MessageInfo, message } from '../../../src/envoy/api-table.js';
import { MessageReader } from '../../../src/envoy/message-reader.js';
import { readMeshConfig } from '../../../src/mesh/mesh-config.js';
import { type Document, readSource } from '../../../src/source/document.js';
import { Trial } from '../../real-envoy/acceptance.js';
import { Authority } from '../../real-envoy/certificates.js';
import { ENVOY } from '../../real-envoy/envoy.js';
import { type StandIns, standIns, withStandIns } from '../../real-envoy/stand-in.js';
import { sharedFolder } from '../../shared.js';
import { difference } from '../message-difference.js';
import { caseBootstrap } from './case-bootstrap.js';

const conformance = sharedFolder('conformance');

type Json = Parameters<typeof withStandIns>[0];
interface StaticBootstrap {
  static_resources: { clusters: Named[]; listeners: Named[] };
}
type Named = { name?: string };
type Address = { socket_address: { address: string; port_value: number } };

const MESH = resolve(import.meta.dirname, '../../../fixtures/bootstrap/files');

describe.skipIf(ENVOY === undefined)('the real Envoy', () => {
  const envoy = ENVOY as string;
  let folder: string;
  let trial: Trial;
  let files: StandIns;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'xdsc-bootstrap-'));
    trial = await Trial.open();
    files = await standIns(join(folder, 'files'), await Authority.create());
  });

  afterAll(() => {
    trial.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.skipIf(conformance === undefined)(
    'accepts the static bootstraps of random meshes',
    { timeout: 120_000 },
    async () => {
      const set = join(conformance as string, 'istio-1.1.7-random');
      const cases = readdirSync(set).sort();
      const candidates = cases.map((name) => ({ name, text: caseBootstrap(join(set, name), 'v3') }));
      const verdicts = await trial.verdicts(envoy, candidates);
      expect([...verdicts].filter(([, reason]) => reason !== undefined)).toEqual([]);
      expect(verdicts.size).toBe(24);
    },
  );

  it
    .skipIf(conformance === undefined)
    .each(['bookinfo-mtls-productpage-sds-token', 'serviceentry-sleep.foo-legacy', 'ingress-multi-server'])(
    'starts from the static bootstrap of %s, and holds it',
    { timeout: 60_000 },
    async (name) => {
      const given = JSON.parse(caseBootstrap(join(conformance as string, 'istio-1.1.7', name), 'v3'));
      const value = withFreePorts(withStandIns(given, files)) as unknown as StaticBootstrap;
      const path = join(folder, `start-${name}.json`);
      writeFileSync(path, JSON.stringify(value));
      const dump = await configDump(envoy, path, () => true);
      const { clusters, listeners } = value.static_resources;
      expect(clusters.length).toBeGreaterThan(4);
      expect(
        differences('envoy.config.cluster.v3.Cluster', clusters, held(dump, 'static_clusters', 'cluster')),
      ).toEqual([]);
      expect(
        differences(
          'envoy.config.listener.v3.Listener',
          listeners,
          held(dump, 'static_listeners', 'listener'),
        ),
      ).toEqual([]);
    },
  );

  it('loads clusters, endpoints, listeners and routes from files', { timeout: 60_000 }, async () => {
    const read = (name: string) => readFileSync(join(MESH, name), 'utf8');
    const { settings } = readMeshConfig('mesh.yaml', read('mesh.yaml'));
    const at = join(folder, 'discovery');
    const result = bootstrap([{ name: 'input.yaml', text: read('input.yaml') }], {
      ...(settings !== undefined && { settings }),
      proxy: 'cart-0.shop',
      dataplane: 'envoy',
      api: 'v3',
      discovery: 'files',
      folder: at,
    });
    const files = [
      ...result.files,
      { path: 'bootstrap.json', content: withFreePorts(result.bootstrap as Json) },
    ];
    for (const { path, content } of files) {
      mkdirSync(dirname(join(at, path)), { recursive: true });
      writeFileSync(join(at, path), JSON.stringify(content).replace('"port_value":15001', '"port_value":0'));
    }
    const names = (dump: Dump) => held(dump, 'dynamic_active_clusters', 'cluster').map(({ name }) => name);
    const wanted = 'outbound|80||cart.shop.svc.cluster.local';
    const routes = (dump: Dump) =>
      held(dump, 'dynamic_route_configs', 'route_config').map(({ name }) => name);
    // A cluster is active when its endpoints have come.
    const dump = await configDump(
      envoy,
      join(at, 'bootstrap.json'),
      (so) => names(so).includes(wanted) && routes(so).length > 0,
    );
    expect(routes(dump)).toEqual(['80']);
    expect(names(dump).length).toBe(4);
  });
});

/** A copy whose listeners, and admin interface, are at ports that are free; no two at one address. */
function withFreePorts(value: Json): Json {
  const copy = JSON.parse(JSON.stringify(value));
  copy.admin.address.socket_address.port_value = 0;
  copy.static_resources.listeners.forEach(({ address }: { address: Address }, i: number) => {
    address.socket_address = { address: `127.0.0.${i + 1}`, port_value: 0 };
  });
  return copy;
}

/** What an Envoy that starts from a file says that it holds, once it holds what is waited for. */
async function configDump(envoy: string, file: string, until: (dump: Dump) => boolean): Promise<Dump> {
  const addressFile = `${file}.admin`;
  const args = [
    '-c',
    file,
    '--use-dynamic-base-id',
    '--concurrency',
    '1',
    '-l',
    'error',
    '--admin-address-path',
    addressFile,
  ];
  const running = spawn(envoy, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  running.stderr.on('data', (text) => {
    said += String(text);
  });
  try {
    const ended = new Promise<never>((_, fail) => running.once('exit', () => fail(new Error(said))));
    return await Promise.race([ended, dumpAt(addressFile, until)]);
  } finally {
    await stopped(running);
  }
}

interface Dump {
  readonly configs: readonly { readonly [kind: string]: readonly { readonly [what: string]: Named }[] }[];
}

async function dumpAt(addressFile: string, until: (dump: Dump) => boolean): Promise<Dump> {
  for (;;) {
    const address = existsSync(addressFile) ? readFileSync(addressFile, 'utf8').trim() : '';
    if (address !== '') {
      const answer = await fetch(`http://${address}/config_dump`).catch(() => undefined);
      const dump = answer?.ok ? ((await answer.json()) as Dump) : undefined;
      if (dump !== undefined && until(dump)) return dump;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

function stopped(running: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (running.exitCode !== null || running.signalCode !== null) done();
    else {
      running.removeAllListeners('exit');
      running.once('exit', () => done());
      running.kill('SIGKILL');
    }
  });
}

function held(dump: Dump, kind: string, what: string): Named[] {
  return dump.configs.flatMap((config) => (config[kind] ?? []).map((entry) => entry[what] as Named));
}

/** In what two sets of resources differ, as messages. */
function differences(type: string, given: readonly Named[], holding: readonly Named[]): string[] {
  const byName = new Map(holding.map((resource) => [resource.name, resource]));
  const names = given.length === holding.length ? [] : [`${given.length} given, ${holding.length} held`];
  return [
    ...names,
    ...given.flatMap((resource) => {
      // Envoy names what has no name.
      const other = byName.get(resource.name) ?? {};
      const first = difference(message(type) as MessageInfo, normal(type, resource), normal(type, other), '');
      return resource.name === undefined || first === undefined ? [] : [`${resource.name}: ${first}`];
    }),
  ];
}

function normal(type: string, value: object): object {
  // Envoy shows neither keys nor tokens, nor where they are.
  const text = JSON.stringify(value).replace(/"(secret_data|private_key)":\{[^}]*\}/g, '"$1":{}');
  const [document] = readSource('value.json', text, { format: 'json' }).documents;
  return new MessageReader(document as Document).read(message(type) as MessageInfo, 0)?.toValue() ?? {};
}
