// `xdsc compile`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { RESOURCE_KINDS, type ResourceKind } from '../../compile/output/response.js';
import { COMPATS } from '../../compile/pilot/context/compat.js';
import { nearName } from '../../finding/near-name.js';
import { choice } from '../choice.js';
import { dataplaneOption } from '../dataplane-flag.js';
import { istioOption } from '../istio-flag.js';
import { addSetting } from '../setting.js';
import type { CompileFlags } from './run-compile.js';

/** The command, ready to be added to the program. */
export function compileCommand(): Command {
  return new Command('compile')
    .description(
      "Compile a proxy's clusters, listeners, routes and endpoints from Kubernetes and Istio YAML.",
    )
    .argument('[path...]', 'files, directories, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .option('--proxy <which>', 'the proxy: NAME.NAMESPACE of a workload, all, or a file')
    .option('--mesh <file>', "Istio's MeshConfig, the istio ConfigMap, or Helm values")
    .option('--mesh-networks <file>', 'meshNetworks for Istio 1.29, or the istio ConfigMap')
    .addOption(istioOption())
    .option(
      '--pilot-env <setting>',
      'an environment variable of Pilot, NAME=VALUE (repeatable)',
      addSetting,
      {},
    )
    .addOption(
      choice('--compat <which>', 'release whose quirks to reproduce (default: istio-1.1)', COMPATS).default(
        COMPATS[0],
      ),
    )
    .addOption(
      choice('--api <version>', "version of Envoy's API (default: v2; v3 for Istio 1.29)", ['v2', 'v3']),
    )
    .addOption(dataplaneOption())
    .option('-o, --output <dir>', 'write one file per kind to this directory')
    .option(
      '--emit <kinds>',
      `kinds to emit, comma-separated: ${RESOURCE_KINDS.join(',')}`,
      parseKinds,
      RESOURCE_KINDS,
    )
    .addOption(choice('--format <name>', 'output format (default: json)', ['json', 'yaml']).default('json'))
    .option(
      '--explain <name>',
      'show which resources decided the TLS of this cluster or listener, with their lines',
    )
    .option('--config <file>', 'project file (default: xdsc.config.yaml in this or a parent directory)')
    .option('--no-config', 'do not use a project file')
    .option('--stdin-filename <name>', 'file name to report for standard input', '<stdin>')
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
--proxy NAME.NAMESPACE names a Pod, Deployment or other workload in the inputs: its
sidecar, or the gateway if a Gateway selects it. --proxy all compiles all of them.
A file describes the node: type, ip, id, domain, metadata.

Without --istio, the API versions of the resources decide which Istio is reproduced,
else ISTIO_VERSION of the proxy's file, else it is Istio 1.1.

With -o, there is one file per kind, in DIR/NAME.NAMESPACE for --proxy all. Without
it, the output is one object with a discovery response per kind (by proxy for all).
Either all files are written or none.

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
      `Expected a list of ${RESOURCE_KINDS.join(', ')}.${meant === undefined ? '' : `\n  did you mean ${meant}?`}`,
    );
  }
  return RESOURCE_KINDS.filter((kind) => names.includes(kind));
}
