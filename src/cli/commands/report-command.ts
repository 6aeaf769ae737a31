// `xdsc report`: its arguments, options and help.

import { Command } from 'commander';
import type { ReportFlags } from './run-report.js';

/** The command, ready to be added to the program. */
export function reportCommand(): Command {
  return new Command('report')
    .description(
      'Write an HTML page with the TLS settings of Envoy configurations, findings, and changes against older ones.',
    )
    .argument('<path...>', 'files, directories, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .option('-o, --output <file>', 'output file (required)')
    .option(
      '--against <path...>',
      'older configurations to compare with; adds the verdict and the differences',
    )
    .option('--secrets <file>', 'YAML file that maps secret names to certificate files')
    .option('--title <text>', 'title of the page (default: TLS report)')
    .option('--stdin-filename <name>', 'file name to report for standard input', '<stdin>')
    .addHelpText('after', EXAMPLES)
    .action(
      async (
        paths: string[],
        flags: Partial<ReportFlags> & Omit<ReportFlags, 'output'>,
        command: Command,
      ) => {
        const { output } = flags;
        // Asked for here, so that an option's name that is misspelt is told as that.
        if (output === undefined)
          return command.error("error: required option '-o, --output <file>' not specified");
        // Loaded now, so that other commands and --help do without it.
        const { runReport } = await import('./run-report.js');
        process.exitCode = await runReport(paths, { ...flags, output });
      },
    );
}

const EXAMPLES = `
The page is self-contained and loads nothing from the network.

Examples:
  xdsc report -o report.html envoy.json
  xdsc report -o report.html after/ --against before/
`;
