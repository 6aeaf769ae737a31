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
    .description('Move the TLS identity of Envoy configuration and of pods from certificate files to SDS.')
    .argument('[path...]', 'files, folders, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .optionsGroup('Output:')
    .option(
      '-o, --output <path>',
      'write to this file, or into this folder (several inputs keep their paths below it)',
    )
    .option('-w, --write', 'write each file in place')
    .option('--check', 'write nothing; exit with 1 where something would change')
    .addOption(choice('--fail-on <left>', 'exit with 1 if contexts or pods were left as they are', ['left']))
    .addOption(
      choice('--summary <form>', 'the summary on standard error (default text)', [
        'text',
        'json',
        'none',
      ]).default('text'),
    )
    .optionsGroup('Where secrets come from:')
    .addOption(
      choice('--provider <name>', 'who delivers them (default istio)', [
        ...PROVIDERS.map(({ name }) => name),
        'none',
      ]),
    )
    .addOption(choice('--istio <version>', "form of the node agent's block (default 1.1)", ISTIO_VERSIONS))
    .option('--mesh <file>', "Istio's MeshConfig, the istio ConfigMap, or Helm values: their SDS settings")
    .option('--sds-path <target>', "the SDS server's socket or target URI")
    .option('--token <which>', 'call credentials: istio, kubernetes, gce, none, or a token file')
    .addOption(choice('--transport <name>', 'how Envoy reaches the server', TRANSPORTS))
    .option('--sds-cluster <name>', 'a cluster that leads to the server and exists already')
    .option(
      '--secrets-dir <dir>',
      'provider files: the folder of the Secret files as Envoy will see it; without -o they are written there',
    )
    .optionsGroup('Version of the API:')
    .addOption(choice('--to <version>', 'upgrade to this version of the API as well', ['v3']))
    .addOption(choice('--on-unknown <policy>', 'what v3 has no counterpart for (default fail)', ON_UNKNOWN))
    .optionsGroup('What is converted:')
    .option(
      '--mount <dir>',
      'only files below this folder (repeatable)',
      (dir: string, dirs: readonly string[] = []) => [...dirs, dir],
    )
    .option('--secrets <file>', 'YAML that names the secrets of other files')
    .option('--all-files', 'name other files by their paths: file-cert:<chain>~<key>, file-root:<root>')
    .addOption(choice('--api <version>', 'the API version where a document leaves it open', ['v2', 'v3']))
    .option('--trust-domain <name>', "the audience of a pod's token (default the mesh's, or cluster.local)")
    .option('--keep-secret', 'pods keep the mounted secret beside SDS, for the time of a move')
    .option('--node-id <id>', "a bootstrap's node.id, where it has none")
    .option('--node-cluster <name>', "a bootstrap's node.cluster, where it has none")
    .option('--config <file>', 'the project file (default xdsc.config.yaml, here or above)')
    .option('--no-config', 'use no project file')
    .option('--stdin-filename <name>', 'what messages call standard input', '<stdin>')
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
  none         nobody: with --to v3, upgrade and leave the files where they are

Examples:
  xdsc convert envoy.json > envoy-sds.json
  xdsc convert --mesh mesh.yaml --mount /etc/certs -w configs/
  xdsc convert --mesh mesh.yaml -w manifests/
  xdsc convert --provider files --secrets-dir /etc/envoy/secrets -o out a.yaml
  xdsc convert --to v3 -o v3/ configs/
  xdsc convert --check --fail-on left 'configs/**/*.yaml'
`;
