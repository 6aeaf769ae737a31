// Writes the JSON Schemas that the package ships into dist/schema/: for each version of the API one file with
// all definitions, and one for each resource that refers to it. Runs on the bundled library.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const outdir = process.argv[2] ?? 'dist';
const { schemaFiles } = await import(pathToFileURL(resolve(outdir, 'index.js')).href);
for (const api of ['v2', 'v3']) {
  const folder = join(outdir, 'schema', api);
  mkdirSync(folder, { recursive: true });
  for (const { name, content } of schemaFiles(api)) {
    writeFileSync(join(folder, name), `${JSON.stringify(content)}\n`);
  }
}
