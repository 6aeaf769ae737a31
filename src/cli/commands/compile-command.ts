// `xdsc compile`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { RESOURCE_KINDS, type ResourceKind } from '../../compile/output/response.js';
import { COMPATS } from '../../compile/pilot/context/compat.js';
import { nearName } from '../../finding/near-name.js';
import { choice } from '../choice.js';
import { dataplaneOption } from '../dataplane-flag.js';
import { addSetting } from '../setting.js';
import type { CompileFlags } from './run-compile.js';

/** The command, ready to be added to the program. */
export function compileCommand(): Command {
  return new Command('compile')
    .description(
      "Compile a proxy's clusters, listeners, routes and endpoints from Kubernetes and Istio YAML.",
    )
    .argument('[path...]', 'files, folders, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .option('--proxy <which>', 'NAME.NAMESPACE of a workload, all of them, or a file')
    .option('--mesh <file>', "Istio's MeshConfig, the istio ConfigMap, or Helm values")
    .option(
      '--pilot-env <setting>',
      "a setting of Pilot's environment, NAME=VALUE (repeatable)",
      addSetting,
      {},
    )
    .addOption(
      choice('--compat <which>', 'whose oddities are reproduced (default istio-1.1)', COMPATS).default(
        COMPATS[0],
      ),
    )
    .addOption(choice('--api <version>', "version of Envoy's API (default v2)", ['v2', 'v3']))
    .addOption(dataplaneOption())
    .option('-o, --output <dir>', 'write a file for each kind into this folder')
    .option('--emit <kinds>', `some of ${RESOURCE_KINDS.join(',')}`, parseKinds, RESOURCE_KINDS)
    .addOption(
      choice('--format <name>', 'form of the output (default json)', ['json', 'yaml']).default('json'),
    )
    .option('--explain <name>', 'say what decided the TLS of this cluster or listener, and where it stands')
    .option('--config <file>', 'the project file (default xdsc.config.yaml, here or above)')
    .option('--no-config', 'use no project file')
    .option('--stdin-filename <name>', 'what messages call standard input', '<stdin>')
    .addHelpText('after', EXAMPLES)
    .action(
      async (
        paths: string[],
        flags: Partial<CompileFlags> & Omit<CompileFlags, 'proxy'>,
        command: Command,
      ) => {
        const { proxy } = flags;
        // Asked for here, so that an option's name that is misspelt is told as that.
        if (proxy === undefined)
          return command.error("error: required option '--proxy <which>' not specified");
        // Loaded now, so that other commands and --help do without it.
        const { runCompile } = await import('./run-compile.js');
        process.exitCode = await runCompile(paths, { ...flags, proxy });
      },
    );
}

const EXAMPLES = `
--proxy NAME.NAMESPACE is a Pod, or a Deployment and the like, among the inputs:
its sidecar, or a gateway where a Gateway selects it. --proxy all is all of them.
A file says what the node would: type, ip, id, domain, metadata.

With -o there is a file for each kind, under DIR/NAME.NAMESPACE for --proxy all;
without it one object with a discovery response for each kind, by proxy for all.
All is written, or nothing.

Examples:
  xdsc compile manifests/ --mesh mesh.yaml --proxy proxy.json -o out
  xdsc compile manifests/ --proxy productpage-v1.default --emit clusters
  xdsc compile manifests/ --mesh mesh.yaml --proxy all -o out
  xdsc compile manifests/ --proxy productpage-v1.default \\
    --explain 'outbound|9080||reviews.default.svc.cluster.local'
`;

function parseKinds(text: string): readonly ResourceKind[] {
  const names = text.split(',');
  for (const name of names) {
    if ((RESOURCE_KINDS as readonly string[]).includes(name)) continue;
    const meant = nearName(name, RESOURCE_KINDS);
    throw new InvalidArgumentError(
      `It is a list of ${RESOURCE_KINDS.join(', ')}.${meant === undefined ? '' : `\n  did you mean ${meant}?`}`,
    );
  }
  return RESOURCE_KINDS.filter((kind) => names.includes(kind));
}
