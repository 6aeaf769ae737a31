// `xdsc report`: its arguments, options and help.

import { Command } from 'commander';
import type { ReportFlags } from './run-report.js';

/** The command, ready to be added to the program. */
export function reportCommand(): Command {
  return new Command('report')
    .description(
      'Write one HTML page: the TLS of Envoy configurations, findings, and what changed against others.',
    )
    .argument('<path...>', 'files, folders, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .option('-o, --output <file>', 'the page (required)')
    .option('--against <path...>', 'the older configurations: adds the verdict and the differences')
    .option('--secrets <file>', 'YAML that says which files the names of secrets stand for')
    .option('--title <text>', "the page's title (default TLS report)")
    .option('--stdin-filename <name>', 'what messages call standard input', '<stdin>')
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
The page stands by itself and loads nothing.

Examples:
  xdsc report -o report.html envoy.json
  xdsc report -o report.html after/ --against before/
`;
