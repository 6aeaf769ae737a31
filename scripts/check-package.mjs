// The package as its users get it: packed, installed elsewhere without its sources, run and type-checked.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'xdsc-package-'));
const run = (command, args, options = {}) =>
  execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });

try {
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: '.' }),
  );
  const archive = join(folder, packed.filename);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'user', private: true, type: 'module' }),
  );
  run('npm', ['install', '--no-audit', '--no-fund', archive]);

  const version = run('npx', ['--no-install', 'xdsc', '--version']).trim();
  const fixture = resolve('fixtures/convert/istio-sidecar/input.yaml');
  const converted = run('npx', ['--no-install', 'xdsc', 'convert', '--summary', 'none', fixture]);
  if (!converted.includes('tls_certificate_sds_secret_configs'))
    throw new Error('the installed program converts nothing');

  // An editor follows the reference from a resource's schema to the definitions beside it.
  const schemas = join(folder, 'node_modules/xdsc/dist/schema/v3');
  const { $ref } = JSON.parse(readFileSync(join(schemas, 'Bootstrap.json'), 'utf8'));
  const [definitions, pointer] = $ref.split('#/$defs/');
  if (JSON.parse(readFileSync(join(schemas, definitions), 'utf8')).$defs[pointer] === undefined)
    throw new Error('the installed schema of Bootstrap refers to nothing');

  writeFileSync(
    join(folder, 'user.ts'),
    `import { convert, deliver, type ConvertResult } from 'xdsc';
const delivery = deliver({ provider: 'istio' });
if ('problem' in delivery) throw new Error(delivery.problem);
const result: ConvertResult = convert([{ name: 'a.json', text: '{}' }], { provider: delivery.provider });
const chunks: Iterable<string> | undefined = result.files[0]?.chunks();
export { chunks };
`,
  );
  const tsc = resolve('node_modules/typescript/bin/tsc');
  run(process.execPath, [
    tsc,
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    '',
    'user.ts',
  ]);
  const kilobytes = Math.round(statSync(archive).size / 1000);
  console.log(
    `package xdsc ${version}: ${kilobytes} kB packed, ${packed.files.length} files, runs and type-checks`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
