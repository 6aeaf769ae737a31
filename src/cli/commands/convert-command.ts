// `xdsc convert`: its arguments, options and help.

import { Command } from 'commander';
import { ON_UNKNOWN } from '../../envoy/upgrade/subject.js';
import { TRANSPORTS } from '../../tls/providers/descriptor.js';
import { PROVIDERS } from '../../tls/providers/providers.js';
import { ISTIO_VERSIONS } from '../../tls/sds-source.js';
import { choice } from '../choice.js';
import type { ConvertFlags } from './run-convert.js';

/** The command, ready to be added to the program. */
export function convertCommand(): Command {
  return new Command('convert')
    .description('Move the TLS identity of Envoy configuration and pods from certificate files to SDS.')
    .argument('[path...]', 'files, directories, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .optionsGroup('Output:')
    .option(
      '-o, --output <path>',
      'output file, or directory (several inputs keep their relative paths in it)',
    )
    .option('-w, --write', 'write each file in place')
    .option('--check', 'write nothing; exit with 1 if something would change')
    .addOption(choice('--fail-on <left>', 'exit with 1 if contexts or pods were left unchanged', ['left']))
    .addOption(
      choice('--summary <form>', 'format of the summary on standard error (default: text)', [
        'text',
        'json',
        'none',
      ]).default('text'),
    )
    .optionsGroup('SDS server:')
    .addOption(
      choice('--provider <name>', 'who delivers the secrets (default: istio)', [
        ...PROVIDERS.map(({ name }) => name),
        'none',
      ]),
    )
    .addOption(choice('--istio <version>', 'Istio version of the node agent (default: 1.1)', ISTIO_VERSIONS))
    .option('--mesh <file>', "SDS settings from Istio's MeshConfig, the istio ConfigMap or Helm values")
    .option('--sds-path <target>', 'socket or target URI of the SDS server')
    .option('--token <which>', 'call credentials: istio, kubernetes, gce, none or a token file')
    .addOption(choice('--transport <name>', 'how Envoy reaches the server', TRANSPORTS))
    .option('--sds-cluster <name>', 'existing cluster for the server')
    .option(
      '--secrets-dir <dir>',
      'with --provider files: directory of the Secret files as Envoy sees it; without -o they are written there',
    )
    .optionsGroup('API version:')
    .addOption(choice('--to <version>', 'also upgrade to this API version', ['v3']))
    .addOption(
      choice(
        '--on-unknown <policy>',
        'action for settings without a v3 counterpart (default: fail)',
        ON_UNKNOWN,
      ),
    )
    .optionsGroup('Input:')
    .option(
      '--mount <dir>',
      'convert only certificate files in this directory (repeatable)',
      (dir: string, dirs: readonly string[] = []) => [...dirs, dir],
    )
    .option('--secrets <file>', 'YAML file with the secret names of other files')
    .option('--all-files', 'name other files by path: file-cert:<chain>~<key>, file-root:<root>')
    .addOption(choice('--api <version>', 'API version to assume when a document does not say', ['v2', 'v3']))
    .option(
      '--trust-domain <name>',
      "audience of the pod's token (default: the mesh's trust domain, or cluster.local)",
    )
    .option('--keep-secret', 'keep the mounted secret alongside SDS during the migration')
    .option('--node-id <id>', 'node.id for a bootstrap that has none')
    .option('--node-cluster <name>', 'node.cluster for a bootstrap that has none')
    .option('--config <file>', 'project file (default: xdsc.config.yaml in this or a parent directory)')
    .option('--no-config', 'do not use a project file')
    .option('--stdin-filename <name>', 'file name to report for standard input', '<stdin>')
    .addHelpText('after', AFTER_HELP)
    .action(async (paths: string[], flags: ConvertFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runConvert } = await import('./run-convert.js');
      process.exitCode = await runConvert(paths, flags);
    });
}

const AFTER_HELP = `
Providers:
${PROVIDERS.map(({ name, help }) => `  ${name.padEnd(11)}  ${help}`).join('\n')}
  none         no server: with --to v3, upgrade and keep the certificate files

Examples:
  xdsc convert envoy.json > envoy-sds.json
  xdsc convert --mesh mesh.yaml --mount /etc/certs -w configs/
  xdsc convert --mesh mesh.yaml -w manifests/
  xdsc convert --provider files --secrets-dir /etc/envoy/secrets -o out a.yaml
  xdsc convert --to v3 -o v3/ configs/
  xdsc convert --check --fail-on left 'configs/**/*.yaml'
`;
