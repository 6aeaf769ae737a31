// `xdsc diff`: its arguments, options and help.

import { Command, InvalidArgumentError } from 'commander';
import { FAIL_ON, type FailOn } from '../../diff/fail-on.js';
import { nearName } from '../../finding/near-name.js';
import { DIFF_FORMATS } from '../../report/diff-formats.js';
import { choice } from '../choice.js';
import type { DiffFlags } from './run-diff.js';

/** The command, ready to be added to the program. */
export function diffCommand(): Command {
  return new Command('diff')
    .description(
      'Say what changed in meaning between two Envoy configurations, and whether trust is the same.',
    )
    .argument('<path...>', 'OLD and NEW: each a file, folder, glob, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .addOption(
      choice('--format <name>', 'form of the report (default pretty)', DIFF_FORMATS).default('pretty'),
    )
    .option(
      '--fail-on <what>',
      `exit with 1 for these, separated by commas (default trust): ${FAIL_ON.join(', ')}`,
      parseFailOn,
      ['trust'],
    )
    .addOption(choice('--only <part>', 'leave out changes that are no matter of TLS', ['tls']))
    .option(
      '--ignore <path>',
      'pass over changes at this path (repeatable)',
      (path: string, paths: readonly string[]) => [...paths, path],
      [],
    )
    .option('--secrets <file>', 'YAML that says which files the names of secrets stand for')
    .addOption(choice('--api <version>', 'the API version where a document leaves it open', ['v2', 'v3']))
    .option('-o, --output <file>', 'write the report to this file')
    .option('--git', "take the arguments of git's external diff, and exit with 0")
    .option('--stdin-filename <name>', 'what messages call standard input', '<stdin>')
    .addHelpText('after', AFTER_HELP)
    .action(async (paths: string[], flags: DiffFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runDiff } = await import('./run-diff.js');
      process.exitCode = await runDiff(paths, flags);
    });
}

const AFTER_HELP = `
The first line is the verdict: same trust; same trust, N contexts moved to SDS;
trust changed; or trust unknown. The second counts the changes beside it.

Examples:
  xdsc diff envoy.json envoy-sds.json
  xdsc diff --only tls before/ after/
  xdsc diff --fail-on loosened,root,identity --ignore '**.metadata' a.yaml b.yaml
  GIT_EXTERNAL_DIFF='xdsc diff --git' git diff
`;

function parseFailOn(text: string): readonly FailOn[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if ((FAIL_ON as readonly string[]).includes(name)) continue;
    const meant = nearName(name, FAIL_ON);
    throw new InvalidArgumentError(
      `It is some of ${FAIL_ON.join(', ')}.${meant === undefined ? '' : `\n  did you mean ${meant}?`}`,
    );
  }
  return names as FailOn[];
}
