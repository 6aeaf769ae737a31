// Builds what src/envoy/generated/ holds, from proto/ and from the .proto files of the
// development dependency @grpc/grpc-js-xds (the modules of buf.yaml):
//
//   descriptors.binpb            all files as one google.protobuf.FileDescriptorSet, without source info
//   api-table.data.ts            messages and enums in the compact form that src/envoy/api-table.ts reads
//   schema-rules.data.ts         their validate rules, for src/envoy/schema/rules.ts
//   schema-descriptions.data.ts  what their comments say, for src/envoy/schema/descriptions.ts
//   history.data.ts              which versions of Envoy have what, for src/envoy/versions/history.ts
//   rule-changes.data.ts         validate rules of earlier versions, for src/envoy/versions/rule-changes.ts
//   extension-names.data.ts      the extensions of the newest Envoy, for src/envoy/versions/extension-names.ts
//   upgrade-table.data.ts        the v3 message of each v2 message, for src/envoy/upgrade/correspondence.ts
//   types/                       TypeScript types of the JSON form, of what buf.gen.yaml lists
//   wire/                        messages and services in their binary form, of what buf.gen.wire.yaml lists
//   digest                       of everything that the above come from: while it holds, nothing is done
//
// Works offline, with nothing but `npm ci` done. The digest is removed first and written last,
// so a run that fails is done again.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const generated = join(root, 'src/envoy/generated');
const digestFile = join(generated, 'digest');
const outputs = [
  'descriptors.binpb',
  'api-table.data.ts',
  'schema-rules.data.ts',
  'upgrade-table.data.ts',
  'schema-descriptions.data.ts',
  'history.data.ts',
  'rule-changes.data.ts',
  'extension-names.data.ts',
  'types',
  'wire',
];

/** Where buf.gen.yaml reads the image and writes the types. */
const work = join(generated, '.work');

/** Files, and folders with all that is in them, whose contents decide what is generated. */
const inputs = [
  'buf.yaml',
  'buf.gen.yaml',
  'buf.gen.wire.yaml',
  'proto',
  'scripts/generate.mjs',
  'scripts/generate',
  'node_modules/@grpc/grpc-js-xds/deps/envoy-api',
  'node_modules/@grpc/grpc-js-xds/deps/googleapis',
  'node_modules/@grpc/grpc-js-xds/deps/xds',
  // Their versions.
  'node_modules/@bufbuild/buf/package.json',
  'node_modules/@bufbuild/protobuf/package.json',
  'node_modules/ts-proto/package.json',
];

const digest = digestOf(inputs);
if (!isUpToDate()) await generate();

function isUpToDate() {
  return (
    outputs.every((name) => existsSync(join(generated, name))) &&
    existsSync(digestFile) &&
    readFileSync(digestFile, 'utf8') === digest
  );
}

async function generate() {
  const start = performance.now();
  rmSync(digestFile, { force: true });
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });

  // These load @bufbuild/protobuf, which a run with nothing to do has no time for.
  const { readDescriptors, withoutSourceInfo } = await import('./generate/descriptors.mjs');
  const { encodeApiTable, messagesOf } = await import('./generate/api-table.mjs');
  const { encodeSchemaRules } = await import('./generate/schema-rules.mjs');
  const { encodeUpgradeTable } = await import('./generate/upgrade-table.mjs');
  const { encodeHistory } = await import('./generate/history.mjs');
  const { encodeRuleChanges } = await import('./generate/rule-changes.mjs');
  const { encodeDescriptions } = await import('./generate/schema-descriptions.mjs');
  const { jsonImage, wireImage } = await import('./generate/json-image.mjs');

  const commentedFile = join(work, 'commented.binpb');
  buf('build', '--as-file-descriptor-set', '--output', commentedFile);
  const descriptors = readDescriptors(readFileSync(commentedFile), readAdditions());
  writeFileSync(join(work, 'descriptors.binpb'), withoutSourceInfo(descriptors));

  // A string literal is the cheapest constant that an engine loads.
  const writeTable = (name, text) =>
    writeFileSync(join(work, name), `export default ${JSON.stringify(text)};\n`);
  const names = messagesOf(descriptors);
  writeTable('api-table.data.ts', encodeApiTable(descriptors));
  writeTable('schema-rules.data.ts', encodeSchemaRules(descriptors, names));
  writeTable('schema-descriptions.data.ts', encodeDescriptions(descriptors, names));
  writeTable('history.data.ts', encodeHistory([readHistory('v2.txt'), readHistory('v3.txt')], descriptors));
  writeTable('rule-changes.data.ts', encodeRuleChanges(readHistory('changes.txt'), descriptors));
  writeTable(
    'extension-names.data.ts',
    readHistory('extensions.txt')
      .replace(/^#.*\n/gm, '')
      .trimEnd(),
  );
  writeTable('upgrade-table.data.ts', encodeUpgradeTable(descriptors));

  writeFileSync(join(work, 'json-image.binpb'), jsonImage(descriptors));
  buf('generate');
  writeFileSync(join(work, 'wire-image.binpb'), wireImage(descriptors));
  buf('generate', '--template', 'buf.gen.wire.yaml');

  for (const name of outputs) {
    rmSync(join(generated, name), { recursive: true, force: true });
    renameSync(join(work, name), join(generated, name));
  }
  rmSync(work, { recursive: true });
  writeFileSync(digestFile, digest);
  console.error(`src/envoy/generated: built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** A file of proto/history. */
function readHistory(name) {
  return readFileSync(join(root, 'proto/history', name), 'utf8');
}

/** The files of proto/additions, in the order of their names. */
function readAdditions() {
  const folder = join(root, 'proto/additions');
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** SHA-256 over the names and contents of files, and of all files in folders, in hexadecimal. */
function digestOf(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    const file = join(root, path);
    if (statSync(file).isDirectory()) {
      for (const name of readdirSync(file).sort()) add(`${path}/${name}`);
    } else {
      const content = readFileSync(file);
      hash.update(`${path}\0${content.length}\0`).update(content);
    }
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}

/** Runs buf in the project's root. What it says goes to standard error; its failure is this script's. */
function buf(...args) {
  const command = join(root, 'node_modules/@bufbuild/buf/bin/buf');
  execFileSync(process.execPath, [command, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
}
