// What is timed. Each subject prepares its input and gives a function to be timed, which returns the length
// of what it made, so that nothing can be left out. Subjects load what they need and nothing else: each runs
// in a process of its own (child.mjs).
//
// The fastest reader of YAML on npm is js-yaml 5. Also tried on the same 1,000 clusters: js-yaml 4 (as fast),
// yaml (4 to 5 times as long, and measured beside it as the most faithful), yamljs (7 times), yaml-js (45
// times). dessert-yaml-core, Rust in WebAssembly, takes twice as long by its own README, and its package has
// no code in it that loads.

import { readFileSync } from 'node:fs';

/** Pieces are put together to this many code units before they are encoded, as the command line does. */
const WRITE_SIZE = 1 << 20;

/** By name, so that a process can be told which. */
export const SUBJECTS = {
  floor,
  floorToBytes,
  convert,
  convertToString,
  convertToBytes,
  jsYamlLoad,
  yamlParse,
};

/** The floor: reading the input's text and printing the output's value. */
function floor(input, output) {
  const text = readFileSync(input, 'utf8');
  const value = JSON.parse(readFileSync(output, 'utf8'));
  return () => printed(text, value).length;
}

/** The floor, with the output as bytes. */
function floorToBytes(input, output) {
  const text = readFileSync(input, 'utf8');
  const value = JSON.parse(readFileSync(output, 'utf8'));
  return () => Buffer.from(printed(text, value)).length;
}

function printed(text, value) {
  JSON.parse(text);
  return JSON.stringify(value, null, 2);
}

/** convert, with the output's pieces passed by. */
async function convert(input) {
  const chunks = await converter(input);
  return () => {
    let length = 0;
    for (const chunk of chunks()) length += chunk.length;
    return length;
  };
}

/** convert, with the output in one string. */
async function convertToString(input) {
  const chunks = await converter(input);
  return () => [...chunks()].join('').length;
}

/** convert, with the output as bytes, a megabyte at a time. */
async function convertToBytes(input) {
  const chunks = await converter(input);
  return () => {
    let length = 0;
    let size = 0;
    let pieces = [];
    const encode = () => {
      length += Buffer.from(pieces.join('')).length;
      pieces = [];
      size = 0;
    };
    for (const chunk of chunks()) {
      pieces.push(chunk);
      size += chunk.length;
      if (size >= WRITE_SIZE) encode();
    }
    encode();
    return length;
  };
}

/** js-yaml's `load`, the fastest reader of YAML on npm. */
async function jsYamlLoad(input) {
  const { load } = await import('js-yaml');
  const text = readFileSync(input, 'utf8');
  return () => {
    const value = /** @type {{ static_resources: { clusters: object[] } }} */ (load(text));
    return value.static_resources.clusters.length;
  };
}

/** The `parse` of the package yaml, the most faithful reader. */
async function yamlParse(input) {
  const { parse } = await import('yaml');
  const text = readFileSync(input, 'utf8');
  return () => parse(text).static_resources.clusters.length;
}

/** A function that converts a file's text and gives the output's pieces. */
async function converter(input) {
  const { convert } = await import('#xdsc');
  const { providerOf } = await import('./delivery.mjs');
  const text = readFileSync(input, 'utf8');
  return () => {
    const result = convert([{ name: input, text }], { provider: providerOf() });
    if (result.findings.length > 0) throw new Error(result.findings[0].message);
    return result.files[0].chunks();
  };
}
