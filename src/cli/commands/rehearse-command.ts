// `xdsc rehearse`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { KEY_TYPES } from '../../ca/key-types.js';
import { PROOFS } from '../../rehearse/proof.js';
import { REHEARSAL_FORMATS } from '../../report/rehearsal-formats.js';
import { choice } from '../choice.js';
import type { RehearseFlags } from './run-rehearse.js';

/** The command, ready to be added to the program. */
export function rehearseCommand(): Command {
  const proof = choice('--proof <name>', 'make only this proof (repeatable)', PROOFS);
  const parse = proof.parseArg as (value: string) => string;
  return new Command('rehearse')
    .description('Run a mesh with real Envoys on this machine, and prove that it works.')
    .argument('[path...]', 'Kubernetes and Istio resources: files, directories or globs')
    .helpOption('-h, --help', 'print this help')
    .optionsGroup('Mesh:')
    .option('--mesh <file>', "Istio's MeshConfig, the istio ConfigMap, or Helm values")
    .option('--workload <name>', 'only this workload, NAME.NAMESPACE (repeatable)', add, [])
    .option('--max <number>', 'refuse to run more workloads (default: 20)', parseCount, 20)
    .optionsGroup('Proofs:')
    .addOption(proof.argParser((value: string, all: string[] = []) => [...all, parse(value)]))
    .option('--migrate', 'begin with mounted certificates, and move to SDS as xdsc plan describes it')
    .option('--expect <file>', 'outcomes of calls that win over the policies')
    .optionsGroup('Programs:')
    .option('--envoy <path>', 'the Envoy to run (default: ENVOY_BIN, or envoy on the path)')
    .addOption(choice('--key <type>', 'type of key (default: rsa-2048)', KEY_TYPES).default('rsa-2048'))
    .optionsGroup('Output:')
    .option('-o, --output <file>', 'write the result to this file')
    .addOption(
      choice('--format <name>', 'output format (default: pretty)', REHEARSAL_FORMATS).default('pretty'),
    )
    .optionsGroup('Others:')
    .option('--config <file>', 'project file (default: xdsc.config.yaml in this or a parent directory)')
    .option('--no-config', 'do not use a project file')
    .addHelpText('after', AFTER_HELP)
    .action(async (paths: string[], flags: RehearseFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runRehearse } = await import('./run-rehearse.js');
      process.exitCode = await runRehearse(paths, flags);
    });
}

const AFTER_HELP = `
Outcomes of calls in the file of --expect:
  mtls, plain  the call arrives
  denied       a role or a token policy denies it
  refused      there is no connection

Exit status 1: a proof failed, or the inputs have errors. Only loopback addresses
are used, and nothing is left when the rehearsal ends.

Examples:
  xdsc rehearse manifests/ --mesh mesh.yaml
  xdsc rehearse manifests/ --mesh mesh.yaml --proof calls --format json
  xdsc rehearse manifests/ --workload productpage-v1.default --workload reviews-v1.default
`;

function add(text: string, texts: readonly string[]): readonly string[] {
  return [...texts, text];
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 200)
    throw new InvalidArgumentError('Expected a number from 1 to 200.');
  return count;
}
