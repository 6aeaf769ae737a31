// Bundles the command line and the library into dist/, or the folder that is given: one small file to start
// from, the rest loaded when it is needed. Bundled packages keep their licences in LICENSES.txt.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const outdir = process.argv[2] ?? 'dist';
rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { cli: 'src/cli/main.ts', index: 'src/index.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  metafile: true,
  chunkNames: 'chunks/[name]-[hash]',
  define: { XDSC_VERSION: JSON.stringify(version) },
  banner: {
    js: "import{createRequire as xdscRequire}from'node:module';const require=xdscRequire(import.meta.url);",
  },
});
const cli = readFileSync(join(outdir, 'cli.js'), 'utf8');
writeFileSync(join(outdir, 'cli.js'), `#!/usr/bin/env node\n${cli}`, { mode: 0o755 });
// Descriptions of the API's messages are comments of the .proto files in this package.
const API = 'node_modules/@grpc/grpc-js-xds/package.json';
writeFileSync(join(outdir, 'LICENSES.txt'), licences([...Object.keys(metafile.inputs), API]));

/** The licence texts of all packages that a bundle holds. */
function licences(inputs) {
  const folders = new Set(inputs.flatMap((input) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []));
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text =
        file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
      return `${name} ${version} (${license})\n\n${text.trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
