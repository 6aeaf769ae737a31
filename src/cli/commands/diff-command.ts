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
    .description('Compare two Envoy configurations by meaning, and decide whether they trust the same peers.')
    .argument('<path...>', 'OLD and NEW: each a file, directory, glob, or - for standard input')
    .helpOption('-h, --help', 'print this help')
    .addOption(choice('--format <name>', 'report format (default: pretty)', DIFF_FORMATS).default('pretty'))
    .option(
      '--fail-on <what>',
      `exit with 1 on any of these, comma-separated (default: trust): ${FAIL_ON.join(', ')}`,
      parseFailOn,
      ['trust'],
    )
    .addOption(choice('--only <part>', 'show TLS changes only', ['tls']))
    .option(
      '--ignore <path>',
      'ignore changes at this path (repeatable)',
      (path: string, paths: readonly string[]) => [...paths, path],
      [],
    )
    .option('--secrets <file>', 'YAML file that maps secret names to certificate files')
    .option('--rename <file>', 'YAML file of names, addresses, ports and paths that were renamed on purpose')
    .addOption(choice('--api <version>', 'API version to assume when a document does not say', ['v2', 'v3']))
    .option('-o, --output <file>', 'write the report to this file')
    .option('--git', "accept the arguments of git's external diff, and exit with 0")
    .option('--stdin-filename <name>', 'file name to report for standard input', '<stdin>')
    .addHelpText('after', AFTER_HELP)
    .action(async (paths: string[], flags: DiffFlags) => {
      // Loaded now, so that other commands and --help do without it.
      const { runDiff } = await import('./run-diff.js');
      process.exitCode = await runDiff(paths, flags);
    });
}

const AFTER_HELP = `
The first line is the verdict: same trust; same trust, N contexts moved to SDS;
trust changed; or trust unknown. The second line counts the other changes.
Another root or identity counts as loosened too: --fail-on loosened,unknown
lets nothing pass that may be looser. RBAC and JWT changes do not change trust:
--fail-on authorization fails on them.

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
      `Expected one or more of ${FAIL_ON.join(', ')}.${meant === undefined ? '' : `\n  did you mean ${meant}?`}`,
    );
  }
  return names as FailOn[];
}
