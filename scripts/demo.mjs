// Shows the main job: a sidecar's bootstrap with certificates mounted at /etc/certs, moved to SDS, as the
// lines that change.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const input = 'fixtures/convert/istio-sidecar/input.yaml';
const folder = mkdtempSync(join(tmpdir(), 'xdsc-demo-'));
const output = join(folder, 'envoy-sds.yaml');
try {
  process.stdout.write(`$ xdsc convert ${input} -o envoy-sds.yaml\n\n`);
  const convert = spawnSync(process.execPath, ['dist/cli.js', 'convert', input, '-o', output], {
    stdio: 'inherit',
  });
  process.exitCode = convert.status ?? 1;
  if (convert.status === 0) {
    process.stdout.write('\n$ diff envoy.yaml envoy-sds.yaml\n\n');
    const colour = process.stdout.isTTY ? 'always' : 'never';
    const diff = spawnSync(
      'git',
      ['--no-pager', 'diff', '--no-index', `--color=${colour}`, '-U2', input, output],
      {
        encoding: 'utf8',
      },
    );
    // The first four lines are git's names for the two files.
    process.stdout.write(diff.stdout.split('\n').slice(4).join('\n'));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
