// `xdsc plan`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { choice } from '../choice.js';
import type { PlanFlags } from './run-plan.js';

/** The command, ready to be added to the program. */
export function planCommand(): Command {
  return new Command('plan')
    .description('Plan the move of a mesh to SDS in waves in which nobody loses mTLS.')
    .argument('<path...>', 'files, folders or globs: configurations, workloads, services, rules, policies')
    .helpOption('-h, --help', 'print this help')
    .option('-o, --output <file>', 'write to this file')
    .addOption(
      choice('--format <name>', 'form of the plan (default markdown)', ['markdown', 'json']).default(
        'markdown',
      ),
    )
    .option('--mesh <file>', "Istio's MeshConfig, or the istio ConfigMap")
    .optionsGroup('Where the mesh moves to:')
    .option('--ca <name>', 'the CA behind SDS: citadel, vault or another (default citadel)', 'citadel')
    .option('--ca-address <address>', 'where it is')
    .addOption(choice('--root <which>', 'its root (default same for citadel, else new)', ['same', 'new']))
    .option('--token <which>', "what proxies show to the agent (default the mesh's, or istio)")
    .option('--kubernetes <version>', 'its version (default 1.30)')
    .optionsGroup('How it moves:')
    .addOption(
      choice('--switch <how>', 'configurations change all at once, or not (default as they are)', [
        'mesh',
        'workload',
      ]),
    )
    .addOption(choice('--trust <what>', 'roots that can be trusted at once (default both)', ['both', 'one']))
    .option('--allow-plaintext', 'by way of PERMISSIVE and plain text, where nothing else helps')
    .option('--wave-size <number>', 'how many workloads a wave has at most (default 20)', parseSize, 20)
    .addHelpText('after', AFTER_HELP)
    .action(async (paths: string[], flags: PlanFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runPlan } = await import('./run-plan.js');
      process.exitCode = await runPlan(paths, flags);
    });
}

const AFTER_HELP = `
Exit status 1: no order keeps every connection, or the inputs have errors.

Examples:
  xdsc plan manifests/ --mesh mesh.yaml > plan.md
  xdsc plan manifests/ --ca vault --ca-address https://vault:8200 --format json
`;

function parseSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1) throw new InvalidArgumentError('It must be a number from 1 on.');
  return size;
}
