// Measures compile on generated meshes and prints what came out. Timing is no test: the exit status is 0
// whatever the figures, unless something breaks.
//
//   npm run bench:compile             about five minutes on two cores
//   npm run bench:compile -- --quick  without all proxies of a mesh

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { here, median, node } from './measure.mjs';
import { MESH, meshYaml } from './mesh.mjs';
import { Report } from './report.mjs';

const quick = process.argv.includes('--quick');
const folder = mkdtempSync(join(tmpdir(), 'xdsc-bench-'));
const at = (name) => join(folder, name);
const report = new Report();
try {
  report.print(`Node.js ${process.version}; medians`);
  writeFileSync(at('mesh.yaml'), MESH);
  await bundleStages();
  const sizes = [100, 1_000, 10_000].map((count) => ({ count, ...stages(`${count}.yaml`, meshYaml(count)) }));
  measureStages(sizes.at(-1));
  measureGrowth(sizes);
  measureWhole('10000.yaml');
  measureFeatures();
  if (!quick) measureAll();
} finally {
  rmSync(folder, { recursive: true });
}

/** The stages of compile are no part of the package, so they are bundled from the sources. */
async function bundleStages() {
  await build({
    entryPoints: [here('compile-stages.ts')],
    outfile: at('stages.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    banner: {
      js: "import{createRequire as xdscRequire}from'node:module';const require=xdscRequire(import.meta.url);",
    },
  });
}

/** @typedef {Record<'mesh' | 'check' | 'clusters' | 'listeners' | 'others' | 'print' | 'indented' | 'compact', number>} Stages */

/**
 * How long the stages take on an input, in a process of their own, in milliseconds: medians on the clock, those
 * of the processor, and the first round on the clock.
 *
 * @returns {Stages & { cpu: Stages, first: Stages }}
 */
function stages(name, text, proxy = 'svc-0-0.team-0', rounds = 9) {
  writeFileSync(at(name), text);
  const output = node([at('stages.mjs'), at(name), at('mesh.yaml'), proxy, String(rounds)]);
  const samples = JSON.parse(output);
  const medians = (clock) => {
    const names = Object.keys(samples[0][clock]);
    const times = names.map((stage) => [stage, median(samples.map((sample) => sample[clock][stage]))]);
    return /** @type {Stages} */ (Object.fromEntries(times));
  };
  return { ...medians('wall'), cpu: medians('cpu'), first: samples[0].wall };
}

function made({ clusters, listeners, print }) {
  return clusters + listeners + print;
}

function measureStages(times) {
  report.section(
    '10,000 services, a sidecar: clusters and listeners',
    'against JSON.stringify of what was printed, in the same process; the command prints indented JSON',
  );
  report.row('JSON.stringify, indented', [ms(times.indented)]);
  report.row('JSON.stringify, compact', [ms(times.compact)]);
  report.row('mesh to printed JSON', [
    ms(made(times)),
    ratio(made(times), times.indented, 3),
    `against compact ${ratio(made(times), times.compact, 3)}`,
  ]);
  const all = (of) => of.mesh + made(of);
  report.row('documents to printed JSON', [
    ms(all(times)),
    ratio(all(times), times.indented, 3),
    `against compact ${(all(times) / times.compact).toFixed(2)} times`,
  ]);
  for (const [name, one] of [
    ['in processor time', times.cpu],
    ['in the first round', times.first],
  ])
    report.row(name, [ms(all(one)), `${(all(one) / one.indented).toFixed(2)} times`]);
}

function measureGrowth(sizes) {
  report.section('growth: time for each service, from documents to printed JSON');
  const [first] = sizes;
  const each = (times) => (times.mesh + made(times)) / times.count;
  for (const times of sizes) {
    report.row(`${times.count.toLocaleString('en')} services`, [
      `${(each(times) * 1000).toFixed(1)} µs`,
      ratio(each(times), each(first), 1.5),
    ]);
  }
}

/** The whole process against the fastest reader of YAML on npm, with the same text. */
function measureWhole(name) {
  const reader = `
    import { readFileSync } from 'node:fs';
    import { loadAll } from ${JSON.stringify(import.meta.resolve('js-yaml'))};
    const text = readFileSync(${JSON.stringify(at(name))}, 'utf8');
    const start = performance.now();
    loadAll(text);
    process.stdout.write(String(performance.now() - start));`;
  writeFileSync(at('reader.mjs'), reader);
  const readers = [];
  const wholes = [];
  for (let round = 0; round < 3; round++) {
    readers.push(Number(node([at('reader.mjs')])));
    wholes.push(run([at(name), '--proxy', 'svc-0-0.team-0', '--emit', 'clusters,listeners']).wall);
  }
  report.section(`the whole process, from ${mb(statSync(at(name)).size)} of YAML to files`);
  report.row('js-yaml, loadAll', [ms(median(readers))]);
  report.row('xdsc compile', [ms(median(wholes)), ratio(median(wholes), median(readers), 3)]);
}

function measureFeatures() {
  report.section('1,000 services with VirtualServices, DestinationRules and Policies, to 4,000');
  const [few, many] = [1_000, 4_000].map((count) => ({
    count,
    sidecar: stages(`rules-${count}.yaml`, meshYaml(count, { rules: true }), 'svc-0-0.team-0', 3),
    gateway: stages(`rules-${count}.yaml`, meshYaml(count, { rules: true }), 'front-0.istio-system', 3),
  }));
  /** @type {readonly [string, (times: (typeof few)) => number][]} */
  const rows = [
    ['reading the mesh', ({ sidecar }) => sidecar.mesh],
    ['checking it', ({ sidecar }) => sidecar.check],
    ['a sidecar', ({ sidecar }) => made(sidecar) + sidecar.others],
    ['a gateway', ({ gateway }) => made(gateway) + gateway.others],
  ];
  for (const [name, of] of rows) {
    report.row(name, [
      `${ms(of(few))}, then ${ms(of(many))}`,
      `for each service ${ratio(of(many) / many.count, of(few) / few.count, 1.5)}`,
    ]);
  }
}

/** All proxies of 500 services with two pods each. */
function measureAll() {
  writeFileSync(at('fleet.yaml'), meshYaml(500, { pods: 2, namespaces: 10 }));
  const { wall, memory, stderr } = run([at('fleet.yaml'), '--proxy', 'all']);
  report.section('all proxies of 500 services and 1,000 pods');
  for (const line of stderr.trim().split('\n')) report.print(`  ${line.replace(` into ${at('out')}`, '')}`);
  report.row('time', [`${(wall / 1000).toFixed(1)} s`, `${mb(sizeOf(at('out')))} written`]);
  report.row('peak memory', [mb(memory)]);
}

/** Runs the program in a process that says how much memory it had. */
function run(args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      here('say-memory.mjs'),
      here('../dist/cli.js'),
      'compile',
      ...args,
      '--mesh',
      at('mesh.yaml'),
      '-o',
      at('out'),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 26 },
  );
  if (status !== 0) throw new Error(stderr);
  const [memory] = /\d+$/.exec(stderr) ?? [];
  return { wall: performance.now() - start, memory: Number(memory), stderr: stderr.replace(/\d+$/, '') };
}

function sizeOf(path) {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

function ratio(time, against, target) {
  const times = time / against;
  return `${times.toFixed(2)} times (target ${target}: ${times <= target ? 'met' : 'MISSED'})`;
}

function ms(milliseconds) {
  return `${milliseconds.toFixed(0)} ms`;
}

function mb(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
