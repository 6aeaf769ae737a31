// `xdsc validate`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { FINDING_FORMATS } from '../../report/finding-formats.js';
import { choice } from '../choice.js';
import type { ValidateFlags } from './run-validate.js';

/** The command, ready to be added to the program. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('Check Envoy, Kubernetes and Istio configuration, by schema and by rules.')
    .argument('[path...]', 'files, folders, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .optionsGroup('What is read:')
    .addOption(
      choice('--api <version>', 'the API version where a document leaves it open (default auto)', [
        'v2',
        'v3',
        'auto',
      ]),
    )
    .option('--type <message>', 'what every document is, as in Cluster; else its content tells')
    .option('--skip-unknown', 'pass over files that hold nothing to validate')
    .option('--stdin-filename <name>', 'what messages call standard input', '<stdin>')
    .option('--config <file>', 'the project file (default xdsc.config.yaml, here or above)')
    .option('--no-config', 'use no project file')
    .optionsGroup('What is found:')
    .addOption(
      choice('--fail-on <level>', 'exit with 1 from this level on (default error)', [
        'error',
        'warning',
        'note',
        'never',
      ]),
    )
    .option('--max-warnings <n>', 'exit with 1 where there are more warnings', parseCount)
    .option('--forbid <rule>', 'also ask for a rule that is off: secret-files (repeatable)', add, [])
    .option('--fix', 'mend what can be mended, in place')
    .optionsGroup('How it is told:')
    .addOption(choice('--format <name>', 'form of the report (default pretty)', FINDING_FORMATS))
    .option('-o, --output <file>', 'write the report to this file')
    .option('--rules', 'list the rules and exit; with --format markdown, all about them')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: ValidateFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runValidate } = await import('./run-validate.js');
      process.exitCode = await runValidate(paths, flags);
    });
}

const EXAMPLES = `
A comment above a line silences a rule there:
  # xdsc-disable-next-line outdated-tls: the old printers know nothing else

Examples:
  xdsc validate envoy.yaml
  xdsc validate --format sarif -o xdsc.sarif configs/
  xdsc validate --fail-on warning --format github 'configs/**/*.yaml'
  xdsc validate --forbid secret-files configs/ manifests/
`;

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a number.');
  return Number(text);
}

function add(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
