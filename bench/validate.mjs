// What validation costs on a bootstrap with 10,000 clusters: reading with the schema check against JSON.parse,
// and the rules against reading with the schema check. First calls are in a process of their own.
//
//   node bench/validate.mjs [COUNT]

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bootstrapJson } from './bootstrap.mjs';
import { node } from './measure.mjs';

const ROUNDS = 5;
const CALLS = 5;

/** What is measured, from the sources: the parts are no exports of the package. */
const ENTRY = `
export { validate } from './src/validate/validate.js';
export { readSource } from './src/source/document.js';
export { detect } from './src/envoy/detect.js';
export { checkSchema } from './src/envoy/schema/check.js';
`;

/** Each takes the text once. */
const SUBJECTS = {
  'JSON.parse': () => (text) => JSON.parse(text),
  check:
    ({ readSource, detect, checkSchema }) =>
    (text) => {
      const [document] = readSource('a.json', text).documents;
      return checkSchema(document, detect(document.tape).roots);
    },
  errors: ({ readSource, detect, checkSchema }) => {
    let wrong;
    return (text) => {
      // An error in each cluster. That this is made counts for the first call too.
      wrong ??= text.replaceAll('"max_retries": 1024', '"max_retries": "x"');
      const [document] = readSource('a.json', wrong).documents;
      return checkSchema(document, detect(document.tape).roots);
    };
  },
  validate:
    ({ validate }) =>
    (text) =>
      validate([{ name: 'a.json', text }]),
};

const [what = '10000', library, file] = process.argv.slice(2);
if (library === undefined) await main(Number(what));
else await child(what, library, file);

async function main(count) {
  const folder = mkdtempSync(join(tmpdir(), 'xdsc-bench-'));
  try {
    const bundle = join(folder, 'library.mjs');
    await build({
      stdin: { contents: ENTRY, resolveDir: join(import.meta.dirname, '..') },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: bundle,
      logLevel: 'error',
    });
    const text = bootstrapJson(count);
    const input = join(folder, 'a.json');
    writeFileSync(input, text);
    console.log(`${count} clusters, ${(text.length / 1e6).toFixed(1)} MB; medians in ms of CPU time`);
    /** @type {Record<string, [cold: number, warm: number][]>} */
    const samples = Object.fromEntries(Object.keys(SUBJECTS).map((name) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, list] of Object.entries(samples))
        list.push(JSON.parse(node([fileURLToPath(import.meta.url), name, bundle, input])));
    }
    for (const [index, kind] of ['cold', 'warm'].entries()) {
      const of = (name) => median(samples[name].map((times) => times[index]));
      const [parse, check, all, errors] = ['JSON.parse', 'check', 'validate', 'errors'].map(of);
      console.log(
        `${kind}: JSON.parse ${parse.toFixed(0)}, read and schema check ${check.toFixed(0)} (${(check / parse).toFixed(1)} times), with rules ${all.toFixed(0)} (rules ${((all - check) / check).toFixed(2)} of the check), check with ${count} errors ${errors.toFixed(0)}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function child(name, library, file) {
  const subject = SUBJECTS[name](await import(library));
  const text = readFileSync(file, 'utf8');
  const times = [];
  for (let call = 0; call <= CALLS; call++) {
    const before = process.cpuUsage();
    subject(text);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  console.log(JSON.stringify([times[0], median(times.slice(1))]));
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}
