// `xdsc policy`: its arguments, options and help.

import { Command } from 'commander';

/** The command, ready to be added to the program. */
export function policyCommand(): Command {
  const command = new Command('policy')
    .description('Test the policies of xdsc.config.yaml.')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false);
  command.addCommand(
    new Command('test')
      .description('Run tests of policies: which configuration violates which policy.')
      .argument('[file...]', 'test files (default: policies.test.yaml next to the project file)')
      .helpOption('-h, --help', 'print this help')
      .option('--config <file>', 'project file (default: xdsc.config.yaml in this or a parent directory)')
      .addHelpText('after', EXAMPLES)
      .action(async (files: string[], flags: { readonly config?: string }) => {
        // Loaded now, so that other commands and --help do without it.
        const { runPolicyTest } = await import('./run-policy-test.js');
        process.exitCode = await runPolicyTest(files, flags);
      }),
  );
  return command;
}

const EXAMPLES = `
Examples:
  xdsc policy test
  xdsc policy test policies/*.test.yaml
`;
