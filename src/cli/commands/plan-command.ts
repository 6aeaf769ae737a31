// `xdsc plan`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { choice } from '../choice.js';
import type { PlanFlags } from './run-plan.js';

/** The command, ready to be added to the program. */
export function planCommand(): Command {
  return new Command('plan')
    .description('Plan the migration of a mesh to SDS in waves that never lose mTLS.')
    .argument(
      '<path...>',
      'files, directories or globs with configurations, workloads, services, rules and policies',
    )
    .helpOption('-h, --help', 'print this help')
    .option('-o, --output <file>', 'write to this file')
    .addOption(
      choice('--format <name>', 'output format (default: markdown)', ['markdown', 'json']).default(
        'markdown',
      ),
    )
    .option('--mesh <file>', "Istio's MeshConfig, or the istio ConfigMap")
    .optionsGroup('Target:')
    .option('--ca <name>', 'CA of the SDS server: citadel, vault or another (default: citadel)', 'citadel')
    .option('--ca-address <address>', 'address of the CA')
    .addOption(
      choice('--root <which>', 'root certificate of the CA (default: same for citadel, else new)', [
        'same',
        'new',
      ]),
    )
    .option('--token <which>', "credentials that proxies send to the agent (default: the mesh's, or istio)")
    .option('--kubernetes <version>', 'version of Kubernetes (default: 1.30)')
    .optionsGroup('Migration:')
    .addOption(
      choice('--switch <how>', 'how configurations are rolled out (default: detected)', ['mesh', 'workload']),
    )
    .addOption(
      choice('--trust <what>', 'roots that can be trusted at the same time (default: both)', ['both', 'one']),
    )
    .option('--allow-plaintext', 'allow a plaintext (PERMISSIVE) phase if no other order works')
    .option('--wave-size <number>', 'maximum number of workloads per wave (default: 20)', parseSize, 20)
    .addHelpText('after', AFTER_HELP)
    .action(async (paths: string[], flags: PlanFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runPlan } = await import('./run-plan.js');
      process.exitCode = await runPlan(paths, flags);
    });
}

const AFTER_HELP = `
Exit status 1: no order keeps all connections, or the inputs have errors.

Examples:
  xdsc plan manifests/ --mesh mesh.yaml > plan.md
  xdsc plan manifests/ --ca vault --ca-address https://vault:8200 --format json
`;

function parseSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1) throw new InvalidArgumentError('Expected a number, 1 or greater.');
  return size;
}
