// Measures the built package against its targets and prints what came out. Timing is no test: the exit
// status is 0 whatever the figures, unless something breaks.
//
//   npm run bench             about two minutes on two cores
//   npm run bench -- --quick  without what takes long: 100,000 clusters and an output over 512 MB

import { constants } from 'node:buffer';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { here, median, node, timeProcesses, timeSubjects } from './measure.mjs';
import { Report } from './report.mjs';

const { MAX_STRING_LENGTH } = constants;

/** How often a size is measured in one process: small ones run too short for a few calls to tell. */
const CALLS = { 1000: 41, 10000: 6, 100000: 3 };

const quick = process.argv.includes('--quick');
const folder = mkdtempSync(join(tmpdir(), 'xdsc-bench-'));
const report = new Report();
try {
  report.print(`Node.js ${process.version}; times are medians${quick ? '; quick' : ''}`);
  measureJson();
  measureGrowth();
  measureYaml();
  measureMemory();
  measureStart();
  report.section('validate of 10,000 clusters in JSON, in process (bench/validate.mjs)');
  report.print(
    node([here('validate.mjs')])
      .trimEnd()
      .replace(/^/gm, '  '),
  );
  report.section('upgrade to v3 against parsing and printing, in process (bench/upgrade.mjs)');
  report.print(
    node([here('upgrade.mjs')])
      .trimEnd()
      .replace(/^/gm, '  '),
  );
} finally {
  rmSync(folder, { recursive: true });
}

/** Writes an input and what it becomes, once, and returns their paths. */
function input(count, format = 'json', convertToo = true) {
  const [file, converted] = [`${count}.${format}`, `${count}-converted.${format}`].map((name) =>
    join(folder, name),
  );
  if (!existsSync(file)) node([here('inputs.mjs'), String(count), file, ...(convertToo ? [converted] : [])]);
  return [file, converted];
}

function measureJson() {
  const [file, converted] = input(10_000);
  // The floor is native code that is as fast in its first calls as later on.
  const floor = (name) => ({ subject: name, files: [file, converted], calls: 5 });
  const ours = (name) => ({ subject: name, files: [file], calls: 11 });
  const times = timeSubjects(
    {
      floor: floor('floor'),
      convert: ours('convert'),
      convertToString: ours('convertToString'),
      floorToBytes: floor('floorToBytes'),
      convertToBytes: ours('convertToBytes'),
    },
    quick ? 2 : 3,
  );
  report.section(
    `convert of 10,000 clusters in JSON, ${size(file)} to ${size(converted)}, in process`,
    'against the floor: JSON.parse of the input and JSON.stringify of the output',
  );
  report.times('the floor', times.floor);
  report.times('convert, pieces passed by', times.convert, times.floor, 1);
  report.times('convert, joined to one string', times.convertToString, times.floor, 1);
  report.times('the floor, encoded to bytes', times.floorToBytes);
  report.times('convert, encoded to bytes', times.convertToBytes, times.floorToBytes, 1);
}

function measureGrowth() {
  const counts = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000];
  const subjects = {};
  for (const count of counts) {
    const files = input(count);
    subjects[`convert ${count}`] = { subject: 'convert', files, calls: CALLS[count] };
    // The floor holds the output as values, for which a small machine has no room.
    const flags = ['--max-old-space-size=8192'];
    if (count < 100_000 || totalmem() > 12e9)
      subjects[`floor ${count}`] = { subject: 'floor', files, calls: 2, flags };
  }
  const times = timeSubjects(subjects, 2);
  const each = (name, count) => times[name] && times[name].later.wall / count;
  report.section(
    'growth: time for each cluster, pieces passed by',
    'against that of 1,000 clusters, and the floor',
  );
  for (const count of counts) {
    report.growth(
      `${number(count)} clusters`,
      { time: each(`convert ${count}`, count), floor: each(`floor ${count}`, count) },
      each('convert 1000', 1_000),
      count === 100_000 ? 1.5 : undefined,
    );
  }
  if (!quick) measureLongest();
}

/** An output that no string can hold. */
function measureLongest() {
  const files = input(140_000, 'json', false);
  const { longest } = timeSubjects({ longest: { subject: 'convert', files, calls: 1 } }, 1);
  const took = (longest.first.wall / 1000).toFixed(1);
  report.print(
    `  140,000 clusters: ${number(longest.length)} characters in ${took} s; a string holds ${number(MAX_STRING_LENGTH)}`,
  );
}

function measureYaml() {
  const [file, converted] = input(1_000, 'yaml');
  const subject = (name, calls) => ({ subject: name, files: [file], calls });
  const times = timeSubjects(
    {
      load: subject('jsYamlLoad', 15),
      convert: subject('convertToString', 15),
      parse: subject('yamlParse', 5),
    },
    3,
  );
  report.section(
    `convert of 1,000 clusters in YAML, ${size(file)} to ${size(converted)}, in process`,
    "against the fastest reader of YAML on npm, js-yaml 5's load (subjects.mjs says which were tried)",
  );
  report.times('js-yaml, load', times.load);
  report.times('yaml, parse', times.parse, times.load);
  report.times('convert, joined to one string', times.convert, times.load, 3);
}

function measureMemory() {
  const [file, converted] = input(10_000);
  /** @type {{ empty: number[], convert: number[] }} */
  const peaks = { empty: [], convert: [] };
  for (let round = 0; round < 3; round++) {
    peaks.empty.push(Number(node([here('memory-child.mjs')])));
    peaks.convert.push(Number(node([here('memory-child.mjs'), file])));
  }
  const above = median(peaks.convert) - median(peaks.empty);
  report.section('peak memory of convert of 10,000 clusters, above the empty process');
  report.memory(above, statSync(file).size + statSync(converted).size, 4);
}

function measureStart() {
  const [file] = input(4);
  const cli = here('../dist/cli.js');
  const times = timeProcesses(
    {
      empty: ['-e', '0'],
      version: [cli, '--version'],
      convert: [cli, 'convert', file],
      validate: [cli, 'validate', '--fail-on', 'never', file],
    },
    quick ? 9 : 21,
  );
  report.section('whole processes');
  report.start('node -e 0', times.empty);
  report.start('xdsc --version', times.version, times.empty, 1.5);
  report.start(`xdsc convert, ${size(file)}`, times.convert, times.empty, 3);
  report.start(`xdsc validate, ${size(file)}`, times.validate, times.empty, 3);
}

function size(path) {
  const bytes = statSync(path).size;
  return bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function number(count) {
  return count.toLocaleString('en');
}
