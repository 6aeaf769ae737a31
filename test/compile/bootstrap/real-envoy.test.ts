// Static bootstraps of the conformance cases and the real Envoy: it accepts all of them in v3, and starts from
// three, holding what was compiled.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bootstrap } from '../../../src/compile/bootstrap/bootstrap.js';
import { type MessageInfo, message } from '../../../src/envoy/api-table.js';
import { MessageReader } from '../../../src/envoy/message-reader.js';
import { readMeshConfig } from '../../../src/mesh/mesh-config.js';
import { readProxyFile } from '../../../src/mesh/proxy-description.js';
import { type Document, readSource } from '../../../src/source/document.js';
import { Authority } from '../../real-envoy/certificates.js';
import { ENVOY, refusals } from '../../real-envoy/envoy.js';
import { standIns, withStandIns } from '../../real-envoy/stand-in.js';
import { sharedFolder } from '../../shared.js';
import { difference } from '../conformance.js';

const SETS = ['istio-1.1.7', 'istio-1.1.7-random'];
const conformance = sharedFolder('conformance');
const folder = mkdtempSync(join(tmpdir(), 'xdsc-bootstrap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Json = Parameters<typeof withStandIns>[0];
interface StaticBootstrap {
  static_resources: { clusters: Named[]; listeners: Named[] };
}
type Named = { name?: string };
type Address = { socket_address: { address: string; port_value: number } };

/** The static bootstrap of a case, in v3, for an upstream Envoy. */
function bootstrapOf(path: string): Json {
  const read = (name: string) => readFileSync(join(path, name), 'utf8');
  const { settings } = readMeshConfig('mesh.yaml', read('mesh.yaml'));
  const { file } = readProxyFile('proxy.json', read('proxy.json'));
  if (settings === undefined || file === undefined) throw new Error(`${path} cannot be read`);
  const inputs = readdirSync(join(path, 'input')).map((name) => ({ name, text: read(join('input', name)) }));
  const result = bootstrap(inputs, { settings, proxy: file, dataplane: 'envoy', api: 'v3' });
  const errors = result.findings.filter(({ level }) => level === 'error');
  if (result.bootstrap === undefined) throw new Error(errors.map((error) => error.message).join('\n'));
  return result.bootstrap as Json;
}

describe.skipIf(ENVOY === undefined || conformance === undefined)('the real Envoy', () => {
  const envoy = ENVOY as string;
  const certificates = Authority.create().then((authority) => standIns(join(folder, 'files'), authority));

  it.each(SETS)('accepts the static bootstraps of %s', { timeout: 240_000 }, async (set) => {
    const files = await certificates;
    const cases = readdirSync(join(conformance as string, set)).sort();
    const written = cases.map((name) => {
      const path = join(folder, `${name}.json`);
      const value = withStandIns(bootstrapOf(join(conformance as string, set, name)), files);
      writeFileSync(path, JSON.stringify(value));
      return path;
    });
    const refused = await refusals(envoy, written);
    expect(cases.flatMap((name, i) => (refused[i] === undefined ? [] : [`${name}: ${refused[i]}`]))).toEqual(
      [],
    );
  });

  it.each(['bookinfo-mtls-productpage-sds-token', 'serviceentry-sleep.foo-legacy', 'ingress-multi-server'])(
    'starts from the static bootstrap of %s, and holds it',
    { timeout: 60_000 },
    async (name) => {
      const given = bootstrapOf(join(conformance as string, 'istio-1.1.7', name));
      const value = withFreePorts(withStandIns(given, await certificates)) as unknown as StaticBootstrap;
      const path = join(folder, `start-${name}.json`);
      writeFileSync(path, JSON.stringify(value));
      const dump = await configDump(envoy, path);
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

/** What an Envoy that starts from a file says that it holds. */
async function configDump(envoy: string, file: string): Promise<Dump> {
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
    return await Promise.race([ended, dumpAt(addressFile)]);
  } finally {
    await stopped(running);
  }
}

interface Dump {
  readonly configs: readonly { readonly [kind: string]: readonly { readonly [what: string]: Named }[] }[];
}

async function dumpAt(addressFile: string): Promise<Dump> {
  for (;;) {
    const address = existsSync(addressFile) ? readFileSync(addressFile, 'utf8').trim() : '';
    if (address !== '') {
      const answer = await fetch(`http://${address}/config_dump`).catch(() => undefined);
      if (answer?.ok) return (await answer.json()) as Dump;
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
