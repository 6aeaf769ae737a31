// `xdsc bootstrap`: its arguments, options and help.

import { Command } from 'commander';
import { DATAPLANES } from '../compile/dataplane.js';
import { choice } from './choice.js';
import type { BootstrapFlags } from './run-bootstrap.js';

/** The command, ready to be added to the program. */
export function bootstrapCommand(): Command {
  return new Command('bootstrap')
    .description('Write the file that Envoy starts from, for one proxy of a mesh.')
    .argument('<path...>', 'files, folders, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .requiredOption('--proxy <which>', 'a file that describes the proxy, or POD.NAMESPACE')
    .option('--mesh <file>', "Istio's MeshConfig, the istio ConfigMap, or Helm values")
    .option('--proxy-config <file>', "a ProxyConfig that wins over the mesh's defaultConfig")
    .addOption(choice('--discovery <how>', 'where configuration comes from', ['static']).default('static'))
    .addOption(choice('--dataplane <which>', 'whose proxy it is', DATAPLANES).default(DATAPLANES[0]))
    .option('-o, --output <dir>', 'write bootstrap.json into this folder')
    .addOption(choice('--format <name>', 'form of the output', ['json', 'yaml']).default('json'))
    .option('--stdin-filename <name>', 'what messages call standard input', '<stdin>')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: BootstrapFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runBootstrap } = await import('./run-bootstrap.js');
      process.exitCode = await runBootstrap(paths, flags);
    });
}

const EXAMPLES = `
Without -o, the bootstrap is printed.

Examples:
  xdsc bootstrap manifests/ --mesh mesh.yaml --proxy productpage-v1-0.default > envoy.json
  xdsc bootstrap manifests/ --mesh mesh.yaml --proxy proxy.json -o out
`;
