// `xdsc validate`: its arguments, options and help.

import { Command, InvalidArgumentError, Option } from 'commander';
import { FINDING_FORMATS } from '../../report/finding-formats.js';
import { choice } from '../choice.js';
import type { ValidateFlags } from './run-validate.js';

/** The command, ready to be added to the program. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('Check Envoy, Kubernetes and Istio configuration against schemas and rules.')
    .argument('[path...]', 'files, directories, globs, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .optionsGroup('Input:')
    .addOption(
      choice('--api <version>', 'API version to assume when a document does not say (default: auto)', [
        'v2',
        'v3',
        'auto',
      ]),
    )
    .option('--type <message>', 'message type of every document, e.g. Cluster (default: detected)')
    .option(
      '--envoy <version>',
      'Envoy to check for: 1.28, contrib-1.40, istio-1.29, or an upgrade 1.28..1.40 (default: the newest known)',
    )
    .addOption(
      new Option('--envoy-binary <path>', 'Envoy binary to read the API from, e.g. a custom build').conflicts(
        'envoy',
      ),
    )
    .option('--static', 'check everything as static configuration (default: bootstraps and single resources)')
    .addOption(
      new Option(
        '--dynamic',
        'check everything as delivered by discovery, where Envoy ignores unknown fields (default: responses and dumps)',
      ).conflicts('static'),
    )
    .option('--skip-unknown', 'skip files with nothing to validate')
    .option('--stdin-filename <name>', 'file name to report for standard input', '<stdin>')
    .option('--config <file>', 'project file (default: xdsc.config.yaml in this or a parent directory)')
    .option('--no-config', 'do not use a project file')
    .optionsGroup('Checks:')
    .addOption(
      choice(
        '--fail-on <level>',
        'exit with 1 if there are findings of this level or higher (default: error)',
        ['error', 'warning', 'note', 'never'],
      ),
    )
    .option('--max-warnings <n>', 'exit with 1 if there are more warnings than this', parseCount)
    .option(
      '--forbid <rule>',
      'also enable a rule that is off by default: secret-files (repeatable)',
      add,
      [],
    )
    .option('--fix', 'apply automatic fixes in place')
    .optionsGroup('Report:')
    .addOption(choice('--format <name>', 'report format (default: pretty)', FINDING_FORMATS))
    .option('-o, --output <file>', 'write the report to this file')
    .option('--rules', 'list the rules and exit; with --format markdown, describe them in full')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: ValidateFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runValidate } = await import('./run-validate.js');
      process.exitCode = await runValidate(paths, flags);
    });
}

const EXAMPLES = `
A comment above a line silences a rule there:
  # xdsc-disable-next-line outdated-tls: old printers support nothing newer

Examples:
  xdsc validate envoy.yaml
  xdsc validate --format sarif -o xdsc.sarif configs/
  xdsc validate --fail-on warning --format github 'configs/**/*.yaml'
  xdsc validate --forbid secret-files configs/ manifests/
`;

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a number.');
  return Number(text);
}

function add(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
