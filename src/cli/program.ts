// The command line as a whole: its commands, its help, and what becomes of errors.

import { Command, CommanderError } from 'commander';
import { nearName } from '../finding/near-name.js';
import { bounded } from '../secrecy/quoted.js';
import { bootstrapCommand } from './commands/bootstrap-command.js';
import { compileCommand } from './commands/compile-command.js';
import { completionCommand } from './commands/completion-command.js';
import { convertCommand } from './commands/convert-command.js';
import { diffCommand } from './commands/diff-command.js';
import { explainCommand } from './commands/explain-command.js';
import { lspCommand } from './commands/lsp-command.js';
import { manifestsCommand } from './commands/manifests-command.js';
import { planCommand } from './commands/plan-command.js';
import { policyCommand } from './commands/policy-command.js';
import { rehearseCommand } from './commands/rehearse-command.js';
import { reportCommand } from './commands/report-command.js';
import { schemaCommand } from './commands/schema-command.js';
import { sdsServerCommand } from './commands/sds-server-command.js';
import { validateCommand } from './commands/validate-command.js';
import { EXIT, reportFailure } from './exit.js';
import { writeStandardOutput } from './outputs.js';
import { paintFor, say } from './terminal.js';
import { version } from './version.js';

/** Runs the program and sets the exit status. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) process.exitCode = reportFailure(error);
    else process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.failed;
  }
}

function program(): Command {
  const program = new Command('xdsc')
    .description('The xDS compiler: Envoy configuration whose TLS identity comes from SDS.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('  xdsc --help lists the commands');
  program.addCommand(convertCommand().showHelpAfterError('  xdsc convert --help lists the options'));
  program.addCommand(compileCommand().showHelpAfterError('  xdsc compile --help lists the options'));
  program.addCommand(bootstrapCommand().showHelpAfterError('  xdsc bootstrap --help lists the options'));
  program.addCommand(validateCommand().showHelpAfterError('  xdsc validate --help lists the options'));
  program.addCommand(planCommand().showHelpAfterError('  xdsc plan --help lists the options'));
  program.addCommand(manifestsCommand().showHelpAfterError('  xdsc manifests --help lists the options'));
  program.addCommand(reportCommand().showHelpAfterError('  xdsc report --help lists the options'));
  program.addCommand(diffCommand().showHelpAfterError('  xdsc diff --help lists the options'));
  program.addCommand(rehearseCommand().showHelpAfterError('  xdsc rehearse --help lists the options'));
  program.addCommand(sdsServerCommand().showHelpAfterError('  xdsc sds-server --help lists the options'));
  program.addCommand(schemaCommand().showHelpAfterError('  xdsc schema --help lists the options'));
  program.addCommand(explainCommand().showHelpAfterError('  xdsc explain --help lists the options'));
  program.addCommand(policyCommand().showHelpAfterError('  xdsc policy --help lists the options'));
  program.addCommand(completionCommand().showHelpAfterError('  xdsc completion --help lists the shells'));
  program.addCommand(lspCommand().showHelpAfterError('  xdsc lsp --help lists the options'));
  program
    .command('help [command]')
    .description('print the help of a command')
    .helpOption(false)
    .action((name: string | undefined) => printHelp(program, name));
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)])
    adapt(command);
  return program;
}

const AFTER_HELP = `
Exit status:
  0  done
  1  the content has errors, or --check or --fail-on applies
  2  usage error; input cannot be read; output cannot be written
`;

function printHelp(program: Command, name: string | undefined): void {
  const command = name === undefined ? program : program.commands.find((one) => one.name() === name);
  if (command !== undefined) command.help();
  const meant = nearName(
    String(name),
    program.commands.map((one) => one.name()),
  );
  program.error(`error: unknown command '${name}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`);
}

/** Errors are thrown and look like those of the rest of the program; help says defaults in its own words. */
function adapt(command: Command): void {
  command
    .exitOverride()
    .configureHelp({ optionDescription: ({ description }) => description, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => writeStandardOutput([text]),
      writeErr: say,
      outputError: (text, write) =>
        write(
          bounded(text)
            .replace(/^error/, paintFor(process.stderr).error('error'))
            .replace(/\n\(Did you mean (.*)\?\)/, '\n  did you mean $1?'),
        ),
    });
}
