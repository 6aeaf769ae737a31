// Times the stages of compile for one proxy, and JSON.stringify of the same clusters and listeners, and prints
// the times in milliseconds as JSON, a sample for each round: on the clock, and of the processor with the
// threads that collect garbage and compile, in which what else the machine does counts less.
//
//   stages.mjs INPUT MESH PROXY ROUNDS

import { readFileSync } from 'node:fs';
import { discoveryResponse, JSON_FORM } from '../src/compile/output/response.js';
import { responseWriter } from '../src/compile/output/writer.js';
import { contextFor, pilotEnvironment } from '../src/compile/pilot/context/context.js';
import {
  compileClusters,
  compileListeners,
  compileRoutes,
} from '../src/compile/pilot/proxy-configuration.js';
import { checkMesh } from '../src/mesh/check-mesh.js';
import { readMeshConfig } from '../src/mesh/mesh-config.js';
import { resolveProxy } from '../src/mesh/proxy.js';
import { describeWorkload, workloadNamed } from '../src/mesh/proxy-description.js';
import { readMesh } from '../src/mesh/read-mesh.js';
import { readSource } from '../src/source/document.js';

const [input = '', meshFile = '', proxyName = '', rounds = '1'] = process.argv.slice(2);
const { settings } = readMeshConfig('mesh.yaml', readFileSync(meshFile, 'utf8'));
const { documents } = readSource('input.yaml', readFileSync(input, 'utf8'));
if (settings === undefined) throw new Error('no mesh settings');

/** Where what is printed goes, as it does on its way to a file. */
const buffer = Buffer.allocUnsafe(1 << 22);

const samples = Array.from({ length: Number(rounds) }, () => {
  const wall: Record<string, number> = {};
  const cpu: Record<string, number> = {};
  const timed = <T>(name: string, work: () => T): T => {
    const [used, start] = [process.cpuUsage(), performance.now()];
    const result = work();
    wall[name] = performance.now() - start;
    const { user, system } = process.cpuUsage(used);
    cpu[name] = (user + system) / 1000;
    return result;
  };
  const { mesh } = timed('mesh', () => readMesh(documents, settings));
  timed('check', () => checkMesh(mesh));
  const workload = workloadNamed(mesh, proxyName);
  if (workload === undefined) throw new Error(`no workload ${proxyName}`);
  const proxy = resolveProxy(mesh, describeWorkload(mesh, workload));
  const context = contextFor(mesh, proxy, pilotEnvironment({}));
  const clusters = timed('clusters', () => compileClusters(context));
  const listeners = timed('listeners', () => compileListeners(context));
  const routes = timed('others', () => compileRoutes(context, listeners, []));
  const compiled = { clusters, listeners, routes, endpoints: [], findings: [] };
  timed('print', () => {
    const writer = responseWriter(JSON_FORM, 0, false);
    for (const kind of ['clusters', 'listeners'] as const) {
      for (const piece of writer.response(kind, compiled)) buffer.write(piece);
    }
  });
  const value = [discoveryResponse('clusters', clusters), discoveryResponse('listeners', listeners)];
  timed('indented', () => JSON.stringify(value, null, 1));
  timed('compact', () => JSON.stringify(value));
  return { wall, cpu };
});
process.stdout.write(JSON.stringify(samples));
